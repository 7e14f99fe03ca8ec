"""win_hotfix: an update from its file, or taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lab.winrm.areas import Files, System, Update, Updates
from lab.winrm.arguments import ModuleFailure
from lab.winrm.modules import Call, Result, module
from lab.winrm.modules.files import file_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lab.winrm.host import Host


@module("ansible.windows.win_hotfix")
def win_hotfix(host: Host, arguments: Mapping[str, Any], call: Call) -> Result:
    """Install an .msu file, or remove an update by its article."""
    kb = str(arguments["hotfix_kb"] or "")
    known = next((each for each in host.of(Updates).offered if each.kb == kb), None)
    if arguments["state"] == "absent":
        return _removed(host, known, call)
    path = str(arguments["source"] or "")
    if file_key(path) not in host.of(Files).contents:
        raise ModuleFailure(f"the path set for source {path} does not exist or is not a file")
    if known is None:
        raise ModuleFailure("hotfix package is not applicable for this server")
    if host.fault("disk-full"):
        raise ModuleFailure(f"failed to add windows package from path {path}: 0x80070070")
    changed = known.state in {"wanted", "downloaded"}
    if changed and not call.check:
        known.state = "pending" if known.reboot else "installed"
        host.of(System).pending_reboot |= known.reboot
    return {"changed": changed, "kb": kb, "kbs": [kb], "reboot_required": known.reboot and changed}


def _removed(host: Host, known: Update | None, call: Call) -> Result:
    if known is None or known.state != "installed":
        return {"changed": False, "reboot_required": False}
    if not call.check:
        known.state = "wanted"
        host.of(System).pending_reboot |= known.reboot
    return {"changed": True, "kb": known.kb, "reboot_required": known.reboot}
