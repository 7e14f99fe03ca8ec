"""What is worth a look about the rights of a tree, and who reaches what in it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from daicho.fileserver.access import NONE, gains, level
from daicho.fileserver.descriptors import ALLOW, Descriptor
from daicho.fileserver.inheritance import in_order
from daicho.fileserver.policy import spelled
from daicho.fileserver.principals import Principals
from daicho.fileserver.sids import AUTHENTICATED_USERS, EVERYONE, KNOWN, USERS, domain_of
from daicho.i18n import N_

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from daicho.fileserver.access import Gain
    from daicho.fileserver.planning import Folder
    from daicho.fileserver.principals import Person
    from daicho.fileserver.survey import Place, Survey

_ANONYMOUS: Final = "S-1-5-7"
_GUESTS: Final = "S-1-5-32-546"
_EVERYBODY: Final = frozenset({EVERYONE, AUTHENTICATED_USERS, USERS, _ANONYMOUS, _GUESTS})
_ALL_OF_DOMAIN: Final = ("-513", "-514", "-515")
"""Domain Users, Domain Guests, Domain Computers."""
_LOCAL: Final = "S-1-22-"
"""Accounts of a Unix server that are no accounts of the directory."""


class Flaw(StrEnum):
    """What is worth a look about a file or folder."""

    POLICY = "policy"
    """It is not as the policy says."""
    RECORD = "record"
    """It is not as the last run left it."""
    OPEN = "open"
    """There is no list: everybody may do everything."""
    EVERYBODY = "everybody"
    """Somebody like Everyone is in the list."""
    ORPHAN = "orphan"
    """The list names, or it belongs to, somebody who is not there any more."""
    PERSON = "person"
    """The list names a person rather than a group."""
    STRAY = "stray"
    """What it has as inherited is not what the folder above passes on."""
    DISORDER = "disorder"
    """Its entries are not in the order in which they have to be."""
    PROTECTED = "protected"
    """It inherits nothing from the folder above."""
    DEEP = "deep"
    """It has entries of its own deep down, where nobody looks for them."""
    UNREAD = "unread"
    """Its rights could not be read."""

    @property
    def label(self) -> str:
        """The words for people, as a message to translate."""
        return _LABELS[self]


_LABELS: Final = {
    Flaw.POLICY: N_("not as the policy says"),
    Flaw.RECORD: N_("not as the last run left it"),
    Flaw.OPEN: N_("no list: everybody may do everything"),
    Flaw.EVERYBODY: N_("open to everybody"),
    Flaw.ORPHAN: N_("names an account that is not there"),
    Flaw.PERSON: N_("names a person, not a group"),
    Flaw.STRAY: N_("does not follow the folder above"),
    Flaw.DISORDER: N_("entries out of order"),
    Flaw.PROTECTED: N_("inheritance is broken"),
    Flaw.DEEP: N_("entries of its own deep down"),
    Flaw.UNREAD: N_("could not be read"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing about one file or folder."""

    path: str
    flaw: Flaw
    who: str = ""
    """Whom it is about, as people call them."""
    sid: str = ""
    may: str = ""
    """What they may do: a key of LABELS."""
    why: str = ""
    """More about it: what was wanted and found, or why it could not be read."""
    change: Folder | None = None
    """For drift: how it is, and how it should be."""


@dataclass(frozen=True, kw_only=True)
class Criteria:
    """What counts as worth a look."""

    server: str
    share: str
    deepest: int
    """Below so many folders of a share nothing should have entries of its own."""
    meant: Collection[str] = ()
    """Paths in small letters of which a policy speaks: what is broken there is meant."""


def findings(survey: Survey, everybody: Principals, criteria: Criteria) -> Iterator[Finding]:
    """Everything that is worth a look in a tree, by path."""
    for number, place in enumerate(survey.places):
        path = spelled(criteria.server, criteria.share, place.way)
        yield from _of_list(path, place, everybody, top=number == 0)
        yield from _of_shape(path, place, criteria, top=number == 0)
    for way, error in sorted(survey.refused, key=lambda each: each[0]):
        yield Finding(path=spelled(criteria.server, criteria.share, way), flaw=Flaw.UNREAD, why=str(error))


def _of_list(path: str, place: Place, everybody: Principals, *, top: bool) -> Iterator[Finding]:
    rights = place.rights
    if rights.null:
        yield Finding(path=path, flaw=Flaw.OPEN)
    if _is_orphan(rights.owner, everybody):
        yield Finding(path=path, flaw=Flaw.ORPHAN, sid=rights.owner, who=rights.owner, may="owner")
    entries = rights.entries if top else place.own
    for sid in dict.fromkeys(entry.sid for entry in entries if entry.sid):
        its = Descriptor(entries=tuple(entry for entry in entries if entry.sid == sid))
        may = level(its, {sid}, file=not place.folder)
        allowed = any(entry.allow for entry in its.entries)
        flaw = None
        if allowed and (sid in _EVERYBODY or sid.endswith(_ALL_OF_DOMAIN)):
            flaw = Flaw.EVERYBODY
        elif _is_orphan(sid, everybody):
            flaw = Flaw.ORPHAN
        elif sid in everybody.people and sid != rights.owner:
            flaw = Flaw.PERSON
        if flaw:
            yield Finding(path=path, flaw=flaw, sid=sid, who=everybody.name(sid), may=may)


