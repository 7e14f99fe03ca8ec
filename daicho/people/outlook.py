"""From movements to steps: what is due today and what comes later. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from daicho.items.problems import ItemsUnusable, Problem, Unfit
from daicho.people.attributes import attribute_names
from daicho.people.judging import Judge, oldest_day
from daicho.people.merging import merged
from daicho.people.movement import Kind
from daicho.people.naming import Names
from daicho.people.profiles import Person, Profiles
from daicho.people.step import Act, Profile, Step
from daicho.people.timeline import Identity, Rules, timeline

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from daicho.people.attributes import Flavour
    from daicho.people.known import Known
    from daicho.people.movement import Movement
    from daicho.people.policy import People


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """The steps that follow from movements, by day and by the file's order."""

    as_of: date
    due: tuple[Step, ...]
    """Of this day and of days before it. What has happened already changes nothing once more."""
    later: tuple[Step, ...]

    @cached_property
    def today(self) -> tuple[Step, ...]:
        """One step per person that comes to the same as all that is due for them."""
        return tuple(map(merged, _by_person(self.due).values()))

    def later_of(self, number: str) -> Sequence[Step]:
        """What comes later for one person."""
        return self._later.get(number, ())

    @cached_property
    def _later(self) -> Mapping[str, Sequence[Step]]:
        return _by_person(self.later)

    @property
    def next_day(self) -> date | None:
        """The next day on which something is to do."""
        return self.later[0].day if self.later else None


def _by_person(steps: Iterable[Step]) -> dict[str, list[Step]]:
    people: dict[str, list[Step]] = {}
    for step in steps:
        people.setdefault(step.number, []).append(step)
    return people


@dataclass(frozen=True, kw_only=True)
class Office:
    """What movements are judged by: the site's rules and the accounts that exist."""

    policy: People
    known: Sequence[Known]
    """All accounts, disabled ones too: their names are taken."""
    flavour: Flavour = "ad"


def outlook(movements: Sequence[Movement], office: Office, as_of: date, document: str = "") -> Outlook:
    """The dated steps that follow from movements.

    Args:
        movements: As `daicho.people.reading` reads them.
        office: The site's rules and the accounts that exist.
        as_of: Today at the site.
        document: The file's name, for messages.

    Raises:
        ItemsUnusable: Movements contradict the directory or each other; all problems are named.
    """
    judge = Judge(office.known)
    people = judge.sorted_out(movements)
    judge.judge(people, office.policy.sections, oldest_day(as_of, office.policy.days.stale_after))
    profiles = Profiles(
        policy=office.policy, attributes=attribute_names(office.flavour, office.policy.attributes)
    )
    identities = _Identities(office, profiles, judge)
    identities.keep_free(movement.mail for movement in movements if movement.mail)
    named = {
        number: identities.of(people[number])
        for number in dict.fromkeys(movement.number for movement in movements)
    }
    if judge.problems:
        raise ItemsUnusable(document, judge.problems)

    def account_of(number: str) -> str:
        identity, known = named.get(number), judge.by_number.get(number)
        return identity.account if identity else known.account if known else ""

    rules = Rules(policy=office.policy, profiles=profiles, accounts=account_of)
    found = [
        step
        for number, identity in named.items()
        for step in timeline(people[number], judge.by_number.get(number), identity, rules)
    ]
    found.sort(key=lambda step: step.day)
    return Outlook(
        as_of=as_of,
        due=tuple(step for step in found if step.day <= as_of),
        later=tuple(step for step in found if step.day > as_of),
    )


class _Identities:
    def __init__(self, office: Office, profiles: Profiles, judge: Judge) -> None:
        self._names = Names(office.policy.naming, office.known)
        self._profiles, self._judge = profiles, judge

    def keep_free(self, mails: Iterable[str]) -> None:
        """Give nobody an address that the file gives to somebody, in whichever row."""
        for mail in mails:
            self._names.take_mail(mail)

    def of(self, mine: Sequence[Movement]) -> Identity:
        """The names of one person: those of the account that exists, or new ones."""
        known = self._judge.by_number.get(mine[0].number)
        if known is None:
            # Who is nobody and does not join has a problem already.
            return self._new(mine[0]) if mine[0].kind is Kind.JOIN else Identity(account="")
        renamed = next((each for each in reversed(mine) if each.kind is Kind.RENAME), None)
        common_name = None
        if renamed is not None:
            name = replace(
                known.name,
                family=renamed.name.family or known.name.family,
                given=renamed.name.given or known.name.given,
            )
            person = Person(number=known.number, account=known.account, name=name, section=known.section)
            wanted = self._profiles.common_name(person)
            common_name = self._names.renamed(known.common_name, wanted, known.account)
        return Identity(account=known.account, mail=known.mail, common_name=common_name)

    def _new(self, movement: Movement) -> Identity:
        number = movement.number
        try:
            account = self._names.account(movement.name, number, has_mail=bool(movement.mail))
        except Unfit as unfit:
            self._judge.problems.append(Problem(movement.place, "", str(unfit)))
            return Identity(account="")
        mail = movement.mail or self._profiles.mail(account, number)
        person = Person(number=number, account=account, name=movement.name, section=movement.section)
        common_name = self._names.common_name(self._profiles.common_name(person), account)
        self._names.take(account, mail)
        return Identity(account=account, mail=mail, common_name=common_name)


def ended(office: Office, as_of: date) -> tuple[Step, ...]:
    """A step for everybody whose term is over though no file says that they leave.

    The directory refuses their logon since that day; their groups and their place are still theirs.
    """
    days = office.policy.days
    return tuple(
        Step(
            day=days.left(each.expires),
            act=Act.DISABLE,
            number=each.number,
            exists=True,
            profile=Profile(account=each.account),
            enabled=False,
            loses=each.groups,
        )
        for each in office.known
        if each.number and each.enabled and each.expires is not None and days.left(each.expires) <= as_of
    )
