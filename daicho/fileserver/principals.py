"""Who stands behind a SID: people and groups of the directory, and who is in which group."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, Self

from daicho.craft import Trouble
from daicho.directory.memberships import Nesting
from daicho.directory.names import either, same_key
from daicho.directory.session import Query
from daicho.fileserver.sids import (
    ADMINISTRATORS,
    AUTHENTICATED_USERS,
    EVERYONE,
    KNOWN,
    USERS,
    NotReadable,
    domain_of,
    sid_bytes,
    sid_text,
)
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from daicho.directory.session import Session
    from daicho.directory.values import Entry

_PEOPLE: Final = "(&(objectCategory=person)(objectClass=user))"
_ASKED: Final = (
    *("sAMAccountName", "displayName", "objectSid", "memberOf", "primaryGroupID", "userAccountControl"),
    *("objectClass", "userPrincipalName"),
)
_DISABLED: Final = 0x2
_ADMINS_OF_DOMAIN: Final = "512"
_USERS_OF_DOMAIN: Final = "513"
_BY_NAME: Final = {name.casefold(): sid for sid, name in KNOWN.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One account of the directory."""

    sid: str
    login: str
    name: str
    groups: tuple[str, ...]
    """The SIDs of the groups that it is directly in."""
    enabled: bool = True

    def __str__(self) -> str:
        """`田中 香織 (k.tanaka)`."""
        return f"{self.name} ({self.login})" if self.name else self.login


@dataclass(frozen=True, kw_only=True)
class Principals:
    """Everybody whom entries can name."""

    people: Mapping[str, Person]
    """By SID."""
    groups: Mapping[str, str]
    """SID → name."""
    parents: Mapping[str, Sequence[str]]
    """The SIDs of the groups that a group is directly in."""

    @classmethod
    def read(cls, session: Session) -> Self:
        """Everybody in the directory, read in one search."""
        query = Query(session.settings.base, either([_PEOPLE, "(objectClass=group)"]), _ASKED)
        return cls.of(list(session.search(query)))

    @classmethod
    def of(cls, entries: Collection[Entry]) -> Self:
        """Everybody among what a directory answered."""
        sids = {same_key(each.dn): sid_text(each.values["objectsid"][0]) for each in entries}
        people: dict[str, Person] = {}
        groups: dict[str, str] = {}
        parents: dict[str, Sequence[str]] = {}
        for entry in entries:
            sid = sids[same_key(entry.dn)]
            above = tuple(filter(_counts, (sids.get(same_key(dn), "") for dn in entry.texts("memberOf"))))
            if "group" in entry.texts("objectClass"):
                groups[sid] = entry.text("sAMAccountName")
                parents[sid] = above + _on_servers(sid)
            else:
                people[sid] = _person(entry, sid, above)
        return cls(people=people, groups=groups, parents=parents)

    def sid(self, name: str) -> str:
        """The SID of a group or a person, of a name that every server knows, or of itself.

        Raises:
            Trouble: Nobody is called so.
        """
        if name.casefold() in _BY_NAME:
            return _BY_NAME[name.casefold()]
        if name[:2].casefold() == "s-" and name[2:3].isdigit():
            return sid_text(sid_bytes(name))
        if found := self._by_name.get(name.casefold()):
            return found
        raise Trouble(why=_("the directory knows no group and no person called {name!r}").format(name=name))

    def name(self, sid: str) -> str:
        """What people call it; the SID itself if nobody knows it."""
        person = self.people.get(sid)
        return KNOWN.get(sid) or (str(person) if person else self.groups.get(sid, sid))

    def typed(self, sid: str) -> str:
        """A name that `sid` takes for this one; empty: there is none."""
        person = self.people.get(sid)
        name = KNOWN.get(sid) or (person.login if person else self.groups.get(sid, ""))
        try:
            return name if name and self.sid(name) == sid else ""
        except (NotReadable, Trouble):
            return ""

    @cached_property
    def nesting(self) -> Nesting:
        """Which groups are in which, by SID; the server's own groups among them."""
        return Nesting({**self.parents, AUTHENTICATED_USERS: (EVERYONE,), USERS: ()})

    def holds(self, sid: str) -> frozenset[str]:
        """Every SID that counts for an account: its own, and all groups at any depth."""
        person = self.people.get(sid)
        direct = (*(person.groups if person else ()), AUTHENTICATED_USERS)
        return self.nesting.effective(direct) | {sid}

    def way(self, sid: str, group: str) -> tuple[str, ...]:
        """The names of the groups by which somebody is in a group; empty: named directly."""
        person = self.people.get(sid)
        if sid == group or person is None:
            return ()
        steps = self.nesting.way((*person.groups, AUTHENTICATED_USERS), group)
        return tuple(self.name(step) for step in steps)

    def account(self, login: str) -> str | None:
        r"""The SID of who logs on with this name, `svc@office.example.jp` or `OFFICE\svc`."""
        plain = login.rpartition("\\")[2].partition("@")[0]
        return self._by_name.get(plain.casefold())

    @cached_property
    def _by_name(self) -> Mapping[str, str]:
        named = {person.login.casefold(): sid for sid, person in self.people.items()}
        return named | {name.casefold(): sid for sid, name in self.groups.items()}


def _person(entry: Entry, sid: str, above: tuple[str, ...]) -> Person:
    primary = entry.number("primaryGroupID")
    return Person(
        sid=sid,
        login=entry.text("sAMAccountName"),
        name=entry.text("displayName"),
        # The primary group is no value of memberOf.
        groups=(*above, f"{domain_of(sid)}-{primary}") if primary else above,
        enabled=not entry.number("userAccountControl") & _DISABLED,
    )


def _counts(sid: str) -> bool:
    """Whether a group counts on file servers: what is built in there is not what is built in here."""
    return bool(sid) and not sid.startswith("S-1-5-32-")


def _on_servers(sid: str) -> tuple[str, ...]:
    """The server's own groups that a joined server puts a group of its domain into."""
    if not sid.startswith("S-1-5-21-"):
        return ()
    last = sid.rpartition("-")[2]
    return {_ADMINS_OF_DOMAIN: (ADMINISTRATORS,), _USERS_OF_DOMAIN: (USERS,)}.get(last, ())