def _of_shape(path: str, place: Place, criteria: Criteria, *, top: bool) -> Iterator[Finding]:
    rights = place.rights
    if in_order(rights.entries) != rights.entries:
        yield Finding(path=path, flaw=Flaw.DISORDER)
    meant = top or path.casefold() in criteria.meant
    if rights.protected and not meant:
        yield Finding(path=path, flaw=Flaw.PROTECTED)
    elif not place.follows and not top:
        yield Finding(path=path, flaw=Flaw.STRAY)
    depth = place.way.count("\\") + bool(place.way)
    if place.own and depth > criteria.deepest and not meant:
        yield Finding(path=path, flaw=Flaw.DEEP, why=str(depth))


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """One who is named in the list of a folder or file."""

    path: str
    folder: bool
    owner: str
    who: str
    sid: str
    may: str
    """A key of LABELS; of what is denied, what is."""
    deny: bool
    inherited: bool
    people: int
    """So many people that is, at any depth of groups; closed accounts do not count."""


def named_in(survey: Survey, everybody: Principals, criteria: Criteria) -> Iterator[Named]:
    """Who is named at every place of a tree; below it, the same holds."""
    counted: dict[str, int] = {}
    for place in survey.places:
        path = spelled(criteria.server, criteria.share, place.way)
        entries = place.rights.entries
        keys = dict.fromkeys((each.sid, each.deny, each.inherited) for each in entries if each.sid)
        for sid, deny, inherited in keys:
            same = (
                each for each in entries if (each.sid, each.deny, each.inherited) == (sid, deny, inherited)
            )
            # What is denied is looked at as if it were allowed: that is what it is about.
            its = Descriptor(entries=tuple(replace(each, kind=ALLOW) for each in same if each.plain))
            if sid not in counted:
                counted[sid] = _people_in(sid, everybody)
            yield Named(
                path=path,
                folder=place.folder,
                owner=everybody.name(place.rights.owner),
                who=everybody.name(sid),
                sid=sid,
                may=level(its, {sid}, file=not place.folder),
                deny=deny,
                inherited=inherited,
                people=counted[sid],
            )


def _people_in(sid: str, everybody: Principals) -> int:
    everyone = sid in {EVERYONE, AUTHENTICATED_USERS}
    inside = everybody.nesting.inside(sid)
    return sum(
        each.enabled and (everyone or each.sid == sid or not inside.isdisjoint(each.groups))
        for each in everybody.people.values()
    )


def _is_orphan(sid: str, everybody: Principals) -> bool:
    if not sid.startswith(("S-1-5-21-", _LOCAL)) or sid in KNOWN:
        return False
    return sid not in everybody.people and sid not in everybody.groups


def of_another_domain(sid: str, everybody: Principals) -> bool:
    """Whether a SID was made elsewhere than in the directory: another domain, or the server itself."""
    return domain_of(sid) not in {domain_of(each) for each in (*everybody.people, *everybody.groups)}


def who_can(rights: Descriptor, everybody: Principals) -> Iterator[Gain]:
    """Everybody who may do anything in a folder, by logon name, and through which groups."""
    return gains(Descriptor(entries=()), rights, everybody)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """What one person may do at one place, and in all below that is not named itself."""

    path: str
    folder: bool
    may: str
    way: tuple[str, ...]


def reached(
    survey: Survey, person: Person, everybody: Principals, root: tuple[str, str]
) -> Iterator[Reached]:
    """Where in a tree somebody may do anything, and where that changes; `root`: server and share."""
    holds = everybody.holds(person.sid)
    alone = Principals(people={person.sid: person}, groups=everybody.groups, parents=everybody.parents)
    known: dict[str, str] = {}
    for place in survey.places:
        may = level(place.rights, holds, file=not place.folder)
        before = _nearest(known, place.way.casefold())
        if place.folder:
            known[place.way.casefold()] = may
        if may != before:
            gained = next((each for each in who_can(place.rights, alone)), None)
            yield Reached(
                path=spelled(*root, place.way), folder=place.folder, may=may, way=gained.way if gained else ()
            )


def _nearest(known: Mapping[str, str], way: str) -> str:
    while way:
        way = way.rpartition("\\")[0]
        if way in known:
            return known[way]
    return NONE
