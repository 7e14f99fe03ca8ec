"""The ledger's part in a move: where an item is, as its attributes. Written as the run is closed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Final, cast

from daicho.i18n import N_
from daicho.items.groups import ITEM_VARIABLE
from daicho.moves.part import Change

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daicho.craft import Target, Trouble
    from daicho.items.item import Item
    from daicho.moves.part import Goal
    from daicho.moves.planning import Move, Planned
    from daicho.plan import TargetState

PREFIX: Final = "item:"
_ADDRESS: Final = "address"


class Ledgered:
    """What the ledger says of an item."""

    prefix: ClassVar[str] = PREFIX
    title: ClassVar[str] = N_("ledger")

    def __init__(self) -> None:
        """Nothing is done yet."""
        self._done: dict[str, TargetState] = {}

    def plan(self, planned: Planned) -> Mapping[str, Change | Trouble]:
        """Where it is, and where it will be."""
        return {name: _change(move) for name, move in planned.moves.items()}

    def read(self, goals: Mapping[str, Goal]) -> Mapping[str, TargetState | Trouble]:
        """What the ledger says; what this run has brought about is written when it is closed."""
        return {
            name: self._done.get(name) or {key: _now(goal.target, key) for key in goal.state}
            for name, goal in goals.items()
        }

    def bring(self, goals: Mapping[str, Goal]) -> Mapping[str, Trouble]:
        """Have it written as the run is closed."""
        self._done |= {name: goal.state for name, goal in goals.items()}
        return {}


def updated(item: Item, state: TargetState) -> Item:
    """An item as a target's state has it."""
    told = {
        key.removeprefix(PREFIX): str(value or "") for key, value in state.items() if key.startswith(PREFIX)
    }
    address = told.pop(_ADDRESS, item.address)
    attributes = {name: text for name, text in {**item.attributes, **told}.items() if text}
    return replace(item, address=address, attributes=attributes)


def going_to(target: Target) -> str:
    """The port that a target is to hang on; empty: its state does not say."""
    state = target.wanted or {}
    port = [str(state.get(f"{PREFIX}{name}") or "") for name in ("switch", "switch_port")]
    return " ".join(filter(None, port))


def _change(move: Move) -> Change:
    known, new = move.item.attributes, move.new
    told = {
        "building": new.building,
        "floor": new.floor,
        "room": new.room,
        "outlet": new.outlet,
        "switch": move.port.switch,
        "switch_port": move.port.name,
        "vlan": str(move.network.vlan),
        "section": move.wish.section,
        "owner": move.wish.owner,
    }
    # An empty field of the plan says nothing, but for the place: the old room is not the new one's.
    places = ("room", "outlet")
    after = {name: text or None for name, text in told.items() if text or (name in places and not move.stays)}
    after["seen_at"] = known.get("seen_at") if move.stays else None
    before = {name: known.get(name) for name in after}
    return Change(
        before={**before, _ADDRESS: move.item.address or None},
        after={**after, _ADDRESS: str(move.address)},
    )


def _now(target: Target, key: str) -> str | None:
    if key == _ADDRESS:
        return str(target.facts.get("ansible_host") or "") or None
    return cast("Mapping[str, str]", target.facts.get(ITEM_VARIABLE, {})).get(key)
