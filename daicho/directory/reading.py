"""Accounts and groups read in bulk: pages of a thousand, long lists in ranges, only what is asked for."""

from __future__ import annotations

import re
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import batched
from typing import TYPE_CHECKING, Final

from daicho.concurrent import carried
from daicho.directory import state as keys
from daicho.directory.active_directory import ActiveDirectory
from daicho.directory.dialect import Kind
from daicho.directory.groups import Groups
from daicho.directory.names import ASKED_AT_ONCE, either, equals, every, same_key
from daicho.directory.numbers import Numbers
from daicho.directory.openldap import OpenLdap
from daicho.directory.session import Query
from daicho.directory.settings import Flavour
from daicho.directory.state import Account
from daicho.directory.values import Entry
from daicho.directory.wrong import Ambiguous

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from daicho.directory.dialect import Dialect
    from daicho.directory.session import Session
    from daicho.directory.settings import DirectorySettings
    from daicho.plan import Scalar

_FEW: Final = 10
"""So many employee numbers are searched for as they are."""
_RANGE: Final = re.compile(r"(.+);range=(\d+)-(\d+|\*)")
_MEMBER_OF: Final = "memberOf"
_EVEN: Final = "02468"
"""How every other employee number ends. Initials would not part people evenly: most names of a country
begin with few letters, and logon names made of numbers all with one."""


def dialect(settings: DirectorySettings) -> Dialect:
    """How this directory keeps accounts."""
    return ActiveDirectory(settings) if settings.flavour is Flavour.AD else OpenLdap(settings)


class Reader:
    """Reads accounts of one kind as states."""

    def __init__(self, session: Session, kind: Kind = Kind.PERSON) -> None:
        """Nothing is read yet."""
        self.session = session
        self.kind = kind
        self.dialect = dialect(session.settings)
        self.number = session.settings.number
        self._shown = [
            (name.lower(), name, sys.intern(keys.attribute_key(name)), name in self.dialect.multiple)
            for name in self.dialect.attributes(kind)
        ]
        self._groups: Groups | None = None
        self._numbers = Numbers(session, self.dialect.filter(kind), self.dialect.login)

    @property
    def groups(self) -> Groups:
        """The groups of the directory, read once."""
        if self._groups is None:
            self._groups = read_groups(self.session, self.dialect)
        return self._groups

    def everyone(self) -> list[Account]:
        """Every account of this kind below the base."""
        wanted = self.dialect.filter(self.kind)
        if self.dialect.backlinks:
            return self._in_halves(wanted)
        entries, members = self._entries(wanted), self._members()
        return [self._account(entry, members.get(same_key(entry.dn), ())) for entry in entries]

    def _in_halves(self, wanted: str) -> list[Account]:
        """Everybody over two connections: the server looks for the next while we understand the last."""
        even = either(f"({self.number}=*{digit})" for digit in _EVEN)
        groups = self.groups  # before two threads want them
        del groups

        def read(session: Session, half: str) -> list[Account]:
            query = Query(session.settings.base, every(wanted, half), self._asked())
            return [self._account(whole(session, entry)) for entry in session.search(query)]

        with self.session.twin() as twin, ThreadPoolExecutor(1) as pool:
            others = pool.submit(carried(read), twin, f"(!{even})")
            return [*read(self.session, even), *others.result()]

    def by_number(self, numbers: Iterable[str]) -> dict[str, Account]:
        """The accounts of these employee numbers; a number without an account is missing.

        Raises:
            Ambiguous: Two accounts carry one number, and are asked for by themselves.
        """
        listed = list(dict.fromkeys(numbers))
        if len(listed) <= _FEW or not self.dialect.backlinks:  # OpenLDAP sites index what they search
            return self.by(self.number, listed)
        logins = self._numbers.logins()
        found = self.by_login(logins[number] for number in listed if number in logins)
        by_number = {account.attribute(self.number): account for account in found.values()}
        return {number: by_number[number] for number in listed if number in by_number}

    def by_login(self, names: Iterable[str]) -> dict[str, Account]:
        """The accounts of these logon names."""
        return self.by(self.dialect.login, names)

    def by(self, attribute: str, values: Iterable[str]) -> dict[str, Account]:
        """The accounts whose attribute has one of these values, by the value as it was asked for.

        Raises:
            Ambiguous: Two accounts have one value.
        """
        found: dict[str, Account] = {}
        for chunk in batched(dict.fromkeys(values), ASKED_AT_ONCE):
            asked = {value.casefold(): value for value in chunk}
            wanted = either(equals(attribute, value) for value in chunk)
            # All of them first: OpenLDAP forgets a paged search when another begins on its connection.
            for entry in list(self._entries(every(self.dialect.filter(self.kind), wanted))):
                value = asked.get(entry.text(attribute).casefold())
                if value is None:
                    continue
                if value in found:
                    names = f"{found[value].dn} / {entry.dn}"
                    raise Ambiguous(key=f"{attribute}={value}", names=names)
                found[value] = self._account(entry)
        return found

    def at(self, dn: str) -> Account | None:
        """The account of this name, if there is one."""
        query = Query(dn, self.dialect.filter(self.kind), self._asked(), "BASE")
        for entry in self.session.search(query):
            return self._account(whole(self.session, entry))
        return None

    def _entries(self, wanted: str) -> Iterator[Entry]:
        query = Query(self.session.settings.base, wanted, self._asked())
        return (whole(self.session, entry) for entry in self.session.search(query))

    def _asked(self) -> Sequence[str]:
        shown = [name for _small, name, _key, _several in self._shown]
        backlinks = [_MEMBER_OF] if self.dialect.backlinks else []
        return [*shown, *self.dialect.asked, *backlinks]

    def _account(self, entry: Entry, groups: Iterable[str] | None = None) -> Account:
        dn = self.dialect.spelled(entry.dn)
        state: dict[str, Scalar] = {keys.DN: dn}
        for small, name, key, several in self._shown:
            values = entry.values.get(small)
            if not values:
                continue
            if len(values) == 1 and not several:
                state[key] = values[0].decode("utf-8", "replace")
            else:
                state |= {keys.value_key(name, value): keys.PRESENT for value in entry.texts(small)}
        state |= self.dialect.controls(entry)
        for group in self._memberships(entry) if groups is None else groups:
            state[sys.intern(keys.group_key(group))] = keys.MEMBER
        return Account(dn=dn, state=state, control=self.dialect.flags(entry))

    def _memberships(self, entry: Entry) -> Iterator[str]:
        if self.dialect.backlinks:
            return (self.groups.name(dn) for dn in entry.texts(_MEMBER_OF))
        wanted = every(self.dialect.groups, equals("member", entry.dn))
        query = Query(self.session.settings.base, wanted, (self.dialect.group_name,))
        return (found.text(self.dialect.group_name) for found in self.session.search(query))

    def _members(self) -> Mapping[str, Sequence[str]]:
        found: dict[str, list[str]] = {}
        query = Query(self.session.settings.base, self.dialect.groups, (self.dialect.group_name, "member"))
        for entry in self.session.search(query):
            name = entry.text(self.dialect.group_name)
            for member in whole(self.session, entry).texts("member"):
                found.setdefault(same_key(member), []).append(name)
        return found


