"""What an endpoint says of its updates and definitions, as it is recorded. Pure.

What is different at every look (the clock, a few megabytes) is left out or made coarse, and who is logged on
is not recorded at all: a reading in which nothing happened is then the same as the one before.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from pydantic import AwareDatetime, Field

from daicho.clock import stamp
from daicho.documents import Document, judge

if TYPE_CHECKING:
    from collections.abc import Mapping

PATCHES: Final = "patches"
DEFINITIONS: Final = "definitions"
SCRIPTS: Final = {PATCHES: "get_patch_state", DEFINITIONS: "get_definition_age"}
"""What can be read, and by which script."""
CLOCK_OFF_S: Final = 60
"""A clock that is off by more is told: certificates and Kerberos fail on it."""


class PatchReading(Document):
    """The result of `get_patch_state.ps1`."""

    name: str
    clock: AwareDatetime
    build: str
    booted: AwareDatetime
    installed: tuple[str, ...]
    missing: tuple[str, ...]
    reboot_pending: bool
    busy: bool
    """Whether updates are being installed at this moment."""
    disk_free_mb: int = Field(ge=0)
    user: str


class DefinitionReading(Document):
    """The result of `get_definition_age.ps1`."""

    name: str
    clock: AwareDatetime
    engine: str
    definitions: str
    updated: AwareDatetime
    real_time: bool


def patch_state(result: Mapping[str, object], now: datetime) -> dict[str, Any]:
    """The state of an endpoint's updates.

    Raises:
        DocumentError: The result is not of the shape that the script gives.
    """
    found = judge(PatchReading, dict(result), SCRIPTS[PATCHES])
    return {
        "build": found.build,
        "installed": sorted(set(found.installed)),
        "missing": sorted(set(found.missing)),
        "reboot_pending": found.reboot_pending,
        "disk_free_gb": found.disk_free_mb // 5120 * 5,
        "weeks_up": max(0, (found.clock - found.booted).days // 7),
        "clock_off_min": _off(found.clock, now),
    }


def definition_state(result: Mapping[str, object], now: datetime) -> dict[str, Any]:
    """The state of an endpoint's virus definitions.

    Raises:
        DocumentError: The result is not of the shape that the script gives.
    """
    found = judge(DefinitionReading, dict(result), SCRIPTS[DEFINITIONS])
    return {
        "engine": found.engine,
        "definitions": found.definitions,
        "updated": stamp(found.updated.astimezone(UTC)),
        "real_time": found.real_time,
        "clock_off_min": _off(found.clock, now),
    }


def _off(clock: datetime, now: datetime) -> int:
    seconds = (clock - now).total_seconds()
    return round(seconds / 60) if abs(seconds) >= CLOCK_OFF_S else 0
