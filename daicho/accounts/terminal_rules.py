"""How a site keeps its terminals in the directory: the part `terminals` of directory.yml."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field, StringConstraints, field_validator

from daicho.documents import Document
from daicho.i18n import gettext as _
from daicho.people.template import check_template

type Text = Annotated[str, StringConstraints(max_length=500)]
FIELDS: Final = (
    *("name", "address", "site", "building", "floor", "room", "section", "owner", "model", "serial"),
    *("asset", "os", "mac", "ring", "note"),
)
"""What a template may say of a terminal; what is not recorded of one is empty."""


class TerminalRules(Document):
    """How terminals are kept."""

    container: Text = ""
    """Organisational units below the computers' place, from the top down: `{building}/{section}`."""
    description: Text = "{section} {owner}"
    """The description."""
    location: Text = "{building}/{floor}/{room}"
    """Where it stands, as printers and site links are found by it; empty: is left as it is."""
    retired: str = ""
    """Where retired terminals are kept, in one folder per day; empty: where those who left are."""
    domain: str = ""
    """The DNS domain of the terminals: `office.example.jp`; empty: no DNS name is written."""
    attributes: dict[str, str] = Field(default_factory=lambda: {"serialNumber": "{serial}"})
    """Further attributes with their templates."""

    @field_validator("container", "description", "location")
    @classmethod
    def _fields_are_known(cls, text: str) -> str:
        return check_template(text, FIELDS)

    @field_validator("attributes")
    @classmethod
    def _their_fields_too(cls, given: dict[str, str]) -> dict[str, str]:
        for name, text in given.items():
            if not name:
                raise ValueError(_("an attribute needs a name"))
            check_template(text, FIELDS)
        return given
