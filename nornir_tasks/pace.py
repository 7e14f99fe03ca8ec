"""How many devices are spoken to at once: few when they answer fast, many when they make us wait."""

from __future__ import annotations

import statistics
from contextlib import contextmanager
from threading import Condition
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

FEWEST: Final = 20
"""Past it, on two cores, fast devices only wait for us."""
MOST: Final = 100
_FAST: Final = 0.010
_SLOW: Final = 0.050
_ENOUGH: Final = 5
"""Devices to have seen before the pace changes."""
_REMEMBERED: Final = 50


def lanes(round_trip: float) -> int:
    """How many sessions at once are best for devices that answer after so many seconds."""
    share = (min(max(round_trip, _FAST), _SLOW) - _FAST) / (_SLOW - _FAST)
    return round(FEWEST + share * (MOST - FEWEST))


class Pace:
    """Lets sessions begin."""

    def __init__(self, fewest: int = FEWEST) -> None:
        """Begin with few."""
        self._limit = fewest
        self._going = 0
        self._seen: list[float] = []
        self._turn = Condition()

    @property
    def limit(self) -> int:
        """How many may go at once now."""
        return self._limit

    @contextmanager
    def lane(self) -> Iterator[None]:
        """Wait for a place, and hold it for the length of a block."""
        with self._turn:
            self._turn.wait_for(lambda: self._going < self._limit)
            self._going += 1
        try:
            yield
        finally:
            with self._turn:
                self._going -= 1
                self._turn.notify()

    def measured(self, round_trip: float) -> None:
        """Note how long a device took for a line that costs it nothing."""
        with self._turn:
            self._seen = [*self._seen[-_REMEMBERED:], round_trip]
            if len(self._seen) >= _ENOUGH:
                self._limit = lanes(statistics.median(self._seen))
                self._turn.notify_all()
