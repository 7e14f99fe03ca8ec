"""Bring accounts to their wanted states: many at a time, repeatable at every point, one server or the next.

A batch goes through the phases of daicho.directory.operations together, so that a group that a
hundred people join is written once. After an interruption the accounts are read again and what is
left is worked out anew; nothing is repeated blindly.
"""

from __future__ import annotations

import time
from itertools import batched
from typing import TYPE_CHECKING, Final

from daicho.directory import refusals
from daicho.directory.case import Case, Work
from daicho.directory.group_writing import GroupWriter
from daicho.directory.operations import Change, Create, Delete, Membership, Move, NewPassword
from daicho.directory.session import ADD, DELETE, REPLACE, Edit
from daicho.directory.wrong import DirectoryError, Interrupted, WriteRefused
from daicho.i18n import N_
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from daicho.directory.operations import Operation
    from daicho.directory.reading import Reader
    from daicho.directory.state import Account

_AT_ONCE: Final = 200
_POLL_S: Final = 0.5
_SURPRISES: Final = frozenset(
    {refusals.NO_SUCH_ATTRIBUTE, refusals.VALUE_EXISTS, refusals.NO_SUCH_OBJECT, refusals.ENTRY_EXISTS}
)
"""The account is not as it was read: it is read again, once, and what is left worked out anew."""

type Outcome = Account | DirectoryError | None


class NotCarriedOver(Interrupted):
    """An account was made on a server that died, and the next one does not know it yet."""

    sentence = N_(
        "The connection to {server} broke while this account was being made ({why}), and the next server "
        "does not know it. Made twice, the two would collide. Run again when {server} is back."
    )


