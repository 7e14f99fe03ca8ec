"""What a personnel file means, person by person, as its reader and its approver see it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from rich.console import Group
from rich.text import Text

from daicho.craft import Trouble
from daicho.i18n import N_, ngettext
from daicho.i18n import gettext as _
from daicho.report.listing import Column, Listing, table
from daicho.report.nouns import PEOPLE
from daicho.report.words import CAREFUL, GOOD, RED, heading

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rich.console import RenderableType

    from daicho.accounts.forecast import Forecast, Outcome
    from daicho.people.step import Step
    from daicho.report.listing import Row

_WORKS: Final = {
    "onboard_users": N_("Joining or coming back"),
    "transfer_users": N_("Moving"),
    "offboard_users": N_("Leaving"),
}
_LATER: Final = 100


@dataclass(frozen=True, kw_only=True)
class ForecastReport:
    """A personnel file, and the changes that were asked for because of it."""

    forecast: Forecast
    changes: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> object:
        """Everything, and the changes by work."""
        return {
            "day": self.forecast.day.isoformat(),
            "document": self.forecast.document,
            "changes": dict(self.changes),
            "people": [self._row(each) for each in self.forecast.people],
            "later": [_later(step) for step in self.forecast.later],
        }

    def listing(self) -> Listing:
        """One row per person."""
        columns = ("number", "name", "section", "act", "work", "change", "due", "what", "why")
        return Listing(
            columns=[Column(key=key, heading=key) for key in columns],
            rows=[self._row(each) for each in self.forecast.people],
        )

    def screen(self) -> RenderableType:
        """Work by work, then what is done already and what comes later."""
        parts: list[RenderableType] = [Text(self._first_line(), "bold")]
        for work, people in self.forecast.works.items():
            change = f" [{self.changes[work]}]" if work in self.changes else ""
            parts += [heading(f"{_(_WORKS[work])}: {PEOPLE.count(len(people))}{change}"), self._table(people)]
        return Group(*parts, *self._settled(), *self._coming())

    def _first_line(self) -> str:
        said = _("{document}: what is due on {day}")
        return said.format(document=self.forecast.document, day=self.forecast.day)

    def _settled(self) -> list[RenderableType]:
        done = len(self.forecast.done)
        said = ngettext(
            "{count} person is as the file says already.",
            "{count} people are as the file says already.",
            done,
        ).format(count=done)
        if self.forecast.works:
            return [Text(f"\n{said}")] if done else []
        nothing = _("Nothing is due on this day.")
        return [Text(f"\n{nothing} {said}" if done else f"\n{nothing}", GOOD)]

    def _table(self, people: Iterable[Outcome]) -> RenderableType:
        columns = [
            Column(key="number", heading=N_("number")),
            Column(key="name", heading=N_("name")),
            Column(key="what", heading=N_("what happens"), show=_shown),
        ]
        return table(Listing(columns=columns, rows=[self._row(each) for each in people]))

    def _row(self, person: Outcome) -> Row:
        lost = isinstance(person.found, Trouble)
        return {
            "number": person.number,
            "name": person.name,
            "section": person.section,
            "act": person.step.act.value,
            "work": person.work,
            "change": self.changes.get(person.work, ""),
            "due": person.due,
            "what": "" if lost else "\n".join(_without_name(person)),
            "why": str(person.found) if lost else "",
        }

    def _coming(self) -> list[RenderableType]:
        later = self.forecast.later
        if not later:
            return []
        columns = [
            Column(key="day", heading=N_("day")),
            Column(key="number", heading=N_("number")),
            Column(key="act", heading=N_("what happens"), show=lambda row: str(row["words"])),
        ]
        rows = [_later(step) for step in later[:_LATER]]
        more = [Text(_("... and {more} more").format(more=len(later) - _LATER), CAREFUL)]
        return [
            heading(_("Later, by a change of its own: request the file again on that day")),
            table(Listing(columns=columns, rows=rows)),
            *(more if len(later) > _LATER else []),
        ]


def _shown(row: Row) -> str | Text:
    return Text(str(row["why"]), RED) if row["why"] else str(row["what"])


def _without_name(person: Outcome) -> Iterable[str]:
    for note in person.notes:
        yield note.removeprefix(person.name).lstrip(" :")


def _later(step: Step) -> Row:
    groups = ", ".join(sorted(step.loses or step.gains))
    words = _(step.act.label) + (f" ({groups})" if groups else "")
    return {"day": step.day.isoformat(), "number": step.number, "act": step.act.value, "words": words}
