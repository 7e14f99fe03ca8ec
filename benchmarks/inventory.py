"""What it costs to begin a command over a whole office: daicho's inventory beside a static YAML file.

    python benchmarks/inventory.py --items 12000

Both hold the same hosts, groups and variables. CPU seconds and peak memory are those of the command
alone, as the kernel counts them; the order of the rows is the order of the measurements.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from daicho.items.groups import inventory_of
from daicho.items.projection import ItemsProjection
from daicho.items.record import import_items
from daicho.ledger import Ledger
from tests import office

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daicho.items.item import Item

_ROOT = Path(__file__).parents[1]
_BIN = Path(sys.executable).parent
_NORNIR = "from nornir import InitNornir; InitNornir(inventory={inventory!r}, logging={{'enabled': False}})"


@dataclass(frozen=True)
class Cost:
    """CPU seconds and peak megabytes of one command."""

    seconds: float
    megabytes: float


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description="Measure what an inventory costs per command.")
    parser.add_argument("--items", type=int, default=12_000, help="how many (default 12000)")
    count = parser.parse_args().items
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder)
        items = office.items(count)
        _prepare(state, items)
        one = items[len(items) // 2].name
        print(f"{count:,} items        {'daicho':>20} {'static YAML':>20} {'ratio':>14}")
        for name, ours, theirs in _commands(state, one):
            left, right = _measure(ours, state), _measure(theirs, state)
            print(
                f"{name:<18} {left.seconds:9.2f} s {left.megabytes:5.0f} MB"
                f" {right.seconds:9.2f} s {right.megabytes:5.0f} MB"
                f"   {right.seconds / left.seconds:4.1f} x {right.megabytes / left.megabytes:4.1f} x",
                flush=True,
            )


def _commands(state: Path, one: str) -> list[tuple[str, list[str], list[str]]]:
    def both(program: str, *arguments: str) -> tuple[list[str], list[str]]:
        start = [str(_BIN / program), "-i"]
        ours, theirs = str(_ROOT / "inventory" / "daicho.yml"), str(state / "hosts.yml")
        return [*start, ours, *arguments], [*start, theirs, *arguments]

    ours = _NORNIR.format(inventory={"plugin": "DaichoItems"})
    simple = {"plugin": "SimpleInventory", "options": {"host_file": str(state / "nornir.yml")}}
    theirs = _NORNIR.format(inventory=simple)
    playbook = str(state / "play.yml")
    return [
        ("inventory --list", *both("ansible-inventory", "--list")),
        ("play on one host", *both("ansible-playbook", playbook, "--limit", one)),
        ("InitNornir", [sys.executable, "-c", ours], [sys.executable, "-c", theirs]),
    ]


def _prepare(state: Path, items: Sequence[Item]) -> None:
    with Ledger.create(state / "ledger.db", [ItemsProjection()]) as ledger:
        import_items(ledger, items, "benchmark", "office.csv")
    served = inventory_of(items)
    groups = {name: {"hosts": dict.fromkeys(members)} for name, members in served["groups"].items()}
    (state / "hosts.yml").write_text(_yaml({"all": {"hosts": served["hosts"], "children": groups}}))
    hosts = {
        item.name: {"hostname": item.address, "groups": [], "data": dict(item.attributes)} for item in items
    }
    (state / "nornir.yml").write_text(_yaml(hosts))
    (state / "play.yml").write_text(
        "- hosts: all\n  gather_facts: false\n  connection: local\n"
        "  tasks:\n    - ansible.builtin.debug: {var: daicho_item}\n"
    )


def _yaml(value: object, depth: int = 0) -> str:
    """Block style, as people keep their inventories."""
    if not isinstance(value, dict):
        return " " + json.dumps(value, ensure_ascii=False) + "\n"
    lines = (
        f"{'  ' * depth}{json.dumps(key, ensure_ascii=False)}:{_yaml(each, depth + 1)}"
        for key, each in value.items()
    )
    return ("\n" if depth else "") + "".join(lines)


def _measure(command: Sequence[str], state: Path) -> Cost:
    environment = {
        **os.environ,
        "DAICHO_STATE": str(state),
        "ANSIBLE_INVENTORY_PLUGINS": str(_ROOT / "plugins" / "inventory"),
    }
    for name in ("ANSIBLE_CONFIG", "DAICHO_DOOR"):
        environment.pop(name, None)
    process = subprocess.Popen(command, env=environment, cwd=state, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


if __name__ == "__main__":
    main()
