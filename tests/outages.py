"""Simulated networks and outages: the tests' own account of what a fault makes dark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daicho.reachability.explanation import Sight, Sign, Sort, Suspect
from daicho.reachability.topology import Link, Node, Place, Topology

if TYPE_CHECKING:
    import random
    from collections.abc import Collection, Iterable, Sequence

CONTROLLER = "ops-1"


def network(
    links: Iterable[tuple[str, str]], passing: Collection[str], controller: str = CONTROLLER
) -> Topology:
    """A topology of these links; `passing` names the nodes that pass traffic on."""
    pairs = list(links)
    names = dict.fromkeys([controller, *(name for pair in pairs for name in pair)])
    nodes = {
        name: Node(name, "network_device" if name in passing else "endpoint", passes=name in passing)
        for name in names
    }
    return Topology(nodes, [Link.between(*pair) for pair in pairs], controller)


def lit(topology: Topology, failed: Collection[Suspect]) -> set[str]:
    """What answers when these have failed: a plain search, written apart from the program's own."""
    dead = {each.name for each in failed if each.sort is Sort.NODE}
    cut = {each.name for each in failed if each.sort is Sort.LINK}
    off = {each.name for each in failed if each.sort is Sort.FEED}
    for node in topology.nodes.values():
        if any(node.feed == feed or node.feed.startswith(feed + "/") for feed in off):
            dead.add(node.name)
    neighbours: dict[str, list[str]] = {name: [] for name in topology.nodes}
    for link in topology.links:
        if link.name not in cut:
            neighbours[link.a].append(link.b)
            neighbours[link.b].append(link.a)
    found = {topology.controller}
    queue = [topology.controller]
    for name in queue:
        if name != topology.controller and not topology.nodes[name].passes:
            continue
        for far in neighbours[name]:
            if far not in found and far not in dead:
                found.add(far)
                queue.append(far)
    return found


def sight_of(topology: Topology, failed: Collection[Suspect], unseen: Collection[str] = ()) -> Sight:
    """What a sweep sees when these have failed and nobody can tell about `unseen`."""
    alive = lit(topology, failed)
    return Sight(
        {
            name: Sign.UNKNOWN if name in unseen else Sign.ALIVE if name in alive else Sign.DARK
            for name in topology.nodes
        }
    )


def elements(topology: Topology) -> list[Suspect]:
    """Everything that can fail."""
    return [
        *(Suspect(Sort.NODE, name) for name in topology.nodes if name != topology.controller),
        *(Suspect(Sort.LINK, link.name) for link in topology.links),
    ]


@dataclass(frozen=True)
class Ministry:
    """How large the generated ministry is."""

    floors: int = 40
    devices: int = 1_000
    terminals: int = 12_000


def ministry(size: Ministry, chance: random.Random) -> Topology:
    """Two cores, two distribution switches per floor pair, access switches on one or two uplinks."""
    nodes = {CONTROLLER: Node(CONTROLLER, "controller")}
    links: list[Link] = []

    def switch(name: str, place: Place, uplinks: Sequence[str]) -> None:
        nodes[name] = Node(name, "network_device", passes=True, place=place, model="switch")
        links.extend(Link.between(name, uplink) for uplink in uplinks)

    hall = Place("本省", "1号館", "B1", "サーバ室", "A-01")
    switch("core-1", hall, [])
    switch("core-2", hall, ["core-1"])
    links.append(Link.between(CONTROLLER, "core-1"))
    links.append(Link.between(CONTROLLER, "core-2"))
    access = []
    per_floor = (size.devices - 2) // size.floors - 1
    for floor in range(1, size.floors + 1):
        place = Place("本省", f"{1 + floor % 2}号館", f"{(floor + 1) // 2}F", "EPS", f"R{floor}")
        switch(f"dist-{floor}", place, ["core-1", "core-2"])
        for number in range(1, per_floor + 1):
            name = f"sw-{floor}-{number}"
            second = [f"sw-{floor}-{number - 1}"] if number > 1 and chance.random() < 0.3 else []
            switch(name, place, [f"dist-{floor}", *second])
            access.append((name, place))
    for number in range(1, size.terminals + 1):
        name, place = access[number % len(access)]
        terminal = f"pc-{number:05}"
        room = place._replace(room=f"{place.floor}-{number % 7}", rack="")
        nodes[terminal] = Node(terminal, "endpoint", place=room)
        links.append(Link.between(terminal, name))
    return Topology(nodes, links, CONTROLLER)
