"""Models of the scripts that read: `get_patch_state.ps1`, `get_definition_age.ps1`."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from lab.winrm.areas import System, Updates
from lab.winrm.host import area
from lab.winrm.models import ScriptError, model
from lab.winrm.modules.updates import UpdateRuns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lab.winrm.host import Host

_MIB = 1024**2
_UBR = {False: 2000, True: 2314}
"""The last part of the build, without and with this month's cumulative update."""


@area("defender")
@dataclass
class Defender:
    """Microsoft Defender's engine and virus definitions."""

    engine: str = "1.1.26010.1"
    definitions: str = "1.421.100.0"
    age_s: float = 86_400.0
    """How old they were when the terminals were first switched on."""
    updated_at: float = 0.0
    """Unix time of the last update; 0: as on the first day."""
    real_time: bool = True


@model("get_patch_state")
def get_patch_state(host: Host, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """What Windows and Windows Update say."""
    _only(arguments, "online")
    system, updates = host.of(System), host.of(Updates)
    if arguments["online"]:
        updates.searched_at = time.time()
    cumulative = any(each.state == "installed" and "累積" in each.title for each in updates.offered)
    return {
        "name": system.name.upper(),
        "clock": _written(time.time() + system.clock_offset),
        "build": f"{system.version}.{_UBR[cumulative]}",
        "booted": _written(host.booted_at + system.clock_offset),
        "installed": [each.kb for each in updates.offered if each.state == "installed"],
        "missing": [each.kb for each in updates.wanting() if not each.hidden],
        "reboot_pending": system.pending_reboot,
        "busy": host.of(UpdateRuns).going_on > 0,
        "disk_free_mb": system.free // _MIB,
        "user": system.logged_on,
    }


@model("get_definition_age")
def get_definition_age(host: Host, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """What Defender says."""
    _only(arguments)
    system, defender = host.of(System), host.of(Defender)
    updated = defender.updated_at or host.world.began - defender.age_s
    return {
        "name": system.name.upper(),
        "clock": _written(time.time() + system.clock_offset),
        "engine": defender.engine,
        "definitions": defender.definitions,
        "updated": _written(updated),
        "real_time": defender.real_time,
    }


def _written(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _only(arguments: Mapping[str, Any], *known: str) -> None:
    if set(arguments) != set(known):
        raise ScriptError("error", f"the lab expects the arguments {list(known)}, not {list(arguments)}")
