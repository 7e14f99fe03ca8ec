"""What entries mean for people: who may do what, through which group, and what changes for whom. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from daicho.fileserver.descriptors import FULL, MODIFY, ONLY_BELOW, READ
from daicho.fileserver.inheritance import passed_on
from daicho.fileserver.policy import TRAVERSE
from daicho.fileserver.sids import AUTHENTICATED_USERS, EVERYONE
from daicho.i18n import N_

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from daicho.fileserver.descriptors import Descriptor, Entry
    from daicho.fileserver.principals import Person, Principals

NONE: Final = "none"
LABELS: Final = {
    "full": N_("full control"),
    "modify": N_("modify"),
    "read": N_("read"),
    "list": N_("see names only"),
    "traverse": N_("pass through"),
    "special": N_("special rights"),
    NONE: N_("no access"),
}
_RANKS: Final = {level: rank for rank, level in enumerate(reversed(LABELS))}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """What becomes of one person's access to one folder."""

    person: Person
    before: str
    after: str
    """Levels: the keys of LABELS."""
    way: tuple[str, ...]
    """The groups through which the higher of the two was or is held; empty: named by itself."""

    @property
    def loses(self) -> bool:
        """Whether the person may do less than before."""
        return _RANKS[self.after] < _RANKS[self.before]


def mask_of(entries: Collection[Entry], holds: Collection[str]) -> int:
    """What somebody who holds these SIDs may do where the entries stand.

    Entries count in their order: what the first of them allows or denies is settled. Entries under a
    condition are left out: only the server knows whether it holds.
    """
    allowed = denied = 0
    for entry in entries:
        if entry.flags & ONLY_BELOW or entry.sid not in holds or not entry.plain:
            continue
        if entry.allow:
            allowed |= entry.mask & ~denied
        else:
            denied |= entry.mask & ~allowed
    return allowed


def level(rights: Descriptor, holds: Collection[str], *, file: bool = False) -> str:
    """What somebody may do in a folder and with the files in it, in one word; or with one file."""
    if rights.null:
        return "full"
    folder = mask_of(rights.entries, holds)
    below = passed_on(rights.entries, folder=False, owner=rights.owner)
    files = folder if file else mask_of(below, holds)
    for word, mask in (("full", FULL), ("modify", MODIFY), ("read", READ)):
        if folder & mask == mask == files & mask:
            return word
    if files or folder & ~READ:
        return "special"
    if folder & READ == READ:
        return "list"
    return "traverse" if folder & TRAVERSE == TRAVERSE else "special" if folder else NONE


def gains(before: Descriptor, after: Descriptor, everybody: Principals) -> Iterator[Gain]:
    """For whom a change of a folder's rights changes anything, by logon name, without closed accounts."""
    named = {entry.sid for rights in (before, after) for entry in rights.entries if entry.sid}
    levels: dict[frozenset[str], tuple[str, str]] = {}
    for person in sorted(_concerned(named, before.null or after.null, everybody), key=lambda its: its.login):
        holds = frozenset(everybody.holds(person.sid) & named)
        if holds not in levels:
            levels[holds] = level(before, holds), level(after, holds)
        was, becomes = levels[holds]
        if was == becomes:
            continue
        higher = before if _RANKS[was] > _RANKS[becomes] else after
        way = _way(person, higher, holds, everybody)
        yield Gain(person=person, before=was, after=becomes, way=way)


def _concerned(named: Collection[str], everyone: bool, everybody: Principals) -> Iterator[Person]:
    """Those whom one of these SIDs names."""
    all_of_them = everyone or not {EVERYONE, AUTHENTICATED_USERS}.isdisjoint(named)
    inside: set[str] = set()
    for sid in named:
        inside |= everybody.nesting.inside(sid)
    for person in everybody.people.values():
        reached = all_of_them or person.sid in named or not inside.isdisjoint(person.groups)
        if reached and person.enabled:
            yield person


def _way(person: Person, rights: Descriptor, holds: frozenset[str], everybody: Principals) -> tuple[str, ...]:
    """The way by which a person comes to most of it."""
    best = max(
        (entry for entry in rights.entries if entry.allow and entry.sid in holds),
        key=lambda entry: entry.mask.bit_count(),
        default=None,
    )
    return everybody.way(person.sid, best.sid) if best else ()
