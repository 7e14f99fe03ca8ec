"""Who is off owes, is tried again when it is seen, and holds nobody up; rings wait; days pass."""

from __future__ import annotations

import resource
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from daicho.change import State
from daicho.door import Unwatched
from daicho.ledger.verify import verify
from daicho.life.approving import approve
from daicho.life.owing import UNCOVERED, owed
from daicho.life.planning import plan_change
from daicho.life.requesting import close_change
from daicho.life.retrying import due, owing_works, retry
from daicho.life.running import run_change
from daicho.records.debts import debts
from daicho.report.debts import DebtsReport
from daicho.report.gather import change_report
from tests.bureau import Bureau
from tests.terminals import Clock, Terminals, put_to_work, standing_change

if TYPE_CHECKING:
    from pathlib import Path

POLICY: dict[str, Any] = {
    "waves": ["100%"],
    "budget": {"failed": "100%", "unreachable": "100%", "drifted": "100%", "unverified": "100%"},
    "due_days": {"patch_endpoints": 14},
    "approval_valid_days": 60,
}
RINGS: dict[str, Any] = {**POLICY, "rings": {"wait_hours": 24, "succeeded": 90}}


def site_of(
    tmp_path: Path,
    keys: dict[str, Path],
    terminals: Terminals,
    monkeypatch: pytest.MonkeyPatch,
    **policy: Any,
) -> Bureau:
    bureau = Bureau.make(tmp_path / "site", keys, **policy)
    put_to_work(terminals, bureau, monkeypatch)
    return bureau


def try_again(bureau: Bureau) -> int:
    """`daicho retry`; how many were tried."""
    with bureau.site("sato") as site:
        waiting = due(site)
        retry(site, waiting, Unwatched())
        return sum(len(each.names) for each in waiting)


def open_debts(bureau: Bureau) -> list[str]:
    with bureau.site("sato") as site:
        return [debt.target for debt in debts(site.ledger, owing_works()) if debt.paid_at is None]


