"""What `get_software`, `install_software` and `remove_software` do: installers, programs that run, room."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from lab.winrm.areas import Product, Software, System
from lab.winrm.host import area
from lab.winrm.models import ScriptError, model

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lab.winrm.host import Host

_WELL: Final = {0, 3010, 1641}
_MB: Final = 1024 * 1024


@dataclass
class Installer:
    """What lies at an address."""

    sha256: str
    product: str
    name: str
    version: str
    exit_code: int = 0
    """What installing ends with."""
    silent: str = ""
    """An argument without which it would ask somebody, and so never end."""
    size_mb: int = 10
    removal_code: int = 0


@area("installers")
@dataclass
class Installers:
    """Where a terminal can get software, and which programs run on it."""

    at: dict[str, Installer] = field(default_factory=dict)
    running: list[str] = field(default_factory=list)
    removal_codes: dict[str, int] = field(default_factory=dict)


@model("get_software")
def get_software(host: Host, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Versions, programs that run, room."""
    there = host.of(Software).products
    running = {name.casefold(): name for name in host.of(Installers).running}
    system = host.of(System)
    return {
        "versions": {name: there[name].version for name in arguments["products"] if name in there},
        "running": sorted(
            running[name.casefold()] for name in arguments["processes"] if name.casefold() in running
        ),
        "disk_free_mb": 0 if host.fault("disk-full") else system.free // _MB,
        "user": system.logged_on,
    }


@model("install_software")
def install_software(host: Host, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Get an installer, compare its SHA-256, run it."""
    found = host.of(Installers).at.get(str(arguments["source"]))
    if found is None:
        raise ScriptError("error", "The remote server returned an error: (404) Not Found.")
    system = host.of(System)
    if host.fault("disk-full") or system.free < found.size_mb * _MB:
        raise ScriptError("no_space", "There is not enough space on the disk.")
    if found.sha256 != arguments["sha256"]:
        raise ScriptError("other_file", found.sha256)
    words = [str(word) for word in arguments["words"]]
    if found.silent and found.silent not in words:
        raise ScriptError("error", f"{found.name} asks somebody and nobody answers.")
    if found.exit_code in _WELL:
        host.of(Software).products[found.product] = Product(
            found.name, found.version, arguments=" ".join(words)
        )
        host.of(Installers).removal_codes[found.product] = found.removal_code
        system.free -= found.size_mb * _MB
        system.pending_reboot |= found.exit_code != 0
    if found.exit_code == 1641:
        # It tells Windows to restart and ends.
        asyncio.get_running_loop().call_later(0.1, host.reboot)
    return {"exit_code": found.exit_code}


@model("remove_software")
def remove_software(host: Host, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Take a program away."""
    software = host.of(Software)
    product = str(arguments["product"])
    if product not in software.products:
        return {"exit_code": 0}
    code = host.of(Installers).removal_codes.get(product, 0)
    if code in _WELL:
        del software.products[product]
    return {"exit_code": code}
