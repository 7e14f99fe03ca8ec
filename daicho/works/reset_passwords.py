"""パスワード初期化 (contract item ア-g): a new password for people who were identified."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints, model_validator

from daicho.documents import Document
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.works.work import Inputs, Work

type Name = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]


class Identified(Document):
    """How somebody proved who they are before they were given a password."""

    how: Literal["staff_card", "in_person", "call_back", "superior", "letter"]
    """Staff card, known in person, called back on the registered number, by the superior, in writing."""
    by: Name
    """Who made sure of it."""
    note: Annotated[str, StringConstraints(max_length=200)] = ""
    """The card's number, the number called, the letter's date: what an auditor may ask for."""


class Owner(Document):
    """Somebody who gets a new password."""

    person: Name
    """Employee number, or the logon name of an account that has none."""
    identified: Identified
    """Without it nobody's password is reset."""

    @model_validator(mode="after")
    def _is_not_their_own_witness(self) -> Owner:
        if self.identified.by.casefold() == self.person.casefold():
            raise ValueError(_("{name} cannot vouch for themselves").format(name=self.person))
        return self


class ResetPasswords(Inputs):
    """Whose passwords, and how it is known that they asked."""

    people: tuple[Owner, ...] = Field(
        min_length=1,
        max_length=1000,
        description=N_("Whose passwords are reset, each with the identity check that was made."),
    )
    privileged: bool = Field(
        default=False,
        description=N_("Whether accounts with privileges may be among them; without it they are refused."),
    )

    @model_validator(mode="after")
    def _everybody_once(self) -> ResetPasswords:
        names = [owner.person.casefold() for owner in self.people]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(_("{names} is there twice").format(names=", ".join(twice)))
        return self


RESET_PASSWORDS: Final = Work(
    name="reset_passwords",
    title=N_("Reset the passwords of people who were identified"),
    runner="script",
    craft="daicho.accounts.resets:open_craft",
    items="daicho.accounts.resets:items_of",
    inputs=ResetPasswords,
    kinds=frozenset({"user"}),
)
