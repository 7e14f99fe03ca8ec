"""What has to be true of a device after a change: declared with the change, judged from what is seen."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final, Literal, Self

from pydantic import Field, field_validator, model_validator

from daicho.documents import Document
from daicho.errors import UsageError
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.network.observing.observed import hardware

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

type Kept = Literal["interfaces", "neighbours"]

_KINDS: Final = ("ask", "interface", "neighbour", "station", "reach", "from_here")


class NotAskable(UsageError):
    """A device of this platform cannot be asked this."""

    sentence = N_("{device}: devices of the platform {platform} cannot be asked for `{what}`.")


class Check(Document):
    """One thing that has to be true of a device after the change. Exactly one of the questions."""

    on: tuple[str, ...] = Field(
        default=(), description=N_("Only of these devices or platforms (globs); empty: of all.")
    )
    ask: str = Field(default="", description=N_("A command that shows something."))
    expect: str = Field(
        default="", description=N_("With `ask`: a regular expression that what it shows has to match.")
    )
    interface: str = Field(default="", description=N_("This port, named as in the configuration, is up."))
    neighbour: str = Field(default="", description=N_("This device is heard (LLDP, CDP, OSPF)."))
    station: str = Field(default="", description=N_("This hardware address is known on some port."))
    reach: str = Field(default="", description=N_("The device reaches this address (ping)."))
    from_here: str = Field(
        default="",
        description=N_("This machine reaches this address (ping), or this service (10.0.0.9:443)."),
    )

    @field_validator("expect")
    @classmethod
    def _is_expression(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(str(error)) from error
        return value

    @field_validator("station")
    @classmethod
    def _is_hardware(cls, value: str) -> str:
        if value and not hardware(value):
            raise ValueError(_("it is no hardware address such as 02:00:5e:00:53:01"))
        return value

    @model_validator(mode="after")
    def _one_question(self) -> Self:
        asked = [kind for kind in _KINDS if getattr(self, kind)]
        if len(asked) != 1:
            raise ValueError(_("say exactly one of: {kinds}").format(kinds=", ".join(_KINDS)))
        if bool(self.ask) != bool(self.expect):
            raise ValueError(_("`ask` and `expect` belong together"))
        return self

    def concerns(self, device: str, platform: str) -> bool:
        """Whether it is a question about this device."""
        return not self.on or any(fnmatchcase(name, glob) for glob in self.on for name in (device, platform))


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What a device shows of itself."""

    up: frozenset[str] = frozenset()
    """Its ports that are up, by their name in the configuration."""
    joining: frozenset[str] = frozenset()
    """Those of them that join it to the network; terminals are switched off as people like."""
    neighbours: frozenset[str] | None = None
    """None: it does not listen."""
    stations: frozenset[str] = frozenset()
    """The hardware addresses that it knows."""


def lacks(check: Check, seen: Sight) -> str:
    """What is wrong, in words, as far as what is seen can tell; empty: nothing."""
    if check.interface and check.interface not in seen.up:
        return _("the port {name} is not up").format(name=check.interface)
    if check.neighbour and not _heard(check.neighbour, seen.neighbours or ()):
        return _("it does not hear {name}").format(name=check.neighbour)
    if check.station and hardware(check.station) not in seen.stations:
        return _("it does not know the hardware address {mac}").format(mac=check.station)
    return ""


def lost(keep: Sequence[Kept], before: Sight, now: Sight) -> str:
    """What was there before the change and is not any more, in words; empty: nothing."""
    said: list[str] = []
    if "interfaces" in keep and (gone := sorted(before.joining - now.up)):
        said.append(_("ports went down: {names}").format(names=", ".join(gone)))
    if "neighbours" in keep:
        heard = now.neighbours or frozenset()
        if gone := sorted(each for each in before.neighbours or () if not _heard(each, heard)):
            said.append(_("neighbours are not heard any more: {names}").format(names=", ".join(gone)))
    return "; ".join(said)


def pings(platform: str) -> tuple[str, str] | None:
    """How a device of this platform is asked to ping: the command, and what shows that somebody answered."""
    return _PINGS.get(platform)


_RECEIVED: Final = r"[1-9]\d* packets? received|[1-9]\d*個のパケットを受信"
_PINGS: Final[Mapping[str, tuple[str, str]]] = {
    "cisco_ios": ("ping {address}", r"Success rate is [1-9]\d* percent"),
    "alaxala_ax36s": ("ping {address} count 3", _RECEIVED),
    "nec_ix": ("ping {address} count 3", _RECEIVED),
    "yamaha": ("ping -c 3 {address}", _RECEIVED),
}


def _heard(name: str, heard: frozenset[str] | tuple[()]) -> bool:
    # A device tells its name with its domain or without.
    return name in heard or any(
        each.casefold().partition(".")[0] == name.casefold().partition(".")[0] for each in heard
    )
