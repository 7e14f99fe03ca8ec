"""What a ledger survives: kill -9, a full disk, a read-only one, a locked file, eight writers at once."""

from __future__ import annotations

import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from daicho.errors import LedgerUnwritable
from daicho.ledger import Ledger
from daicho.ledger.verify import verify
from tests.ledgers import draft, fill, sqlite

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KILLS = 25

WRITER = """
import sys
from pathlib import Path
from daicho.ledger import Draft, Ledger
with Ledger.open(Path(sys.argv[1])) as ledger:
    for number in range(int(sys.argv[2])):
        draft = Draft("target.intended", "R1", "sato", {"n": number, "pad": "x" * 300})
        entries = ledger.append(draft, draft, draft)
        print(entries[-1].seq, entries[-1].hash, flush=True)
"""

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "state" / "ledger.db"
    fill(path, 3)
    return path


@contextmanager
def disk(folder: Path, size: str) -> Iterator[Path]:
    """A small file system of its own."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def writer(path: Path, turns: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), str(turns)], stdout=subprocess.PIPE, text=True
    )


def append_for_ever(ledger: Ledger, together: int) -> None:
    """Append until something refuses; 20 MB are enough for every disk here."""
    for _turn in range(2000 // together):
        ledger.append(*[draft(pad="x" * 10_000)] * together)


def test_kill_9_at_any_moment_loses_nothing_that_was_acknowledged(path: Path) -> None:
    chance = random.Random(20261121)  # noqa: S311 -- which moments are tried, not a secret
    acknowledged: list[list[str]] = []
    for _turn in range(KILLS):
        with writer(path, 100_000) as process:
            assert process.stdout is not None
            acknowledged.append(process.stdout.readline().split())
            more = chance.randrange(40)
            acknowledged += [process.stdout.readline().split() for _line in range(more)]
            process.send_signal(signal.SIGKILL)
            acknowledged += [line.split() for line in process.stdout if line.endswith("\n")]
    report = verify(path)
    assert report.findings == ()
    assert (report.entries - 3) % 3 == 0  # appends of three: all or none
    with Ledger.open(path, read_only=True) as ledger:
        assert all(ledger.entry(int(seq)).hash == digest for seq, digest in acknowledged)


def test_eight_processes_append_to_one_chain(path: Path) -> None:
    processes = [writer(path, 40) for _number in range(8)]
    lines = [process.communicate(timeout=60)[0].splitlines() for process in processes]
    assert [process.returncode for process in processes] == [0] * 8
    report = verify(path)
    assert (report.findings, report.entries) == ((), 3 + 8 * 40 * 3)
    assert len({line.split()[0] for each in lines for line in each}) == 8 * 40


def test_a_ledger_locked_by_another_process_is_said(path: Path) -> None:
    other = sqlite3.connect(path, autocommit=True)
    other.execute("BEGIN IMMEDIATE")
    with Ledger.open(path, timeout=0.1) as ledger:
        for attempt in (ledger.check_writable, lambda: ledger.append(draft())):
            with pytest.raises(LedgerUnwritable) as refusal:
                attempt()
            assert str(refusal.value) == (
                f"The ledger {path} cannot be written (it is locked by another process). "
                "Nothing was started. Wait for the other daicho command to end (`fuser` names it) and repeat."
            )
        assert ledger.head().seq == 3  # reading goes on
        other.execute("ROLLBACK")
        other.close()
        assert ledger.append(draft())[0].seq == 4


def test_a_disk_that_refuses_to_write_is_said_and_the_ledger_stays_usable(path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with Ledger.open(path) as ledger:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
        try:
            with pytest.raises(LedgerUnwritable) as refusal:
                append_for_ever(ledger, 2)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert str(refusal.value) == (
            f"The ledger {path} cannot be written (the disk refuses to write). Nothing was started. "
            "Look at the disk, its quota and the kernel's log, and repeat."
        )
        last = ledger.head().seq
        assert (last - 3) % 2 == 0
        assert ledger.append(draft())[0].seq == last + 1
    assert verify(path).findings == ()


@needs_root
def test_on_a_full_disk_the_reserve_makes_room_for_the_last_entry(tmp_path: Path) -> None:
    with disk(tmp_path / "disk", "7m") as folder, Ledger.create(folder / "ledger.db") as ledger:
        ledger.check_writable()
        assert (folder / "reserve").stat().st_blocks * 512 == 1 << 20
        with pytest.raises(LedgerUnwritable) as refusal:
            append_for_ever(ledger, 1)
        assert str(refusal.value) == (
            f"The ledger {ledger.path} cannot be written (the disk is full). Nothing was started. "
            "Free some space on its file system and repeat."
        )
        last = ledger.head().seq
        ledger.release_reserve()
        assert ledger.append(draft(pad="the run was aborted: the disk is full"))[0].seq == last + 1
        assert verify(ledger).findings == ()
        with pytest.raises(LedgerUnwritable, match=r"^"):
            ledger.check_writable()


@needs_root
def test_too_little_room_is_said_before_anything_starts(tmp_path: Path) -> None:
    with disk(tmp_path / "disk", "3m") as folder, Ledger.create(folder / "ledger.db") as ledger:
        with pytest.raises(LedgerUnwritable) as refusal:
            ledger.check_writable()
        state = os.statvfs(folder)
        assert str(refusal.value) == (
            f"The ledger {ledger.path} cannot be written (only {state.f_bavail * state.f_frsize // 1024} KiB "
            "are free on its disk). Nothing was started. Free some space on its file system and repeat."
        )


@needs_root
def test_on_a_read_only_disk_it_is_read_and_nothing_more(tmp_path: Path) -> None:
    with disk(tmp_path / "disk", "8m") as folder:
        path = folder / "ledger.db"
        fill(path, 3)
        subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
        with pytest.raises(LedgerUnwritable) as refusal:
            Ledger.open(path)
        assert str(refusal.value) == (
            f"The ledger {path} cannot be written (it is read-only here). Nothing was started. "
            "Mount the file system writable, or give this account the right to write the file."
        )
        with Ledger.open(path, read_only=True) as ledger:
            assert [entry.seq for entry in ledger.entries()] == [1, 2, 3]
        assert verify(path).sound


def test_a_writer_that_dies_leaves_no_lock(path: Path) -> None:
    with writer(path, 100_000) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.kill()
    with Ledger.open(path, timeout=0.5) as ledger:
        ledger.check_writable()
        assert sqlite(path, "PRAGMA integrity_check") == "ok"