def test_who_is_off_owes_and_is_tried_when_it_is_back(
    tmp_path: Path, keys: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    terminals = Terminals.of(6, clock, off=0)
    terminals.returns["pc00002"] = clock.at + timedelta(days=3)
    terminals.fails["pc00003"] = "update KB1: 0x80240034 it could not be downloaded"
    terminals.fails["pc00004"] = "update KB1: 0x80070070 the disk is full"
    bureau = site_of(tmp_path, keys, terminals, monkeypatch, **POLICY)
    change = standing_change(bureau)
    with bureau.site("sato") as site:
        run_change(site, change, Unwatched())
    assert open_debts(bureau) == ["pc00002", "pc00003", "pc00004"]

    clock.passes(days=1)
    assert try_again(bureau) == 0
    with bureau.site("sato") as site:
        screen = DebtsReport(owed=owed(site), policy=site.policy)
        (line,) = (str(screen._sentence(name, each)) for name, each in screen._grouped("change").items())
    assert line == (
        "C1  November's updates: 50.0 % in 14 days, 3 owing: 1 off since 2026-11-02 18:00, "
        "1 failing with 0x80240034, 1 no space"
    )

    clock.passes(days=3)
    assert try_again(bureau) == 1
    assert open_debts(bureau) == ["pc00003", "pc00004"]
    with bureau.site("sato") as site:
        before = debts(site.ledger, owing_works())
        assert site.ledger.projections_differ() == []
        site.ledger.rebuild()
        assert debts(site.ledger, owing_works()) == before
    assert terminals.updated == {"pc00001": 1, "pc00002": 1, "pc00005": 1, "pc00006": 1}


def test_of_a_normal_change_only_those_are_tried_whom_its_plan_covers(
    tmp_path: Path, keys: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    terminals = Terminals.of(5, clock, off=0)
    away, later = clock.at + timedelta(days=2), clock.at + timedelta(hours=5)
    terminals.returns["pc00001"] = away
    bureau = site_of(tmp_path, keys, terminals, monkeypatch, **POLICY)
    change = bureau.request(targets=["pc*"])
    with bureau.site("sato") as site:
        plan_change(site, change, Unwatched())
    with bureau.site("suzuki") as site:
        approve(site, change, key=bureau.keys["suzuki"])
    terminals.returns["pc00002"] = later
    with bureau.site("sato") as site:
        assert run_change(site, change, Unwatched()).state is State.OWING
        (waiting,) = due(site)
    assert (waiting.names, waiting.away, waiting.uncovered) == (frozenset(), 1, 1)
    clock.passes(hours=6)
    assert try_again(bureau) == 1
    clock.passes(days=3)
    assert try_again(bureau) == 0  # the other has no approval
    assert open_debts(bureau) == ["pc00001"]
    with bureau.site("sato") as site:
        (left,) = (each for each in owed(site) if each.open)
    assert (left.debt.target, left.reason) == ("pc00001", UNCOVERED)
    assert terminals.updated == dict.fromkeys(("pc00002", "pc00003", "pc00004", "pc00005"), 1)


def test_a_later_change_pays_what_is_owed_of_the_one_before(
    tmp_path: Path, keys: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    terminals = Terminals.of(3, clock, off=0)
    terminals.returns["pc00001"] = clock.at + timedelta(days=30)
    terminals.fails["pc00002"] = "0x80240022"
    bureau = site_of(tmp_path, keys, terminals, monkeypatch, **POLICY)
    first = standing_change(bureau)
    with bureau.site("sato") as site:
        run_change(site, first, Unwatched())
    terminals.fails.clear()
    second = standing_change(bureau)
    with bureau.site("sato") as site:
        run_change(site, second, Unwatched())
        found = {
            (debt.change, debt.target): debt.paid_at is None for debt in debts(site.ledger, owing_works())
        }
        assert [pair for pair, owes in found.items() if owes] == [(first, "pc00001"), (second, "pc00001")]
    clock.passes(days=31)
    try_again(bureau)
    assert open_debts(bureau) == []
    assert terminals.updated["pc00001"] == 1  # by the second, which brought the first along


def test_a_change_that_is_withdrawn_is_owed_by_nobody(
    tmp_path: Path, keys: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    terminals = Terminals.of(2, clock, off=0)
    bureau = site_of(tmp_path, keys, terminals, monkeypatch, **POLICY)
    change = bureau.request(targets=["pc*"])
    with bureau.site("sato") as site:
        plan_change(site, change, Unwatched())
    with bureau.site("suzuki") as site:
        approve(site, change, key=bureau.keys["suzuki"])
    terminals.returns["pc00002"] = clock.at + timedelta(days=30)
    with bureau.site("sato") as site:
        run_change(site, change, Unwatched())
    assert open_debts(bureau) == ["pc00002"]
    with bureau.site("sato") as site:
        close_change(site, change, "withdrawn", "the next one brings it along")
    assert open_debts(bureau) == []


def test_a_ring_goes_when_the_one_before_has_been_healthy_for_a_day(
    tmp_path: Path, keys: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    terminals = Terminals.of(100, clock, off=0)
    terminals.returns["pc00002"] = clock.at + timedelta(days=9)  # of the ring early
    bureau = site_of(tmp_path, keys, terminals, monkeypatch, **RINGS)
    change = standing_change(bureau)
    with bureau.site("sato") as site:
        end = run_change(site, change, Unwatched())
    assert (str(end.held), sum(terminals.updated.values())) == (
        "ring early waits: pilot is healthy, but not for long enough yet",
        1,
    )
    clock.passes(hours=23)
    assert try_again(bureau) == 0
    with bureau.site("sato") as site:
        told = change_report(site, change).as_json()
    assert isinstance(told, dict)
    assert told["waits"]["ring"] == "early"
    assert told["waits"]["until"].startswith("2026-11-03T09:00:0")

    clock.passes(hours=2)
    assert try_again(bureau) == 8
    assert sum(terminals.updated.values()) == 9  # pilot 1 of 1, early 8 of 9: who is off holds nobody up

    clock.passes(hours=25)
    try_again(bureau)
    assert sum(terminals.updated.values()) == 89
    clock.passes(hours=25)
    try_again(bureau)
    assert sum(terminals.updated.values()) == 99
    clock.passes(days=9)
    try_again(bureau)
    assert open_debts(bureau) == []
    assert set(terminals.updated.values()) == {1}


def test_a_ring_that_fails_holds_the_next_until_somebody_has_seen_to_it(
    tmp_path: Path, keys: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    terminals = Terminals.of(20, clock, off=0)
    terminals.rings |= {"pc00001": "pilot", "pc00002": "pilot"}
    terminals.fails["pc00002"] = "0x800F0922 too little room in the system partition"
    bureau = site_of(tmp_path, keys, terminals, monkeypatch, **RINGS)
    change = standing_change(bureau)
    with bureau.site("sato") as site:
        end = run_change(site, change, Unwatched())
    assert str(end.held) == "ring broad waits: too few of pilot are as approved: 1, and 1 are not"
    clock.passes(days=5)
    assert try_again(bureau) == 0
    terminals.fails.clear()
    with bureau.site("sato") as site:
        run_change(site, change, Unwatched(), only=frozenset({"pc00002"}))
    clock.passes(hours=25)
    try_again(bureau)
    assert sum(terminals.updated.values()) == 18  # `late` is still to come
    clock.passes(hours=25)
    try_again(bureau)
    assert open_debts(bureau) == []


@pytest.mark.parametrize(
    "count", [120, pytest.param(12_000, marks=[pytest.mark.slow, pytest.mark.timeout(1500)])]
)
def test_none_is_lost_none_is_doubled_and_the_queue_ends_empty(
    tmp_path: Path, keys: dict[str, Path], monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    clock = Clock()
    terminals = Terminals.of(count, clock, off=0.15)
    bureau = site_of(tmp_path, keys, terminals, monkeypatch, **RINGS)
    change = standing_change(bureau)
    with bureau.site("sato") as site:
        run_change(site, change, Unwatched())
    owing = [len(open_debts(bureau))]
    for _day in range(20):
        clock.passes(hours=25 if count > 1000 else 73)
        try_again(bureau)
        owing.append(len(open_debts(bureau)))
        if not owing[-1]:
            break
    assert owing[-1] == 0, owing
    assert owing == sorted(owing, reverse=True)
    assert terminals.updated == dict.fromkeys(terminals.returns, 1)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 500_000
    with bureau.site("sato") as site:
        assert verify(site.ledger.path).findings == ()
