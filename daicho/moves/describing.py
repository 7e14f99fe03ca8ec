"""The directory's part in a move: the terminal's account says where it stands."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from daicho.craft import Target, Trouble
from daicho.i18n import N_
from daicho.items.groups import ITEM_VARIABLE
from daicho.moves.part import Change

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from daicho.accounts.account_craft import AccountCraft
    from daicho.door import Intention
    from daicho.moves.part import Goal
    from daicho.moves.planning import Move, Planned
    from daicho.plan import TargetState


class Describing:
    """Accounts of terminals, by the rules of directory.yml."""

    prefix: ClassVar[str] = "directory:"
    title: ClassVar[str] = N_("directory")

    def __init__(self, accounts: AccountCraft) -> None:
        """Take what writes accounts of terminals."""
        self._accounts = accounts

    def plan(self, planned: Planned) -> Mapping[str, Change | Trouble]:
        """What the account says when it has moved."""
        terminals = [move for move in planned.moves.values() if move.item.kind == "endpoint"]
        return self._rehearsed([_moved(move) for move in terminals])

    def read(self, goals: Mapping[str, Goal]) -> Mapping[str, TargetState | Trouble]:
        """What the account says now."""
        found = self._rehearsed([replace(goal.target, wanted=goal.state) for goal in goals.values()])
        return {name: each if isinstance(each, Trouble) else each.before for name, each in found.items()}

    def bring(self, goals: Mapping[str, Goal]) -> Mapping[str, Trouble]:
        """Have the accounts say it."""
        targets = [replace(goal.target, wanted=goal.state) for goal in goals.values()]
        done = dict(self._accounts.carry_out(targets, lambda _name, _state: True))
        return {name: each for name, each in done.items() if isinstance(each, Trouble)}

    def _rehearsed(self, targets: Sequence[Target]) -> dict[str, Change | Trouble]:
        return dict(_changes(self._accounts.rehearse(targets)))


def _changes(found: Iterable[tuple[str, Intention | Trouble]]) -> Iterable[tuple[str, Change | Trouble]]:
    for name, each in found:
        if isinstance(each, Trouble):
            yield name, each
        else:
            yield name, Change(before=each.before, after=each.after, notes=each.notes)


def _moved(move: Move) -> Target:
    facts = move.facts
    item = {"kind": move.item.kind, **{name: text for name, text in facts.items() if name != "address"}}
    return Target(name=move.name, facts={"ansible_host": facts["address"], ITEM_VARIABLE: item})
