"""What the works on people are for: to bring, move and put aside, and to go back."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Final, NamedTuple

from daicho.accounts import telling
from daicho.accounts.becoming import Becoming
from daicho.accounts.homes import Homes
from daicho.accounts.opening import open_directory
from daicho.accounts.people_craft import Desk, PeopleCraft, Purpose, Tools
from daicho.accounts.rows import as_of, movements, superiors_first, without_managers
from daicho.accounts.rules import SECRET
from daicho.accounts.wishes import HOME, Wishes
from daicho.craft import Trouble, trouble_of
from daicho.directory import state as keys
from daicho.directory.names import common_name, parent
from daicho.directory.planning import Planner
from daicho.directory.reading import Reader
from daicho.directory.settings import Flavour
from daicho.directory.wrong import DirectoryError
from daicho.fileserver.share import Account as ShareAccount
from daicho.fileserver.wrong import FileServerError
from daicho.i18n import gettext as _
from daicho.items.item import Item
from daicho.people.outlook import outlook
from daicho.people.step import Act

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import date

    from daicho.accounts.census import Census
    from daicho.accounts.rules import DirectoryFile
    from daicho.craft import Bench, Craft, Target
    from daicho.directory.state import Account
    from daicho.door import Intention
    from daicho.people.known import Known
    from daicho.people.movement import Movement
    from daicho.people.outlook import Outlook
    from daicho.people.step import Step
    from daicho.plan import Scalar, TargetState

ACTS: Final[Mapping[str, frozenset[Act]]] = {
    "onboard_users": frozenset({Act.PREPARE, Act.ENABLE, Act.RESTORE}),
    "transfer_users": frozenset({Act.MOVE, Act.RELEASE, Act.ASSIGN, Act.EXTEND, Act.RENAME}),
    "offboard_users": frozenset({Act.DISABLE}),
}
"""Which steps each work takes."""


def items_of(inputs: Mapping[str, object]) -> list[Item]:
    """One item per person of the rows, superiors before those whom they lead."""
    people: dict[str, Movement] = {}
    for movement in superiors_first(movements(inputs)):
        people.setdefault(movement.number, movement)
    return [Item(number, "user", attributes=_attributes(each)) for number, each in people.items()]


def recorded_items(inputs: Mapping[str, object]) -> list[Item]:
    """One item per person whose account comes back."""
    people: Sequence[Mapping[str, str]] = inputs["people"]  # type: ignore[assignment]
    return [Item(each["number"], "user", attributes=_named(each.get("name", ""))) for each in people]


def _named(name: str) -> dict[str, str]:
    return {"name": name} if name else {}


def _attributes(movement: Movement) -> dict[str, str]:
    told = {"name": movement.name.full, "kana": movement.name.kana, "section": movement.section}
    return {name: value for name, value in told.items() if value}


@contextmanager
def _tools(bench: Bench) -> Iterator[Tools]:
    with ExitStack() as opened, open_directory(bench) as found:
        site = bench.content / "site"
        reader = Reader(found.session)
        homes = opened.enter_context(Homes(found.rules.homes, found.session, _logon(bench, found.rules)))
        slips = found.rules.slips_in(bench.folder, site)
        yield Tools(rules=found.rules, reader=reader, homes=homes, slips=slips)


def _logon(bench: Bench, rules: DirectoryFile) -> ShareAccount:
    name, secret = rules.homes.user or rules.directory.bind_name, "fileserver" if rules.homes.user else SECRET
    return ShareAccount(name=name, secret=partial(bench.secret, secret))


@contextmanager
def _opened(bench: Bench, work: str, *, ends_sessions: bool = False) -> Iterator[Craft]:
    with _tools(bench) as tools:
        yield PeopleCraft(Personnel(tools, bench, work, ends_sessions=ends_sessions))


def open_onboarding(bench: Bench) -> AbstractContextManager[Craft]:
    """The craft of `onboard_users`."""
    return _opened(bench, "onboard_users")


def open_transfer(bench: Bench) -> AbstractContextManager[Craft]:
    """The craft of `transfer_users`."""
    return _opened(bench, "transfer_users")


def open_offboarding(bench: Bench) -> AbstractContextManager[Craft]:
    """The craft of `offboard_users`."""
    return _opened(bench, "offboard_users", ends_sessions=bool(bench.inputs.get("end_sessions", True)))


@contextmanager
def open_restoring(bench: Bench) -> Iterator[Craft]:
    """The craft of `restore_users`."""
    with _tools(bench) as tools:
        yield PeopleCraft(Recorded(tools, bench))


class Recorded(Purpose):
    """Goes back to states that are on record."""

    def __init__(self, tools: Tools, bench: Bench, *, ends_sessions: bool = False) -> None:
        """Work with these."""
        super().__init__(tools)
        self.bench, self.ends_sessions = bench, ends_sessions
        self.day = as_of(bench.inputs)
        self.wishes = Wishes(rules=tools.rules, dialect=tools.reader.dialect)
        self.becoming = Becoming(
            tools=tools,
            planner=Planner(tools.reader),
            wishes=self.wishes,
            day=self.day,
            ends_sessions=ends_sessions,
        )

    def intentions(self, targets: Sequence[Target]) -> Iterator[tuple[str, Intention | Trouble]]:
        """What would become of each person."""
        accounts = self.tools.people([target.name for target in targets])
        found = ((accounts.get(target.name), self._wanted(target) or {}) for target in targets)
        self.becoming.expect(
            (account, wanted) for account, wanted in found if not isinstance(account, Trouble)
        )
        for target in targets:
            yield target.name, self.tried(target, accounts.get(target.name))

    def tried(self, target: Target, account: Account | Trouble | None) -> Intention | Trouble:
        """The intention for one person, or why there is none."""
        try:
            return self.intention(target, account)
        except (Trouble, DirectoryError, FileServerError) as error:
            return trouble_of(error)

    def intention(self, target: Target, account: Account | Trouble | None) -> Intention:
        """What is on record for a person, as an intention."""
        if isinstance(account, Trouble):
            raise account
        wanted = self._wanted(target)
        if wanted is None:
            said = _("the change says nothing of employee {number}")
            raise Trouble(why=said.format(number=target.name))
        if account is None:
            raise Trouble(why=_("nobody in the directory is employee {number}").format(number=target.name))
        if keys.DN in wanted and not wanted[keys.DN]:
            return self._unmade(target.name, account)
        place = common_name(parent(str(wanted.get(keys.DN) or account.dn)))
        closes = wanted.get(keys.ENABLED) is False
        notes = [telling.back(common_name(account.dn), place, closes=closes)]
        notes += [telling.new_password()] if wanted.get(keys.MUST_CHANGE) else []
        return self.becoming.intention(target.name, account, dict(wanted), notes)

    def _unmade(self, number: str, account: Account) -> Intention:
        name = common_name(account.dn)
        if not self.becoming.was_used(account):
            said = _("{person}: the account is removed; nobody has ever logged on with it")
            return self.becoming.removal(number, account, [said.format(person=name)])
        said = _("{person}: somebody has logged on with the account, so it is put aside instead of removed")
        notes = [said.format(person=name)]
        return self.becoming.intention(number, account, self.wishes.put_aside(account, self.day), notes)

    def _wanted(self, target: Target) -> TargetState | None:
        return target.wanted if target.wanted is not None else self._asked.get(target.name)

    @cached_property
    def _asked(self) -> Mapping[str, TargetState]:
        people: Sequence[Mapping[str, object]] = self.bench.inputs.get("people", ())  # type: ignore[assignment]
        return {str(each["number"]): each["state"] for each in people}  # type: ignore[misc]


class Due(NamedTuple):
    """What is to be different for one person now."""

    step: Step
    account: Account | None
    wished: dict[str, Scalar]


class Personnel(Recorded):
    """Does what a personnel file says, as far as it is due and this work's."""

    def __init__(self, tools: Tools, bench: Bench, work: str, *, ends_sessions: bool = False) -> None:
        """Work with these."""
        super().__init__(tools, bench, ends_sessions=ends_sessions)
        self._work = work

    def intentions(self, targets: Sequence[Target]) -> Iterator[tuple[str, Intention | Trouble]]:
        """What would become of each person."""
        if self.bench.undo:
            yield from super().intentions(targets)
            return
        prospects = Prospects.of(self.tools, movements(self.bench.inputs), self.day)
        self.tools.know_managers(prospects.census)
        self.becoming.know(prospects.census)
        accounts = prospects.census.snapshot.by_number
        due = {
            target.name: self._due(prospects.steps.get(target.name), target.name, accounts.get(target.name))
            for target in targets
        }
        self.becoming.expect((each.account, each.wished) for each in due.values() if isinstance(each, Due))
        for number, each in due.items():
            yield number, each if isinstance(each, Trouble) else self._intended(each, prospects)

    def _due(self, step: Step | None, number: str, account: Account | None) -> Due | Trouble:
        if step is None or step.act not in ACTS[self._work]:
            act = _(step.act.label) if step else "-"
            said = _("for employee {number} something else is due now ({act}). Request the file again.")
            return Trouble(why=said.format(number=number, act=act))
        try:
            return Due(step, account, self._wished(step, account))
        except (Trouble, DirectoryError, FileServerError) as error:
            return trouble_of(error)

    def _intended(self, due: Due, prospects: Prospects) -> Intention | Trouble:
        step, account, wished = due
        try:
            notes = [*prospects.notes(step), *self._more_notes(step, account)]
            return self.becoming.intention(step.number, account, wished, notes)
        except (Trouble, DirectoryError, FileServerError) as error:
            return trouble_of(error)

    def _wished(self, step: Step, account: Account | None) -> dict[str, Scalar]:
        wished = self.wishes.of(step, account)
        home, login = step.profile.home, step.profile.account
        rules = self.tools.rules
        if home and home.path and rules.homes.make and rules.directory.flavour is Flavour.AD:
            wished[HOME] = self.tools.homes.wanted(login)
        return wished

    def _more_notes(self, step: Step, account: Account | None) -> Iterator[str]:
        if account is None or step.act is Act.RESTORE:
            yield telling.new_password()
        if step.act is Act.DISABLE:
            yield telling.put_aside(step.day)
            if self.ends_sessions:
                yield telling.no_password()


