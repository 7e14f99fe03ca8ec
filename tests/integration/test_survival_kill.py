"""Whatever is killed, wherever: no effect without an intent, a chain that holds, and each effect once.

The everyday tests take some of the boundaries; `-m slow` takes every one.
"""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.doorstep import Doorstep

APPENDS: Final = 24
"""What a run of two targets in two waves appends, from its opening to its closing."""

TELLING: Final = {
    (1, "after"): "opened",
    (4, "after"): "the first intent is written",
    (11, "before"): "the first outcome is about to be written",
    (24, "before"): "all is done but the closing",
}
BOUNDARIES: Final = [
    pytest.param(at, when, id=f"{at}-{when}", marks=() if (at, when) in TELLING else pytest.mark.slow)
    for at in range(1, APPENDS + 1)
    for when in ("before", "after")
]
INTERRUPTED: Final = (
    "The run of C1 was interrupted. See what is unknown with `daicho show C1`, then go on: "
    "`daicho run C1 --resume`."
)
OVER: Final = "C1 is done. A new request is needed: `daicho request`."
DONE: Final[dict[str, Any]] = {
    "run": "R1",
    "state": "done",
    "complete": True,
    "stopped": None,
    "outcomes": {"pc-1": "changed", "pc-2": "changed"},
}


@pytest.fixture
def at(template: Doorstep, tmp_path: Path) -> Iterator[Doorstep]:
    """A copy of it, judged in the end."""
    site = template.copy(tmp_path / "site")
    yield site
    site.judge_ended()


@pytest.mark.slow
def test_the_sweep_goes_to_the_very_end(at: Doorstep) -> None:
    assert at.run("C1", "--at", str(APPENDS + 1), "--signal", "KILL") == DONE
    assert at.effects() == {"pc-1": ["new"], "pc-2": ["new"]}


@pytest.mark.parametrize(("number", "when"), BOUNDARIES)
def test_the_launcher_is_killed_at_a_boundary_of_its_record(at: Doorstep, number: int, when: str) -> None:
    said = at.run("C1", "--at", str(number), "--when", when, "--signal", "KILL")
    at.judge()
    at.wait_for_quiet()
    opened = "run.opened" in at.kinds("R1")
    closed = "run.closed" in at.kinds("R1")

    again = at.run("C1")
    if not opened:
        assert again == DONE
    else:
        assert again == {"error": "GateRefused", "sentence": OVER if closed else INTERRUPTED}
    if opened and not closed:
        assert at.run("C1", "--resume") == DONE

    assert said == {"died": signal.SIGKILL}
    assert (opened, closed) == (number > 1 or when == "after", (number, when) == (APPENDS, "after"))
    assert at.effects() == {"pc-1": ["new"], "pc-2": ["new"]}
    assert at.outcomes("R1") == {"pc-1": "changed", "pc-2": "changed"}
    assert at.state_of("C1") == "done"


@pytest.mark.parametrize(
    ("moment", "number"),
    [
        ("before", signal.SIGKILL),
        ("after", signal.SIGTERM),
        pytest.param("after", signal.SIGKILL, marks=pytest.mark.slow),
        pytest.param("before", signal.SIGTERM, marks=pytest.mark.slow),
    ],
)
def test_ansible_is_killed_around_an_effect(at: Doorstep, moment: str, number: int) -> None:
    (at.folder / "slow").write_text("2", encoding="ascii")
    launched = at.start("sato", "run", "C1")
    launched.effect_begins() if moment == "before" else launched.effect_happened()
    os.kill(min(at.engines()), number)

    said = launched.end()
    left = at.processes()
    (at.folder / "slow").unlink()
    resumed = at.run("C1", "--resume")

    assert said == {
        "run": "R1",
        "state": "interrupted",
        "complete": False,
        "stopped": None,
        "outcomes": {"pc-1": "unknown"},
    }
    # What its workers had in flight ended with it: nothing happens any more when the run is closed.
    assert left == []
    assert resumed == DONE
    assert at.effects() == {"pc-1": ["new"], "pc-2": ["new"]}
    assert at.outcomes("R1") == {"pc-1": "changed", "pc-2": "changed"}


@pytest.mark.parametrize(
    ("moment", "number"),
    [
        ("after", signal.SIGINT),
        ("before", signal.SIGTERM),
        pytest.param("before", signal.SIGINT, marks=pytest.mark.slow),
        pytest.param("after", signal.SIGTERM, marks=pytest.mark.slow),
    ],
)
def test_the_launcher_is_interrupted_around_an_effect(at: Doorstep, moment: str, number: int) -> None:
    (at.folder / "slow").write_text("2", encoding="ascii")
    launched = at.start("sato", "run", "C1")
    launched.effect_begins() if moment == "before" else launched.effect_happened()
    launched.process.send_signal(number)

    said = launched.end()
    left = at.processes()
    interrupted = (at.state_of("C1"), at.outcomes("R1"), at.kinds("R1")[-1])
    (at.folder / "slow").unlink()

    assert said == {"error": "KeyboardInterrupt", "sentence": ""}
    assert left == []
    assert interrupted == ("interrupted", {"pc-1": "unknown"}, "run.closed")
    assert at.run("C1", "--resume") == DONE
    assert at.effects() == {"pc-1": ["new"], "pc-2": ["new"]}


def test_nobody_resumes_beside_a_worker_that_outlived_its_launcher(at: Doorstep) -> None:
    (at.folder / "slow").write_text("1", encoding="ascii")
    launched = at.start("sato", "run", "C1")
    launched.effect_begins()
    worker = max(at.engines())
    # It cannot hear the signal that the launcher's death sends.
    os.kill(worker, signal.SIGSTOP)
    launched.process.kill()
    launched.end()

    beside = at.run("C1", "--resume")
    os.kill(worker, signal.SIGKILL)
    at.wait_for_quiet()
    (at.folder / "slow").unlink()

    assert beside == {
        "error": "GateRefused",
        "sentence": "C1 is being run at this moment. Wait for it: `daicho status`.\n"
        "pc-1 is being changed by R1. Wait for it: `daicho status`.\n"
        "pc-2 is being changed by R1. Wait for it: `daicho status`.",
    }
    assert at.run("C1", "--resume") == DONE
    assert at.effects() == {"pc-1": ["new"], "pc-2": ["new"]}


def test_the_key_of_a_killed_run_does_not_stay(at: Doorstep) -> None:
    (at.folder / "slow").write_text("2", encoding="ascii")
    launched = at.start("sato", "run", "C1")
    launched.effect_begins()
    room = at.room_of(min(at.engines()))
    certified = sorted(path.name for path in room.iterdir() if path.name.startswith("id"))
    launched.process.kill()
    launched.end()
    at.wait_for_quiet()
    (at.folder / "slow").unlink()

    assert certified == ["id", "id-cert.pub", "id.pub"]
    assert at.run("C1", "--resume") == DONE
    assert not room.exists()


def test_a_standard_change_that_was_interrupted_runs_again(template: Doorstep, tmp_path: Path) -> None:
    """Its plan is made anew for every run, so what the last one left half done is looked at by itself."""
    at = template.copy(tmp_path / "site")
    change = at.request(**{"class": "standard", "expires": "2099-01-01 00:00"})
    approved = at.does("suzuki", "approve", change)
    killed = at.run(change, "--at", "12", "--signal", "KILL")
    at.wait_for_quiet()
    again = at.run(change)

    assert (approved, killed, again["state"]) == ({"reached": True}, {"died": 9}, "done")
    assert at.effects() == {"pc-1": ["new"], "pc-2": ["new"]}
    at.judge_ended()
