"""The office as the ledger knows it: which outlet leads to which port, what hangs where. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Final

from daicho.moves.wish import Port, Spot
from daicho.network.observing.names import in_configuration
from daicho.network.observing.observed import hardware

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from daicho.items.item import Item

OFFICE: Final = "daicho_office"
"""The variable of every target that holds it."""
MOVING: Final = ("endpoint", "printer")
_OWN_PORT: Final = re.compile(r"(?:[A-Za-z-]+ )?\S*\d\S*(?= \S)")


def around(
    items: Iterable[Item], targets: Iterable[Item], inputs: Mapping[str, object]
) -> dict[str, dict[str, object]]:
    """The office for every target: a move is about more than what moves."""
    del inputs
    office = Office(tuple(items))
    return {target.name: {OFFICE: office} for target in targets}


@dataclass(frozen=True)
class Office:
    """All items, by what a move asks for."""

    items: tuple[Item, ...]
    _names: dict[str, Item] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Know them by name, whatever the case of the letters."""
        self._names.update({item.name.casefold(): item for item in self.items})

    def item(self, name: str) -> Item | None:
        """An item by name."""
        return self._names.get(name.casefold())

    def outlet(self, name: str) -> Item | None:
        """An outlet by name: a location that is wired to a port."""
        found = self.item(name)
        return found if found and found.kind == "location" and found.attributes.get("switch") else None

    def port(self, switch: str, name: str) -> Port:
        """A port in the spelling of its switch."""
        item = self.item(switch)
        platform = item.attributes.get("platform", "") if item else ""
        return Port(item.name if item else switch, in_configuration(platform, name))

    def wired(self, item: Item) -> Port | None:
        """The port that an item hangs on, or an outlet leads to; None: nobody has said."""
        switch, port = item.attributes.get("switch", ""), item.attributes.get("switch_port", "")
        return self.port(switch, port) if switch and port else None

    def spot(self, item: Item) -> Spot:
        """Where an item is."""
        port, known = self.wired(item), item.attributes
        outlet = known.get("outlet", "")
        if not outlet and port in self.outlet_of:
            outlet = self.outlet_of[port].name
        return Spot(port, outlet, known.get("building", ""), known.get("floor", ""), known.get("room", ""))

    @cached_property
    def outlet_of(self) -> Mapping[Port | None, Item]:
        """The outlet that leads to a port."""
        return {self.wired(item): item for item in self.items if item.kind == "location" and self.wired(item)}

    @cached_property
    def hanging(self) -> Mapping[Port, tuple[str, ...]]:
        """What hangs on each port."""
        found: dict[Port, tuple[str, ...]] = {}
        for item in self.items:
            if item.kind not in {"location", "network_device"} and (port := self.wired(item)):
                found[port] = (*found.get(port, ()), item.name)
        return found

    @cached_property
    def uplinks(self) -> frozenset[Port]:
        """The ports that join switches to each other."""
        return frozenset(
            self.port(item.name, name.strip())
            for item in self.items
            if item.kind == "network_device"
            for name in (*item.attributes.get("uplink_port", "").split(","), *_neighbours(item))
            if name.strip()
        )

    @cached_property
    def addresses(self) -> Mapping[IPv4Address, str]:
        """Whose an address is."""
        found: dict[IPv4Address, str] = {}
        for item in self.items:
            try:
                found[IPv4Address(item.address)] = item.name
            except ValueError:
                continue
        return found

    @cached_property
    def by_mac(self) -> Mapping[str, tuple[str, ...]]:
        """Who has a hardware address."""
        found: dict[str, tuple[str, ...]] = {}
        for item in self.items:
            for mac in macs(item):
                found[mac] = (*found.get(mac, ()), item.name)
        return found


def macs(item: Item) -> tuple[str, ...]:
    """The hardware addresses of an item, `02:00:5e:00:53:01`."""
    written = item.attributes.get("mac", "").replace(";", ",").split(",")
    return tuple(filter(None, map(hardware, written)))


def _neighbours(item: Item) -> list[str]:
    # `GigabitEthernet0/18 sw0002 GigabitEthernet0/24, port 1/25 ap0001 port 1/21`: its own port, their
    # name, theirs; some platforms have a space between a port's kind and its number.
    rows = item.attributes.get("neighbours", "").split(", ")
    return [found[0] for row in rows if (found := _OWN_PORT.match(row))]


def first_mac(text: str) -> str:
    """The first hardware address of a text with several."""
    return next(filter(None, map(hardware, text.replace(";", ",").split(","))), "")
