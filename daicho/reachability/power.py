"""Power feeds as causes: a feed that holds several dark items, and nothing that has power."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from daicho.reachability.topology import Topology


class Outage(NamedTuple):
    """Feeds of which one explains all these dark items: the narrowest first."""

    feeds: tuple[str, ...]
    items: tuple[str, ...]


def outages(topology: Topology, edge: Iterable[str], powered: Collection[str]) -> list[Outage]:
    """The feeds that may have failed, each with the items of `edge` that this would explain.

    A feed is a path; it carries everything whose feed begins with it. It may have failed only if
    nothing on it has power. That holds for every narrower feed too, and each failed feed counts as one
    failure whatever hangs on it: so the widest feeds that may have failed explain with the fewest
    failures, and a narrower one that holds the same items explains as well.
    """
    nodes = topology.nodes
    dead: dict[str, list[str]] = {}
    alive: set[str] = set()
    for name in powered:
        alive.update(_upward(nodes[name].feed))
    for name in edge:
        for feed in _upward(nodes[name].feed):
            if feed not in alive:
                dead.setdefault(feed, []).append(name)
    widest = [feed for feed in dead if (wider := feed.rpartition("/")[0]) == "" or wider not in dead]
    return [_outage(feed, dead) for feed in sorted(widest)]


def _outage(widest: str, dead: dict[str, list[str]]) -> Outage:
    items = tuple(dead[widest])
    same = [
        feed
        for feed, held in dead.items()
        if (feed == widest or feed.startswith(f"{widest}/")) and len(held) == len(items)
    ]
    return Outage(tuple(sorted(same, key=len, reverse=True)), items)


def _upward(feed: str) -> Sequence[str]:
    """`a/b/c` → a/b/c, a/b, a."""
    parts = feed.split("/") if feed else []
    return ["/".join(parts[:count]) for count in range(len(parts), 0, -1)]
