"""Hosts by the thousand: their names and places, and who is off at first."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Final

from lab.winrm.host import Host
from lab.winrm.world import DOMAIN, World, name_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_FLOORS: Final = 10
_ROOMS: Final = 40
_RINGS: Final = (("pilot", 0.01), ("early", 0.1), ("broad", 0.9), ("late", 1.0))


class Population:
    """All hosts of one endpoint; a host is made when it is first spoken to."""

    def __init__(self, world: World, count: int) -> None:
        """Know how many there are."""
        self.world, self.count = world, count
        self._made: dict[int, Host] = {}

    def at(self, address: str) -> Host | None:
        """The host at an address."""
        index = self.world.index(address)
        return self.host(index) if 0 <= index < self.count else None

    def named(self, name: str) -> Host | None:
        """The host of a name, short or full, or at an address."""
        digits = name.partition(".")[0].removeprefix("pc")
        if name.startswith("pc") and digits.isascii() and digits.isdigit() and 0 < int(digits) <= self.count:
            return self.host(int(digits) - 1)
        return self.at(name) if name.count(".") == 3 and not name.startswith("pc") else None

    def host(self, index: int) -> Host:
        """The host with this number, from 0."""
        if index not in self._made:
            returns = returns_at(self.world, index)
            self._made[index] = Host(index, name_of(index), self.world, returns)
        return self._made[index]

    def __iter__(self) -> Iterator[Host]:
        """All of them."""
        return (self.host(index) for index in range(self.count))

    def touched(self) -> list[Host]:
        """Those that somebody has spoken to or of."""
        return [host for host in self._made.values() if host.touched]


def returns_at(world: World, index: int) -> float:
    """When a host is on (Unix time): from the first day, or at a moment that its seed chose, or never."""
    if not world.off_share:
        return world.began
    dice = Random(f"{world.seed}:{index}")  # noqa: S311 - a simulation
    if dice.random() >= world.off_share:
        return world.began
    return world.began + dice.random() * world.back_within if world.back_within else float("inf")


def item(world: World, index: int) -> dict[str, str]:
    """A host as an item that daicho imports."""
    dice = Random(f"ring:{world.seed}:{index}")  # noqa: S311 - a simulation
    place = index % (_FLOORS * _ROOMS)
    chance = dice.random()
    return {
        "name": name_of(index),
        "kind": "endpoint",
        "address": str(world.address(index)),
        "os": "windows",
        "fqdn": f"{name_of(index)}.{DOMAIN}",
        "ring": next(ring for ring, upto in _RINGS if chance < upto),
        "site": "本庁",
        "building": "AB"[index % 2],
        "floor": f"{place // _ROOMS + 1}F",
        "room": f"{place // _ROOMS + 1}{place % _ROOMS + 1:02d}",
        "serial": f"5CG{index + 1:07d}",
    }
