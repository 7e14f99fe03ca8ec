"""One account on its way to its wanted state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daicho.directory import state as keys
from daicho.directory.operations import Change, Create, Membership, NewPassword, operations
from daicho.directory.state import Account

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daicho.directory.operations import Operation
    from daicho.directory.wrong import DirectoryError, WriteRefused
    from daicho.plan import TargetState


@dataclass(frozen=True, kw_only=True)
class Work:
    """One account that is to become as wanted."""

    key: str
    """What the caller calls it: the employee number, or the logon name of a computer."""
    found: Account | None
    """As it was read; None: there is none."""
    wanted: TargetState
    """Its whole state afterwards; without `dn`: it is to be taken away."""
    former: str = ""
    """The distinguished name in the plan, if an attempt that was interrupted may have moved it since."""


class Case:
    """A work under way: what is left to do, and what came in between."""

    def __init__(self, work: Work) -> None:
        """Work out what there is to do."""
        self.work = work
        self.wrong: DirectoryError | None = None
        self.sent = False
        """Whether a server was asked to make the account; it may have done so without our hearing it."""
        self.account = work.found
        """As it was read back; as it was found, if there was nothing to do."""
        self.take(work.found)
        self.touched = bool(self.before or self.memberships or self.after or work.former)

    def take(self, found: Account | None) -> None:
        """Begin anew from what was read."""
        self.surprise: WriteRefused | None = None
        self.present = found or Account(dn="", state={})
        left = operations(self.present.state, self.work.wanted)
        first = next((at for at, each in enumerate(left) if not _comes_before(each)), len(left))
        self.before: Sequence[Operation] = left[:first]
        self.memberships = [each for each in left if isinstance(each, Membership)]
        self.after: Sequence[Operation] = [each for each in left[first:] if not isinstance(each, Membership)]

    def values(self, attribute: str) -> list[str]:
        """What an attribute is to be and what it was, as far as it has a value."""
        states = (self.work.wanted, self.work.found.state if self.work.found else {})
        values = (state.get(keys.attribute_key(attribute)) for state in states)
        return list(dict.fromkeys(str(value) for value in values if value))

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups that it is to be in when its memberships are written."""
        return keys.groups(self.work.wanted)

    @property
    def outcome(self) -> Account | DirectoryError | None:
        """The account as it was read back, or what went wrong."""
        return self.wrong or self.account


def _comes_before(operation: Operation) -> bool:
    """Whether it is done before the memberships: an opening on its own comes after them."""
    if isinstance(operation, Change):
        return not set(operation.controls) & {keys.ENABLED} or operation.controls[keys.ENABLED] is False
    return isinstance(operation, Create | NewPassword)
