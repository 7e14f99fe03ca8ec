"""Memberships, written by group: one write for all who join or leave it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from daicho.directory import refusals
from daicho.directory.names import equals, every
from daicho.directory.session import ADD, DELETE, Edit, Query
from daicho.directory.wrong import NotFound, WriteRefused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daicho.directory.case import Case
    from daicho.directory.operations import Membership, Move
    from daicho.directory.reading import Reader

_MEMBER: Final = "member"
_JOINED: Final = frozenset({refusals.VALUE_EXISTS, refusals.ENTRY_EXISTS})
# Active Directory and Samba answer 53 for somebody who is not a member, OpenLDAP 16.
_LEFT: Final = frozenset({refusals.NO_SUCH_ATTRIBUTE, refusals.UNWILLING})

type Pair = tuple[Case, Membership]


class GroupWriter:
    """Puts accounts into groups and takes them out."""

    def __init__(self, reader: Reader) -> None:
        """Nothing is written yet."""
        self._reader = reader
        self._session = reader.session

    def join(self, pairs: Sequence[Pair]) -> None:
        """Put accounts into groups; one who is in already is in."""
        for group, listed in _by_group(pairs).items():
            self._many(group, listed, ADD)

    def leave(self, pairs: Sequence[Pair]) -> None:
        """Take accounts out of groups; one who is out already is out."""
        for group, listed in _by_group(pairs).items():
            self._many(group, listed, DELETE)

    def move(self, move: Move, groups: Sequence[str]) -> None:
        """Move an account whose groups do not follow it: OpenLDAP keeps the old name in them.

        It is entered under the new name first, so that it is never outside a group that it is to be in.
        """
        places = [self._reader.groups.place(group) for group in groups]
        for place in places:
            self._one(place, move.to, ADD)
        self._session.move(move.dn, move.own, move.under)
        for place in places:
            self._one(place, move.dn, DELETE)

    def forget(self, dn: str) -> None:
        """Take a name that nobody has any more out of all groups."""
        if self._session.exists(dn):
            return
        query = Query(
            self._session.settings.base, every(self._reader.dialect.groups, equals(_MEMBER, dn)), ("1.1",)
        )
        for group in list(self._session.search(query)):
            self._one(group.dn, dn, DELETE)

    def _many(self, group: str, pairs: Sequence[Pair], action: str) -> None:
        try:
            place = self._reader.groups.place(group)
        except NotFound as error:
            for case, _membership in pairs:
                case.wrong = error
            return
        try:
            self._write(place, [membership.dn for _case, membership in pairs], action)
        except WriteRefused:
            # One of them is in already, or gone, or refused: each on its own tells which.
            for case, membership in pairs:
                try:
                    self._one(place, membership.dn, action)
                except WriteRefused as error:
                    case.wrong = error

    def _one(self, place: str, dn: str, action: str) -> None:
        try:
            self._write(place, [dn], action)
        except WriteRefused as error:
            if error.code == refusals.CLASS_VIOLATION and action == DELETE:
                self._empty(place, dn)
            elif error.code not in (_JOINED if action == ADD else _LEFT):
                raise

    def _empty(self, place: str, dn: str) -> None:
        """The last one leaves a group that must have a member (groupOfNames): it becomes its own."""
        self._session.modify(place, [Edit(ADD, _MEMBER, [place]), Edit(DELETE, _MEMBER, [dn])])

    def _write(self, place: str, members: Sequence[str], action: str) -> None:
        self._session.modify(place, [Edit(action, _MEMBER, members)])


def _by_group(pairs: Sequence[Pair]) -> dict[str, list[Pair]]:
    found: dict[str, list[Pair]] = {}
    for pair in pairs:
        found.setdefault(pair[1].group, []).append(pair)
    return found