@dataclass(frozen=True, kw_only=True)
class Prospects:
    """What is due for each person now, and what comes later."""

    census: Census
    outlook: Outlook
    steps: Mapping[str, Step]
    names: Mapping[str, telling.Named]
    """Number → name and sections, as the file says them, else the directory."""
    superiors: Mapping[str, str]
    """Number → superior who has no account and is left out."""

    @classmethod
    def of(cls, tools: Desk, rows: Sequence[Movement], day: date, document: str = "") -> Prospects:
        """Judge movements against the directory.

        Raises:
            ItemsUnusable: They contradict it or each other; all problems are named.
        """
        census = tools.census()
        return cls.among(census, rows, day, document)

    @classmethod
    def among(cls, census: Census, rows: Sequence[Movement], day: date, document: str = "") -> Prospects:
        """The same, with the accounts read already."""
        ordered, left_out = without_managers(superiors_first(rows), frozenset(census.snapshot.by_number))
        found = outlook(ordered, census.office, day, document)
        known = {each.number: each for each in census.office.known if each.number}
        names = {row.number: _named_by(row, known.get(row.number), census) for row in rows}
        steps = {step.number: step for step in found.today}
        return cls(census=census, outlook=found, steps=steps, names=names, superiors=left_out)

    def notes(self, step: Step) -> list[str]:
        """What an approver has to know besides the difference."""
        notes = [telling.headline(step, self.names[step.number])]
        if step.number in self.superiors:
            notes.append(telling.no_manager(self.superiors[step.number]))
        return [*notes, *telling.later(self.outlook.later_of(step.number))]


def _named_by(row: Movement, known: Known | None, census: Census) -> telling.Named:
    sections = census.rules.people.sections
    before = row.old_section or (known.section if known else "")
    section = row.section or before
    return telling.Named(
        name=row.name.full or (known.name.full if known else ""),
        section=sections.name(section),
        before=sections.name(before) if before and before != section else "",
        there=known is not None and known.section == section,
    )
