"""The moves of a recorded plan, one by one, as people and their lists know them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daicho.items.item import natural_key
from daicho.moves.floors import read_floor
from daicho.moves.ledgered import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from daicho.plan import Plan, TargetPlan, TargetState


@dataclass(frozen=True, kw_only=True)
class Where:
    """A place in a plan."""

    building: str = ""
    floor: str = ""
    room: str = ""
    outlet: str = ""
    switch: str = ""
    port: str = ""
    vlan: str = ""
    address: str = ""

    @property
    def text(self) -> str:
        """`本館/4階/401`."""
        return "/".join(filter(None, (self.building, self.floor, self.room)))

    @property
    def plug(self) -> str:
        """The outlet; where there is none, the port."""
        return self.outlet or f"{self.switch} {self.port}".strip()

    @property
    def level(self) -> tuple[str, int]:
        """Building and floor, in the order in which people count them."""
        found = read_floor(self.floor, self.building)
        return found.building, found.level or 0


@dataclass(frozen=True, kw_only=True)
class Row:
    """One move."""

    item: str
    old: Where
    new: Where


def rows_of(plan: Plan, outlets: Mapping[tuple[str, str], str] | None = None) -> tuple[Row, ...]:
    """The moves that a plan makes, by where they go; an item that only stays is none.

    Args:
        plan: The plan.
        outlets: Port (switch, port) → the outlet that leads to it, for places that name none.
    """
    found = [
        _row(target, outlets or {})
        for target in plan.taking_part
        if any(key.startswith(PREFIX) for key in target.after)
    ]
    return tuple(sorted(found, key=lambda row: (row.new.level, natural_key(row.new.plug), row.item)))


def by_floor(rows: Iterable[Row]) -> dict[str, tuple[list[Row], list[Row]]]:
    """Floor → who leaves it and who comes to it, from the lowest up; who stays on it is in both."""
    found: dict[tuple[tuple[str, int], str], tuple[list[Row], list[Row]]] = {}
    for row in rows:
        for side, where in ((0, row.old), (1, row.new)):
            name = "/".join(filter(None, (where.building, where.floor)))
            found.setdefault((where.level, name), ([], []))[side].append(row)
    return {name: each for (_level, name), each in sorted(found.items())}


def _row(target: TargetPlan, outlets: Mapping[tuple[str, str], str]) -> Row:
    old, new = _where(target.before, outlets), _where(target.after, outlets)
    return Row(item=target.target, old=old, new=new)


def _where(state: TargetState, outlets: Mapping[tuple[str, str], str]) -> Where:
    def told(name: str) -> str:
        return str(state.get(PREFIX + name) or "")

    return Where(
        building=told("building"),
        floor=told("floor"),
        room=told("room"),
        outlet=told("outlet") or outlets.get((told("switch"), told("switch_port")), ""),
        switch=told("switch"),
        port=told("switch_port"),
        vlan=told("vlan"),
        address=told("address"),
    )
