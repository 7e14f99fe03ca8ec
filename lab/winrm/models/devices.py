"""What `get_device_policy` and `set_device_policy` do: devices that are let in, and those seen before."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lab.winrm.host import area
from lab.winrm.models import model

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lab.winrm.host import Host


def _settings() -> dict[str, int]:
    return {"AllowInstanceIDs": 0, "AllowDenyLayered": 0, "DenyUnspecified": 1, "DenyRemovableDevices": 0}


@area("devices")
@dataclass
class Devices:
    r"""The registry below DeviceInstall\Restrictions, our own marks, and what Windows has seen."""

    settings: dict[str, int] = field(default_factory=_settings)
    allowed: dict[str, str] = field(default_factory=dict)
    """`1` → an instance id, as the registry numbers them."""
    until: dict[str, str] = field(default_factory=dict)
    seen: dict[str, str] = field(default_factory=dict)
    """Instance id → its name."""
    installed: list[str] = field(default_factory=list)
    """What works although nothing lets it in any more."""

    def lets_in(self, instance: str) -> bool:
        """Whether Windows would install it."""
        named = (
            {each.upper() for each in self.allowed.values()} if self.settings["AllowInstanceIDs"] else set()
        )
        return instance.upper() in named or not self.settings["DenyUnspecified"]


@model("get_device_policy")
def get_device_policy(host: Host, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Settings, permissions with their ends, and devices by serial number."""
    devices = host.of(Devices)
    wanted = {serial.upper() for serial in arguments["serials"]}
    seen = [
        {"serial": serial, "instance": instance, "name": name}
        for instance, name in devices.seen.items()
        if (serial := re.sub(r"&\d+$", "", instance.rpartition("\\")[2])).upper() in wanted
    ]
    return {
        "settings": dict(devices.settings),
        "allowed": list(devices.allowed.values()),
        "until": dict(devices.until),
        "seen": seen,
    }


@model("set_device_policy")
def set_device_policy(host: Host, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Permissions come and go; those of others stay."""
    devices = host.of(Devices)
    numbers = {instance.upper(): number for number, instance in devices.allowed.items()}
    for each in arguments["allow"]:
        instance = str(each["instance"])
        _forget(devices.until, instance)
        devices.until[instance] = str(each["until"])
        if instance.upper() not in numbers:
            free = next(str(n) for n in range(1, 10_000) if str(n) not in devices.allowed)
            devices.allowed[free] = instance
    for instance in arguments["remove"]:
        if number := numbers.get(instance.upper()):
            devices.allowed.pop(number, None)
        devices.installed = [each for each in devices.installed if each.upper() != instance.upper()]
        _forget(devices.until, instance)
    devices.settings["AllowInstanceIDs"] = int(bool(devices.allowed))
    return {"allowed": list(devices.allowed.values())}


def _forget(until: dict[str, str], instance: str) -> None:
    for name in [name for name in until if name.upper() == instance.upper()]:
        del until[name]
