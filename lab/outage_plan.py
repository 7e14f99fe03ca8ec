"""What the outage lab consists of: two buildings on a redundant core. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

CONTROLLER: Final = "ctl"
FLOORS: Final = 5
TERMINALS: Final = 4
SERVERS: Final = ("sv-dns", "sv-mail", "sv-file")

_FIRST: Final = IPv4Address("10.90.0.1")
_KINDS_WITH_SSH: Final = ("network_device", "server")


@dataclass(frozen=True)
class Node:
    """One namespace: a switch, terminal, printer or server."""

    name: str
    kind: str
    address: str
    uplinks: tuple[str, ...] = ()
    place: Mapping[str, str] = field(default_factory=dict)

    @property
    def passes(self) -> bool:
        return self.kind == "network_device"

    @property
    def serves_ssh(self) -> bool:
        return self.kind in _KINDS_WITH_SSH

    @property
    def feed(self) -> str:
        """The power feed: `A/3F`; cutting `A` cuts it too."""
        return f"{self.place['building']}/{self.place['floor']}F" if self.place else ""

    def row(self) -> dict[str, str]:
        """The node as an item that daicho imports."""
        row = {"name": self.name, "kind": self.kind, "address": self.address, **self.place}
        row |= dict(zip(("uplink", "uplink2"), self.uplinks, strict=False))
        return row | ({"power": self.feed} if self.feed else {})


type Link = tuple[str, str]
"""The two ends, the upper one first."""


@dataclass(frozen=True)
class Plan:
    """All nodes and links; a link is known by its two ends."""

    nodes: Mapping[str, Node]
    links: tuple[Link, ...]

    def around(self, name: str) -> list[str]:
        """The neighbours of a node."""
        return [a if b == name else b for a, b in self.links if name in (a, b)]

    def parents(self, off: Collection[str] = (), cut: Collection[Link] = ()) -> dict[str, str]:
        """Reached node → the one before it on a shortest way from the controller."""
        found: dict[str, str] = {CONTROLLER: ""}
        wave = [CONTROLLER]
        while wave:
            near = wave.pop(0)
            if near != CONTROLLER and not self.nodes[near].passes:
                continue
            for far in self.around(near):
                live = far not in off and (near, far) not in cut and (far, near) not in cut
                if far not in found and live:
                    found[far] = near
                    wave.append(far)
        return found

    def dark(self, off: Collection[str], cut: Collection[Link]) -> set[str]:
        """The nodes that the controller cannot reach."""
        return self.nodes.keys() - self.parents(off, cut).keys()

    def routes(self, off: Collection[str], cut: Collection[Link]) -> dict[str, dict[str, str]]:
        """Node → destination (`default`, or a node) → neighbour: as a routing protocol has settled.

        What is dark is still routed as far as the last node that lives, which then says so.
        """
        towards = self.parents() | self.parents(off, cut)
        table: dict[str, dict[str, str]] = {name: {} for name in self.nodes}
        for name in self.nodes:
            step = name
            while before := towards[step]:
                if step != name:
                    table[before][name] = step
                step = before
            if towards[name]:
                table[name]["default"] = towards[name]
        return table


def plan() -> Plan:
    """Two buildings, 5 floors each with 4 terminals and a printer, 3 servers, the checking machine."""
    rows: list[tuple[str, str, tuple[str, ...], dict[str, str]]] = []

    def add(name: str, kind: str, uplinks: tuple[str, ...], where: tuple[str, int, str, str]) -> None:
        building, floor, room, rack = where
        place = {"site": "Ministry", "building": building, "floor": str(floor), "room": room, "rack": rack}
        rows.append((name, kind, uplinks, place))

    cores, hall = ("core1", "core2"), ("A", 1, "A-101")
    rows.append((CONTROLLER, "server", cores, {}))
    for number, core in enumerate(cores, 1):
        add(core, "network_device", cores[: number - 1], (*hall, f"R{number}"))
    for number in (1, 2):
        add(f"dist-a{number}", "network_device", cores, (*hall, f"R{number + 2}"))
    add("dist-b", "network_device", cores, ("B", 1, "B-101", "R1"))
    add("sw-sv", "network_device", cores, (*hall, "R5"))
    for server in SERVERS:
        add(server, "server", ("sw-sv",), (*hall, "R6"))
    for building, above in (("A", ("dist-a1", "dist-a2")), ("B", ("dist-b",))):
        for floor in range(1, FLOORS + 1):
            at = f"{building.lower()}{floor}"
            add(f"acc-{at}", "network_device", above, (building, floor, f"{building}-{floor}01", "R1"))
            for number in range(1, TERMINALS + 1):
                room = f"{building}-{floor}{number + 1:02d}"
                add(f"pc-{at}-{number}", "endpoint", (f"acc-{at}",), (building, floor, room, ""))
            add(f"pr-{at}", "printer", (f"acc-{at}",), (building, floor, f"{building}-{floor}02", ""))
    nodes = {
        name: Node(name, kind, str(_FIRST + number), uplinks, place)
        for number, (name, kind, uplinks, place) in enumerate(rows)
    }
    return Plan(nodes, tuple((up, node.name) for node in nodes.values() for up in node.uplinks))
