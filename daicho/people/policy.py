"""The rules for people's accounts: the part `people` of the site file `directory.yml`."""

from __future__ import annotations

import re
from typing import Annotated, Final, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from daicho.documents import Document
from daicho.i18n import gettext as _
from daicho.people.days import Days
from daicho.people.movement import Kind
from daicho.people.romaji import Romaji
from daicho.people.sections import Sections
from daicho.people.template import check_template, literals

type Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]
_LETTERS: Final = ("family", "given", "f", "g", "number")
_PERSON: Final = (
    "family",
    "given",
    "family_kana",
    "given_kana",
    "section",
    "path",
    "post",
    "number",
    "account",
)
_PLAIN: Final = re.compile(r"[a-z0-9._-]*")


class Naming(Document):
    """How accounts are called."""

    romaji: Romaji = Romaji()
    """How kana become letters."""
    accounts: tuple[Text, ...] = Field(
        default=("{family}", "{family}-{g}", "{family}-{given}", "{family}-{g}{n}"), min_length=1
    )
    """Tried in order until a name is free; {f} and {g} are initials, {n} counts from 2. The last has {n}."""
    longest: int = Field(default=20, ge=8, le=20)
    """Most letters of an account; Windows allows 20."""
    reserved: tuple[Text, ...] = ("administrator", "guest", "krbtgt", "root", "admin", "postmaster")
    """Names that nobody gets."""
    principal: str = ""
    """User principal name: `{account}@office.example.jp`; empty: none is written."""
    mail: str = ""
    """Mail address of somebody for whom the file gives none; empty: none is written."""
    common_name: Text = "{family} {given}"
    """The name in the directory tree; `({account})` is added where it is taken."""
    display_name: Text = "{family} {given}"
    """The name in address books: `{family} {given}（{section}）`."""
    number_digits: int | None = Field(default=None, ge=1, le=20)
    """Length of employee numbers: a spreadsheet drops their leading zeros, and they are put back."""

    @field_validator("accounts")
    @classmethod
    def _accounts_end(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            check_template(pattern, (*_LETTERS, "n"))
            if not _PLAIN.fullmatch(literals(pattern)):
                why = _("{pattern!r} may hold only a to z, 0 to 9, '.', '_' and '-' beside its fields")
                raise ValueError(why.format(pattern=pattern))
        if "{n}" not in patterns[-1]:
            raise ValueError(_("the last pattern needs {{n}}, or names run out").format())
        return patterns

    @field_validator("principal", "mail")
    @classmethod
    def _has_a_domain(cls, pattern: str) -> str:
        if pattern:
            check_template(pattern, ("account", "number"))
            if not re.fullmatch(r"[^@]+@[A-Za-z0-9.-]+", pattern):
                raise ValueError(
                    _("{pattern!r} must look like {{account}}@example.jp").format(pattern=pattern)
                )
        return pattern

    @model_validator(mode="after")
    def _names_have_known_fields(self) -> Self:
        check_template(self.common_name, _PERSON[:-1])
        check_template(self.display_name, _PERSON)
        return self


class People(Document):
    """The rules for people's accounts."""

    naming: Naming = Naming()
    """How accounts are called."""
    days: Days = Days()
    """What happens how many days before and after."""
    sections: Sections = Sections()
    """The sections and what they give."""
    headings: dict[str, str] = Field(default_factory=dict)
    """Headings of this site's files: heading → field, or `-` to leave a column out."""
    kinds: dict[str, Kind] = Field(default_factory=dict)
    """Words of this site's files for kinds of movements: `新規: join`."""
    attributes: dict[str, str] = Field(default_factory=dict)
    """Where a fact is kept in the directory: `room: roomNumber`; an empty text leaves it out."""
