"""Whose default a printer is: the terminals in its group, to which Group Policy gives its queue as default.

Windows keeps a default printer in each user's profile, where no administrator reaches it. What a site can
keep is a group for each printer, and a Group Policy preference that makes the printer's queue the default
where the computer is in that group. A move changes who is in which.

| key (after `default:`) | value |
|---|---|
| `pc-0001` | the printer in whose group the terminal is: `pr-0001` |
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from daicho.accounts.terminals import by_name, needed_terminal
from daicho.craft import Trouble, as_trouble, trouble_of
from daicho.directory import state as keys
from daicho.directory.case import Work
from daicho.directory.names import components
from daicho.directory.reading import members
from daicho.directory.writing import Writer
from daicho.directory.wrong import DirectoryError
from daicho.i18n import N_
from daicho.moves.office import Office
from daicho.printing.heirs import Heirs, said, told

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from daicho.directory.reading import Reader
    from daicho.directory.state import Account
    from daicho.moves.part import Change, Goal
    from daicho.moves.planning import Planned
    from daicho.plan import Scalar, TargetState


class Defaulting:
    """The default queues of terminals."""

    prefix: ClassVar[str] = "default:"
    title: ClassVar[str] = N_("default queues")

    def __init__(self, reader: Reader, group: str, office: Office | None = None) -> None:
        """Nothing is asked yet.

        Args:
            reader: Reads the accounts of terminals.
            group: The name of a printer's group, `DP_{name}`.
            office: All items, where moves are planned.
        """
        self._reader, self._group, self._office = reader, group, office or Office(())
        self._find = by_name(reader)

    def plan(self, planned: Planned) -> Mapping[str, Change | Trouble]:
        """Who gets which default queue when these have moved; what is not plain becomes a question."""
        printers = [item.name for item in self._office.items if item.kind == "printer"]
        with as_trouble(DirectoryError):
            heirs = Heirs(self._office, planned, frozenset(filter(self.has_group, printers)))
            users = {
                move.name: self._members(move.name)
                for move in planned.moves.values()
                if move.item.kind == "printer"
            }
            found = self._find(heirs.concerned(users))
        return heirs.changes(users, {name: self._printers(account) for name, account in found.items()})

    def read(self, goals: Mapping[str, Goal]) -> Mapping[str, TargetState | Trouble]:
        """In whose groups the terminals are now."""
        accounts = self._accounts({terminal for goal in goals.values() for terminal in goal.state})
        now = {terminal: said(self._printers(account)) for terminal, account in accounts.items()}
        return {
            name: {terminal: now.get(terminal) for terminal in goal.state} for name, goal in goals.items()
        }

    def bring(self, goals: Mapping[str, Goal]) -> Mapping[str, Trouble]:
        """Put terminals into groups; each group is written once for all of them."""
        owners = {terminal: name for name, goal in goals.items() for terminal in goal.state}
        accounts, works = self._accounts(owners), []
        found: dict[str, Trouble] = {}
        for terminal, name in owners.items():
            try:
                account = needed_terminal(accounts.get(terminal), terminal)
            except Trouble as trouble:
                found[name] = trouble
            else:
                works.append(self._work(terminal, account, goals[name].state[terminal]))
        for terminal, outcome in Writer(self._reader, _no_password).carry_out(works):
            if isinstance(outcome, DirectoryError):
                found[owners[terminal]] = trouble_of(outcome)
        return found

    def users(self, printer: str) -> TargetState:
        """Whose default a printer is, as a state.

        Raises:
            Trouble: The directory cannot be asked.
        """
        with as_trouble(DirectoryError):
            accounts = self._find(self._members(printer))
        return {name: said(self._printers(account)) for name, account in accounts.items()}

    def has_group(self, printer: str) -> bool:
        """Whether a printer can be somebody's default."""
        return not self._reader.groups.missing({self._group.format(name=printer)})

    def _accounts(self, terminals: Iterable[str]) -> Mapping[str, Account]:
        with as_trouble(DirectoryError):
            return self._find(terminals)

    def _work(self, terminal: str, account: Account, printers: Scalar) -> Work:
        gone = dict.fromkeys(map(self._key, self._printers(account)))
        come = dict.fromkeys(map(self._key, told(printers)), keys.MEMBER)
        return Work(key=terminal, found=account, wanted=keys.merged(account.state, {**gone, **come}))

    def _key(self, printer: str) -> str:
        return keys.group_key(self._reader.groups.spelled(self._group.format(name=printer)))

    def _members(self, printer: str) -> list[str]:
        if not self.has_group(printer):
            return []
        place = self._reader.groups.place(self._group.format(name=printer))
        return [components(dn)[0][1] for dn in members(self._reader.session, place)]

    def _printers(self, account: Account) -> tuple[str, ...]:
        """The printers in whose groups a terminal is."""
        return tuple(filter(None, map(self._printer, account.groups)))

    def _printer(self, group: str) -> str:
        before, _field, after = self._group.partition("{name}")
        name = group[len(before) : len(group) - len(after)]
        return name if group.casefold() == f"{before}{name}{after}".casefold() else ""


def _no_password(key: str) -> str:
    raise AssertionError(key)
