"""What it costs to ask 12,000 addresses, 5 % of them dead: daicho beside fping, nmap and icmplib, in one run.

    sudo python benchmarks/reachability.py --addresses 12000 --dead 600 --rounds 3

It brings up the lab's office network for itself. Seconds and memory are those of the whole command as the
kernel counts them, Python's start included; `sweep()` alone is measured within its process. icmplib is
measured where it is installed (dependency group `benchmark`).
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from lab import network
from lab.outage import Outage
from lab.outage_plan import CONTROLLER

_ROOT = Path(__file__).parents[1]
_SWEEP = """
import sys
from daicho.reachability.answers import Alive
from daicho.reachability.sweep import sweep
swept = sweep(open(sys.argv[1]).read().split())
print(swept.seconds, file=sys.stderr)
print("\\n".join(a for a, answer in swept.items() if isinstance(answer, Alive)))
"""
_ICMPLIB = """
import sys
from icmplib import async_multiping
import asyncio, resource
hosts = open(sys.argv[1]).read().split()
found = asyncio.run(async_multiping(hosts, count=1, timeout=0.5, concurrent_tasks=900))
silent = [host.address for host in found if not host.is_alive]
again = asyncio.run(async_multiping(silent, count=1, timeout=0.5, concurrent_tasks=900))
print("\\n".join(host.address for host in [*found, *again] if host.is_alive))
"""


@dataclass
class Figures:
    """What was measured of one command over all rounds."""

    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    megabytes: float = 0.0
    false_dead: int = 0
    false_alive: int = 0

    def row(self, name: str, floor: float) -> str:
        """One line of the table."""
        seconds = statistics.median(self.seconds)
        return (
            f"{name:<44} {seconds:6.2f} s {statistics.median(self.cpu):5.2f} CPU-s {self.megabytes:4.0f} MB"
            f" {seconds / floor:5.2f} x   {self.false_dead} false dead, {self.false_alive} false alive"
        )


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description="Measure the sweep of many addresses.")
    parser.add_argument("--addresses", type=int, default=12_000)
    parser.add_argument("--dead", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--onlink", action="store_true", help="addresses on the machine's own network")
    chosen = parser.parse_args()
    office = Outage(f"bench-{os.getpid()}")
    try:
        office.up()
        addresses, dead = office.plane(chosen.addresses, chosen.dead, onlink=chosen.onlink)
        with tempfile.TemporaryDirectory() as folder:
            hosts = Path(folder, "hosts")
            hosts.write_text("\n".join(addresses) + "\n")
            _compare(office, hosts, (set(addresses), set(dead)), chosen.rounds)
    finally:
        office.down()


def _compare(office: Outage, hosts: Path, truth: tuple[set[str], set[str]], rounds: int) -> None:
    commands = {
        "fping -i 0 -r 1 -t 500": ["fping", "-a", "-i", "0", "-r", "1", "-t", "500", "-f", str(hosts)],
        "daicho, the whole process": [sys.executable, "-c", _SWEEP, str(hosts)],
        "nmap -sn -n -PE -T5 --max-retries 1": [
            *("nmap", "-sn", "-n", "-PE", "-T5", "--max-retries", "1", "-oG", "-", "-iL", str(hosts)),
        ],
    }
    if importlib.util.find_spec("icmplib"):
        commands["icmplib async_multiping, 900 at once"] = [sys.executable, "-c", _ICMPLIB, str(hosts)]
    figures = {name: Figures() for name in commands}
    inner: list[float] = []
    for _round in range(rounds):
        for name, argv in commands.items():
            said = _measure(office, argv, figures[name], truth)
            if name.startswith("daicho"):
                inner.append(float(said))
    floor = statistics.median(figures["fping -i 0 -r 1 -t 500"].seconds)
    for name, measured in figures.items():
        print(measured.row(name, floor))
    alone = statistics.median(inner)
    print(f"{'daicho, sweep() alone':<44} {alone:6.2f} s {'':16} {alone / floor:5.2f} x")


def _measure(office: Outage, argv: list[str], figures: Figures, truth: tuple[set[str], set[str]]) -> str:
    office.execute(["ip", "neigh", "flush", "all"])
    with tempfile.TemporaryFile("w+") as said, tempfile.TemporaryFile("w+") as talk:

        def start() -> subprocess.Popen[str]:
            environment = {**os.environ, "PYTHONPATH": str(_ROOT)}
            return subprocess.Popen(argv, stdout=said, stderr=talk, text=True, env=environment)

        began = time.monotonic()
        process = network.inside(office.places.netns(CONTROLLER), start)
        _, status, usage = os.wait4(process.pid, 0)
        figures.seconds.append(time.monotonic() - began)
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        talk.seek(0)
        words, last = said.read(), talk.read().strip().splitlines()[-1:]
    living, dead = truth[0] - truth[1], truth[1]
    found = {word for word in words.split() if word in truth[0]}
    figures.cpu.append(usage.ru_utime + usage.ru_stime)
    figures.megabytes = max(figures.megabytes, usage.ru_maxrss / 1024)
    figures.false_dead += len(living - found)
    figures.false_alive += len(found & dead)
    return json.dumps(last[0]).strip('"') if last else ""


if __name__ == "__main__":
    main()
