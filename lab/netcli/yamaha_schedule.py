"""What a Yamaha RTX does at a time of day: of all that `schedule at` can run, only `restart` is simulated."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from lab.netcli.device import Device

_SCHEDULE: Final = re.compile(
    r"(?:(?P<date>\S+)\s+)?(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d))?\s+\*\s+(?P<command>.+)"
)


def arm(device: Device, number: str, value: str) -> bool:
    """Let the device do at its time what `schedule at NUMBER` says; whether the time can be read."""
    device.disarm(f"schedule {number}")
    at = _SCHEDULE.fullmatch(value)
    if at is None or int(at["hour"]) > 23:
        return False
    now = device.clock()
    hour, minute, second = (int(at[name] or 0) for name in ("hour", "minute", "second"))
    due = now.replace(hour=hour, minute=minute, second=second, microsecond=0)
    due += timedelta(days=0 if due > now else 1)
    if at["command"].split()[0] == "restart":
        device.arm(f"schedule {number}", (due - now).total_seconds() / 60, device.reboot, at["command"])
    return True


def arm_all(device: Device) -> None:
    """What was saved is armed again after a start: who saves a scheduled restart gets it every day."""
    beginning = "schedule at "
    for name in device.running.names(beginning):
        arm(device, name.removeprefix(beginning), device.running.value(name) or "")
