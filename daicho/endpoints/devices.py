r"""USB memory and other devices that terminals take: who asked, and until when. Pure.

Windows' own policy "Allow installation of devices that match any of these device instance IDs" holds them:
HKLM\SOFTWARE\Policies\Microsoft\Windows\DeviceInstall\Restrictions, `AllowInstanceIDs` (Microsoft, Policy CSP
DeviceInstallation). It knows no end, so that stands beside it, in a key of our own.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

from pydantic import Field, field_validator, model_validator

from daicho.craft import Trouble
from daicho.documents import Document
from daicho.i18n import N_
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from daicho.plan import TargetState

KEY: Final = "device:"
_UNTIL: Final = "until "
_WITHOUT_END: Final = "without end"
"""Somebody else allows it: it is left alone."""


class Device(Document):
    """One device that somebody may use at some terminals until a day."""

    what: str = Field(
        min_length=1,
        max_length=200,
        description=N_("What it is, as an inventory calls it: `USB memory U-0123`."),
    )
    terminals: tuple[str, ...] = Field(min_length=1, description=N_("Where: the terminals, by their items."))
    serial: str = Field(
        default="",
        max_length=200,
        description=N_("Its serial number, if it has been plugged in there before (and was refused)."),
    )
    instance: str = Field(
        default="",
        max_length=400,
        description=N_(
            "Or its instance id, as the device manager shows it: `USBSTOR\\DISK&…\\0123456789&0`."
        ),
    )
    until: str = Field(description=N_('The last day on which it is allowed: `"2027-03-31"`.'))
    asked_by: str = Field(min_length=1, max_length=100, description=N_("Who asked for it."))

    @field_validator("until", mode="before")
    @classmethod
    def _day(cls, value: object) -> object:
        try:
            return date.fromisoformat(str(value)).isoformat()
        except ValueError as error:
            raise ValueError(
                _("{value!r} is no day; write it like 2027-03-31").format(value=value)
            ) from error

    @field_validator("instance")
    @classmethod
    def _as_windows_writes_it(cls, value: str) -> str:
        return value.upper()

    @model_validator(mode="after")
    def _one_of_them(self) -> Device:
        if bool(self.serial) == bool(self.instance):
            raise ValueError(_("say `serial` or `instance`, one of them"))
        if self.instance and self.instance.count("\\") < 2:
            raise ValueError(_("an instance id has three parts: USBSTOR\\DISK&…\\0123456789&0"))
        return self


def state_of(read: Mapping[str, Any]) -> dict[str, str | int | bool | None]:
    """Until when each device is allowed."""
    until = {name.upper(): day for name, day in read["until"].items()}
    there = {str(each).upper() for each in read["allowed"]}
    return {KEY + each: f"{_UNTIL}{until[each]}" if each in until else _WITHOUT_END for each in sorted(there)}


def wanted(devices: Iterable[Device], read: Mapping[str, Any], today: date) -> dict[str, str | None]:
    """What is to become of a terminal: its devices until their days, and none whose day is over.

    Raises:
        Trouble: A day is over already, or nobody has seen a serial number there.
    """
    there, after = state_of(read), dict[str, str | None]()
    for key, value in there.items():
        if str(value).startswith(_UNTIL) and _over(str(value), today):
            after[key] = None
    for device in devices:
        if date.fromisoformat(device.until) < today:
            raise Trouble(why=_("{what}: {until} is over").format(what=device.what, until=device.until))
        for instance in _instances(device, read):
            key = KEY + instance
            after[key] = _WITHOUT_END if there.get(key) == _WITHOUT_END else f"{_UNTIL}{device.until}"
    return after


def steps(wishes: TargetState, present: TargetState) -> tuple[list[dict[str, str]], list[str]]:
    """What is to be allowed, and what not any more."""
    due = {key: value for key, value in wishes.items() if value != present.get(key)}
    allow = [
        {"instance": key.removeprefix(KEY), "until": value.removeprefix(_UNTIL)}
        for key, value in due.items()
        if isinstance(value, str) and value.startswith(_UNTIL)
    ]
    return allow, [key.removeprefix(KEY) for key, value in due.items() if value is None]


def notes_of(devices: Iterable[Device], after: TargetState, read: Mapping[str, Any]) -> Iterator[str]:
    """What an approver has to know."""
    for device in devices:
        said = _("{what}: asked for by {who}, until {until}.")
        yield said.format(what=device.what, who=device.asked_by, until=device.until)
    for key, value in after.items():
        if value == _WITHOUT_END:
            said = _("{device} is allowed without end by somebody else; that stays.")
            yield said.format(device=key.removeprefix(KEY))
        elif value is None:
            yield _("The day of {device} is over.").format(device=key.removeprefix(KEY))
    settings: Mapping[str, int] = read["settings"]
    if (
        not settings["DenyUnspecified"]
        and not settings["DenyRemovableDevices"]
        and not settings["AllowDenyLayered"]
    ):
        yield _("This terminal takes any device: no policy refuses those that are not named.")
    elif settings["DenyRemovableDevices"] and not settings["AllowDenyLayered"]:
        yield _(
            "A policy refuses all removable devices here and comes before this one: the layered order of "
            "evaluation (AllowDenyLayered) is not on."
        )


def _instances(device: Device, read: Mapping[str, Any]) -> list[str]:
    if device.instance:
        return [device.instance]
    # A stick is seen twice, as a device of the bus and as a disk: both have to be let in.
    seen = [
        each["instance"].upper() for each in read["seen"] if each["serial"].upper() == device.serial.upper()
    ]
    if not seen:
        said = _(
            "{what}: no device with the serial number {serial} was ever plugged in there. Plug it in once "
            "(it is refused), or name its `instance`"
        )
        raise Trouble(why=said.format(what=device.what, serial=device.serial))
    return sorted(seen)


def _over(value: str, today: date) -> bool:
    return value.removeprefix(_UNTIL) < today.isoformat()
