"""Make the topology from what is known: the items' own words and what devices saw at their ports."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple

from daicho.i18n import N_, few
from daicho.i18n import gettext as _
from daicho.items.item import natural_key
from daicho.reachability.topology import PLACE, Link, Node, Place, Topology

if TYPE_CHECKING:
    from collections.abc import Iterable

    from daicho.items.item import Item

ON_THE_NETWORK: Final = ("endpoint", "network_device", "printer", "server")
UPLINKS: Final = ("uplink", "uplink2")

NOWHERE: Final = "nowhere"
ITSELF: Final = "itself"
ISLAND: Final = "island"
NO_STANDPOINT: Final = "no_standpoint"

_SENTENCES: Final = {
    NOWHERE: N_(
        "{names}: the link leads to {what}, which is no known item. "
        "Correct the uplink or add the item: `daicho item import`."
    ),
    ITSELF: N_("{names}: the item is named as its own uplink. Name the device that it hangs on."),
    ISLAND: N_(
        "{names}: no way leads there from {what}. If it stays dark, the cause cannot be placed. "
        "Give the items their uplink."
    ),
    NO_STANDPOINT: N_(
        "Nobody knows where the checking machine {what} is plugged in, so no cause can be placed. "
        "Give it an uplink."
    ),
}
_PORT: Final = re.compile(r"[:\s]")


class Neighbour(NamedTuple):
    """One row of what a device sees at its ports (LLDP, CDP): its own name and the other's."""

    local: str
    remote: str


class Standpoint(NamedTuple):
    """The machine that checks, and the nodes that it is plugged into."""

    name: str
    uplinks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Gap:
    """Something in the topology that cannot be right; `str()` says it in words."""

    kind: str
    names: tuple[str, ...]
    what: str

    def __str__(self) -> str:
        """The sentence in the reader's language."""
        return _(_SENTENCES[self.kind]).format(names=few(self.names), what=self.what)


def wire(
    items: Iterable[Item], standpoint: Standpoint, neighbours: Iterable[Neighbour] = ()
) -> tuple[Topology, list[Gap]]:
    """The topology, and everything about it that cannot be right.

    An item's `uplink` and `uplink2` name what it hangs on, with a port after a colon or a space if
    people like (`sw-3f-1:Gi1/0/3`); `power` names its feed as a path. Neighbours are matched without
    regard to case and domain. A link to nowhere is left out and told.
    """
    work = _Wiring(standpoint)
    chosen = [item for item in items if item.kind in ON_THE_NETWORK]
    for item in chosen:
        work.add(_node(item))
    work.add_standpoint()
    for item in chosen:
        for kind in UPLINKS:
            if wanted := item.attributes.get(kind, "").strip():
                work.join(item.name, wanted, kind)
    for row in neighbours:
        work.see(row)
    return work.topology(), work.gaps()


def _node(item: Item) -> Node:
    has = item.attributes
    return Node(
        name=item.name,
        kind=item.kind,
        passes=item.kind == "network_device",
        place=Place(*(has.get(attribute, "") for attribute in PLACE)),
        model=has.get("model", "") or has.get("platform", ""),
        address=item.address,
        # Two feeds keep a node up until both fail: it is no witness for or against either of them.
        feed="" if has.get("power2") else has.get("power", "").strip("/ "),
    )


class _Wiring:
    def __init__(self, standpoint: Standpoint) -> None:
        self.standpoint = standpoint
        self.nodes: dict[str, Node] = {}
        self.links: dict[tuple[str, str], Link] = {}
        self._short: dict[str, str] = {}
        self._nowhere: dict[str, list[str]] = {}
        self._itself: list[str] = []

    def add(self, node: Node) -> None:
        self.nodes[node.name] = node
        self._short.setdefault(_short(node.name), node.name)

    def add_standpoint(self) -> None:
        if self.standpoint.name not in self.nodes:
            self.add(Node(self.standpoint.name, kind="controller"))
        for uplink in self.standpoint.uplinks:
            self.join(self.standpoint.name, uplink, "uplink")

    def join(self, name: str, wanted: str, kind: str) -> None:
        far = self._known(wanted)
        if far is None:
            self._nowhere.setdefault(wanted, []).append(name)
        elif far == name:
            self._itself.append(name)
        else:
            self.nodes[far] = replace(self.nodes[far], passes=True)
            self._link(name, far, kind)

    def see(self, row: Neighbour) -> None:
        near, far = self._short.get(_short(row.local)), self._short.get(_short(row.remote))
        if near is None:
            return
        if far is None:
            self._nowhere.setdefault(row.remote, []).append(near)
        elif near != far:
            self._link(near, far, "neighbour")

    def _link(self, near: str, far: str, kind: str) -> None:
        link = Link.between(near, far, kind)
        self.links.setdefault((link.a, link.b), link)

    def _known(self, wanted: str) -> str | None:
        if wanted in self.nodes:
            return wanted
        name = _PORT.split(wanted, maxsplit=1)[0]
        return name if name in self.nodes else self._short.get(_short(name))

    def topology(self) -> Topology:
        return Topology(self.nodes, sorted(self.links.values()), self.standpoint.name)

    def gaps(self) -> list[Gap]:
        topology = self.topology()
        gaps = [Gap(NOWHERE, _ordered(names), far) for far, names in sorted(self._nowhere.items())]
        if self._itself:
            gaps.append(Gap(ITSELF, _ordered(self._itself), ""))
        if not topology.around[self.standpoint.name]:
            return [*gaps, Gap(NO_STANDPOINT, (), self.standpoint.name)]
        lost = [name for name in self.nodes if name not in topology.depth]
        if lost:
            gaps.append(Gap(ISLAND, _ordered(lost), self.standpoint.name))
        return gaps


def _ordered(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names), key=natural_key))


def _short(name: str) -> str:
    # An address is no host name with a domain: 10.0.0.1 stays whole.
    folded = name.strip().casefold()
    return folded if folded.replace(".", "").isdigit() else folded.partition(".")[0]
