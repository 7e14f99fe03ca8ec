"""What becomes of a person, in the words of whoever approves it: the notes of the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from daicho.directory.memberships import Access
    from daicho.people.policy import People
    from daicho.people.step import Step


def headline(step: Step, name: str, policy: People, section: str) -> str:
    """`佐藤 花子 (総務課) joins on 2027-04-01`: who, where, what, from when."""
    said = _("{person} ({section}): {act} on {day}") if section else _("{person}: {act} on {day}")
    return said.format(
        person=name or step.number, section=_place(policy, section), act=_(step.act.label), day=step.day
    )


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


def _place(policy: People, section: str) -> str:
    return policy.sections.name(section) if section else ""


def _groups(step: Step) -> str:
    named = ", ".join(sorted(step.loses or step.gains))
    return f" ({named})" if named else ""
