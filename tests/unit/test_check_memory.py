"""What a watch remembers: changes are recorded once, power and clock are noticed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from daicho.life.memory import Memory
from daicho.reachability.baseline import Baseline, Look, Reply, Seen
from daicho.reachability.topology import Link, Node, Place, Topology
from daicho.reachability.verdict import Judgement, Situation, State, judge

if TYPE_CHECKING:
    from collections.abc import Collection

    import pytest

START = datetime(2026, 11, 21, 6, tzinfo=UTC)
SWITCHES = {"sw-1": "1号館", "sw-2": "2号館"}


def topology() -> Topology:
    nodes = {
        "ops": Node("ops", "controller"),
        "core": Node("core", "network_device", passes=True),
        **{
            name: Node(name, "network_device", passes=True, place=Place(building=building), model="AX260")
            for name, building in SWITCHES.items()
        },
    }
    links = [Link.between("ops", "core"), *(Link.between("core", name) for name in SWITCHES)]
    return Topology(nodes, links, "ops")


def seen(alive: Collection[str], minutes: float = 0) -> Look:
    replies = {name: Reply(Seen.ALIVE if name in alive else Seen.SILENT) for name in ("core", *SWITCHES)}
    return Look(at=START + timedelta(minutes=minutes), answers=replies)


BASELINE = Baseline(look=seen(("core", *SWITCHES), -60), topology=topology())


def judged(memory: Memory, look: Look) -> Judgement:
    memory.see(look, topology())
    situation = Situation(power_back=dict(memory.power_back), came_back=dict(memory.came_back))
    return judge(BASELINE, topology(), look, situation)


def test_only_what_changed_is_recorded() -> None:
    memory = Memory()
    first = memory.take(judged(memory, seen(("core", "sw-1"))), timedelta(0))
    assert first.items == {"core": State.BACK, "sw-1": State.BACK, "sw-2": State.DEAD}
    assert [matter.id for matter in first.appeared] == ["node:sw-2"]
    second = memory.take(judged(memory, seen(("core", "sw-1"), 1)), timedelta(0))
    assert not second
    third = memory.take(judged(memory, seen(("core", "sw-1", "sw-2"), 2)), timedelta(0))
    assert third.items == {"sw-2": State.BACK}
    assert third.before == {"sw-2": "dead"}
    assert third.recovered == ("node:sw-2",)


def test_a_restart_knows_what_was_recorded_before() -> None:
    memory = Memory(verdicts={"core": "back", "sw-1": "back", "sw-2": "dead"}, causes={"node:sw-2"})
    assert not memory.take(judged(memory, seen(("core", "sw-1"))), timedelta(0))


def test_power_that_comes_back_while_somebody_watches_gives_time_to_boot() -> None:
    memory = Memory()
    memory.take(judged(memory, seen(("core", "sw-1"))), timedelta(0))
    assert memory.power_back == {}
    memory.see(seen(("core", "sw-1", "sw-2"), 5), topology())
    assert memory.power_back == {"2号館": START + timedelta(minutes=5)}
    assert list(memory.returns(topology())) == [["AX260", "network_device", 0]]


def test_a_building_whose_power_was_never_gone_is_not_late() -> None:
    memory = Memory()
    memory.see(seen(("core", "sw-1", "sw-2")), topology())
    memory.see(seen(("core", "sw-1", "sw-2"), 1), topology())
    assert (memory.power_back, memory.came_back) == ({}, {})


def test_when_the_clock_is_set_the_remembered_moments_move_along(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = Memory(power_back={"1号館": START}, came_back={"sw-1": START})
    assert memory.set_clock() == timedelta(0)
    real = datetime.now(UTC)
    monkeypatch.setattr("daicho.clock.now", lambda: datetime.now(UTC) + timedelta(hours=2))
    step = memory.set_clock()
    assert abs(step - timedelta(hours=2)) < timedelta(seconds=1)
    assert memory.power_back == {"1号館": START + step}
    assert memory.came_back == {"sw-1": START + step}
    assert memory.set_clock() == timedelta(0), real


def test_a_recorded_change_holds_every_item_under_its_verdict() -> None:
    memory = Memory()
    judgement = judged(memory, seen(("core", "sw-1")))
    body = memory.take(judgement, timedelta(seconds=90)).as_json(judgement)
    assert body["items"] == {"back": ["core", "sw-1"], "dead": ["sw-2"]}
    assert body["clock_step_seconds"] == 90
    assert body["causes"] == [
        {
            "id": "node:sw-2",
            "kind": "down",
            "items": ["sw-2"],
            "count": 1,
            "behind": 0,
            "certainty": "open",
            "candidates": [
                [{"sort": "node", "name": "sw-2"}],
                [{"sort": "link", "name": "core -- sw-2"}],
            ],
        }
    ]
