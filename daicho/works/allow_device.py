"""周辺機器の接続 (contract item オ-e): USB memory and other devices at named terminals, until a day."""

from __future__ import annotations

from typing import Final
from zoneinfo import available_timezones

from pydantic import Field, field_validator

from daicho.endpoints.devices import Device  # noqa: TC001 -- pydantic reads it
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.works.work import Inputs, Work


class AllowDevice(Inputs):
    """Which devices come in where. On every target, devices whose day is over are not allowed any more."""

    devices: tuple[Device, ...] = Field(
        default=(),
        max_length=500,
        description=N_("The devices; empty: nothing but taking away what is over."),
    )
    time_zone: str = Field(default="Asia/Tokyo", description=N_("Where the days begin and end."))

    @field_validator("time_zone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError(_("{name!r} is no time zone; write it like Asia/Tokyo").format(name=name))
        return name


ALLOW_DEVICE: Final = Work(
    name="allow_device",
    title=N_("Allow USB memory and other devices at terminals, until a day"),
    runner="script",
    craft="daicho.endpoints.device_craft:open_craft",
    inputs=AllowDevice,
    kinds=frozenset({"endpoint"}),
    context="daicho.endpoints.named:terminals_of_devices",
)
