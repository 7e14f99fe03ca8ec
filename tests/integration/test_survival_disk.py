"""A disk that fills up or is read-only, and a ledger that somebody else holds, at every stage of a run."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.doorstep import Doorstep, mount, small_disk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")

pytestmark = pytest.mark.patient

DONE = {"pc-1": ["new"], "pc-2": ["new"]}
STAGES = {
    1: ("the run is about to be opened", {}),
    3: ("the first task is about to be written ahead", {}),
    4: ("the first intent is about to be written", {}),
    11: ("the first outcome is about to be written", {"pc-1": "unknown"}),
    13: ("the second wave is about to begin", {"pc-1": "changed"}),
    15: ("its intent is about to be written", {"pc-1": "changed"}),
    22: ("its outcome is about to be written", {"pc-1": "changed", "pc-2": "unknown"}),
    24: ("the closing is about to be written", {"pc-1": "changed", "pc-2": "changed"}),
}
"""The append before which the disk fills → which moment that is, and what is known when the run has ended."""


def stages(*often: int) -> list[Any]:
    return [
        pytest.param(number, outcomes, id=str(number), marks=() if number in often else pytest.mark.slow)
        for number, (_moment, outcomes) in STAGES.items()
    ]


@pytest.fixture
def on_small_disk(at: Doorstep) -> Iterator[Doorstep]:
    """A copy whose state is on a disk of 16 MB."""
    with small_disk(at.state, 16):
        yield at


def fill(disk: Path) -> Path:
    """Take all that is free, to the last byte."""
    with (disk / "ballast").open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while file.write(b"\xa5" * size) == size:
                    pass
            except OSError:
                continue
    return disk / "ballast"


@contextmanager
def held(ledger: Path) -> Iterator[None]:
    """Hold the ledger's write lock as another process would."""
    connection = sqlite3.connect(ledger, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
    finally:
        connection.close()


@needs_root
@pytest.mark.parametrize(("number", "outcomes"), stages(11))
def test_the_disk_is_full_in_the_middle(
    on_small_disk: Doorstep, number: int, outcomes: dict[str, str]
) -> None:
    at = on_small_disk
    launched = at.start("sato", "run", "C1", "--at", str(number))
    launched.reached()
    ballast = fill(at.state)
    launched.go_on()
    said = launched.end()
    ballast.unlink()
    at.judge()

    ledger = at.ledger
    if number == 1:
        assert said == {
            "error": "LedgerUnwritable",
            "sentence": f"The ledger {ledger} cannot be written (the disk is full). Nothing was started. "
            "Free some space on its file system and repeat.",
        }
        assert at.effects() == {}
        assert at.run("C1")["state"] == "done"
    else:
        # The reserve made room for the end of the run, so it is closed and says how things stand.
        last = number == 24
        assert said == {
            "run": "R1",
            "state": "done" if last else "interrupted",
            "complete": last,
            "stopped": None if last else f"{ledger} could not be written (the disk is full)",
            "outcomes": outcomes,
        }
        assert at.outcomes("R1") == outcomes
        assert last or at.run("C1", "--resume")["state"] == "done"
    assert at.effects() == DONE
    at.judge_ended()


@needs_root
def test_the_disk_is_full_before_the_start(on_small_disk: Doorstep) -> None:
    ballast = fill(on_small_disk.state)
    said = on_small_disk.run("C1")
    ballast.unlink()

    assert said == {
        "error": "LedgerUnwritable",
        "sentence": f"The ledger {on_small_disk.ledger} cannot be written (the disk is full). Nothing was "
        "started. Free some space on its file system and repeat.",
    }
    assert on_small_disk.effects() == {}
    assert on_small_disk.run("C1")["state"] == "done"
    assert on_small_disk.effects() == DONE
    on_small_disk.judge_ended()


@pytest.mark.slow
@needs_root
def test_not_enough_room_for_a_run_is_refused_before_it_starts(on_small_disk: Doorstep) -> None:
    """A run that fits in what is free now may not fit any more in a minute: the gate wants some headroom."""
    ballast = fill(on_small_disk.state)
    with ballast.open("r+b") as file:
        file.truncate(ballast.stat().st_size - (5 << 20))
    said = on_small_disk.run("C1")
    ballast.unlink()

    assert said["error"] == "GateRefused"
    assert said["sentence"].startswith(f"The ledger {on_small_disk.ledger} cannot be written (only ")
    assert said["sentence"].endswith(
        " KiB are free on its disk). Nothing was started. Free some space on its file system and repeat."
    )
    assert on_small_disk.effects() == {}
    assert on_small_disk.run("C1")["state"] == "done"
    on_small_disk.judge_ended()


@needs_root
@pytest.mark.parametrize("killed_at", [pytest.param(None, marks=pytest.mark.slow), 11])
def test_the_disk_is_read_only(on_small_disk: Doorstep, killed_at: int | None) -> None:
    """From the beginning, or since the last run was killed."""
    at, resume = on_small_disk, ["--resume"] if killed_at else []
    if killed_at:
        assert at.run("C1", "--at", str(killed_at), "--signal", "KILL") == {"died": 9}
        at.wait_for_quiet()
    mount("-o", "remount,ro", str(at.state))
    said = at.run("C1", *resume)
    mount("-o", "remount,rw", str(at.state))

    assert said == {
        "error": "LedgerUnwritable",
        "sentence": f"The ledger {at.ledger} cannot be written (it is read-only here). Nothing was started. "
        "Mount the file system writable, or give this account the right to write the file.",
    }
    assert at.run("C1", *resume)["state"] == "done"
    assert at.effects() == DONE
    at.judge_ended()


@pytest.mark.parametrize(("number", "outcomes"), stages(11))
def test_the_ledger_is_held_for_longer_than_we_wait(
    at: Doorstep, number: int, outcomes: dict[str, str]
) -> None:
    launched = at.start("sato", "run", "C1", "--at", str(number), "--timeout", "1")
    launched.reached()
    with held(at.ledger):
        launched.go_on()
        said = launched.end()
    at.judge()

    locked = "(it is locked by another process)"
    remedy = "Wait for the other daicho command to end (`fuser` names it) and repeat."
    if number == 1:
        assert said == {
            "error": "LedgerUnwritable",
            "sentence": f"The ledger {at.ledger} cannot be written {locked}. Nothing was started. {remedy}",
        }
    else:
        assert said == {
            "error": "RecordLost",
            "sentence": f"R1 was stopped: the ledger {at.ledger} cannot be written any more {locked}. "
            f"{remedy} Then see what is unknown with `daicho show C1` and go on: `daicho run C1 --resume`.",
        }
    resumed = at.run("C1", "--resume")
    assert resumed["state"] == "done"
    assert at.effects() == DONE
    # What the launcher could not record, the next command did.
    assert {**outcomes, **at.outcomes("R1")} == {"pc-1": "changed", "pc-2": "changed"}
    at.judge_ended()


@pytest.mark.slow
def test_the_ledger_is_held_for_a_moment(at: Doorstep) -> None:
    """Another command that writes makes a run wait, and nothing else."""
    launched = at.start("sato", "run", "C1", "--at", "11")
    launched.reached()
    with held(at.ledger):
        launched.go_on()
        with pytest.raises(subprocess.TimeoutExpired):
            launched.process.wait(1.5)
    assert launched.end()["state"] == "done"
    assert at.effects() == DONE
    at.judge_ended()
