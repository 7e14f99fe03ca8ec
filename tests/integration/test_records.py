"""Changes and runs on a real ledger: which moves it takes, who wins a race, who holds which target.

The tables are read with the `sqlite3` command; after each test the projections are those that the
chain gives.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from daicho.change import State
from daicho.code import Code
from daicho.errors import UnknownObject
from daicho.ledger.entry import Draft
from daicho.life.asking import Would, question
from daicho.life.orphans import close_orphans
from daicho.outcome import Outcome
from daicho.records.changes import IllegalMove, Taken, change_record, next_change, recorded_plan
from daicho.records.runs import (
    burnt_by,
    locks,
    next_run,
    open_runs,
    reviews_owed,
    run_record,
    run_records,
    runs_of_target,
)
from tests.bureau import plan_of, target_plan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bureau import Bureau

DOCUMENT: Final = {
    "work": "patch_endpoints",
    "title": "t",
    "reason": "r",
    "targets": ["*"],
    "class": "normal",
}
RUN: Final = {
    "change": "C1",
    "work": "patch_endpoints",
    "kind": "normal",
    "plan": 1,
    "targets": ["pc-1"],
    "nonce": "n",
}
OPEN = (State.DRAFT, State.PLANNED, State.APPROVED)
STOPPED = (State.INTERRUPTED, State.OWING)
OVER = (State.DONE, State.FAILED)
CLOSED = (State.REJECTED, State.WITHDRAWN)


@pytest.fixture(autouse=True)
def _the_chain_gives_what_stands_beside_it(bureau: Bureau) -> Iterator[None]:
    yield
    with bureau.site("sato") as site:
        assert site.ledger.projections_differ() == []


def sqlite(bureau: Bureau, statement: str) -> list[dict[str, Any]]:
    """The rows, by the sqlite3 command."""
    ledger = bureau.folder / "state/ledger.db"
    command = ["sqlite3", "-readonly", "-json", str(ledger), statement]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    rows: list[dict[str, Any]] = json.loads(done.stdout or "[]")
    return rows


def close(state: str) -> Draft:
    return Draft("run.closed", "R1", "sato", {"change": "C1", "state": state})


REQUEST = Draft("change.requested", "C1", "sato", {"document": DOCUMENT, "inputs": {}})
PLAN = Draft("change.planned", "C1", "sato", {"plan": 1, "taking_part": 1})
APPROVE = Draft("change.approved", "C1", "suzuki", {"approvers": ["suzuki"]})
OPENED = Draft("run.opened", "R1", "sato", RUN)
PATHS: Final[dict[State, list[Draft]]] = {
    State.DRAFT: [REQUEST],
    State.PLANNED: [REQUEST, PLAN],
    State.APPROVED: [REQUEST, PLAN, APPROVE],
    State.RUNNING: [REQUEST, PLAN, APPROVE, OPENED],
    **{
        state: [REQUEST, PLAN, APPROVE, OPENED, close(state.value)]
        for state in (State.INTERRUPTED, State.OWING, State.DONE, State.FAILED)
    },
    State.REJECTED: [REQUEST, PLAN, Draft("change.rejected", "C1", "suzuki", {"why": "no"})],
    State.WITHDRAWN: [REQUEST, PLAN, Draft("change.withdrawn", "C1", "sato", {"why": "no"})],
}


def next_plan(state: State) -> dict[str, Any]:
    return {"plan": 1 if state is State.DRAFT else 2, "taking_part": 1}


IN_WORDS: Final = {
    "change.planned": "planning it",
    "change.replanned": "planning it",
    "change.approved": "approving it",
    "approval.given": "approving it",
    "change.rejected": "rejecting it",
    "change.withdrawn": "withdrawing it",
    "run.opened": "running it",
    "run.resumed": "going on with it",
    "run.closed": "closing its run",
}
ACTS: Final[dict[str, tuple[tuple[State, ...], State | None]]] = {
    "change.planned": (OPEN, State.PLANNED),
    "change.replanned": (OPEN + STOPPED + OVER, State.APPROVED),
    "change.approved": ((State.DRAFT, State.PLANNED), State.APPROVED),
    "approval.given": (OPEN + STOPPED, None),
    "change.rejected": (OPEN, State.REJECTED),
    "change.withdrawn": (OPEN + STOPPED, State.WITHDRAWN),
    "run.opened": (OPEN + STOPPED + OVER, State.RUNNING),
    "run.resumed": (STOPPED, State.RUNNING),
    "run.closed": ((State.RUNNING,), State.DONE),
}


def draft(act: str, state: State) -> Draft:
    """What would be written to do this in this state."""
    bodies: dict[str, dict[str, Any]] = {
        "change.planned": next_plan(state),
        "change.replanned": next_plan(state),
        "change.approved": {"approvers": ["suzuki"]},
        "approval.given": {},
        "change.rejected": {"why": "no"},
        "change.withdrawn": {"why": "no"},
        "run.opened": RUN | {"nonce": "m"},
        "run.resumed": {"change": "C1", "targets": ["pc-1"]},
        "run.closed": {"change": "C1", "state": "done"},
    }
    of = {"run.opened": "R2", "run.resumed": "R1", "run.closed": "R1"}.get(act, "C1")
    return Draft(act, of, "sato", bodies[act])


@pytest.mark.parametrize("act", list(ACTS))
@pytest.mark.parametrize("state", list(State))
def test_every_act_in_every_state(bureau: Bureau, state: State, act: str) -> None:
    allowed, leads_to = ACTS[act]
    with bureau.site("sato") as site:
        site.ledger.append(*PATHS[state])
        assert change_record(site.ledger, "C1").state is state
        head = site.ledger.head()
        if state in allowed:
            site.ledger.append(draft(act, state))
            assert change_record(site.ledger, "C1").state is (leads_to or state)
        else:
            with pytest.raises(IllegalMove) as refusal:
                site.ledger.append(draft(act, state))
            assert str(refusal.value) == (
                f"C1 is {state.value}: {IN_WORDS[act]} is not possible now. "
                "`daicho show C1` tells how it stands."
            )
            assert site.ledger.head() == head
            assert change_record(site.ledger, "C1").state is state


@pytest.mark.parametrize("state", OVER)
def test_a_standard_pattern_may_be_approved_after_it_has_run(bureau: Bureau, state: State) -> None:
    standard = {**DOCUMENT, "class": "standard"}
    request = replace(REQUEST, body={"document": standard, "inputs": {}})
    with bureau.site("sato") as site:
        site.ledger.append(request, *PATHS[state][1:], draft("approval.given", state))
        assert sqlite(bureau, "SELECT approvals FROM change") == [{"approvals": 1}]


@pytest.mark.parametrize("kind", ["change.planned", "approval.given", "change.withdrawn", "run.opened"])
def test_nothing_happens_to_a_change_that_does_not_exist(bureau: Bureau, kind: str) -> None:
    with bureau.site("sato") as site:
        head = site.ledger.head()
        with pytest.raises(UnknownObject) as refusal:
            site.ledger.append(draft(kind, State.DRAFT))
        assert str(refusal.value) == "There is no change 'C1'. `daicho status` lists them."
        assert site.ledger.head() == head


def test_unknown_names_are_sentences(bureau: Bureau) -> None:
    with bureau.site("sato") as site:
        with pytest.raises(UnknownObject) as refusal:
            change_record(site.ledger, "C9")
        assert str(refusal.value) == "There is no change 'C9'. `daicho status` lists them."
        with pytest.raises(UnknownObject) as refusal:
            run_record(site.ledger, "R9")
        assert str(refusal.value) == "There is no run 'R9'. `daicho status --runs` lists them."


# Plans


def test_a_plan_comes_back_as_it_was_and_older_ones_too(bureau: Bureau) -> None:
    change = bureau.request()
    first = bureau.plan(change, target_plan("pc-1"))
    second = bureau.plan(change, target_plan("pc-1", after={"package:openssl": "3.0.9"}), target_plan("pc-2"))
    with bureau.site("sato") as site:
        record = change_record(site.ledger, change)
        assert recorded_plan(site.ledger, record) == second
        assert recorded_plan(site.ledger, record, 1) == first
        assert recorded_plan(site.ledger, record, 3) is None
    assert second.number == 2


def test_two_plans_at_once_are_one_plan(bureau: Bureau) -> None:
    bureau.request()
    with bureau.site("sato") as one, bureau.site("sato") as other:
        one.ledger.append(draft("change.planned", State.DRAFT))
        with pytest.raises(Taken) as refusal:
            other.ledger.append(
                Draft("target.planned", "C1", "sato", {"plan": 1, "target": "pc-1", "target_plan": {}}),
                draft("change.planned", State.DRAFT),
            )
        assert str(refusal.value) == "C1 plan 1 was taken a moment ago by somebody else. Repeat the command."
        assert list(one.ledger.entries(kind="target.planned")) == []


def test_an_approval_of_the_plan_before_does_not_count_as_one_of_the_newest(bureau: Bureau) -> None:
    bureau.request()
    bureau.plan("C1")
    bureau.plan("C1")
    with bureau.site("sato") as site, pytest.raises(Taken) as refusal:
        site.ledger.append(Draft("approval.given", "C1", "suzuki", {"plan": 1}), APPROVE)
    assert str(refusal.value) == "C1 plan 1 was taken a moment ago by somebody else. Repeat the command."
    assert sqlite(bureau, "SELECT state, approvals FROM change") == [{"state": "planned", "approvals": 0}]


# Numbers, and who wins

_RACER = """
import sys
from pathlib import Path
from tests.bureau import Bureau
from daicho.ledger.entry import Draft
from daicho.records.changes import IllegalMove, Taken
bureau, what, times = Bureau(Path(sys.argv[1]), {}), sys.argv[2], int(sys.argv[3])
print("ready", flush=True)
sys.stdin.readline()
for _ in range(times):
    try:
        name = bureau.request() if what == "request" else bureau.open_run(what, sys.argv[4:])
        print(name, flush=True)
    except (IllegalMove, Taken) as error:
        print(type(error).__name__, error, flush=True)
