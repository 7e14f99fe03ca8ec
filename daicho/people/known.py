"""What the directory already knows of a person, enabled or not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from daicho.people.movement import PersonName

if TYPE_CHECKING:
    from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An account that exists, as far as movements are judged against it."""

    number: str
    """Employee number, empty for accounts that belong to nobody."""
    account: str
    """sAMAccountName or uid."""
    mail: str = ""
    common_name: str = ""
    """The CN, which is unique in its container."""
    name: PersonName = field(default_factory=PersonName)
    post: str = ""
    section: str = ""
    """Code of the section, where the directory keeps it."""
    previous: str = ""
    """Code of the section before the last move, where the record keeps it."""
    assigned: frozenset[str] = frozenset()
    """Codes of further sections (併任)."""
    enabled: bool = True
    left: bool = False
    """Disabled and put aside when its owner left, in contrast to one that is prepared for a first day."""
    expires: date | None = None
    """Last day on which the account can be used."""
    groups: frozenset[str] = frozenset()
    """Names of the groups it is a direct member of."""
