"""What hangs on what: items and the links between them, seen from the machine that checks.

A node answers when it has power and a way of live links leads to it from the controller through nodes
that pass traffic on. Terminals, printers and servers pass nothing on, unless another item names them as
its uplink (a telephone with a terminal behind it).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from daicho.canonical import digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from daicho.canonical import Json

PLACE: Final = ("site", "building", "floor", "room", "rack")
"""The attributes that say where an item stands, outermost first."""


class Place(NamedTuple):
    """Where an item stands; what is not known is empty."""

    site: str = ""
    building: str = ""
    floor: str = ""
    room: str = ""
    rack: str = ""


@dataclass(frozen=True, slots=True)
class Node:
    """One item on the network."""

    name: str
    kind: str = "endpoint"
    passes: bool = False
    """Whether it passes the traffic of others on."""
    place: Place = field(default_factory=Place)
    model: str = ""
    address: str = ""
    feed: str = ""
    """The one power feed that it hangs on, as a path: `building 1/panel 3F/circuit 12`."""


@dataclass(frozen=True, slots=True, order=True)
class Link:
    """What joins two nodes. Parallel cables between the same two count as one link."""

    a: str
    b: str
    kind: str = field(default="uplink", compare=False)
    """`uplink`, `uplink2` (as the item says) or `neighbour` (as a device saw it)."""

    @classmethod
    def between(cls, one: str, other: str, kind: str = "uplink") -> Link:
        """The link of two nodes, whichever is named first."""
        return cls(min(one, other), max(one, other), kind)

    @property
    def name(self) -> str:
        """`a -- b`: how people and the ledger call it."""
        return f"{self.a} -- {self.b}"

    def far(self, near: str) -> str:
        """The other end."""
        return self.b if near == self.a else self.a


@dataclass(frozen=True)
class Topology:
    """Nodes, links and the controller's own place among them."""

    nodes: Mapping[str, Node]
    links: Sequence[Link]
    controller: str

    @cached_property
    def around(self) -> Mapping[str, Sequence[Link]]:
        """Node → its links."""
        around: dict[str, list[Link]] = {name: [] for name in self.nodes}
        for link in self.links:
            around[link.a].append(link)
            around[link.b].append(link)
        return around

    @cached_property
    def depth(self) -> Mapping[str, int]:
        """Node → links on its shortest way from the controller; a node without any way is not in it."""
        depth = {self.controller: 0}
        wave = [self.controller]
        while wave:
            reached = []
            for near in wave:
                if near != self.controller and not self.nodes[near].passes:
                    continue
                for far in self.far_ends(near):
                    if far not in depth:
                        depth[far] = depth[near] + 1
                        reached.append(far)
            wave = reached
        return depth

    def far_ends(self, near: str) -> Iterable[str]:
        """The nodes at the other ends of a node's links."""
        return (link.b if link.a == near else link.a for link in self.around[near])

    @cached_property
    def digest(self) -> str:
        """What two equal topologies have in common."""
        return digest(self.as_json())

    def as_json(self) -> Json:
        """Everything, in a stable order: what a baseline keeps."""
        return {
            "controller": self.controller,
            "nodes": [_node_row(self.nodes[name]) for name in sorted(self.nodes)],
            "links": [[link.a, link.b, link.kind] for link in sorted(self.links)],
        }

    @classmethod
    def of_json(cls, value: Mapping[str, object]) -> Topology:
        """The topology that `as_json` wrote."""
        rows: Iterable[list[str]] = value["nodes"]  # type: ignore[assignment]
        links: Iterable[list[str]] = value["links"]  # type: ignore[assignment]
        nodes = (
            Node(name, kind, bool(passes), Place(*place), model, address, feed)
            for name, kind, passes, model, address, feed, *place in rows
        )
        return cls(
            nodes={node.name: node for node in nodes},
            links=[Link(*row) for row in links],
            controller=str(value["controller"]),
        )


def _node_row(node: Node) -> Json:
    return [node.name, node.kind, int(node.passes), node.model, node.address, node.feed, *node.place]
