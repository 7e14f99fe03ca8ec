"""Who is tried again, and what came of it, as people read it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.report.listing import Column, Listing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from daicho.life.retrying import Due, Retried
    from daicho.report.listing import Row

_COLUMNS = (
    Column(key="change", heading=N_("change")),
    Column(key="due", heading=N_("to try"), right=True),
    Column(key="away", heading=N_("off"), right=True),
    Column(key="waiting", heading=N_("ring waits"), right=True),
    Column(key="uncovered", heading=N_("need a new plan"), right=True),
)


@dataclass(frozen=True)
class DueReport:
    """Who would be tried."""

    due: Sequence[Due]

    def as_json(self) -> object:
        """Every change with the names."""
        return [{**_numbers(each), "names": sorted(each.names)} for each in self.due]

    def listing(self) -> Listing:
        """One row per change."""
        rows = [_numbers(each) for each in self.due]
        return Listing(columns=_COLUMNS, rows=rows, empty=_("Nobody owes anything that can be tried again."))

    def screen(self) -> RenderableType:
        """The table."""
        return self.listing().screen()


@dataclass(frozen=True)
class RetriedReport:
    """What came of it."""

    done: Sequence[Retried]

    def as_json(self) -> object:
        """Every change with the outcomes of those that were tried."""
        return [
            {
                **_numbers(each.due),
                "run": each.end.run if each.end else None,
                "outcomes": _outcomes(each),
                "refused": each.refused or None,
            }
            for each in self.done
        ]

    def listing(self) -> Listing:
        """One row per change."""
        rows: list[Row] = [
            {
                **_numbers(each.due),
                "run": each.end.run if each.end else "",
                "paid": sum(_outcomes(each).get(word, 0) for word in ("changed", "unchanged")),
                "refused": each.refused,
            }
            for each in self.done
        ]
        columns = [
            *_COLUMNS,
            Column(key="run", heading=N_("run")),
            Column(key="paid", heading=N_("as approved now"), right=True),
            Column(key="refused", heading=N_("refused"), optional=True),
        ]
        return Listing(columns=columns, rows=rows, empty=_("Nobody owes anything that can be tried again."))

    def screen(self) -> RenderableType:
        """The table."""
        return self.listing().screen()


def _numbers(due: Due) -> dict[str, object]:
    return {
        "change": due.change,
        "due": len(due.names),
        "away": due.away,
        "waiting": due.waiting,
        "uncovered": due.uncovered,
    }


def _outcomes(each: Retried) -> Counter[str]:
    if each.end is None:
        return Counter()
    tried = (each.end.outcomes.get(name) for name in each.due.names)
    return Counter(outcome.value for outcome in tried if outcome)
