"""Ports of switches: what a change wants of them, the lines per platform, and whose ports they are. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, cast

from pydantic import Field, SerializerFunctionWrapHandler, field_validator, model_serializer

from daicho.documents import Document
from daicho.errors import Refused, UsageError
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.network import vlans
from daicho.network.observing.names import in_configuration
from daicho.network.vlans import VlanListUnread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from daicho.items.item import Item
    from daicho.network.tree import Tree

HANGING: Final = "daicho_hanging"
"""The variable of a switch that names the items on each of its ports."""
_HIGHEST: Final = 4094
_VLANS: Final = re.compile(r"vlan ([\d,\- ]+?)(?: name .*)?$")
_IOS_SERVERS: Final = ("aaa new-model", "aaa authentication dot1x")
_IOS_DOT1X: Final = (*_IOS_SERVERS, "dot1x system-auth-control")
_WHOLE_SWITCH: Final[Mapping[tuple[str, str | None], Sequence[str]]] = {
    ("alaxala_ax36s", "mab"): ("mac-authentication system-auth-control",),
    ("cisco_ios", "mab"): _IOS_SERVERS,
    ("cisco_ios", "dot1x"): _IOS_DOT1X,
    ("cisco_ios", "dot1x-mab"): _IOS_DOT1X,
}
"""What a port asks for → the lines of the whole switch, as they begin, without which it has no effect."""
_WITHOUT: Final = {
    "alaxala_ax36s": N_("everybody would be let in as long as the switch has no line `{line}`"),
    "cisco_ios": N_("nobody can be checked as long as the switch has no line `{line}`"),
}


class PortsRefused(Refused):
    """Ports are not to be changed as the change wants it; every reason is named."""

    sentence = N_("{device}: the ports cannot be changed like this:\n{problems}")


class NotWritable(UsageError):
    """A platform has no lines for what is wanted of a port."""

    sentence = N_(
        "{port}: what `{what}` means on {platform} is not known here; `configure_network` takes any line."
    )


class NoTargets(UsageError):
    """The change names ports of switches that it is not for."""

    sentence = N_("The change names ports of {names}, which are no targets of it. Add them to `targets`.")


class PortWish(Document):
    """What is to become of one port; what is left out stays as it is."""

    switch: str = Field(description=N_("The device, by the name of its item."))
    port: str = Field(description=N_("As the device calls it; `Gi0/3` will do."))
    of: tuple[str, ...] = Field(
        default=(), description=N_("The items that hang on it, or will: nobody else's port is changed.")
    )
    mode: Literal["access", "trunk"] | None = Field(
        default=None, description=N_("For one terminal, or for many VLANs.")
    )
    vlan: int | None = Field(default=None, ge=1, le=_HIGHEST, description=N_("The VLAN of the terminal."))
    voice: int | None = Field(
        default=None, ge=1, le=_HIGHEST, description=N_("The VLAN of the telephone before it.")
    )
    vlans: str = Field(default="", description=N_("What a trunk carries: `10,20-22`."))
    description: str | None = Field(
        default=None, description=N_("What stands at the port; an empty text takes it away.")
    )
    authentication: Literal["none", "dot1x", "mab", "dot1x-mab"] | None = Field(
        default=None, description=N_("Who is let in: everybody, by 802.1X, by hardware address (MAB), both.")
    )
    speed: Literal["auto", "10", "100", "1000"] | None = Field(default=None, description=N_("In Mbit/s."))
    shutdown: bool | None = Field(default=None, description=N_("Whether the port is switched off."))

    @field_validator("vlans")
    @classmethod
    def _is_list(cls, value: str) -> str:
        try:
            vlans.numbers(value)
        except VlanListUnread as error:
            raise ValueError(str(error)) from error
        return value

    @model_serializer(mode="wrap")
    def _said(self, written: SerializerFunctionWrapHandler) -> dict[str, object]:
        """Only what was said: the plan shows it to approvers."""
        return {name: value for name, value in written(self).items() if value is not None}

    @property
    def numbers(self) -> frozenset[int]:
        """All VLANs that it names."""
        single = {number for number in (self.vlan, self.voice) if number is not None}
        return vlans.numbers(self.vlans) | single if self.vlans != "all" else frozenset(single)


def lines_of(wish: PortWish, platform: str) -> str:
    """The lines that make a port as wanted; empty: nothing is wanted of it.

    Raises:
        NotWritable: The platform has no lines for something.
    """
    if platform not in _WRITERS:
        raise NotWritable(port=wish.port, what="port", platform=platform)
    rows = "".join(f" {row}\n" for row in _WRITERS[platform](wish))
    return f"interface {in_configuration(platform, wish.port)}\n{rows}" if rows else ""


def problems_of(wish: PortWish, running: Tree, platform: str, *, allow_trunks: bool) -> Iterator[str]:
    """Why a port is not to be changed like this, as far as the device's configuration tells, in words."""
    there = known_vlans(running)
    if there and (missing := wish.numbers - there):
        said = _("there is no VLAN {missing}; there are {known}")
        yield said.format(missing=vlans.written(missing), known=vlans.written(there))
    below = running.get(f"interface {in_configuration(platform, wish.port)}", {})
    if not allow_trunks and "switchport mode trunk" in below:
        yield _("it is a trunk; if that is meant, say `allow_trunks: true`")
    elif not allow_trunks and (wish.mode == "trunk" or wish.vlans):
        yield _("it would become a trunk; if that is meant, say `allow_trunks: true`")
    for line in _WHOLE_SWITCH.get((platform, wish.authentication), ()):
        if not any(f"{each} ".startswith(f"{line} ") for each in running):
            yield _(_WITHOUT[platform]).format(line=line)


