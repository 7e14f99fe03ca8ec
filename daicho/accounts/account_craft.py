"""The craft of a work that brings accounts of the directory to wanted states.

A work says what is to become of one account; reading, asking the door and writing are the same for all.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import batched
from typing import TYPE_CHECKING, Final, Protocol, cast

from daicho.craft import Trouble, trouble_of
from daicho.directory import state as keys
from daicho.directory.case import Work
from daicho.directory.names import parent, same_key
from daicho.directory.refusals import ENTRY_EXISTS
from daicho.directory.state import Account
from daicho.directory.writing import Writer
from daicho.directory.wrong import Ambiguous, DirectoryError, WriteRefused
from daicho.door import Intention
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from daicho.craft import Begin, Target
    from daicho.directory.reading import Reader
    from daicho.plan import Scalar, TargetState

_AT_ONCE: Final = 100


class Purpose(Protocol):
    """What a work does with one account."""

    def intention(self, target: Target, account: Account | None) -> Intention:
        """What is to become of it.

        Raises:
            Trouble: Nothing can.
        """

    def password(self, key: str) -> str:
        """A new password for an account, kept where its owner gets it before it is given."""

    def finish(self, account: Account) -> TargetState:
        """Do what is not in the account's own state, and give the keys that stand for it.

        Raises:
            DirectoryError: The directory refuses.
        """


@dataclass(frozen=True, kw_only=True)
class AccountCraft:
    """Rehearses and carries out a purpose on accounts."""

    reader: Reader
    purpose: Purpose
    find: Callable[[Iterable[str]], Mapping[str, Account]]
    """The accounts by the targets' names."""
    folders: str = ""
    """Where folders of days are made as they are needed; no other place is ever made."""

    def rehearse(self, targets: Sequence[Target]) -> Iterator[tuple[str, Intention | Trouble]]:
        """What would become of each account."""
        owners: dict[str, str] = {}
        for batch in batched(targets, _AT_ONCE):
            found = self._found(batch)
            for target in batch:
                account = found.get(target.name)
                if isinstance(account, Account) and owners.setdefault(account.dn, target.name) != target.name:
                    why = _("it is the same account as {name}. Name it once").format(name=owners[account.dn])
                    yield target.name, Trouble(why=why)
                else:
                    yield target.name, self._intention(target, found)

    def carry_out(
        self, targets: Sequence[Target], begin: Begin
    ) -> Iterator[tuple[str, TargetState | Trouble]]:
        """Bring each account to its approved state."""
        writer = Writer(self.reader, self.purpose.password)
        for batch in batched(targets, _AT_ONCE):
            found = self._found(batch)
            wanted: dict[str, TargetState] = {}
            works: list[Work] = []
            for target in batch:
                account = found.get(target.name)
                if isinstance(account, Trouble):
                    yield target.name, account
                    continue
                state = target.wanted or {}
                present = account.state if account else {}
                if begin(target.name, keys.restricted(present, state)):
                    wanted[target.name] = state
                    whole = keys.merged(present, state)
                    works.append(Work(key=target.name, found=account, wanted=whole))
            self._make_folders({parent(str(work.wanted[keys.DN])) for work in works})
            for name, outcome in writer.carry_out(works):
                yield name, self._told(outcome, wanted[name])

    def _make_folders(self, places: Collection[str]) -> None:
        for place in places:
            if not self.folders or same_key(parent(place)) != same_key(self.folders):
                continue
            try:
                if not self.reader.session.exists(place):
                    self.reader.session.add(place, ("organizationalUnit",), {})
            except WriteRefused as error:
                if error.code != ENTRY_EXISTS:
                    raise

    def _told(self, outcome: Account | DirectoryError | None, wanted: TargetState) -> TargetState | Trouble:
        if isinstance(outcome, DirectoryError):
            return trouble_of(outcome)
        try:
            done = self.purpose.finish(outcome) if outcome else {}
        except DirectoryError as error:
            return trouble_of(error)
        return keys.restricted({**(outcome.state if outcome else {}), **done}, wanted)

    def _intention(self, target: Target, found: Mapping[str, Account | Trouble]) -> Intention | Trouble:
        account = found.get(target.name)
        if isinstance(account, Trouble):
            return account
        try:
            if target.wanted is not None:
                return wish(target, needed(account, target.name), target.wanted)
            return self.purpose.intention(target, account)
        except Trouble as trouble:
            return trouble

    def _found(self, targets: Sequence[Target]) -> Mapping[str, Account | Trouble]:
        try:
            return self.find([target.name for target in targets])
        except Ambiguous:
            return {target.name: found for target in targets if (found := self._one(target.name))}

    def _one(self, name: str) -> Account | Trouble | None:
        try:
            return self.find([name]).get(name)
        except Ambiguous as error:
            return trouble_of(error)


def wish(
    target: Target, account: Account, wishes: Mapping[str, Scalar], **more: str | tuple[str, ...]
) -> Intention:
    """An intention over just the keys of some wishes: what changes elsewhere is none of ours."""
    before = keys.restricted(account.state, wishes)
    return Intention(target=target.name, before=before, after=dict(wishes), inverse=before, **more)  # type: ignore[arg-type]


def by_number_or_login(reader: Reader) -> Callable[[Iterable[str]], Mapping[str, Account]]:
    """Find people by what somebody may call them: the employee number, or else the logon name."""

    def find(names: Iterable[str]) -> Mapping[str, Account]:
        asked = list(names)
        found = reader.by_number(asked)
        return found | reader.by_login(name for name in asked if name not in found)

    return find


def facts_of(target: Target) -> Mapping[str, str]:
    """What the change says of a target: the attributes of its item."""
    return cast("Mapping[str, str]", target.facts["daicho_item"])


def needed(account: Account | None, name: str) -> Account:
    """The account, if there is one.

    Raises:
        Trouble: There is none.
    """
    if account is None:
        raise Trouble(why=_("the directory has no account with the number or name {name}").format(name=name))
    return account
