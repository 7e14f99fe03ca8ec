"""What proves a move, what becomes a question, and what is taken back when a system fails."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from daicho.craft import Target, Trouble, Unreachable
from daicho.items.item import Item
from daicho.moves.evidence import Proof, Standing, Witnesses, judge
from daicho.moves.journal import Journal
from daicho.moves.ledgered import updated
from daicho.moves.rows import Row, Where, by_floor, rows_of
from daicho.moves.saga import Saga
from daicho.moves.scans import ScansUnusable, read_scans
from daicho.plan import Plan, TargetPlan
from daicho.plan import Standing as Planned

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from daicho.moves.part import Change, Goal
    from daicho.moves.planning import Planned as Moves
    from daicho.plan import TargetState

MAC = "02:00:5e:00:53:01"
WHICH = "Which of the two is right?"
OLD = Where(building="本館", floor="3階", outlet="3F-1", switch="sw-1", port="Gi0/1", address="10.1.10.50")
NEW = Where(building="本館", floor="4階", outlet="4F-1", switch="sw-2", port="Gi0/1", address="10.1.20.50")
MOVE = Row(item="pc-1", old=OLD, new=NEW)


def said(**more: Any) -> Witnesses:
    """Everything as it should be, but for what a test says otherwise."""
    whole: dict[str, Any] = {
        "ports": {MAC: {("sw-2", "Gi0/1")}},
        "leases": {MAC: {"10.1.20.50"}},
        "addresses": {"pc-1": ["10.1.20.50"]},
        "backs": {"10.1.20.50": ["pc-1"]},
        "macs": {"pc-1": [MAC]},
        "outlets": {("sw-2", "Gi0/9"): "4F-9"},
    }
    return Witnesses(**whole | more)


@pytest.mark.parametrize(
    ("more", "proof", "standing"),
    [
        ({}, Proof.PORT, Standing.PROVEN),
        ({"ports": {MAC: {("sw-1", "Gi0/1")}}}, Proof.PORT, Standing.WRONG),
        ({"ports": {MAC: {("sw-1", "Gi0/1"), ("sw-2", "Gi0/1")}}}, Proof.PORT, Standing.WRONG),
        ({"ports": {}}, Proof.PORT, Standing.NOT_YET),
        ({"ports": {}, "silent": {"sw-2"}}, Proof.PORT, Standing.UNTOLD),
        ({"leases": {MAC: {"10.1.10.50"}}}, Proof.ADDRESS, Standing.NOT_YET),
        ({"leases": None}, Proof.ADDRESS, Standing.UNTOLD),
        ({"backs": {}}, Proof.NAME, Standing.WRONG),
        ({"addresses": {"pc-1": ["10.1.20.50", "10.1.10.50"]}}, Proof.NAME, Standing.WRONG),
        ({"addresses": None}, Proof.NAME, Standing.UNTOLD),
    ],
)
def test_what_proves_a_move(more: dict[str, Any], proof: Proof, standing: Standing) -> None:
    [verdict] = judge([MOVE], said(**more))
    assert verdict.proofs[proof] is standing
    assert (verdict.standing is Standing.PROVEN) == (standing is Standing.PROVEN)


def test_a_printer_is_proven_by_its_page() -> None:
    [printed] = judge([MOVE], said(pages={"pc-1": True}))
    [jammed] = judge([MOVE], said(pages={}))
    [mute] = judge([MOVE], said(pages={"pc-1": None}))
    assert (printed.standing, jammed.standing) == (Standing.PROVEN, Standing.WRONG)
    assert mute.standing is Standing.UNTOLD
    assert jammed.proofs[Proof.PAGE] is Standing.WRONG


def test_a_logon_that_has_not_come_yet_does_not_unprove_a_move() -> None:
    [verdict] = judge([MOVE], said(logons={}))
    assert verdict.proofs[Proof.LOGON] is Standing.NOT_YET
    assert verdict.standing is Standing.PROVEN


@pytest.mark.parametrize(
    ("more", "question"),
    [
        ({"plugged": {"PC-1": "4f-1"}}, None),
        ({"plugged": {}}, "Nobody has scanned it. Where is it?"),
        (
            {"plugged": {"pc-1": "4F-2"}},
            f"It was plugged in at 4F-2, which is planned for pc-2, and planned for 4F-1. {WHICH}",
        ),
        (
            {"ports": {MAC: {("sw-2", "Gi0/9")}}},
            "It hangs at 4F-9 and not at 4F-1. Is it to stay there (change the plan), or moved?",
        ),
        (
            {"ports": {MAC: {("sw-1", "Gi0/1"), ("sw-2", "Gi0/1")}}},
            "It is seen on the old and on the new port. Is there another one with its hardware address?",
        ),
    ],
)
def test_differences_become_questions(more: dict[str, Any], question: str | None) -> None:
    other = Row(item="pc-2", old=OLD, new=Where(outlet="4F-2", switch="sw-2", port="Gi0/2"))
    verdict = judge([MOVE, other], said(**more))[0]
    assert verdict.questions == (() if question is None else (question,))


def test_scans_are_read_as_a_table_or_as_a_scanner_writes_them(tmp_path: Path) -> None:
    file = tmp_path / "scans.txt"
    file.write_text("item pc-1\noutlet 4F-1\n\noutlet 4F-2\nitem pc-2\n", encoding="utf-8")
    assert read_scans(file) == {"pc-1": "4F-1", "pc-2": "4F-2"}
    table = tmp_path / "scans.csv"
    table.write_bytes("端末名,情報コンセント\r\npc-1,4F-7\r\n".encode("cp932"))
    assert read_scans(table) == {"pc-1": "4F-7"}
    file.write_text("item pc-1\nitem pc-2\noutlet 4F-2\nhello\noutlet 4F-3\n", encoding="utf-8")
    with pytest.raises(ScansUnusable) as found:
        read_scans(file)
    alone = "was scanned and nothing with it. Scan the item and its outlet one after the other."
    assert str(found.value) == (
        "scans.txt cannot be used; nothing was looked at. Problems: 3\n"
        f"scans.txt, line 2: pc-1 {alone}\n"
        "scans.txt, line 4: 'hello' is no code of a scan sheet.\n"
        f"scans.txt: 4F-3 {alone}"
    )


def test_moves_of_a_plan_are_told_floor_by_floor() -> None:
    before = {"item:building": "本館", "item:floor": "3階", "item:outlet": "3F-1"}
    after = {"item:building": "本館", "item:floor": "4階", "item:outlet": "4F-1"}
    moved = TargetPlan(target="pc-1", standing=Planned.CHANGES, before=before, after=after)
    left = TargetPlan(target="pc-2", standing=Planned.FAILED, why="no")
    [row] = rows_of(Plan(change="C1", number=1, code="", targets=(moved, left)))
    assert (row.old.plug, row.new.plug) == ("3F-1", "4F-1")
    assert by_floor([row]) == {"本館/3階": ([row], []), "本館/4階": ([], [row])}


def test_an_item_follows_from_the_state_of_its_target() -> None:
    item = Item("pc-1", "endpoint", "10.1.10.50", {"room": "301", "mac": MAC})
    state = {"item:room": None, "item:outlet": "4F-1", "item:address": "10.1.20.50", "dhcp:x": "y"}
    assert updated(item, state) == Item("pc-1", "endpoint", "10.1.20.50", {"outlet": "4F-1", "mac": MAC})


@dataclass
class System:
    """One system in memory; `full` names whom it refuses, `away` that it does not answer."""

    prefix: str
    title: ClassVar[str] = "system"
    states: dict[str, dict[str, Any]] = field(default_factory=dict)
    full: set[str] = field(default_factory=set)
    away: bool = False

    def plan(self, planned: Moves) -> Mapping[str, Change | Trouble]:
        raise NotImplementedError

    def read(self, goals: Mapping[str, Goal]) -> Mapping[str, TargetState | Trouble]:
        return {name: dict(self.states[name]) for name in goals}

    def bring(self, goals: Mapping[str, Goal]) -> Mapping[str, Trouble]:
        if self.away:
            raise Unreachable(why="nobody answers")
        for name, goal in goals.items():
            if name not in self.full:
                self.states[name] = dict(goal.state)
        return {name: Trouble(why="it is full") for name in goals if name in self.full}


def targets(*names: str, port: str = "") -> list[Target]:
    wanted = {"one:x": 2, "two:x": 2} | ({"item:switch": port} if port else {})
    return [Target(name=name, facts={}, wanted=wanted) for name in names]


def carried(saga: Saga, those: list[Target]) -> dict[str, Any]:
    return {
        name: str(state) if isinstance(state, Trouble) else state
        for name, state in saga.carry_out(those, lambda _name, _state: True)
    }


def systems(*names: str) -> tuple[Any, Any]:
    first, second = (System(prefix, states={name: {"x": 1} for name in names}) for prefix in ("one:", "two:"))
    return first, second


def test_who_fails_on_one_system_is_taken_back_on_the_others(tmp_path: Path) -> None:
    one, two = systems("a", "b")
    two.full.add("a")
    done = carried(Saga(parts=[one, two], journal=Journal(tmp_path)), targets("a", "b"))
    assert done == {
        "a": "system: it is full. Everything else was put back as it was.",
        "b": {"one:x": 2, "two:x": 2},
    }
    assert one.states == {"a": {"x": 1}, "b": {"x": 2}}
    assert Journal(tmp_path).before("a") is None
    assert Journal(tmp_path).moved == {"b"}


def test_what_cannot_be_taken_back_is_named_and_can_be_resumed(tmp_path: Path) -> None:
    one, two = systems("a")
    two.full.add("a")
    took = one.bring

    def once(goals: Mapping[str, Goal]) -> Mapping[str, Trouble]:
        done: Mapping[str, Trouble] = took(goals)
        one.away = True
        return done

    one.bring = once
    saga = Saga(parts=[one, two], journal=Journal(tmp_path))
    assert carried(saga, targets("a")) == {
        "a": "system: it is full. It stands between: what was done on system could not be taken back. "
        "When they answer, go on with `daicho run --resume`, which finishes it."
    }
    assert Journal(tmp_path).before("a") == {"one:x": 1, "two:x": 1}
    one.away, two.full = False, set()
    assert carried(Saga(parts=[one, two], journal=Journal(tmp_path)), targets("a")) == {
        "a": {"one:x": 2, "two:x": 2}
    }


def test_nobody_takes_a_place_that_is_not_left(tmp_path: Path) -> None:
    one, two = systems("a", "b")
    saga = Saga(parts=[one, two], journal=Journal(tmp_path), hanging={"sw-1": ["c"], "sw-2": ["a"]})
    done = carried(saga, [*targets("a", port="sw-1"), *targets("b", port="sw-2")])
    assert done == {
        "a": "sw-1 is taken by c, which stays there",
        "b": "sw-2 is taken by a, which stays there",
    }
    assert one.states == {"a": {"x": 1}, "b": {"x": 1}}


def test_a_journal_that_was_cut_off_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.begin({"a": {"x": 1}})
    journal.begin({"a": {"x": 2}})
    with (tmp_path / "moves.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"begun": {"b"')
    Journal(tmp_path).finished(["a"])
    again = Journal(tmp_path)
    assert (again.before("a"), again.before("b"), again.moved) == ({"x": 1}, None, {"a"})
    rows = (tmp_path / "moves.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(rows[1]) == {"begun": {"a": {"x": 1}}}
