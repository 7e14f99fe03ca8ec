"""What Active Directory and OpenLDAP say differently about the same account."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daicho.directory.operations import Change, Create, NewPassword
    from daicho.directory.session import Edit, Session
    from daicho.directory.state import Account
    from daicho.directory.values import Entry
    from daicho.plan import Scalar


class Kind(StrEnum):
    """Whose account it is."""

    PERSON = "person"
    COMPUTER = "computer"


class Dialect(Protocol):
    """How one kind of directory keeps accounts."""

    login: str
    """The attribute that people log on with."""
    groups: str
    """A filter for groups."""
    group_name: str
    """The attribute that names a group uniquely."""
    backlinks: bool
    """Whether an account itself tells its groups (memberOf)."""
    multiple: frozenset[str]
    """Attributes with several values, each a key of its own."""

    def filter(self, kind: Kind) -> str:
        """A filter for the accounts of a kind."""

    def attributes(self, kind: Kind) -> Sequence[str]:
        """The attributes that a state shows."""

    @property
    def asked(self) -> Sequence[str]:
        """The attributes that are asked for besides."""

    def spelled(self, dn: str) -> str:
        """A distinguished name as this directory answers it."""

    def flags(self, entry: Entry) -> int:
        """The flags of an account, most of which no state shows."""

    def controls(self, entry: Entry) -> dict[str, Scalar]:
        """The keys of a state that are not plain attributes."""

    def create(self, session: Session, account: Create, kind: Kind, password: str) -> None:
        """Make an account with its password."""

    def edits(self, change: Change, found: Account) -> Sequence[Edit]:
        """The controls of a change as attributes."""

    def set_password(self, session: Session, reset: NewPassword, password: str) -> None:
        """Set another password."""
