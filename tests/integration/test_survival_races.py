"""Two at a time, and a clock that jumps back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.doorstep import Doorstep

pytestmark = pytest.mark.patient

RUNNING = (
    "C1 is being run at this moment. Wait for it: `daicho status`.\n"
    "pc-1 is being changed by R1. Wait for it: `daicho status`.\n"
    "pc-2 is being changed by R1. Wait for it: `daicho status`."
)
BURNT = "This approval was used by R1. A second start needs a new plan and approval."
OCCUPIED = "R1 is being run by another process. Wait for it: `daicho status`."


def test_a_second_run_of_a_change_beside_the_first(at: Doorstep) -> None:
    first = at.start("sato", "run", "C1", "--at", "4")
    first.reached()
    second = at.does("takahashi", "run", "C1")
    resumed = at.does("takahashi", "run", "C1", "--resume")
    first.go_on()

    assert (second, resumed) == ({"error": "GateRefused", "sentence": RUNNING},) * 2
    assert first.end()["state"] == "done"
    assert at.effects() == {"pc-1": ["new"], "pc-2": ["new"]}
    at.judge_ended()


def test_two_runs_of_a_change_in_the_same_instant(at: Doorstep) -> None:
    """Both have passed the gate when the first of them writes: exactly one opens the run."""
    both = [at.start(person, "run", "C1") for person in ("sato", "takahashi")]
    said = [launched.end() for launched in both]
    won = [each for each in said if each.get("state") == "done"]
    lost = [each for each in said if "error" in each]

    assert (len(won), len(lost)) == (1, 1)
    # Whoever is second may have held the number R1 for a moment.
    assert lost[0]["sentence"].replace("R2", "R1") in {
        RUNNING,
        OCCUPIED,
        "C1 is running: running it is not possible now. `daicho show C1` tells how it stands.",
        "C1 is done. A new request is needed: `daicho request`.",
        # The first opened its run while the second was gathering what it asks the gate.
        RUNNING.replace(RUNNING.splitlines()[0], BURNT),
    }
    assert at.effects() == {"pc-1": ["new"], "pc-2": ["new"]}
    assert len(at.rows("SELECT seq FROM entry WHERE kind = 'run.opened'")) == 1
    at.judge_ended()


def test_two_resumes_in_the_same_instant(at: Doorstep) -> None:
    assert at.run("C1", "--at", "12", "--signal", "KILL") == {"died": 9}
    at.wait_for_quiet()
    both = [at.start(person, "run", "C1", "--resume") for person in ("sato", "takahashi")]
    said = [launched.end() for launched in both]

    assert [each.get("state") for each in said].count("done") == 1
    assert at.effects() == {"pc-1": ["new"], "pc-2": ["new"]}
    assert at.kinds("R1").count("run.resumed") == 1
    at.judge_ended()


def test_two_changes_over_one_target(template: Doorstep, tmp_path: Path) -> None:
    at = template.copy(tmp_path / "site")
    other = at.approved(["pc-2"], title="Another line for pc-2")
    first = at.start("sato", "run", "C1", "--at", "4")
    first.reached()
    refused = at.run(other)
    first.go_on()

    assert refused == {
        "error": "GateRefused",
        "sentence": "pc-2 is being changed by R1. Wait for it: `daicho status`.",
    }
    assert first.end()["state"] == "done"
    # It was planned on a state that the first change has left behind: it drops out.
    assert at.run(other)["outcomes"] == {"pc-2": "drifted"}
    assert at.effects() == {"pc-1": ["new"], "pc-2": ["new"]}
    at.judge_ended()


def test_a_change_whose_other_targets_are_free_waits_too(template: Doorstep, tmp_path: Path) -> None:
    """It was approved as a whole."""
    at = template.copy(tmp_path / "site")
    one = at.approved(["pc-1"], title="pc-1 only")
    first = at.start("sato", "run", one, "--at", "4")
    first.reached()
    refused = at.run("C1")
    first.go_on()

    assert refused["sentence"] == "pc-1 is being changed by R1. Wait for it: `daicho status`."
    assert first.end()["state"] == "done"
    at.judge_ended()


def test_two_plans_of_a_change_at_once(template: Doorstep, tmp_path: Path) -> None:
    at = template.copy(tmp_path / "site")
    change = at.request()
    first = at.start("sato", "plan", change, "--at", "1")
    first.reached()
    second = at.does("sato", "plan", change)
    first.go_on()

    assert second == {
        "error": "Occupied",
        "sentence": f"{change}-plan is being run by another process. Wait for it: `daicho status`.",
    }
    assert first.end() == {"pc-1": ["changes", ""], "pc-2": ["changes", ""]}


def test_a_clock_that_jumped_back_is_refused_again_and_again(at: Doorstep) -> None:
    """The refusals bear the wrong time themselves; that must not make it right."""
    said = [at.run("C1", "--clock", str(-3600)) for _ in range(2)]

    for each in said:
        assert each["error"] == "GateRefused"
        assert each["sentence"].startswith("The clock (")
        assert ") is behind the last ledger entry (" in each["sentence"]
        assert each["sentence"].endswith("). Set the clock, then run again.")
    assert at.effects() == {}
    assert at.run("C1")["state"] == "done"
    at.judge_ended()


def test_a_clock_that_jumps_back_during_a_run(at: Doorstep) -> None:
    """The run ends in order: its entries keep their sequence, and the times are told as they were."""
    assert at.run("C1", "--jump", "7", "--clock", str(-3600))["state"] == "done"
    assert at.effects() == {"pc-1": ["new"], "pc-2": ["new"]}
    times = [row["at"] for row in at.rows("SELECT at FROM entry WHERE of = 'R1' ORDER BY seq")]
    assert times != sorted(times)
    at.judge_ended()
