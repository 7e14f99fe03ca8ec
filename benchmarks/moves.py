"""How long a weekend of moves takes: one change for all of them, against the same items one at a time.

    python -m benchmarks.moves [--terminals 600] [--latency 20] [--alone 5]

Needs root: Kea, BIND and the simulated switches of the lab run in network namespaces.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.move_lab import PORTS, lab_of
from tests.move_site import moving

if TYPE_CHECKING:
    from tests.move_lab import MoveLab


def main() -> None:
    """Measure, and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--terminals", type=int, default=600)
    parser.add_argument("--latency", type=float, default=20, help="round trip to the devices, milliseconds")
    parser.add_argument("--alone", type=int, default=5, help="how many are moved one at a time")
    given = parser.parse_args()
    switches = 2 * -(-given.terminals // PORTS)
    with (
        tempfile.TemporaryDirectory() as folder,
        lab_of(Path(folder), given.terminals, switches, latency_ms=given.latency, minute=6) as lab,
    ):
        say(f"{given.terminals} terminals on {switches} switches, {given.latency:g} ms")
        alone = [timed(lab, number) for number in range(1, given.alone + 1)]
        if alone:
            plan, run = (sum(each) / len(alone) for each in zip(*alone, strict=True))
            say(f"one at a time: plan {plan:.1f} s, cut-over {run:.1f} s each")
            say(f"  so all of them: {plan * given.terminals:.0f} s and {run * given.terminals:.0f} s")
        plan, run = timed(lab, *range(given.alone + 1, given.terminals + 1))
        say(f"all in one: plan {plan:.1f} s, cut-over {run:.1f} s")


def timed(lab: MoveLab, *numbers: int) -> tuple[float, float]:
    """Seconds of the plan and of the run that moves these terminals."""
    desk = lab.desk
    change = moving(desk, *({"item": f"pc-{each}", "outlet": f"4F-{each}"} for each in numbers))
    began = time.monotonic()
    desk.expect("plan", change, who="sato")
    planned = time.monotonic()
    desk.expect("approve", change, "--key", str(desk.key("suzuki")), "--yes", who="suzuki")
    signed = time.monotonic()
    done = desk.expect("run", change, "--yes", "--output", "json", who="tanaka").json
    if done["outcomes"] != {"changed": len(numbers)}:
        sys.exit(f"not all moved: {done['outcomes']}")
    return planned - began, time.monotonic() - signed


def say(line: str) -> None:
    """A line of the result, at once."""
    print(line, flush=True)


if __name__ == "__main__":
    main()
