"""The craft of `allow_device`: which devices a terminal takes, and until when."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

from daicho import clock
from daicho.door import Intention
from daicho.endpoints.devices import KEY, Device, notes_of, state_of, steps, wanted
from daicho.endpoints.endpoint_craft import open_windows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from daicho.craft import Bench, Craft, Target
    from daicho.endpoints.endpoint_craft import Host
    from daicho.plan import Scalar, TargetState


@contextmanager
def open_craft(bench: Bench) -> Iterator[Craft]:
    """The craft of `allow_device`."""
    devices = [Device.model_validate(each) for each in cast("Sequence[object]", bench.inputs["devices"])]
    today = clock.now().astimezone(ZoneInfo(str(bench.inputs["time_zone"]))).date()
    with open_windows(bench, Permission(devices=devices, today=today)) as craft:
        yield craft


@dataclass(frozen=True, kw_only=True)
class Permission:
    """Devices that are let in until a day."""

    devices: Sequence[Device]
    today: date

    def rehearsed(self, host: Host, target: Target) -> Intention:
        """Which devices come and which go."""
        mine = [device for device in self.devices if target.name in device.terminals]
        undo = target.wanted is not None
        read = _read(host, [] if undo else [device.serial for device in mine if device.serial])
        after = dict(target.wanted or {}) if undo else wanted(mine, read, self.today)
        before = _in_keys(read, after)
        return Intention(
            target=target.name,
            before=before,
            after=after,
            inverse=before,
            notes=() if undo else tuple(notes_of(mine, after, read)),
        )

    def present(self, host: Host, wanted: TargetState) -> TargetState:
        """Until when each device is allowed."""
        return _in_keys(_read(host, []), wanted)

    def bring(self, host: Host, wanted: TargetState, present: TargetState) -> str:
        """Write what is due."""
        allow, remove = steps(wanted, present)
        host.run("set_device_policy", {"allow": allow, "remove": remove})
        return ""


def _in_keys(read: dict[str, Any], wishes: TargetState) -> dict[str, Scalar]:
    there = state_of(read)
    return {key: there.get(key) for key in wishes if key.startswith(KEY)}


def _read(host: Host, serials: list[str]) -> dict[str, Any]:
    return host.run("get_device_policy", {"serials": serials})
