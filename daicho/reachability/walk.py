"""The walk list: where a technician goes, in the order of the way, and what there is to look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from daicho.items.item import natural_key
from daicho.reachability.floors import walking_order
from daicho.reachability.matters import Kind, Matter, matters
from daicho.reachability.words import title

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from daicho.reachability.topology import Place
    from daicho.reachability.verdict import Judgement

_NO_WALK = (Kind.FOREIGN, Kind.UNTOLD, Kind.DIFFERENT_LEAVES)


class Task(NamedTuple):
    """One thing to look at at a stop."""

    item: str
    matter: Matter
    place_in_list: int
    """The matter's number in the list of what to do, from 1."""
    part: str
    """What it belongs to, where that is more than the item itself: `the link a -- b`."""


@dataclass(frozen=True)
class Stop:
    """One place on the walk."""

    place: Place
    tasks: tuple[Task, ...]


def walk(judgement: Judgement) -> tuple[Stop, ...]:
    """The stops by building, floor, room and rack. What may still be starting needs no walk."""
    stops: dict[Place, list[Task]] = {}
    for task in _tasks(judgement, matters(judgement)):
        stops.setdefault(judgement.topology.nodes[task.item].place, []).append(task)
    return tuple(
        Stop(place, tuple(sorted(tasks, key=lambda task: (task.place_in_list, natural_key(task.item)))))
        for place, tasks in sorted(stops.items(), key=lambda stop: walking_order(stop[0]))
    )


def _tasks(judgement: Judgement, todo: Sequence[Matter]) -> Iterable[Task]:
    for number, matter in enumerate(todo, 1):
        if matter.waits or matter.kind in _NO_WALK:
            continue
        words = title(matter)
        for item in matter.items:
            if item in judgement.topology.nodes:
                yield Task(item, matter, number, "" if words == item else words)
