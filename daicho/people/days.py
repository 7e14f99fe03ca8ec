"""Days before and after a day, counted as the calendar or as the office counts them (開庁日)."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Final, Literal

import holidays
from pydantic import Field

from daicho.documents import Document

_DAY: Final = timedelta(days=1)
# Act on Holidays of Administrative Organs (行政機関の休日に関する法律), article 1.
_YEAR_END: Final = frozenset({(12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3)})


class Days(Document):
    """How many days lie between an effective date and what follows from it."""

    prepare: int = Field(default=3, ge=0, le=90)
    """How many days before the first day an account is made, disabled."""
    handover: int = Field(default=14, ge=0, le=366)
    """How many days the groups of the old section stay after a move."""
    after_leaving: int = Field(default=1, ge=0, le=366)
    """How many calendar days after the last day an account is disabled."""
    stale_after: int = Field(default=92, ge=1)
    """From how many calendar days on an effective date is too long ago to be acted upon."""
    count: Literal["calendar", "work"] = "calendar"
    """What `prepare` and `handover` count: all days, or those on which offices are open (開庁日)."""
    closed: tuple[date, ...] = ()
    """Further days on which the offices are closed."""

    def before(self, day: date) -> date:
        """The day on which an account for this first day is prepared."""
        return self._away(day, -self.prepare)

    def handed_over(self, day: date) -> date:
        """The day on which the groups of the section that was left on this day go."""
        return self._away(day, self.handover)

    def left(self, last: date) -> date:
        """The day on which the account of somebody with this last day is disabled."""
        return last + timedelta(days=self.after_leaving)

    def is_open(self, day: date) -> bool:
        """Whether the offices are open on a day."""
        closed = (
            day.weekday() >= 5
            or (day.month, day.day) in _YEAR_END
            or day in self.closed
            or day in _national(day.year)
        )
        return not closed

    def _away(self, day: date, count: int) -> date:
        if self.count == "calendar":
            return day + timedelta(days=count)
        step = _DAY if count > 0 else -_DAY
        for _each in range(abs(count)):
            day += step
            while not self.is_open(day):
                day += step
        return day


@cache
def _national(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("JP", years=year))
