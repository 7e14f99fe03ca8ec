"""Terminals that are on and off by a calendar of their own, their work, and a clock that jumps.

Nothing sleeps. What happened to a terminal is written down by the terminal, not by the code under test.
"""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from daicho.craft import Trouble, Unreachable
from daicho.door import Intention
from daicho.items.item import Item
from daicho.items.record import import_items
from daicho.life.approving import approve
from daicho.life.requesting import request_change
from daicho.works.work import Inputs, Work
from tests.bureau import document_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import pytest

    from daicho.craft import Begin, Bench, Target
    from daicho.plan import TargetState
    from tests.bureau import Bureau

BEGAN = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
WORK = Work(
    name="patch_endpoints",
    title="Updates",
    runner="script",
    craft="tests.terminals:nobody",
    inputs=Inputs,
    kinds=frozenset({"endpoint"}),
    in_turn=("ring",),
    owes="newest",
)
_RINGS = (("pilot", 0.01), ("early", 0.1), ("broad", 0.9), ("late", 1.0))


@dataclass
class Clock:
    """Time that passes when a test says so, and a little with every question."""

    at: datetime = BEGAN

    def now(self) -> datetime:
        self.at += timedelta(microseconds=50)
        return self.at

    def passes(self, **time: float) -> None:
        self.at += timedelta(**time)


@dataclass
class Terminals:
    """All of them, and what happened to each."""

    clock: Clock
    returns: dict[str, datetime]
    """When each is switched on."""
    rings: dict[str, str]
    updated: Counter[str] = field(default_factory=Counter)
    fails: dict[str, str] = field(default_factory=dict)
    """Terminal → the reason with which it fails."""

    @classmethod
    def of(
        cls, count: int, clock: Clock, *, off: float = 0.15, within_days: float = 12, seed: int = 7
    ) -> Terminals:
        dice = Random(seed)  # noqa: S311 -- a simulation
        names = [f"pc{number:05d}" for number in range(1, count + 1)]
        away = {name: dice.random() * within_days if dice.random() < off else 0.0 for name in names}
        rings = {}
        for number, name in enumerate(names):
            rings[name] = next(ring for ring, upto in _RINGS if (number + 0.5) / count < upto)
        return cls(clock, {name: clock.at + timedelta(days=days) for name, days in away.items()}, rings)

    def on(self, name: str) -> bool:
        return self.clock.at >= self.returns[name]

    def items(self) -> list[Item]:
        buildings = ("1号館", "2号館")
        return [
            Item(
                name,
                "endpoint",
                f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}",
                {"os": "windows", "ring": self.rings[name], "building": buildings[number % 2]},
            )
            for number, name in enumerate(self.returns, 1)
        ]

    def silent(self, items: Iterable[Item], **_how: Any) -> dict[str, str]:
        """The network's answer to a knock."""
        return {item.name: "no answer" for item in items if not self.on(item.name)}

    # The craft

    def rehearse(self, targets: Sequence[Target]) -> Iterable[tuple[str, Intention | Trouble]]:
        for target in targets:
            if not self.on(target.name):
                yield target.name, Unreachable(why=f"{target.name} does not answer")
                continue
            state = self.state(target.name)
            yield (
                target.name,
                Intention(target=target.name, before=state, after={"KB1": True}, inverse=state),
            )

    def carry_out(
        self, targets: Sequence[Target], begin: Begin
    ) -> Iterable[tuple[str, TargetState | Trouble]]:
        for target in targets:
            if not self.on(target.name):
                yield target.name, Unreachable(why=f"{target.name} does not answer")
            elif begin(target.name, self.state(target.name)):
                if target.name in self.fails:
                    yield target.name, Trouble(why=self.fails[target.name])
                    continue
                self.updated[target.name] += 1
                yield target.name, self.state(target.name)

    def state(self, name: str) -> Mapping[str, bool | None]:
        return {"KB1": True if self.updated[name] else None}


def nobody(bench: Bench) -> Any:
    """Replaced by `put_to_work`."""
    raise NotImplementedError(bench)


def put_to_work(terminals: Terminals, bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make these the site's terminals, patched by their own work, in their own time."""

    @contextmanager
    def opened(_bench: Bench) -> Iterator[Terminals]:
        yield terminals

    monkeypatch.setattr("tests.terminals.nobody", opened)
    monkeypatch.setattr("daicho.clock.now", terminals.clock.now)
    monkeypatch.setattr("daicho.life.knocking.silent", terminals.silent)
    # The content is nothing that these tests are about, and copying it is most of what a run costs.
    monkeypatch.setattr("daicho.code._files", lambda _settings: iter(()))
    monkeypatch.setattr("daicho.works.patch_endpoints.PATCH_ENDPOINTS", WORK)
    with bureau.site("sato") as site:
        import_items(site.ledger, terminals.items(), "sato", "terminals")


def standing_change(bureau: Bureau, **more: Any) -> str:
    """A standard change on all terminals, approved for two months."""
    given = {"class": "standard", "targets": ["pc*"], "expires": "2026-12-31", **more}
    with bureau.site("sato") as site:
        change = request_change(site, document_of(**given))
    with bureau.site("suzuki") as site:
        assert approve(site, change, key=bureau.keys["suzuki"])
    return change