def read_groups(session: Session, speaking: Dialect) -> Groups:
    """Every group below the base, with the groups that it is in."""
    links = (_MEMBER_OF,) if speaking.backlinks else ("member",)
    query = Query(session.settings.base, speaking.groups, (speaking.group_name, *links))
    entries = [whole(session, entry) for entry in session.search(query)]
    names = {speaking.spelled(entry.dn): entry.text(speaking.group_name) for entry in entries}
    if speaking.backlinks:
        above = {entry.dn: entry.texts(_MEMBER_OF) for entry in entries}
        return Groups.of(names, {speaking.spelled(dn): parents for dn, parents in above.items()})
    parents: dict[str, list[str]] = {}
    known = {same_key(dn): dn for dn in names}
    for entry in entries:
        for member in entry.texts("member"):
            if child := known.get(same_key(member)):
                parents.setdefault(child, []).append(entry.dn)
    return Groups.of(names, parents)


def members(session: Session, group: str) -> Iterator[str]:
    """The distinguished names of everybody and everything directly in a group, however many.

    Raises:
        NotFound: There is no such group.
    """
    return iter(whole(session, session.one(group, ("member",))).texts("member"))


def whole(session: Session, entry: Entry) -> Entry:
    """The entry with its long lists complete; servers hand out 1,500 values at a time.

    A list that does not fit is answered as `member;range=0-1499`, the last part of it as
    `member;range=1500-*` (MS-ADTS 3.1.1.3.1.3.3).
    """
    cut = [found for name in entry.values if (found := _RANGE.fullmatch(name))]
    if not cut:
        return entry
    values = dict(entry.values)
    for found in cut:
        name, part, last = found[1], list(values.pop(found[0])), found[3]
        while last != "*":
            asked = f"{name};range={int(last) + 1}-*"
            more = session.one(entry.dn, (asked,))
            next_part = next((each for key in more.values if (each := _RANGE.fullmatch(key))), None)
            if next_part is None:
                break
            part += more.values[next_part[0]]
            last = next_part[3]
        values[name] = part
    return Entry(entry.dn, values)
