"""Movements judged against the accounts that exist: whom they mean, and what cannot be."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from daicho.i18n import gettext as _
from daicho.items.problems import Problem
from daicho.people.movement import Kind
from daicho.people.variants import same_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from daicho.people.known import Known
    from daicho.people.movement import Movement
    from daicho.people.sections import Sections

_COMING = frozenset({Kind.JOIN, Kind.REHIRE})


class Judge:
    """Knows the accounts, and collects what is wrong."""

    def __init__(self, known: Iterable[Known]) -> None:
        """Look the accounts up by number and mail address."""
        self.problems: list[Problem] = []
        self.by_number: dict[str, Known] = {}
        self._twice: dict[str, list[str]] = defaultdict(list)
        self._mails: dict[str, Known] = {}
        for each in known:
            if each.mail:
                self._mails.setdefault(each.mail.casefold(), each)
            if each.number:
                self._twice[each.number].append(each.account)
                self.by_number.setdefault(each.number, each)

    def sorted_out(self, movements: Sequence[Movement]) -> Mapping[str, list[Movement]]:
        """The movements of each person by their days; a kind that the file left open is decided."""
        people: dict[str, list[Movement]] = defaultdict(list)
        for movement in sorted(movements, key=lambda each: each.effective):
            before = people[movement.number]
            before.append(self._decided(movement, before))
        return people

    def judge(self, people: Mapping[str, list[Movement]], sections: Sections, oldest: date) -> None:
        """Collect everything that cannot be."""
        for number, mine in people.items():
            for why in self._of_person(number, mine, sections):
                self._tell(mine[0], why)
            for movement, why in _in_order(mine):
                self._tell(movement, why)
            for movement in mine:
                for why in self._of_movement(movement, people, oldest):
                    self._tell(movement, why)

    def _decided(self, movement: Movement, before: Sequence[Movement]) -> Movement:
        known = self.by_number.get(movement.number)
        if not movement.inferred or movement.kind is not Kind.JOIN:
            return movement
        left = before[-1].kind is Kind.LEAVE if before else known is not None and known.left
        there = bool(before) or (known is not None and known.enabled)
        return replace(movement, kind=Kind.REHIRE if left else Kind.MOVE if there else Kind.JOIN)

    def _of_person(self, number: str, mine: Sequence[Movement], sections: Sections) -> Iterator[str]:
        first, known = mine[0], self.by_number.get(number)
        if len(self._twice[number]) > 1:
            why = _("employee {number} has several accounts: {accounts}. Take the number off all but one.")
            yield why.format(number=number, accounts=", ".join(sorted(self._twice[number])))
        if known is None and first.kind is not Kind.JOIN:
            why = _(
                "nobody in the directory is employee {number}. Correct the number, or write 採用 as the kind."
            )
            yield why.format(number=number)
        if known is not None:
            yield from _against(known, mine, sections)

    def _of_movement(
        self, movement: Movement, people: Mapping[str, list[Movement]], oldest: date
    ) -> Iterator[str]:
        if movement.effective < oldest:
            why = _(
                "the effective date {day} is too long ago to be acted upon. "
                "Look whether the file is the right one, or raise people.days.stale_after in directory.yml."
            )
            yield why.format(day=movement.effective)
        superior = movement.manager
        if superior and superior not in self.by_number and superior not in people:
            why = _("the superior {number} is nobody in the directory or in this file. Correct the number.")
            yield why.format(number=superior)
        owner = self._mails.get(movement.mail.casefold()) if movement.mail else None
        if owner is not None and owner.number != movement.number:
            why = _("the address {mail} belongs to the account {account} already. Correct it.")
            yield why.format(mail=movement.mail, account=owner.account)

    def _tell(self, movement: Movement, why: str) -> None:
        self.problems.append(Problem(movement.place, "", why))


def oldest_day(as_of: date, days: int) -> date:
    """The first effective date that is acted upon."""
    return as_of - timedelta(days=days)


def _against(known: Known, mine: Sequence[Movement], sections: Sections) -> Iterator[str]:
    first = mine[0]
    for movement in mine:
        if movement.kind is Kind.RENAME:
            break
        if not same_name(known.name, movement.name):
            why = _(
                "employee {number} is {name} here and {other} in the directory. "
                "Correct the number, or add a row 改姓 with the new name."
            )
            yield why.format(number=known.number, name=movement.name.full, other=known.name.full)
            break
    # The file may be looked at again when some of its moves have been made.
    there = {first.old_section, "", *(each.section for each in mine)}
    if first.kind in {Kind.MOVE, Kind.LEAVE} and first.old_section and known.section not in there:
        why = _(
            "employee {number} comes from {old} here, but is in {section} in the directory. Correct the row."
        )
        yield why.format(
            number=known.number, old=sections.name(first.old_section), section=sections.name(known.section)
        )
    if first.kind is Kind.JOIN and not first.inferred and known.enabled and known.section != first.section:
        why = _(
            "employee {number} has the account {account} already. "
            "Write 異動 as the kind, or correct the number."
        )
        yield why.format(number=known.number, account=known.account)
    if known.left and first.kind not in {*_COMING, Kind.LEAVE}:
        why = _(
            "employee {number} has left: the account {account} is disabled. Write 再任用 for who comes back."
        )
        yield why.format(number=known.number, account=known.account)


def _in_order(mine: Sequence[Movement]) -> Iterator[tuple[Movement, str]]:
    for earlier, later in pairwise(mine):
        if earlier.kind is Kind.LEAVE and later.kind not in _COMING:
            why = _(
                "employee {number} has left by {place} already. "
                "Write 再任用 for who comes back, or delete a row."
            )
            yield later, why.format(number=later.number, place=earlier.place)
        elif later.kind is Kind.JOIN and earlier.kind is not Kind.LEAVE:
            why = _(
                "employee {number} is there already by {place}, and cannot join. Correct the kind or the day."
            )
            yield later, why.format(number=later.number, place=earlier.place)
