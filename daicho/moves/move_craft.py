"""The craft of `relocate_terminals` and `relocate_printers`: plans moves over all systems, and makes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from daicho.craft import Trouble, trouble_of
from daicho.door import Intention
from daicho.errors import DaichoError, LedgerError
from daicho.i18n import gettext as _
from daicho.moves.office import OFFICE
from daicho.moves.part import Change, marked, of_part
from daicho.moves.planning import plan_moves, those_of
from daicho.moves.wish import Wish
from daicho.plan import differences

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from ipaddress import IPv4Address

    from daicho.craft import Begin, Target
    from daicho.moves.office import Office
    from daicho.moves.part import Part
    from daicho.moves.planning import Move, Planned
    from daicho.moves.rules import MoveRules
    from daicho.moves.saga import Saga
    from daicho.plan import Scalar, TargetState


@dataclass(frozen=True, kw_only=True)
class MoveCraft:
    """Rehearses and carries out moves."""

    saga: Saga
    rules: MoveRules
    wishes: Sequence[Mapping[str, object]]
    taken: Callable[[], Mapping[IPv4Address, str]]
    """Whose an address is, as others than the ledger know; the holder as a hardware address."""
    prepare: bool = False

    def rehearse(self, targets: Sequence[Target]) -> Iterable[tuple[str, Intention | Trouble]]:
        """What would become of each target on every system."""
        if any(target.wanted is not None for target in targets):
            return self._back(targets)
        return self._planned(targets)

    def carry_out(
        self, targets: Sequence[Target], begin: Begin
    ) -> Iterable[tuple[str, TargetState | Trouble]]:
        """Bring each target to its approved state."""
        return self.saga.carry_out(targets, begin)

    def _back(self, targets: Sequence[Target]) -> Iterator[tuple[str, Intention | Trouble]]:
        blocked = self.saga.in_the_way({target.name: target for target in targets})
        for name, state in self.saga.states(targets).items():
            if trouble := blocked.get(name):
                yield name, trouble
                continue
            if isinstance(state, Trouble):
                yield name, state
                continue
            wanted = next(target.wanted for target in targets if target.name == name) or {}
            # What stands beside, in a section that goes back, stays as it is.
            yield name, _intention(name, state, {**state, **wanted}, ())

    def _planned(self, targets: Sequence[Target]) -> Iterator[tuple[str, Intention | Trouble]]:
        names = {target.name for target in targets}
        office = cast("Office", targets[0].facts[OFFICE])
        wishes = [Wish.model_validate(wish) for wish in self.wishes]
        ours = [wish for wish in wishes if (item := office.item(wish.item)) and item.name in names]
        planned = plan_moves(office, self.rules, ours, self._taken(office))
        changes: dict[str, dict[str, Change]] = {}
        troubles: dict[str, Trouble] = {}
        for part in self.saga.parts:
            found = _asked(part, planned)
            failed = {name: of_part(part, each) for name, each in found.items() if isinstance(each, Trouble)}
            troubles |= failed
            planned = planned.without({name: str(each) for name, each in failed.items()})
            changes[part.prefix] = {name: each for name, each in found.items() if isinstance(each, Change)}
        for name, why in those_of(names, planned).items():
            yield name, troubles.get(name) or Trouble(why=why)
        order = [step.item for step in planned.order if step.act == "take"]
        for name, move in planned.moves.items():
            before, after, notes = self._merged(name, changes)
            yield name, _intention(name, before, after, (*_notes(move, order), *notes))

    def _merged(
        self, name: str, changes: Mapping[str, Mapping[str, Change]]
    ) -> tuple[dict[str, Scalar], dict[str, Scalar], list[str]]:
        before: dict[str, Scalar] = {}
        after: dict[str, Scalar] = {}
        notes: list[str] = []
        for part in self.saga.parts:
            if change := changes[part.prefix].get(name):
                before |= marked(part, change.before)
                after |= marked(part, change.after)
                notes += change.notes
        return before, after, notes

    def _taken(self, office: Office) -> dict[IPv4Address, str]:
        return {
            address: next(iter(office.by_mac.get(holder, ())), holder)
            for address, holder in self.taken().items()
        }


def _intention(name: str, before: TargetState, after: TargetState, notes: tuple[str, ...]) -> Intention:
    inverse = {each.key: each.before for each in differences(before, after)}
    return Intention(target=name, before=before, after=after, inverse=inverse or None, notes=notes)


def _asked(part: Part, planned: Planned) -> Mapping[str, Change | Trouble]:
    try:
        return part.plan(planned)
    except LedgerError:
        raise
    except (DaichoError, OSError) as error:
        return dict.fromkeys(planned.moves, trouble_of(error))


def _notes(move: Move, order: Sequence[str]) -> Iterator[str]:
    old, new = move.old, move.new
    said = _("{number} of {count}: {name}, {old} ({old_port}) → {new} ({new_port}), VLAN {vlan}, {address}")
    unknown = _("unknown")
    yield said.format(
        number=order.index(move.name) + 1,
        count=len(order),
        name=move.name,
        old=old.text or unknown,
        old_port=old.outlet or old.port or unknown,
        new=new.text or unknown,
        new_port=new.outlet or move.port,
        vlan=move.network.vlan,
        address=move.address,
    )
    if old.port is None:
        yield _("Nobody has seen on which port it hangs, so no old port is closed.")
