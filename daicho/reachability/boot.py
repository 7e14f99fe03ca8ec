"""How long items take from power to their first answer, by class, learned from earlier outages."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from daicho.canonical import Json
    from daicho.reachability.topology import Node

DEFAULTS: Final[Mapping[str, int]] = {
    "network_device": 10 * 60,
    "server": 15 * 60,
    "printer": 10 * 60,
    "endpoint": 10 * 60,
}
"""Seconds per kind while nothing is learned: generous, so that nobody is called dead who still boots."""

ENOUGH: Final = 3
"""How many times a class must have been seen to come back before its own figure counts."""


class Return(NamedTuple):
    """One item that came back after an outage."""

    model: str
    kind: str
    seconds: int
    """From the power's return to its first answer."""


@dataclass(frozen=True)
class BootTimes:
    """Class → the seconds that an item of it may take. A class is a model, or a kind."""

    learned: Mapping[str, int] = field(default_factory=dict)

    def of(self, node: Node) -> timedelta:
        """How long this item may take: its model's own time, else its kind's, else the default."""
        for known in (node.model, node.kind):
            if known in self.learned:
                return timedelta(seconds=self.learned[known])
        return timedelta(seconds=DEFAULTS.get(node.kind, max(DEFAULTS.values())))

    def as_json(self) -> dict[str, Json]:
        """Class → seconds."""
        return dict(self.learned)

    @classmethod
    def of_json(cls, value: Mapping[str, Any]) -> Self:
        """What `as_json` wrote."""
        return cls(dict(value))


def learn(returns: Iterable[Return]) -> BootTimes:
    """The boot times that earlier outages show: per class the slowest but 1 in 20, and a quarter more."""
    times: dict[str, list[int]] = {}
    for model, kind, seconds in returns:
        for known in {model, kind} - {""}:
            times.setdefault(known, []).append(seconds)
    return BootTimes({known: _bound(seen) for known, seen in times.items() if len(seen) >= ENOUGH})


def _bound(seen: list[int]) -> int:
    ordered = sorted(seen)
    slow = ordered[min(len(ordered) - 1, -(-len(ordered) * 95 // 100) - 1)]
    return slow + -(-slow // 4)
