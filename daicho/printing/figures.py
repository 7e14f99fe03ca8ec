"""How much printers have printed in a span, from readings of their counters. Pure.

A counter that is lower than before was reset, or another printer stands in its place (another serial
number): what was printed between the last reading before and that moment is not known, and is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One reading of a printer's counter."""

    at: datetime
    serial: str
    pages: int
    check: str = ""
    """The check that read it."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something happened to a counter."""

    what: Literal["reset", "replaced"]
    before: Reading
    after: Reading


@dataclass(frozen=True, kw_only=True)
class Figure:
    """What one printer has printed in a span."""

    pages: int
    """At least so many; just so many if there is no event and the span is covered."""
    first: Reading
    """From where it was counted: the last reading before the span, or the first in it."""
    last: Reading
    events: tuple[Event, ...]
    covered: bool
    """Whether there was a reading before the span: else what was printed before the first is not in it."""


def figure_of(readings: Iterable[Reading], begin: datetime, end: datetime) -> Figure | None:
    """What was printed from `begin` until `end`; None: the counter was never read in the span.

    Args:
        readings: Of one printer, in any order.
        begin: The first moment.
        end: The moment after the last.
    """
    ordered = sorted((each for each in readings if each.at < end), key=lambda each: each.at)
    before = [each for each in ordered if each.at < begin]
    within = [each for each in ordered if each.at >= begin]
    if not within:
        return None
    chain = [*before[-1:], *within]
    pages, events = _counted(chain)
    return Figure(pages=pages, first=chain[0], last=chain[-1], events=tuple(events), covered=bool(before))


def _counted(chain: Sequence[Reading]) -> tuple[int, list[Event]]:
    pages, events = 0, list[Event]()
    for old, new in pairwise(chain):
        if old.serial and new.serial and old.serial != new.serial:
            # What the other printer had printed before it came here was not printed here.
            events.append(Event(what="replaced", before=old, after=new))
        elif new.pages < old.pages:
            # It counts from 0 again: what it shows was printed since.
            events.append(Event(what="reset", before=old, after=new))
            pages += new.pages
        else:
            pages += new.pages - old.pages
    return pages, events