"""


def race(bureau: Bureau, *whats: list[str]) -> list[list[str]]:
    """Processes that start at the same moment, and what each of them said."""
    command = [sys.executable, "-c", _RACER, str(bureau.folder)]
    racers = [
        subprocess.Popen([*command, *what], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for what in whats
    ]
    said = []
    for racer in racers:
        assert racer.stdout
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin
        racer.stdin.write("go\n")
        racer.stdin.flush()
    for racer in racers:
        out, _ = racer.communicate(timeout=60)
        assert racer.returncode == 0
        said.append(out.splitlines())
    return said


def test_processes_that_ask_at_once_get_numbers_of_their_own(bureau: Bureau) -> None:
    said = race(bureau, ["request", "8"], ["request", "8"], ["request", "8"])
    names = sorted((name for lines in said for name in lines), key=lambda name: int(name[1:]))
    assert names == [f"C{number}" for number in range(1, 25)]
    assert sqlite(bureau, "SELECT count(*) AS n, max(number) AS top FROM change") == [{"n": 24, "top": 24}]


def test_of_two_runs_of_one_change_exactly_one_opens(bureau: Bureau) -> None:
    for number in range(1, 3):
        change = bureau.request()
        bureau.plan(change)
        said = sorted(
            line for lines in race(bureau, [change, "1", "pc-1"], [change, "1", "pc-1"]) for line in lines
        )
        refused, opened = said if not said[0].startswith("R") else said[::-1]
        assert opened == f"R{number}"
        assert refused in {
            (
                f"IllegalMove {change} is running: running it is not possible now. "
                f"`daicho show {change}` tells how it stands."
            ),
            f"Taken R{number} was taken a moment ago by somebody else. Repeat the command.",
        }
        assert len([row for row in sqlite(bureau, "SELECT change FROM run") if row["change"] == change]) == 1
        bureau.close_run(opened, change)


def test_of_two_changes_over_one_target_exactly_one_opens(bureau: Bureau) -> None:
    for change in ("C1", "C2"):
        assert bureau.request() == change
        bureau.plan(change)
    said = race(bureau, ["C1", "1", "pc-1", "pc-2"], ["C2", "1", "pc-2", "pc-3"])
    lines = sorted(line for each in said for line in each)
    assert lines[0] == "R1"
    assert lines[1] in {
        "Taken pc-2 was taken a moment ago by somebody else. Repeat the command.",
        "Taken R1 was taken a moment ago by somebody else. Repeat the command.",
    }
    winner = sqlite(bureau, "SELECT change FROM run")
    held = sqlite(bureau, "SELECT target, run FROM target_lock ORDER BY target")
    wanted = ["pc-1", "pc-2"] if winner == [{"change": "C1"}] else ["pc-2", "pc-3"]
    assert held == [{"target": target, "run": "R1"} for target in wanted]


def test_a_name_is_never_given_twice(bureau: Bureau) -> None:
    assert bureau.request() == "C1"
    with bureau.site("sato") as site:
        with pytest.raises(Taken) as refusal:
            site.ledger.append(REQUEST)
        assert str(refusal.value) == "C1 was taken a moment ago by somebody else. Repeat the command."
        assert next_change(site.ledger) == "C2"


# Locks


def test_a_target_is_held_until_its_run_is_closed(bureau: Bureau) -> None:
    for change in ("C1", "C2"):
        bureau.request()
        bureau.plan(change)
    assert bureau.open_run("C1") == "R1"
    with bureau.site("sato") as site:
        assert locks(site.ledger) == {"pc-1": "R1", "pc-2": "R1"}
    with pytest.raises(Taken) as refusal:
        bureau.open_run("C2", ["pc-3", "pc-2"])
    assert str(refusal.value) == "pc-2 was taken a moment ago by somebody else. Repeat the command."
    assert bureau.open_run("C2", ["pc-3"]) == "R2"
    bureau.close_run("R1", "C1", "owing")
    with bureau.site("sato") as site:
        assert locks(site.ledger) == {"pc-3": "R2"}
    # Meanwhile another change took what the owing run wants back.
    bureau.request()
    bureau.plan("C3")
    assert bureau.open_run("C3", ["pc-2"]) == "R3"
    with pytest.raises(Taken):
        bureau.record("run.resumed", "R1", change="C1", targets=["pc-2"])
    bureau.close_run("R3", "C3")
    bureau.record("run.resumed", "R1", change="C1", targets=["pc-2"])
    with bureau.site("sato") as site:
        assert locks(site.ledger) == {"pc-2": "R1", "pc-3": "R2"}


def test_many_targets_are_locked_in_a_moment(bureau: Bureau) -> None:
    bureau.request()
    bureau.plan("C1")
    names = [f"pc-{number:05d}" for number in range(12_000)]
    bureau.open_run("C1", names)
    assert sqlite(bureau, "SELECT count(*) AS n FROM target_lock") == [{"n": 12_000}]


# Outcomes


def outcome(bureau: Bureau, target: str, ended: Outcome, why: str = "") -> None:
    bureau.record("target.outcome", "R1", target=target, outcome=ended.value, why=why)


def test_a_runs_targets_are_counted_by_their_outcome(bureau: Bureau) -> None:
    bureau.request()
    bureau.plan("C1")
    bureau.open_run("C1", ["a", "b", "c", "d"])
    bureau.record("target.intended", "R1", target="a", fingerprint="x")
    outcome(bureau, "a", Outcome.CHANGED)
    outcome(bureau, "b", Outcome.CHANGED)
    outcome(bureau, "c", Outcome.UNREACHABLE, "no route")
    with bureau.site("sato") as site:
        record = run_record(site.ledger, "R1")
        assert record.open
        assert record.counts() == {Outcome.CHANGED: 2, Outcome.UNREACHABLE: 1}
        assert [(each.target, each.intended, each.outcome, each.why) for each in record.targets] == [
            ("a", True, Outcome.CHANGED, ""),
            ("b", False, Outcome.CHANGED, ""),
            ("c", False, Outcome.UNREACHABLE, "no route"),
            ("d", False, None, ""),
        ]
        assert [each.id for each in open_runs(site.ledger)] == ["R1"]
        assert [row["outcome"] for row in runs_of_target(site.ledger, "c")] == ["unreachable"]
    bureau.close_run("R1", "C1", "owing")
    with bureau.site("sato") as site:
        assert open_runs(site.ledger) == ()
        assert [each.state for each in run_records(site.ledger, "C1")] == ["owing"]
        assert next_run(site.ledger) == "R2"


def test_a_target_that_is_begun_again_has_no_outcome_until_it_has_one(bureau: Bureau) -> None:
    """The outcome of the first attempt would tell of a target as unreachable that is being changed."""
    bureau.request()
    bureau.plan("C1")
    bureau.open_run("C1", ["pc-1"])
    outcome(bureau, "pc-1", Outcome.UNREACHABLE, "no route")
    bureau.close_run("R1", "C1", "owing")
    bureau.record("run.resumed", "R1", change="C1", targets=["pc-1"])
    bureau.record("target.intended", "R1", target="pc-1", fingerprint="x")
    with bureau.site("sato") as site:
        (target,) = run_record(site.ledger, "R1").targets
        assert (target.intended, target.outcome, target.why) == (True, None, "")
        assert close_orphans(site) == ("R1",)
        (target,) = run_record(site.ledger, "R1").targets
        assert target.outcome is Outcome.UNKNOWN


# What the gate is told


def test_the_gate_is_told_of_the_lock_the_burnt_approval_and_the_review(bureau: Bureau) -> None:
    bureau.request()
    plan = bureau.plan("C1")
    emergency = bureau.request(**{"class": "emergency"})
    bureau.plan(emergency)
    bureau.open_run(emergency, ["pc-9"], by="ito")
    bureau.open_run("C1", ["pc-1"])
    with bureau.site("ito") as site:
        record = change_record(site.ledger, "C1")
        asked = question(site, record, Would(code=Code(files={}), plan=plan, targets=("pc-1",)))
        assert asked.locks == {"pc-9": "R1", "pc-1": "R2"}
        assert asked.burnt_by == "R2"
        assert asked.reviews_owed == ("R1",)
        assert asked.operator == "ito"
        assert asked.ledger_fault is None
        assert reviews_owed(site.ledger, "sato") == ()
        assert burnt_by(site.ledger, "never used") is None


def test_a_recorded_plan_is_the_one_that_was_approved_to_the_last_byte(bureau: Bureau) -> None:
    change = bureau.request()
    made = bureau.plan(change, *plan_of().targets)
    with bureau.site("sato") as site:
        record = change_record(site.ledger, change)
        recorded = recorded_plan(site.ledger, record)
        assert recorded
        assert record.planned
        assert recorded.digest == made.digest == record.planned["digest"] == record.planned["subject"]["plan"]