class Writer:
    """Writes accounts of one kind."""

    def __init__(self, reader: Reader, password: Callable[[str], str]) -> None:
        """Nothing is written yet.

        Args:
            reader: Reads the accounts.
            password: Gives the password for a new account or a reset, by key, right before it is set;
                whoever gives it has to have kept it where its owner gets it.
        """
        self._reader = reader
        self._session = reader.session
        self._password = password
        self._groups = GroupWriter(reader)

    def carry_out(self, works: Iterable[Work]) -> Iterator[tuple[str, Outcome]]:
        """Bring every account to its wanted state; each is given as it was read back, or its error.

        None as an outcome: the account is gone, as wanted.
        """
        for batch in batched(works, _AT_ONCE):
            cases = [Case(work) for work in batch]
            yield from ((case.work.key, case.outcome) for case in self._settled(cases))

    def _settled(self, cases: Sequence[Case]) -> Sequence[Case]:
        cut: Interrupted | None = None
        for _attempt in range(len(self._session.settings.servers) + 1):
            try:
                if cut:
                    self._read_again(_open(cases), cut)
                server = self._session.server
                self._phases(_open(cases))
                self._after_surprises([case for case in cases if case.surprise])
                self._read_back([case for case in cases if case.touched])
                if self._session.server != server:
                    _doubt(cases, server)
            except Interrupted as error:
                cut = error
            else:
                return cases
        for case in _open(cases):
            case.wrong = cut
        return cases

    def _read_back(self, cases: Sequence[Case]) -> None:
        found = self._find(cases)
        for case in cases:
            case.account = found.get(case.work.key)

    def _after_surprises(self, cases: Sequence[Case]) -> None:
        found = self._find(cases)
        for case in cases:
            surprise, account = case.surprise, found.get(case.work.key)
            if account is None and case.work.wanted:
                case.wrong = surprise  # nothing is found under our key: the name belongs to another
            case.take(account)
        again = _open(cases)
        self._phases(again)
        for case in again:
            case.wrong = case.wrong or case.surprise

    def _read_again(self, cases: Sequence[Case], cut: Interrupted) -> None:
        found = self._find(cases)
        until = time.monotonic() + self._session.settings.replication_wait_s
        while (missing := _missing(cases, found)) and time.monotonic() < until:
            time.sleep(_POLL_S)
            found |= self._find(missing)
        for case in cases:
            if case in missing:
                case.wrong = NotCarriedOver(None, **cut.facts)
            case.take(found.get(case.work.key))

    def _find(self, cases: Sequence[Case]) -> dict[str, Account]:
        """The accounts of some cases as they are now, by key; looked up by logon name, which is indexed."""
        login, number = self._reader.dialect.login, self._reader.number
        asked = {case.work.key: case.values(login) for case in cases}
        known = {
            account.attribute(login).casefold(): account
            for account in self._reader.by_login(name for names in asked.values() for name in names).values()
        }
        found: dict[str, Account] = {}
        for case in cases:
            ours = case.values(number)
            listed = (known.get(name.casefold()) for name in asked[case.work.key])
            fitting = [each for each in listed if each and (not ours or each.attribute(number) in ours)]
            if not fitting and case.work.found and ours:  # somebody has renamed it since
                fitting = list(self._reader.by_number(ours).values())
            if fitting:
                found[case.work.key] = fitting[0]
        return found

    def _phases(self, cases: Sequence[Case]) -> None:
        for case in cases:
            self._each(case, case.before)
        leaving, joining = self._groups.leave, self._groups.join
        leaving([(case, each) for case in _open(cases) for each in case.memberships if each.act == "leave"])
        joining([(case, each) for case in _open(cases) for each in case.memberships if each.act == "join"])
        for case in _open(cases):
            self._each(case, case.after)
            if case.work.former and not self._reader.dialect.backlinks:
                self._groups.forget(case.work.former)

    def _each(self, case: Case, operations: Sequence[Operation]) -> None:
        try:
            for operation in operations:
                self._write(case, operation)
        except WriteRefused as error:
            if error.code in _SURPRISES:
                case.surprise = error
            else:
                case.wrong = error
        except Interrupted:
            raise
        except DirectoryError as error:
            case.wrong = error

    def _write(self, case: Case, operation: Operation) -> None:
        speaking = self._reader.dialect
        match operation:
            case Create():
                case.sent = True
                password = self._password(case.work.key)
                speaking.create(self._session, operation, self._reader.kind, password)
            case Change():
                edits = [*_attributes(operation), *speaking.edits(operation, case.present)]
                if edits:
                    self._session.modify(operation.dn, edits)
            case NewPassword():
                speaking.set_password(self._session, operation, self._password(case.work.key))
            case Move() if speaking.backlinks:
                self._session.move(operation.dn, operation.own, operation.under)
            case Move():
                self._groups.move(operation, case.groups)
            case Delete():
                self._session.delete(operation.dn)
            case Membership():
                raise AssertionError(operation)  # written by group


def _missing(cases: Sequence[Case], found: Mapping[str, Account]) -> list[Case]:
    """Those that a server was asked to make and that are not there: it may have, and not passed it on."""
    return [case for case in cases if case.sent and case.work.key not in found]


def _doubt(cases: Sequence[Case], server: str) -> None:
    """A look that went on at the next server hides the loss of one: what that server refuses, or does
    not find, it may only not have heard of yet.

    Raises:
        Interrupted: There are such accounts; they are to be read again.
    """
    refused = [case for case in cases if isinstance(case.wrong, WriteRefused)]
    lost = [case for case in cases if case.wrong is None and case.work.wanted and case.account is None]
    if not refused and not lost:
        return
    why = str(refused[0].wrong) if refused else _("it went away, and its writes have not been passed on")
    for case in refused:
        case.wrong = None
    raise Interrupted(server=server, why=why)


def _open(cases: Sequence[Case]) -> list[Case]:
    return [case for case in cases if case.wrong is None and case.surprise is None]


def _attributes(change: Change) -> Iterator[Edit]:
    """The attributes of a change: single values are replaced, of several only the difference is sent."""
    for name, (now, then) in change.attributes.items():
        if len(now) <= 1 and len(then) <= 1:
            yield Edit(REPLACE, name, then)
            continue
        if gone := tuple(value for value in now if value not in then):
            yield Edit(DELETE, name, gone)
        if new := tuple(value for value in then if value not in now):
            yield Edit(ADD, name, new)