def strangers(wish: PortWish, platform: str, hanging: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Whose port it is, as the ledger knows, if the change does not name them; in words."""
    wanted = in_configuration(platform, wish.port)
    there = [names for port, names in hanging.items() if in_configuration(platform, port) == wanted]
    if others := [name for names in there for name in names if name not in wish.of]:
        said = _("it belongs to {names}; if that is meant, name them with `of`")
        yield said.format(names=", ".join(others))


def known_vlans(running: Tree) -> frozenset[int]:
    """The VLANs of a switch; none: its configuration does not show them."""
    rows = [*running, *running.get("vlan database", ())]
    found = [numbers for row in rows if (numbers := _VLANS.fullmatch(row))]
    return frozenset().union(*(vlans.numbers(each[1]) for each in found), {1}) if found else frozenset()


def hanging_on(
    items: Iterable[Item], targets: Iterable[Item], inputs: Mapping[str, object]
) -> dict[str, dict[str, object]]:
    """What hangs on the ports of each target, by the items' attributes `switch` and `switch_port`.

    Raises:
        NoTargets: The inputs name ports of other switches.
    """
    found: dict[str, dict[str, list[str]]] = {target.name: {} for target in targets}
    named = [dict(wish)["switch"] for wish in cast("list[dict[str, str]]", inputs.get("ports", []))]
    if missing := [name for name in dict.fromkeys(named) if name not in found]:
        raise NoTargets(names=", ".join(missing))
    for item in items:
        ports = found.get(item.attributes.get("switch", ""))
        if ports is not None and (port := item.attributes.get("switch_port")):
            ports.setdefault(port, []).append(item.name)
    return {name: {HANGING: ports} for name, ports in found.items()}


def _ios(wish: PortWish) -> Iterator[str]:
    yield from _common(wish, "switchport trunk allowed vlan")
    if wish.voice is not None:
        yield f"switchport voice vlan {wish.voice}"
    match wish.authentication:
        case "none":
            yield from ("no authentication port-control", "no mab", "no dot1x pae")
        case "mab":
            yield from ("no dot1x pae", "mab", "authentication port-control auto")
        case "dot1x":
            yield from ("no mab", "dot1x pae authenticator", "authentication port-control auto")
        case "dot1x-mab":
            yield from ("authentication order dot1x mab", "mab", "dot1x pae authenticator")
            yield "authentication port-control auto"
    yield from _end(wish)


def _alaxala(wish: PortWish) -> Iterator[str]:
    _without(wish, "alaxala_ax36s", "voice")
    yield from _common(wish, "switchport trunk allowed vlan")
    # AX3640S configuration guide Vol. 2, Ver. 11.14, 5.5.2. Of 802.1X the pages that could be read show
    # only the command's name, which is enough to take it away.
    match wish.authentication:
        case "none":
            yield from ("no dot1x port-control", "no web-authentication port", "no mac-authentication port")
        case "mab":
            yield from ("no dot1x port-control", "no web-authentication port", "mac-authentication port")
        case "dot1x" | "dot1x-mab" as what:
            raise NotWritable(port=wish.port, what=f"authentication: {what}", platform="alaxala_ax36s")
    yield from _end(wish)


def _apresia(wish: PortWish) -> Iterator[str]:
    # Who is let in stands in a section of the whole switch there, as lists of ports.
    _without(wish, "apresia_aeos", "authentication", "voice")
    yield from _common(wish, "switchport trunk")
    yield from _end(wish)


def _without(wish: PortWish, platform: str, *names: str) -> None:
    """What no reference that we could read shows is not written down blindly."""
    for what in names:
        if getattr(wish, what) is not None:
            raise NotWritable(port=wish.port, what=what, platform=platform)


def _common(wish: PortWish, trunk: str) -> Iterator[str]:
    if wish.description is not None:
        yield f"description {wish.description}" if wish.description else "no description"
    if wish.vlan is not None:
        yield f"switchport access vlan {wish.vlan}"
    if wish.vlans:
        yield f"{trunk} {wish.vlans}"
    if wish.mode:
        yield f"switchport mode {wish.mode}"


def _end(wish: PortWish) -> Iterator[str]:
    if wish.speed:
        yield "no speed" if wish.speed == "auto" else f"speed {wish.speed}"
    if wish.shutdown is not None:
        yield "shutdown" if wish.shutdown else "no shutdown"


_WRITERS: Final[Mapping[str, Callable[[PortWish], Iterator[str]]]] = {
    "cisco_ios": _ios,
    "alaxala_ax36s": _alaxala,
    "apresia_aeos": _apresia,
}
WRITABLE: Final = frozenset(_WRITERS)
"""The platforms whose ports can be written."""
