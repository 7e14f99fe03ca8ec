"""How fast a ledger is verified, against the floor: one SHA-256 over the same bytes.

    python benchmarks/verify.py --entries 1000000

The floor (`openssl dgst -sha256`, and `sha256sum` of coreutils) reads the exported texts as one stream:
it knows no entries and no chain, and names nothing.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from daicho.ledger import Draft, Ledger
from daicho.ledger.segment import read_segment
from daicho.ledger.verify import verify

if TYPE_CHECKING:
    from collections.abc import Callable

_BATCH: Final = 1000
_VERIFIER: Final = Path(__file__).parents[1] / "scripts" / "verify_ledger.py"


def main() -> None:
    """Make a ledger, verify it in every way, and print a table."""
    parser = argparse.ArgumentParser(description="Measure how fast a ledger is verified.")
    parser.add_argument("--entries", type=int, default=300_000, help="how many (default 300000)")
    count = parser.parse_args().entries // _BATCH * _BATCH
    with tempfile.TemporaryDirectory() as scratch:
        path, texts = Path(scratch, "ledger.db"), Path(scratch, "entries.jsonl")
        _fill(path, texts, count)
        size = texts.stat().st_size
        print(f"{count:,} entries of {size / count:.0f} bytes, {len(os.sched_getaffinity(0))} cores")
        floor = _seconds(lambda: _run("openssl", "dgst", "-sha256", str(texts)))
        rows: list[tuple[str, Callable[[], object]]] = [
            ("sha256sum entries.jsonl", lambda: _run("sha256sum", str(texts))),
            ("daicho ledger verify", lambda: _sound(path)),
            ("the same in one process", lambda: read_segment(path, 0, count)),
            ("verify_ledger.py ledger.db", lambda: _run(sys.executable, str(_VERIFIER), str(path))),
            ("verify_ledger.py entries.jsonl", lambda: _run(sys.executable, str(_VERIFIER), str(texts))),
        ]
        print(f"{'':<32} {'seconds':>8} {'entries/s':>10} {'x floor':>12}")
        print(f"{'openssl dgst -sha256 (floor)':<32} {floor:>8.2f} {count / floor:>10,.0f} {1:>12.1f}")
        for name, work in rows:
            taken = _seconds(work)
            print(f"{name:<32} {taken:>8.2f} {count / taken:>10,.0f} {taken / floor:>12.1f}", flush=True)


def _fill(path: Path, texts: Path, count: int) -> None:
    with Ledger.create(path) as ledger, texts.open("w", encoding="utf-8") as lines:
        for start in range(0, count, _BATCH):
            entries = ledger.append(*(_draft(number) for number in range(start, start + _BATCH)))
            lines.writelines(entry.text + "\n" for entry in entries)


def _draft(number: int) -> Draft:
    now = {f"package-{n}": f"1.2.{number}-4+deb12u1" for n in range(6)}
    body = {"target": f"pc-{number % 12000:05}", "outcome": "changed", "now": now}
    return Draft("target.outcome", f"R{number // 12000}", "sato", body)


def _sound(path: Path) -> None:
    report = verify(path)
    if not report.sound:
        raise SystemExit("\n".join(map(str, report.findings)))


def _run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _seconds(work: Callable[[], object]) -> float:
    """The better of two: the first also warms the page cache."""
    taken = []
    for _turn in range(2):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return min(taken)


if __name__ == "__main__":
    main()
