"""What an entry costs: chained, in SQLite and on disk, against a bare JSON line and fsync.

    python benchmarks/append.py --entries 2000 --threads 50

The file beside it (`JSONL + fsync`) is what one would write without a ledger: one JSON line per record,
synced before the next effect; no chain, no index, no lock between processes.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from daicho.ledger import Draft, Ledger

if TYPE_CHECKING:
    from collections.abc import Callable

DRAFT = Draft(
    "target.outcome",
    "R12",
    "sato",
    {
        "target": "pc-00042",
        "outcome": "changed",
        "now": {f"package-{n}": "1.2.3-4+deb12u1" for n in range(6)},
    },
)


class JsonLines:
    """The bare file: one line per record, one sync per call."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab")
        self._lock = threading.Lock()

    def append(self, *drafts: Draft) -> None:
        """Write and sync the records."""
        lines = "".join(json.dumps(vars(draft)) + "\n" for draft in drafts)
        with self._lock:
            self._file.write(lines.encode())
            self._file.flush()
            os.fdatasync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description="Measure what an entry costs.")
    parser.add_argument("--entries", type=int, default=2000, help="how many per row (default 2000)")
    parser.add_argument("--threads", type=int, default=50, help="threads that append at once (default 50)")
    parser.add_argument("--folder", type=Path, help="on which disk (default: the temporary folder's)")
    asked = parser.parse_args()
    print(f"{'entries per second':<40} {'ledger':>9} {'JSONL + fsync':>14} {'ratio':>6}")
    with tempfile.TemporaryDirectory(dir=asked.folder) as scratch:
        folder = Path(scratch)
        crowd = f"one at a time, {asked.threads} threads"
        for name, together, threads in (
            ("one at a time", 1, 1),
            ("a hundred per call", 100, 1),
            (crowd, 1, asked.threads),
            (crowd + ", no sharing", 1, asked.threads),
        ):
            turns = max(1, asked.entries * (20 if together > 1 else 1) // together // threads)
            with Ledger.create(folder / f"{name}.db") as ledger:
                append = _alone(ledger) if "no sharing" in name else ledger.append
                ours = _rate(append, turns, together, threads)
            bare = JsonLines(folder / f"{name}.jsonl")
            theirs = _rate(bare.append, turns, together, threads)
            bare.close()
            print(f"{name:<40} {ours:>9,.0f} {theirs:>14,.0f} {ours / theirs:>6.2f}", flush=True)


def _alone(ledger: Ledger) -> Callable[..., object]:
    """Append with a sync for every call, to show what sharing one brings."""
    lock = threading.Lock()

    def append(*drafts: Draft) -> None:
        with lock:
            ledger.append(*drafts)

    return append


def _rate(append: Callable[..., object], turns: int, together: int, threads: int) -> float:
    drafts = [DRAFT] * together

    def work() -> None:
        for _turn in range(turns):
            append(*drafts)

    workers = [threading.Thread(target=work) for _number in range(threads)]
    started = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return turns * together * threads / (time.perf_counter() - started)


if __name__ == "__main__":
    main()
