"""What a check remembers from look to look: only changes are recorded, and a restart forgets nothing."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from daicho import clock
from daicho.clock import moment, stamp
from daicho.reachability.baseline import Seen
from daicho.reachability.boot import Return
from daicho.reachability.matters import matters
from daicho.reachability.verdict import State
from daicho.records.checks import causes_of, verdicts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from daicho.ledger.entry import Entry
    from daicho.ledger.store import Ledger
    from daicho.reachability.baseline import Look
    from daicho.reachability.matters import Matter
    from daicho.reachability.topology import Topology
    from daicho.reachability.verdict import Judgement

THERE: Final = frozenset({State.BACK.value, State.DIFFERENT.value})
_STEP: Final = timedelta(seconds=5)
_MOST_ITEMS: Final = 50
_MOST_RETURNS: Final = 200


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What one look changed."""

    items: Mapping[str, State]
    """Item → its new verdict."""
    before: Mapping[str, str]
    """Item → the verdict that it had, where it had one."""
    appeared: tuple[Matter, ...]
    recovered: tuple[str, ...]
    """Ids of causes that are gone."""
    step: timedelta = timedelta(0)
    """By how much the clock was set since the look before."""

    def __bool__(self) -> bool:
        """Whether there is anything to record."""
        return bool(self.items or self.appeared or self.recovered or self.step)

    def as_json(self, judgement: Judgement) -> dict[str, object]:
        """The body of the entry: every item under its new verdict, causes in short."""
        items: dict[str, list[str]] = {}
        for name, state in self.items.items():
            items.setdefault(state.value, []).append(name)
        differing = {
            name: [each.as_json() for each in judgement.verdicts[name].differences]
            for name, state in self.items.items()
            if state is State.DIFFERENT
        }
        return {
            "items": items,
            "differences": differing,
            "causes": [_matter(each) for each in self.appeared],
            "recovered": list(self.recovered),
            "clock_step_seconds": round(self.step.total_seconds()),
        }


def _matter(matter: Matter) -> dict[str, object]:
    finding = matter.finding
    return {
        "id": matter.id,
        "kind": matter.kind.value,
        "items": list(matter.items[:_MOST_ITEMS]),
        "count": len(matter.items),
        "behind": matter.behind,
        "certainty": finding.cause.certainty.value if finding else None,
        "candidates": finding.cause.as_json()["candidates"] if finding else [],
    }


@dataclass
class Memory:
    """Verdicts, causes, and the moments that boot times are counted from."""

    verdicts: dict[str, str] = field(default_factory=dict)
    causes: set[str] = field(default_factory=set)
    power_back: dict[str, datetime] = field(default_factory=dict)
    came_back: dict[str, datetime] = field(default_factory=dict)
    dark: set[str] = field(default_factory=set)
    """Buildings in which nothing answered at the last look."""
    _offset: float | None = None

    @classmethod
    def of(cls, ledger: Ledger, check: str) -> Memory:
        """What the entries of a check say."""
        memory = cls(
            verdicts=verdicts_of(ledger, check),
            causes={cause.cause for cause in causes_of(ledger, check) if cause.recovered_at is None},
        )
        told: dict[str, str] = {}
        for entry in ledger.entries(of=check, kind="check.verdict"):
            memory._recall(entry, told)
        return memory

    def _recall(self, entry: Entry, told: dict[str, str]) -> None:
        body: dict[str, Any] = entry.body
        for state, names in body["items"].items():
            for name in names:
                if state in THERE and told.get(name, state) not in THERE:
                    self.came_back.setdefault(name, entry.at)
                told[name] = state
        self.power_back |= {where: moment(at) for where, at in body.get("power_back", {}).items()}

    def set_clock(self) -> timedelta:
        """By how much the clock was set since the last call; remembered moments move along."""
        offset = clock.now().timestamp() - time.monotonic()
        step = timedelta(seconds=offset - self._offset) if self._offset is not None else timedelta(0)
        self._offset = offset
        if abs(step) < _STEP:
            return timedelta(0)
        self.power_back = {where: at + step for where, at in self.power_back.items()}
        self.came_back = {name: at + step for name, at in self.came_back.items()}
        return step

    def see(self, look: Look, topology: Topology) -> None:
        """Take in a look: where power came back, who answers again."""
        alive = {name for name, reply in look.answers.items() if reply.seen is Seen.ALIVE}
        for name in alive:
            if self.verdicts.get(name, "back") not in THERE:
                self.came_back.setdefault(name, look.at)
        lit = {node.place.building for name, node in topology.nodes.items() if name in alive}
        # "" stands for every building that is not named: it counts only where none is.
        named = any(node.place.building for node in topology.nodes.values())
        for building in (lit & self.dark) - ({""} if named else set()):
            self.power_back.setdefault(building, look.at)
        every = {node.place.building for name, node in topology.nodes.items() if name in look.answers}
        self.dark = every - lit

    def take(self, judgement: Judgement, step: timedelta) -> Changes:
        """What is new in a judgement; it is known from now on."""
        items = {
            name: verdict.state
            for name, verdict in judgement.verdicts.items()
            if self.verdicts.get(name) != verdict.state.value
        }
        open_ = {matter.id: matter for matter in matters(judgement) if not matter.waits}
        changes = Changes(
            items=items,
            before={name: self.verdicts[name] for name in items if name in self.verdicts},
            appeared=tuple(matter for each, matter in open_.items() if each not in self.causes),
            recovered=tuple(sorted(self.causes - open_.keys())),
            step=step,
        )
        self.verdicts |= {name: state.value for name, state in items.items()}
        self.causes = set(open_)
        return changes

    def returns(self, topology: Topology) -> Iterable[list[str | int]]:
        """How long items took from power to their first answer, for the next outage: a sample per kind."""
        counted: dict[tuple[str, str], int] = {}
        for name, at in self.came_back.items():
            node = topology.nodes.get(name)
            since = self.power_back.get(node.place.building, self.power_back.get("")) if node else None
            if node is None or since is None or at < since:
                continue
            key = node.model, node.kind
            counted[key] = counted.get(key, 0) + 1
            if counted[key] <= _MOST_RETURNS:
                row = Return(node.model, node.kind, round((at - since).total_seconds()))
                yield list(row)

    def power_json(self) -> dict[str, str]:
        """Building → since when it has power again, as entries hold it."""
        return {where: stamp(at) for where, at in self.power_back.items()}
