"""What a personnel file means for everybody in it, before anything is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from daicho.accounts.becoming import Becoming
from daicho.accounts.purposes import ACTS, Due, Prospects
from daicho.accounts.wishes import HOME, Wishes
from daicho.craft import Trouble, trouble_of
from daicho.directory.planning import Planner
from daicho.directory.wrong import DirectoryError
from daicho.plan import differences

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date

    from daicho.accounts.people_craft import Desk
    from daicho.door import Intention
    from daicho.people.movement import Movement
    from daicho.people.step import Step

type Seen = Callable[[Iterable[Movement], Mapping[str, str]], list[Movement]]
"""Completes rows by what the directory knows: employee number → section."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What is due for one person."""

    number: str
    name: str
    section: str
    step: Step
    found: Intention | Trouble

    @property
    def work(self) -> str:
        """The work that does it."""
        return next(work for work, acts in ACTS.items() if self.step.act in acts)

    @property
    def due(self) -> bool:
        """Whether something would change, or cannot be told."""
        if isinstance(self.found, Trouble):
            return True
        return bool(differences(self.found.before, self.found.after))

    @property
    def notes(self) -> tuple[str, ...]:
        """What an approver will read."""
        return (str(self.found),) if isinstance(self.found, Trouble) else self.found.notes


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """What is due for whom, and what comes later."""

    day: date
    document: str
    rows: Sequence[Movement]
    people: Sequence[Outcome]
    later: Sequence[Step]

    @cached_property
    def works(self) -> Mapping[str, Sequence[Outcome]]:
        """Who has something due, by the work that does it."""
        found = {work: [each for each in self.people if each.due and each.work == work] for work in ACTS}
        return {work: people for work, people in found.items() if people}

    @property
    def done(self) -> Sequence[Outcome]:
        """Those for whom everything that is due has happened already."""
        return [each for each in self.people if not each.due]

    def rows_of(self, people: Iterable[Outcome]) -> list[Movement]:
        """The rows of these people."""
        numbers = {each.number for each in people}
        return [row for row in self.rows if row.number in numbers]


def forecast(desk: Desk, rows: Sequence[Movement], day: date, document: str, seen: Seen) -> Forecast:
    """Judge a file against the directory as it is.

    Raises:
        ItemsUnusable: Rows contradict it or each other; all problems are named.
    """
    census = desk.census()
    desk.know_managers(census)
    sections = {each.number: each.section for each in census.office.known if each.number}
    rows = seen(rows, sections)
    prospects = Prospects.among(census, rows, day, document)
    wishes = Wishes(rules=desk.rules, dialect=desk.reader.dialect)
    becoming = Becoming(tools=desk, planner=Planner(desk.reader), wishes=wishes, day=day)
    becoming.know(census)
    due = [_due(step, prospects, wishes) for step in prospects.outlook.today]
    becoming.expect((each.account, each.wished) for each in due)
    people = [_outcome(each, prospects, becoming) for each in due]
    return Forecast(day=day, document=document, rows=rows, people=people, later=prospects.outlook.later)


def _due(step: Step, prospects: Prospects, wishes: Wishes) -> Due:
    account = prospects.census.snapshot.by_number.get(step.number)
    wished = wishes.of(step, account)
    wished.pop(HOME, None)
    return Due(step, account, wished)


def _outcome(due: Due, prospects: Prospects, becoming: Becoming) -> Outcome:
    step = due.step
    named = prospects.names[step.number]
    found: Intention | Trouble
    try:
        found = becoming.intention(step.number, due.account, due.wished, prospects.notes(step))
    except (Trouble, DirectoryError) as error:
        found = trouble_of(error)
    return Outcome(number=step.number, name=named.name, section=named.section, step=step, found=found)
