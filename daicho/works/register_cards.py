"""ICカードの登録, 臨時ICカード (contract item ア-e): logon cards and temporary ones, and giving them back."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints, model_validator

from daicho.documents import Document
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.works.work import Inputs, Work

type Name = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]
type Line = Annotated[str, StringConstraints(max_length=500)]


class Card(Document):
    """One card of one person: its certificate, or the issuer and serial number of it."""

    person: Name
    """Employee number, or the logon name of an account that has none."""
    number: Annotated[str, StringConstraints(max_length=64)] = ""
    """The number on the card."""
    certificate: Annotated[str, StringConstraints(max_length=16_000)] = ""
    """The certificate on it, in PEM form."""
    issuer: Line = ""
    """Without a certificate: who issued it, as `C=JP,O=...,CN=...`."""
    serial: Annotated[str, StringConstraints(max_length=120)] = ""
    """Without a certificate: its serial number, hexadecimal."""
    until: date | None = None
    """The last day of a temporary card."""
    replaces: bool | None = None
    """Whether the person's other cards end; absent: they do, unless this one is temporary."""

    @model_validator(mode="after")
    def _is_known(self) -> Card:
        if bool(self.certificate) == bool(self.issuer or self.serial):
            raise ValueError(_("a card needs its certificate, or else its issuer and serial number"))
        if bool(self.issuer) != bool(self.serial):
            raise ValueError(_("an issuer and a serial number belong together"))
        return self


class RegisterCards(Inputs):
    """Whose cards, and what becomes of them."""

    cards: tuple[Card, ...] = Field(
        min_length=1, max_length=2000, description=N_("The cards, each with its person and its certificate.")
    )
    act: Literal["register", "remove"] = Field(
        default="register", description=N_("Whether the cards begin to open accounts, or end to.")
    )

    @model_validator(mode="after")
    def _one_card_each(self) -> RegisterCards:
        names = [card.person.casefold() for card in self.cards]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(_("{names} is there twice").format(names=", ".join(twice)))
        return self


REGISTER_CARDS: Final = Work(
    name="register_cards",
    title=N_("Register logon cards, or end them"),
    runner="script",
    craft="daicho.accounts.cards:open_craft",
    items="daicho.accounts.cards:items_of",
    inputs=RegisterCards,
    kinds=frozenset({"user"}),
)
