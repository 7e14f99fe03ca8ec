"""Windows terminals that speak WinRM: one process, thousands of hosts, each at its address.

They keep a state each and answer the unmodified clients (ansible-core's `winrm` connection, pywinrm, pypsrp)
over HTTPS with NTLM. They run no PowerShell: a module is known by its name, a script of ours by its text.
"""

from __future__ import annotations

from lab.winrm.plane import Windows, loopback_world
from lab.winrm.world import World

__all__ = ["Windows", "World", "loopback_world"]
