"""In which order things leave their places and take new ones, so that no two are ever at one. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping


@dataclass(frozen=True, slots=True)
class Step:
    """One thing leaves its place, or takes its new one."""

    item: str
    act: Literal["leave", "take"]


class Blocked(ValueError):
    """Two want one place, or a place is held by something that stays."""


def in_order[Place: Hashable](
    old: Mapping[str, Place], new: Mapping[str, Place], staying: Mapping[Place, str] | None = None
) -> tuple[Step, ...]:
    """The steps of all moves.

    What moves to a free place goes first, then whoever waits for the place that it leaves. Of a ring
    (A to B, B to C, C to A) only one has to wait in the corridor.

    Args:
        old: Item → its place; one that has none yet is absent.
        new: Item → where it goes.
        staying: Place → what is there and does not move.

    Raises:
        Blocked: There is no such order.
    """
    held = {place: item for item, place in old.items() if item in new}
    if len(held) < len([item for item in old if item in new]):
        raise Blocked("two are at one place")
    if len(set(new.values())) < len(new) or any(place in (staying or {}) for place in new.values()):
        raise Blocked("a place is wanted twice, or taken")
    return tuple(_steps(dict(old), dict(new), held))


def _steps[Place: Hashable](
    old: dict[str, Place], new: dict[str, Place], held: dict[Place, str]
) -> Iterator[Step]:
    wanted = {place: item for item, place in new.items()}
    waiting = dict(new)
    free = [item for item, place in new.items() if held.get(place, item) == item]
    while waiting:
        ring = not free
        first = next(iter(waiting)) if ring else free.pop()
        if ring:
            yield Step(first, "leave")
        item = _heir(wanted, old.get(first), waiting) if ring else first
        while item is not None and not (ring and item == first):
            del waiting[item]
            yield Step(item, "leave")
            yield Step(item, "take")
            item = _heir(wanted, old.get(item), waiting)
        if ring:
            del waiting[first]
            yield Step(first, "take")


def _heir[Place: Hashable](
    wanted: dict[Place, str], place: Place | None, waiting: dict[str, Place]
) -> str | None:
    """Who waits for the place that has just become free."""
    found = wanted.get(place) if place is not None else None
    return found if found in waiting else None
