"""利用者の復元 (contract item オ-c): accounts come back as the record of a run has them."""

from __future__ import annotations

from datetime import date  # noqa: TC003 -- pydantic needs it
from typing import Annotated, Final

from pydantic import Field

from daicho.documents import Document
from daicho.i18n import N_
from daicho.works.work import Inputs, Work


class RecordedPerson(Document):
    """One person, and what the record says of the account."""

    number: Annotated[str, Field(min_length=1, max_length=40)]
    """Employee number."""
    name: Annotated[str, Field(max_length=200)] = ""
    """The name, for people who read it."""
    state: dict[str, str | int | bool | None] = Field(min_length=1)
    """Key → value; null takes away."""


class RestoreUsers(Inputs):
    """Whose account comes back."""

    as_of: date = Field(description=N_("The day that counts as today."))
    run: str = Field(
        pattern=r"^R[1-9][0-9]*$", description=N_("The run whose record says how the accounts were.")
    )
    people: tuple[RecordedPerson, ...] = Field(
        min_length=1, description=N_("The people, as `daicho people restore` takes them from the record.")
    )


RESTORE_USERS: Final = Work(
    name="restore_users",
    title=N_("Bring accounts back as the record has them"),
    runner="script",
    craft="daicho.accounts.purposes:open_restoring",
    items="daicho.accounts.purposes:recorded_items",
    inputs=RestoreUsers,
    kinds=frozenset({"user"}),
)
