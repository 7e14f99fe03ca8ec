"""What a movement of its kind has to say, and may not say."""

from __future__ import annotations

from daicho.i18n import gettext as _
from daicho.people.movement import Kind, Movement


def wants(movement: Movement) -> list[tuple[str, str]]:
    """What a movement of its kind lacks or contradicts: fact and sentence."""
    kind, name = movement.kind, movement.name
    found: list[tuple[str, str]] = []
    if kind is Kind.JOIN and not name.family:
        found.append(("family", _("somebody new has no name. Write it.")))
    if kind in {Kind.JOIN, Kind.RENAME} and name.family and not name.family_kana:
        found.append(
            ("family_kana", _("there is no reading for {name}. Write it in kana.").format(name=name.full))
        )
    if kind is Kind.RENAME and not (name.family or name.given):
        found.append(("family", _("there is no new name. Write it.")))
    if kind in {Kind.JOIN, Kind.REHIRE, Kind.ASSIGN, Kind.UNASSIGN} and not movement.section:
        found.append(("section", _("there is no section. Write which one.")))
    if kind is Kind.MOVE and not (movement.section or movement.post):
        found.append(("section", _("neither a new section nor a new post is given. Write one of them.")))
    if kind is Kind.EXTEND and movement.until is None:
        found.append(("until", _("there is no new end date. Write the last day.")))
    if (
        kind is Kind.LEAVE
        and movement.section
        and movement.section != movement.old_section
        and movement.old_section
    ):
        found.append(
            ("section", _("somebody who leaves has a new section. Empty it, or write 異動 as the kind."))
        )
    if movement.until and movement.until < movement.effective and kind is not Kind.EXTEND:
        why = _("the end {until} is before the effective date {effective}. Correct one of the two.")
        found.append(("until", why.format(until=movement.until, effective=movement.effective)))
    if movement.manager == movement.number:
        found.append(("manager", _("somebody cannot be their own superior. Correct the number.")))
    return found
