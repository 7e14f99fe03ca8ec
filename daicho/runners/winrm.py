"""Windows targets of a playbook: how Ansible reaches them, and our scripts over its connection.

Ansible's own way of running a module sends 180 kB of PowerShell for each; a script of ours is a few hundred
bytes over the same session.
"""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Protocol

from daicho.craft import Unreachable
from daicho.endpoints.script import command, errand, result_of
from daicho.endpoints.session import Ended
from daicho.endpoints.site import WindowsFile, runs_windows
from daicho.i18n import N_

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

COMPUTER: Final = "daicho_computer"
"""The host variable that holds what a machine must call itself; empty: anything."""
_NETBIOS: Final = 15


class Hangs(Unreachable):
    """It took the question and gave no answer."""

    sentence = N_(
        "{address} took the question and did not answer within {seconds} s. Is it overloaded or hung?"
    )


class Connection(Protocol):
    """Ansible's connection to a machine."""

    def exec_command(self, cmd: str, in_data: bytes, sudoable: bool) -> tuple[int, bytes, bytes]:
        """Start a command with this input; how it ended and what it printed."""


def windows_hosts(hosts: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Those of the door's targets that are Windows machines."""
    return [name for name, known in hosts.items() if runs_windows(known.get("daicho_item", {}).get("os"))]


def connection_variables(name: str, known: Mapping[str, Any], site: WindowsFile) -> dict[str, object]:
    """How Ansible reaches a Windows target, but for the password: TLS, with a proof of its name."""
    return {
        "ansible_connection": "winrm",
        "ansible_port": known.get("ansible_port", site.port),
        "ansible_user": site.user,
        "ansible_winrm_scheme": "https",
        "ansible_winrm_transport": "ntlm",
        "ansible_winrm_message_encryption": "always",
        "ansible_winrm_server_cert_validation": "validate",
        "ansible_winrm_ca_trust_path": str(site.ca_file.absolute()),
        "ansible_winrm_operation_timeout_sec": site.operation_timeout_s,
        "ansible_winrm_read_timeout_sec": site.operation_timeout_s + 10,
        COMPUTER: name.partition(".")[0][:_NETBIOS].upper() if site.check_names else "",
    }


def site_file(content: Path) -> WindowsFile:
    """The site's `windows.yml`, as it was approved.

    Raises:
        DocumentError: It is absent, or what is wrong with it.
    """
    return WindowsFile.read(content / "site")


def ask(
    connection: Connection, name: str, arguments: Mapping[str, object], variables: Mapping[str, Any]
) -> dict[str, Any]:
    """What `daicho/endpoints/scripts/NAME.ps1` makes of its arguments, over Ansible's connection.

    Raises:
        Trouble: See `daicho.endpoints.wrong`.
    """
    computer = str(variables.get(COMPUTER) or "")
    address = str(variables.get("ansible_host") or variables["inventory_hostname"])
    code, out, err = connection.exec_command(
        " ".join(command()), in_data=errand(name, arguments, computer), sudoable=False
    )
    ended = Ended(code=code, out=_bytes(out), err=_bytes(err))
    return result_of(name, ended, address=address, computer=computer)


@contextmanager
def limited(seconds: int, variables: Mapping[str, Any]) -> Iterator[None]:
    """Give a machine this time to answer; Ansible's own limit would call it failed, not silent.

    For the main thread of a worker process of Ansible.

    Raises:
        Hangs: It is over.
    """

    def over(_number: int, _frame: object) -> None:
        raise Hangs(address=variables.get("ansible_host") or variables["inventory_hostname"], seconds=seconds)

    before = signal.signal(signal.SIGALRM, over)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _bytes(said: bytes | str) -> bytes:
    return said.encode() if isinstance(said, str) else said
