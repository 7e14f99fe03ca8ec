"""How long a weekend of moves takes: two changes for all of them, against the same items one at a time.

    python -m benchmarks.moves [--terminals 600] [--printers 60] [--latency 20] [--alone 3]

Needs root: Kea, BIND, CUPS, the printers and the simulated switches of the lab run in network namespaces.
A printer of the lab is ippeveprinter and snmpd; its queue is made by lpadmin as `everywhere`.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.move_lab import PORTS, lab_of, port_from_end
from tests.move_site import moving

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.move_lab import MoveLab


@dataclass(frozen=True)
class Took:
    """Seconds of a plan and of its run."""

    plan: float
    run: float

    def __add__(self, other: Took) -> Took:
        return Took(self.plan + other.plan, self.run + other.run)

    def times(self, factor: float) -> Took:
        return Took(self.plan * factor, self.run * factor)

    def __str__(self) -> str:
        return f"plan {self.plan:.1f} s, cut-over {self.run:.1f} s"


def main() -> None:
    """Measure, and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--terminals", type=int, default=600)
    parser.add_argument("--printers", type=int, default=60)
    parser.add_argument("--latency", type=float, default=20, help="round trip to the devices, milliseconds")
    parser.add_argument("--alone", type=int, default=3, help="how many of each are moved one at a time")
    given = parser.parse_args()
    half = -(-given.terminals // PORTS) + -(-given.printers // PORTS)
    world = {"latency_ms": given.latency, "minute": 6}
    with (
        tempfile.TemporaryDirectory() as folder,
        lab_of(Path(folder), given.terminals, 2 * half, printers=given.printers, **world) as lab,
    ):
        for printer in lab.services.printers:
            lab.queue(printer)
        say(
            f"{given.terminals} terminals, {given.printers} printers, {2 * half} switches, {given.latency} ms"
        )
        weekend = Weekend(lab, half)
        printers = weekend.measured("printers", weekend.printer, given.printers, given.alone)
        terminals = weekend.measured("terminals", weekend.terminal, given.terminals, given.alone)
        say(f"printers and terminals: {printers + terminals}")


@dataclass(frozen=True)
class Weekend:
    """Moves in the lab."""

    lab: MoveLab
    half: int
    """The last switch of the third floor."""

    def terminal(self, number: int) -> dict[str, Any]:
        """A wish for a terminal."""
        return {"item": f"pc-{number}", "outlet": f"4F-{number}"}

    def printer(self, number: int) -> dict[str, Any]:
        """A wish for a printer."""
        switch, port = port_from_end(number, self.half)
        return {"item": f"pr-{number:04d}", "switch": switch, "port": port, "floor": "本館3階"}

    def measured(self, kind: str, wish: Any, count: int, alone: int) -> Took:
        """Move some one at a time and the rest in one change; what all in one took."""
        work = f"relocate_{kind}"
        if singles := [self.timed(work, [wish(number)]) for number in range(1, alone + 1)]:
            each = sum(singles, start=Took(0, 0)).times(1 / alone)
            say(f"{kind}, one at a time: {each} each (n={alone}); all of them: {each.times(count)}")
        whole = self.timed(work, [wish(number) for number in range(alone + 1, count + 1)])
        say(f"{kind}, in one change: {whole} (n={count - alone})")
        return whole

    def timed(self, work: str, wishes: Sequence[dict[str, Any]]) -> Took:
        """How long the plan and the run take that move these."""
        desk = self.lab.desk
        change = moving(desk, *wishes, work=work)
        began = time.monotonic()
        desk.expect("plan", change, who="sato")
        planned = time.monotonic()
        desk.expect("approve", change, "--key", str(desk.key("suzuki")), "--yes", who="suzuki")
        signed = time.monotonic()
        done = desk.expect("run", change, "--yes", "--output", "json", who="tanaka").json
        if done["outcomes"] != {"changed": len(wishes)}:
            sys.exit(f"not all moved: {done['outcomes']}")
        return Took(planned - began, time.monotonic() - signed)


def say(line: str) -> None:
    """A line of the result, with the load of the machine, at once."""
    print(f"{line} [load {os.getloadavg()[0]:.1f}]", flush=True)


if __name__ == "__main__":
    main()
