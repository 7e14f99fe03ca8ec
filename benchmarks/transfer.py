"""What a day of transfers costs an operator: from personnel's file to the plan, in a directory of a ministry.

    python -m benchmarks.transfer [--people 300|3000|15000] [--moving 3000]

Brings up a domain of the lab by itself (root), types `daicho people request` and `daicho plan` as an
operator does, and takes the wall time and the memory of each command from the kernel.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from lab.domain import Domain
from lab.population import population
from tests.people_desk import PeopleDesk
from tests.personnel import Turnout, notice

_CLOSED_EVERY = 97
"""So many of the lab's accounts are closed from the beginning, and do not move."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="What a day of transfers costs.")
    parser.add_argument("--people", type=int, default=15000, help="how many the domain has")
    parser.add_argument("--moving", type=int, default=3000, help="how many of them move")
    arguments = parser.parse_args()
    domain = Domain("transfer")
    try:
        domain.up(arguments.people, ("dc2", "fs1"))
        with domain.visit(), tempfile.TemporaryDirectory(prefix="transfer-") as folder:
            _measure(domain, Path(folder), arguments.people, arguments.moving)
    finally:
        domain.down()


def _measure(domain: Domain, folder: Path, people: int, moving: int) -> None:
    desk = PeopleDesk.at_work(folder / "desk", domain)
    open_ones = [each for each in population(people) if int(each.number) % _CLOSED_EVERY]
    file = desk.file("moves.csv", notice(open_ones, Turnout(moving=moving)).separated())
    for words in (["--version"], ["people", "request", str(file), "--on", "2027-04-01"], ["plan", "C1"]):
        wall, cpu, megabytes = _typed(desk, words)
        print(f"daicho {' '.join(words)[:30]:30} {wall:6.1f} s, {cpu:6.1f} CPU-s, {megabytes:4.0f} MB")


def _typed(desk: PeopleDesk, words: list[str]) -> tuple[float, float, float]:
    """Wall time, CPU time and the most memory of one command."""
    begins = time.perf_counter()
    with (desk.desk.folder / "said").open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "daicho.cli", *words],
            cwd=desk.desk.folder,
            env=desk.desk.environment("sato"),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        _pid, status, used = os.wait4(process.pid, 0)
    if status:
        sys.exit((desk.desk.folder / "said").read_text(encoding="utf-8")[-2000:])
    return time.perf_counter() - begins, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


if __name__ == "__main__":
    main()
