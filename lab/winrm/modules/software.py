"""win_package: programs by their product id."""

from __future__ import annotations

import hashlib
import ntpath
from typing import TYPE_CHECKING, Any

from lab.winrm.areas import Files, Product, Software
from lab.winrm.arguments import ModuleFailure
from lab.winrm.faults import DISK_FULL
from lab.winrm.modules import Call, Result, module
from lab.winrm.modules.files import file_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lab.winrm.host import Host

_REBOOT: int = 3010


@module("ansible.windows.win_package")
def win_package(host: Host, arguments: Mapping[str, Any], call: Call) -> Result:
    """An installer is run if its product is not there; what exit code it ends with, the state says."""
    identity, path = arguments["product_id"], arguments["path"]
    if not identity and not path:
        raise ModuleFailure("one of the following is required: product_id, path")
    if not identity:
        raise ModuleFailure("the lab installs by product_id only: it opens no installer")
    products = host.of(Software).products
    wanted = arguments["state"] == "present"
    if wanted == (identity in products):
        return {"changed": False, "reboot_required": False}
    if wanted and not path:
        raise ModuleFailure("path must be set when state=present and the package is not installed")
    if call.check:
        return {"changed": True, "reboot_required": False}
    if wanted:
        _judge(host, str(path), arguments)
    code = host.of(Software).installers.get(ntpath.basename(str(path or identity)), 0)
    if host.fault("disk-full"):
        code = DISK_FULL & 0xFFFF
    if code not in {int(each) for each in arguments["expected_return_code"]}:
        raise ModuleFailure(f"unexpected rc from '{path or identity}': see rc, stdout and stderr", rc=code)
    if wanted:
        given = arguments["arguments"]
        words = " ".join(map(str, given)) if isinstance(given, list) else str(given or "")
        products[identity] = Product(ntpath.basename(str(path)), "", arguments=words)
    else:
        del products[identity]
    return {"changed": True, "rc": code, "reboot_required": code == _REBOOT}


def _judge(host: Host, path: str, arguments: Mapping[str, Any]) -> None:
    """A local file must be there and be the one that is meant; the network's are taken for granted."""
    if path.startswith(("http:", "https:", "\\\\")):
        return
    data = host.of(Files).contents.get(file_key(path))
    if data is None:
        raise ModuleFailure(f"the file at the path '{path}' cannot be reached")
    wanted = arguments["checksum"]
    found = hashlib.new(arguments["checksum_algorithm"], data).hexdigest()
    if wanted and wanted.lower() != found:
        raise ModuleFailure(
            f"Checksum mismatch. Expected '{wanted.lower()}' but got '{found}'", checksum=found
        )
