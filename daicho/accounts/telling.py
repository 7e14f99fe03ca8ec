"""What becomes of a person, in the words of whoever approves it: the notes of the plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from daicho.directory.state import attribute_in
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.people.step import Act
from daicho.plan import differences

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from daicho.directory.memberships import Access
    from daicho.people.step import Step
    from daicho.plan import TargetState

_EXPECTED: Final = frozenset({"department", "departmentNumber", "displayName", "ou"})
"""Attributes that follow from the section."""
_WORDS: Final = {
    (Act.PREPARE, False): N_("new account in {section}, disabled until the first day"),
    (Act.PREPARE, True): N_("prepared account in {section}, disabled until the first day"),
    (Act.ENABLE, False): N_("new account in {section}"),
    (Act.ENABLE, True): N_("the prepared account in {section} is enabled"),
    (Act.RESTORE, True): N_("comes back to {section}, with the old account"),
    (Act.MOVE, True): N_("moves from {before} to {section}"),
    (Act.DISABLE, True): N_("leaves {section}: the account is disabled"),
}


@dataclass(frozen=True, kw_only=True)
class Named:
    """Somebody in words."""

    name: str
    section: str = ""
    """Where they are from now on."""
    before: str = ""
    """Where they were, if that is known and another section."""
    there: bool = False
    """Whether the account is in the new section already, so that only the hand-over is left."""


def headline(step: Step, person: Named) -> str:
    """`佐藤 花子: moves from 総務課 to 秘書課 (2027-04-01)`: who, what, where, from when."""
    said = _(_WORDS.get((step.act, step.exists)) or _WORDS.get((step.act, True)) or step.act.label)
    if step.act is Act.MOVE and person.there:
        said = _("the hand-over from {before} is over") if step.loses else _("is in {section} already")
    elif step.act is Act.MOVE and not person.before:
        said = _("stays in {section}, with another post")
    what = said.format(section=person.section or "-", before=person.before or "-")
    return f"{person.name or step.number}: {what} ({step.day})"


def later(steps: Sequence[Step]) -> Iterator[str]:
    """What is still to come, for which there will be another change."""
    for step in steps:
        said = _("later, on {day}: {act}")
        yield said.format(day=step.day, act=_(step.act.label)) + _groups(step)


def access(net: Access) -> Iterator[str]:
    """What somebody can enter afterwards and could not before, through other groups too, and the reverse."""
    if net.gained:
        yield _("gains access: {groups}").format(groups=", ".join(net.gained))
    if net.lost:
        yield _("loses access: {groups}").format(groups=", ".join(net.lost))
    if net.kept:
        yield _("keeps through other groups: {groups}").format(groups=", ".join(net.kept))


def attributes(before: TargetState, after: TargetState, hidden: str) -> Iterator[str]:
    """What else would be written on an account, that nobody would guess from the section.

    Args:
        before: The state now.
        after: The state afterwards.
        hidden: The attribute that hides an account.
    """
    told = [
        f"{attribute_in(each.key)}: {_shown(each.before)} → {_shown(each.after)}"
        for each in differences(before, after)
        if (attribute_in(each.key) or "") not in {"", hidden, *_EXPECTED}
    ]
    if told:
        yield _("changes: {attributes}").format(attributes="; ".join(told))


def back(name: str, place: str, *, closes: bool) -> str:
    """That an account goes back to where it was; what had been made is closed, not deleted."""
    if closes:
        return _("{person}: closed and put aside under {place}; nothing is deleted").format(
            person=name, place=place
        )
    return _("{person}: as it was before, in {place}").format(person=name, place=place)


def _shown(value: object) -> str:
    return _("nothing") if value is None else str(value)


def new_password() -> str:
    """That a slip will be made."""
    return _("a slip with an initial password is made in the run's folder; it must be changed at once")


def no_password(hours: int = 10) -> str:
    """What disabling does to sessions."""
    said = _(
        "the password becomes a random one that nobody knows: no ticket is renewed; what is open ends with "
        "its ticket, after {hours} hours at most"
    )
    return said.format(hours=hours)


def no_manager(number: str) -> str:
    """That the superior has no account yet."""
    said = _("the superior {number} has no account yet and is not written; run this again when there is one")
    return said.format(number=number)


def put_aside(day: date) -> str:
    """That an account is not deleted."""
    return _("the account is not deleted but put aside under {day:%Y%m%d}; its home folder stays").format(
        day=day
    )


def _groups(step: Step) -> str:
    named = ", ".join(sorted(step.loses or step.gains))
    return f" ({named})" if named else ""
