"""What recording costs: the same tasks bare, through the door, and with ARA.

    python -m benchmarks.recording [--rounds 3] [--hosts 100] [--ara]

20 tasks on each host (connection local, forks 20). Through the door the first and the last of them are
`daicho_intend` and `daicho_confirm`, everything is written ahead and synced, and the ledger, the launcher
and ansible-playbook count together. Bare and recorded runs take turns, because the machine is never quiet.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.doorstep import Doorstep

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TASKS = 20
_PLAY = "- hosts: all\n  gather_facts: false\n  connection: local\n  tasks:\n"
_DEBUG = "    - name: Task {number}\n      ansible.builtin.debug: {{msg: '{{{{ inventory_hostname }}}}'}}\n"
_INTEND = (
    "    - name: Say what will become of it\n"
    "      daicho_intend: {before: {line: a}, after: {line: b}, inverse: {line: a}}\n"
)
_CONFIRM = "    - name: Say what has become of it\n      daicho_confirm: {now: {line: b}}\n"
_CONFIG = "[defaults]\nforks = 20\ngathering = explicit\n"


@dataclass(frozen=True)
class Cost:
    """What one run took, with all its processes."""

    wall: float
    cpu: float


def main() -> None:
    """Measure and print."""
    arguments = _arguments()
    folder = Path(tempfile.mkdtemp(prefix="recording-"))
    try:
        names = [f"pc-{number:04d}" for number in range(1, arguments.hosts + 1)]
        bare, door = _bare(folder / "bare", names), _door(folder / "door", names)
        found: dict[str, list[Cost]] = {"bare": [], "door": []}
        for number in range(arguments.rounds):
            found["bare"].append(bare.run())
            found["door"].append(_through(door, folder / f"door-{number}"))
            _show(f"round {number + 1}", found["bare"][-1], found["door"][-1])
        if arguments.ara:
            found["ara"] = [_bare(folder / "ara", names, ara=True).run()]
        _account(found)
    finally:
        shutil.rmtree(folder)


@dataclass(frozen=True)
class Bare:
    """ansible-playbook with nothing of ours."""

    folder: Path
    environment: Mapping[str, str]

    def run(self) -> Cost:
        """Run it once."""
        command = [sys.executable, "-m", "ansible", "playbook", "-i", "hosts", "play.yml"]
        return _cost(command, self.folder, self.environment)


def _bare(folder: Path, names: Sequence[str], *, ara: bool = False) -> Bare:
    folder.mkdir()
    tasks = "".join(_DEBUG.format(number=number) for number in range(1, TASKS + 1))
    (folder / "play.yml").write_text(_PLAY + tasks, encoding="ascii")
    (folder / "hosts").write_text("".join(f"{name}\n" for name in names), encoding="ascii")
    (folder / "ansible.cfg").write_text(_CONFIG, encoding="ascii")
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8"}
    if ara:
        plugins = subprocess.run(
            [sys.executable, "-m", "ara.setup.callback_plugins"], capture_output=True, text=True, check=True
        )
        environment |= {"ANSIBLE_CALLBACK_PLUGINS": plugins.stdout.strip(), "ARA_BASE_DIR": str(folder)}
    return Bare(folder, environment)


def _door(folder: Path, names: Sequence[str]) -> Doorstep:
    made = Doorstep.make(folder, names)
    tasks = "".join(_DEBUG.format(number=number) for number in range(2, TASKS))
    playbook = made.content / "playbooks/patch_endpoints.yml"
    playbook.write_text(_PLAY + _INTEND + tasks + _CONFIRM, encoding="ascii")
    made.approved(waves=["100%"])
    return made


def _through(template: Doorstep, folder: Path) -> Cost:
    at = template.copy(folder)
    launcher = Path(__file__).parents[1] / "tests/launcher.py"
    cost = _cost([sys.executable, str(launcher), str(folder), "sato", "run", "C1"], folder, at.environment())
    hosts = len(at.rows("SELECT 1 FROM item"))
    assert list(at.outcomes("R1").values()) == ["changed"] * hosts  # noqa: S101 -- a benchmark of nothing
    return cost


def _cost(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Cost:
    started = time.perf_counter()
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=dict(environment), stdout=output, stderr=subprocess.STDOUT
        )
        _pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit((folder / "output").read_text(encoding="utf-8")[-2000:])
    return Cost(time.perf_counter() - started, usage.ru_utime + usage.ru_stime)


def _account(found: Mapping[str, Sequence[Cost]]) -> None:
    print(f"{'':8}{'wall s':>10}{'CPU s':>10}   (medians)")
    for name, costs in found.items():
        print(f"{name:8}{_wall(costs):10.1f}{_cpu(costs):10.1f}")
    # Of each round by itself: both halves of it met much the same load.
    rounds = list(zip(found["bare"], found["door"], strict=True))
    wall = statistics.median(door.wall / bare.wall for bare, door in rounds)
    cpu = statistics.median(door.cpu / bare.cpu for bare, door in rounds)
    print(f"recording, median of the rounds: {wall - 1:+.1%} wall, {cpu - 1:+.1%} CPU")


def _wall(costs: Sequence[Cost]) -> float:
    return statistics.median(cost.wall for cost in costs)


def _cpu(costs: Sequence[Cost]) -> float:
    return statistics.median(cost.cpu for cost in costs)


def _show(what: str, bare: Cost, door: Cost) -> None:
    print(
        f"{what}: bare {bare.wall:.1f} s wall {bare.cpu:.1f} s CPU, door {door.wall:.1f} s {door.cpu:.1f} s",
        flush=True,
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--hosts", type=int, default=100)
    parser.add_argument("--ara", action="store_true", help="measure ARA too (minutes)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
