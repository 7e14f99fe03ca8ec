"""Rows of a personnel file as a change keeps them: judged once, approved as they stand."""

from __future__ import annotations

from dataclasses import asdict, fields, replace
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Final, Self

from pydantic import StringConstraints

from daicho.documents import Document
from daicho.people.movement import Kind, Movement, PersonName

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

type Text = Annotated[str, StringConstraints(max_length=200)]
_NAMES: Final = tuple(each.name for each in fields(PersonName))


class PersonRow(Document):
    """One movement of one person."""

    place: Text = ""
    """Where it stands in the file: `row 7`."""
    number: Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[0-9A-Za-z-]+$")]
    """Employee number."""
    kind: Kind
    """`join`, `rehire`, `move`, `leave`, `assign`, `unassign`, `extend` or `rename`."""
    effective: date
    """発令日."""
    inferred: bool = False
    """Whether the file did not name the kind."""
    family: Text = ""
    given: Text = ""
    family_kana: Text = ""
    given_kana: Text = ""
    section: Text = ""
    old_section: Text = ""
    post: Text = ""
    mail: Text = ""
    phone: Text = ""
    room: Text = ""
    manager: Text = ""
    card: Text = ""
    until: date | None = None
    """Last day of a fixed term."""

    @classmethod
    def of(cls, movement: Movement) -> Self:
        """A movement as a row."""
        values: dict[str, Any] = asdict(movement)
        return cls(**values.pop("name"), **values)

    def movement(self) -> Movement:
        """The row as a movement."""
        values = {name: getattr(self, name) for name in type(self).model_fields}
        name = PersonName(**{each: values.pop(each) for each in _NAMES})
        return Movement(name=name, **values)


def movements(inputs: Mapping[str, object]) -> list[Movement]:
    """The movements in the inputs of a change."""
    rows: Sequence[Mapping[str, object]] = inputs["rows"]  # type: ignore[assignment]
    return [PersonRow.model_validate(row).movement() for row in rows]


def as_of(inputs: Mapping[str, object]) -> date:
    """The day in the inputs of a change."""
    return date.fromisoformat(str(inputs["as_of"]))


def kept(listed: Iterable[Movement]) -> list[dict[str, object]]:
    """Movements as the inputs of a change keep them: what a row does not say is left out."""
    return [PersonRow.of(each).model_dump(mode="json", exclude_defaults=True) for each in listed]


def superiors_first(listed: Sequence[Movement]) -> list[Movement]:
    """The movements with each superior before those whom they lead; else in their order."""
    mine: dict[str, list[Movement]] = {}
    for each in listed:
        mine.setdefault(each.number, []).append(each)
    placed: dict[str, None] = {}
    for number in mine:
        chain = [number]
        while (above := _superior(mine[chain[-1]])) in mine and above not in placed and above not in chain:
            chain.append(above)
        placed |= dict.fromkeys(reversed(chain))
    return [each for number in placed for each in mine[number]]


def without_managers(
    listed: Sequence[Movement], known: Collection[str]
) -> tuple[list[Movement], dict[str, str]]:
    """The movements without superiors who have no account and get none before, and who these are.

    Args:
        listed: Movements, superiors first.
        known: The employee numbers that have an account.
    """
    kept, left_out, before = list[Movement](), dict[str, str](), set(known)
    for each in listed:
        if each.manager and each.manager not in before:
            left_out[each.number] = each.manager
            each = replace(each, manager="")  # noqa: PLW2901
        kept.append(each)
        before.add(each.number)
    return kept, left_out


def _superior(mine: Sequence[Movement]) -> str:
    return next((each.manager for each in reversed(mine) if each.manager), "")
