"""People who stand in a file twice, and rows that contradict each other."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import fields
from typing import TYPE_CHECKING, Final

from daicho.i18n import gettext as _
from daicho.people.movement import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from daicho.items.columns import Findings
    from daicho.people.movement import Movement

_UNIQUE: Final = ("mail", "card")
_BESIDE: Final = frozenset({Kind.ASSIGN, Kind.UNASSIGN, Kind.EXTEND, Kind.RENAME})
"""Movements that can happen on the same day as another one."""


class Repeats:
    """Compares each movement with all before it."""

    def __init__(self, findings: Findings, heading: Callable[[str], str]) -> None:
        """Note problems under the file's own headings."""
        self._findings = findings
        self._heading = heading
        self._seen: dict[str, list[Movement]] = defaultdict(list)
        self._taken: dict[tuple[str, str], Movement] = {}

    def compare(self, number: int, movement: Movement) -> None:
        """Note what is wrong between this row and those before it."""
        for earlier in self._seen[movement.number]:
            if why := _contradiction(earlier, movement):
                self._findings.tell(number, self._heading("number"), why)
                break
        self._seen[movement.number].append(movement)
        for fact in _UNIQUE:
            value = getattr(movement, fact).casefold()
            if not value:
                continue
            other = self._taken.setdefault((fact, value), movement)
            if other.number != movement.number:
                why = _("{value} already belongs to employee {other} ({place}). Correct one of the two.")
                self._findings.tell(
                    number,
                    self._heading(fact),
                    why.format(value=getattr(movement, fact), other=other.number, place=other.place),
                )


def _contradiction(earlier: Movement, later: Movement) -> str:
    number, place = later.number, earlier.place
    unlike = [f.name for f in fields(later) if getattr(earlier, f.name) != getattr(later, f.name)]
    if unlike == ["place"]:
        return _("employee {number} stands in {place} too. Delete one of the two.").format(
            number=number, place=place
        )
    if Kind.RENAME not in {earlier.kind, later.kind} and _other_person(earlier, later):
        why = _("employee {number} is {name} here and {other} in {place}. Correct the number or the name.")
        return why.format(number=number, name=later.name.full, other=earlier.name.full, place=place)
    if earlier.kind in _BESIDE or later.kind in _BESIDE:
        same = (earlier.kind, earlier.section) == (later.kind, later.section)
        clash = same and earlier.effective == later.effective
    else:
        clash = earlier.effective == later.effective
    if clash:
        why = _(
            "employee {number} stands in {place} too, with another movement on the same day. "
            "Keep one of the two."
        )
        return why.format(number=number, place=place)
    return ""


def _other_person(earlier: Movement, later: Movement) -> bool:
    one, other = earlier.name, later.name
    return any(a and b and a != b for a, b in ((one.family, other.family), (one.given, other.given)))
