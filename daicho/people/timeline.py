"""One person's movements played through in time: each becomes its dated steps.

What happens later depends on what happens before: the groups of an old section stay if the next
section gives them too, and somebody who retires on one day and is re-employed on the next is never
disabled. So the days are played in their order, on a picture of the account.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING

from daicho.people.movement import Kind, PersonName
from daicho.people.profiles import Person
from daicho.people.step import Act, Profile, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import date

    from daicho.people.known import Known
    from daicho.people.movement import Movement
    from daicho.people.policy import People
    from daicho.people.profiles import Profiles


@dataclass(frozen=True, kw_only=True)
class Identity:
    """The names that somebody's account has or gets."""

    account: str
    mail: str = ""
    common_name: str | None = None
    """For a new account or a new name."""


@dataclass(kw_only=True)
class _Picture:
    """The account as it is after the steps so far."""

    person: Person
    exists: bool
    enabled: bool
    left: bool
    previous: str = ""
    assigned: set[str] = field(default_factory=set)
    groups: set[str] = field(default_factory=set)
    ends: date | None = None
    """Last day of the term that is in force."""
    leaving: Movement | None = None
    """The LEAVE that has not taken effect yet."""


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What a timeline goes by."""

    policy: People
    profiles: Profiles
    accounts: Callable[[str], str]
    """The account of an employee number; empty if there is none."""


def timeline(
    movements: Iterable[Movement], known: Known | None, identity: Identity, rules: Rules
) -> list[Step]:
    """The steps of one person in the order of their days.

    Args:
        movements: All movements of this person.
        known: Their account, if there is one.
        identity: Their names, new or old.
        rules: The site's.
    """
    return list(_Player(movements, known, identity, rules).play())


type _Event = Callable[[date], Iterator[Step]]


class _Player:
    def __init__(
        self, movements: Iterable[Movement], known: Known | None, identity: Identity, rules: Rules
    ) -> None:
        ordered = sorted(movements, key=lambda movement: movement.effective)
        self._days, self._sections = rules.policy.days, rules.policy.sections
        self._rules, self._identity = rules, identity
        self._now = _picture(ordered[0], known, identity)
        self._order = count()
        self._events: list[tuple[date, int, int, _Event]] = []
        for movement in ordered:
            self._enter(movement)

    def play(self) -> Iterator[Step]:
        """Play the days in their order."""
        while self._events:
            day, _rank, _order, event = heapq.heappop(self._events)
            yield from event(day)

    def _at(self, day: date, rank: int, event: _Event) -> None:
        # Of one day what brings comes before what takes away: who is re-employed is not disabled.
        heapq.heappush(self._events, (day, rank, next(self._order), event))

    def _enter(self, movement: Movement) -> None:
        play: dict[Kind, Callable[[Movement, date], Iterator[Step]]] = {
            Kind.JOIN: self._come,
            Kind.REHIRE: self._come,
            Kind.MOVE: self._move,
            Kind.ASSIGN: self._assign,
            Kind.UNASSIGN: self._unassign,
            Kind.EXTEND: self._extend,
            Kind.RENAME: self._rename,
        }
        begin = movement.effective
        if movement.kind is Kind.LEAVE:
            self._at(begin, 0, lambda _day: self._give_notice(movement))
            self._at(self._days.left(begin), 2, lambda day: self._leave(movement, day))
            return
        if movement.kind is Kind.JOIN and not self._now.exists:
            self._at(self._days.before(begin), 0, lambda day: self._prepare(movement, day))
        if movement.kind is Kind.EXTEND:
            # The old end must not pass before the new one is written.
            begin = self._days.before(begin)
        self._at(begin, 1, lambda day: play[movement.kind](movement, day))

    def _prepare(self, movement: Movement, day: date) -> Iterator[Step]:
        now = self._now
        self._learn(movement)
        gains = self._gained(now.person.section)
        profile = self._rules.profiles.whole(now.person, self._identity.common_name)
        step = self._step(day, Act.PREPARE, movement, profile)
        now.exists, now.enabled = True, False
        now.groups |= gains
        yield replace(step, enabled=False, gains=gains, expires=movement.until, expiry=True)

    def _come(self, movement: Movement, day: date) -> Iterator[Step]:
        now = self._now
        if now.exists and now.enabled:
            # Re-employed without a gap, or here already: for the account it is a move.
            yield from self._move(movement, day)
            return
        act = Act.RESTORE if now.left else Act.ENABLE
        self._learn(movement)
        gains = self._gained(now.person.section)
        common_name = None if now.exists else self._identity.common_name
        step = self._step(day, act, movement, self._rules.profiles.whole(now.person, common_name))
        now.exists, now.enabled, now.left, now.leaving = True, True, False, None
        now.groups |= gains
        self._until(movement)
        yield replace(step, enabled=True, gains=gains, expires=movement.until, expiry=True)

    def _move(self, movement: Movement, day: date) -> Iterator[Step]:
        now = self._now
        old = self._old_section(movement)
        comes = movement.kind in {Kind.JOIN, Kind.REHIRE}
        self._learn(movement)
        now.leaving = None if comes else now.leaving
        gains = self._gained(now.person.section)
        step = self._step(day, Act.MOVE, movement, self._rules.profiles.moved(now.person, old))
        now.groups |= gains
        now.previous = old
        loses = frozenset[str]()
        if old and old != now.person.section:
            over = self._days.handed_over(day)
            if over == day:
                loses = self._given_up(old)
            else:
                self._at(over, 3, lambda later: self._release(old, movement, later))
        if movement.until or comes:
            self._until(movement)
            step = replace(step, expires=movement.until, expiry=True)
        yield replace(step, gains=gains, loses=loses)

    def _release(self, section: str, movement: Movement, day: date) -> Iterator[Step]:
        loses = self._given_up(section)
        if loses:
            yield replace(self._step(day, Act.RELEASE, movement, self._same()), loses=loses)

    def _assign(self, movement: Movement, day: date) -> Iterator[Step]:
        now, section = self._now, movement.section
        gains = self._gained(section)
        now.assigned.add(section)
        now.groups |= gains
        if movement.until:
            self._at(self._days.left(movement.until), 3, lambda later: self._unassigned(movement, later))
        yield replace(self._step(day, Act.ASSIGN, movement, self._same()), gains=gains)

    def _unassign(self, movement: Movement, day: date) -> Iterator[Step]:
        self._now.assigned.discard(movement.section)
        over = self._days.handed_over(day)
        self._at(over, 3, lambda later: self._release(movement.section, movement, later))
        yield from ()

    def _unassigned(self, movement: Movement, day: date) -> Iterator[Step]:
        self._now.assigned.discard(movement.section)
        yield from self._release(movement.section, movement, day)

    def _extend(self, movement: Movement, day: date) -> Iterator[Step]:
        self._until(movement)
        step = self._step(day, Act.EXTEND, movement, self._same())
        yield replace(step, expires=movement.until, expiry=True)

    def _rename(self, movement: Movement, day: date) -> Iterator[Step]:
        self._learn(movement, renames=True)
        common_name = self._identity.common_name or self._rules.profiles.common_name(self._now.person)
        profile = self._rules.profiles.renamed(self._now.person, common_name)
        yield self._step(day, Act.RENAME, movement, profile)

    def _give_notice(self, movement: Movement) -> Iterator[Step]:
        self._now.leaving = movement
        yield from ()

    def _leave(self, movement: Movement, day: date) -> Iterator[Step]:
        now = self._now
        if now.leaving is not movement or not now.exists or (now.left and not now.enabled):
            return
        yield self._disabled(movement, day)

    def _until(self, movement: Movement) -> None:
        self._now.ends = end = movement.until
        if end is not None:
            self._at(self._days.left(end), 2, lambda day: self._end(end, movement, day))

    def _end(self, end: date, movement: Movement, day: date) -> Iterator[Step]:
        # A later term has replaced this end, or the person is gone already.
        if self._now.ends == end and self._now.enabled:
            yield self._disabled(movement, day)

    def _disabled(self, movement: Movement, day: date) -> Step:
        now = self._now
        step = self._step(day, Act.DISABLE, movement, self._same())
        loses = frozenset(now.groups)
        now.enabled, now.left, now.leaving, now.ends = False, True, None, None
        now.groups.clear()
        now.assigned.clear()
        return replace(step, enabled=False, loses=loses)

    def _gained(self, section: str) -> frozenset[str]:
        """The groups of a section that this person is not in yet."""
        has = _folded(self._now.groups)
        return frozenset(each for each in self._sections.groups(section) if each.casefold() not in has)

    def _given_up(self, section: str) -> frozenset[str]:
        """The groups of a section that no section of this person gives any more."""
        now = self._now
        kept = self._sections.groups(now.person.section).union(
            *(self._sections.groups(each) for each in now.assigned)
        )
        goes = _folded(self._sections.groups(section)) - _folded(kept)
        loses = frozenset(group for group in now.groups if group.casefold() in goes)
        now.groups -= loses
        return loses

    def _old_section(self, movement: Movement) -> str:
        now = self._now
        new = movement.section or now.person.section
        # The previous section counts where the move has happened and is looked at once more.
        previous = now.previous if movement.section else ""
        candidates = (movement.old_section, now.person.section, previous)
        return next((each for each in candidates if each and each != new), now.person.section)

    def _learn(self, movement: Movement, *, renames: bool = False) -> None:
        """Take over what a movement says of the person."""
        now = self._now
        now.person = replace(
            now.person,
            name=_name(now.person.name, movement.name, renames=renames),
            section=movement.section or now.person.section,
            post=movement.post or now.person.post,
            new_post=movement.post,
            phone=movement.phone,
            room=movement.room,
            card=movement.card,
            mail=movement.mail or now.person.mail,
            manager=self._rules.accounts(movement.manager) if movement.manager else "",
        )

    def _same(self) -> Profile:
        return Profile(account=self._now.person.account)

    def _step(self, day: date, act: Act, movement: Movement, profile: Profile) -> Step:
        return Step(
            day=day,
            act=act,
            number=movement.number,
            exists=self._now.exists,
            profile=profile,
            because=(movement.place,),
        )


def _folded(groups: Iterable[str]) -> set[str]:
    # A directory takes GS_Somu and gs_somu for one group.
    return {group.casefold() for group in groups}


def _picture(first: Movement, known: Known | None, identity: Identity) -> _Picture:
    person = Person(
        number=first.number,
        account=identity.account,
        name=known.name if known else first.name,
        section=known.section if known else first.section,
        post=known.post if known else first.post,
        mail=identity.mail,
    )
    if known is None:
        return _Picture(person=person, exists=False, enabled=False, left=False)
    return _Picture(
        person=person,
        exists=True,
        enabled=known.enabled,
        left=known.left,
        previous=known.previous,
        assigned=set(known.assigned),
        groups=set(known.groups),
        ends=known.expires,
    )


def _name(known: PersonName, told: PersonName, *, renames: bool) -> PersonName:
    """The name from now on: a file in CP932 must not turn 𠮷田 into 吉田, so only a RENAME changes kanji."""
    return PersonName(
        family=(told.family if renames else "") or known.family or told.family,
        given=(told.given if renames else "") or known.given or told.given,
        family_kana=(told.family_kana if renames else "") or known.family_kana or told.family_kana,
        given_kana=(told.given_kana if renames else "") or known.given_kana or told.given_kana,
    )
