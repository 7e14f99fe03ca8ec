"""What an office's list costs: to read and record it once, and to begin each command over it.

    python benchmarks/inventory.py --items 12000

The static YAML file beside it holds the same hosts, groups and variables. CPU seconds and peak memory
are those of the command alone, as the kernel counts them.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl

from daicho.items.groups import inventory_of
from daicho.items.projection import ItemsProjection
from daicho.items.reading import read_items
from daicho.items.record import import_items
from daicho.ledger import Ledger
from tests import office
from tests.cost import Cost, cost

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daicho.items.item import Item

_ROOT = Path(__file__).parents[1]
_BIN = Path(sys.executable).parent
_NORNIR = "from nornir import InitNornir; InitNornir(inventory={inventory!r}, logging={{'enabled': False}})"


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description="Measure what an inventory costs per command.")
    parser.add_argument("--items", type=int, default=12_000, help="how many (default 12000)")
    count = parser.parse_args().items
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder)
        items = office.items(count)
        _read_and_record(state, count)
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


def _read_and_record(state: Path, count: int) -> None:
    book = openpyxl.Workbook(write_only=True)
    page = book.create_sheet()
    for row in office.rows(count):
        page.append(row)
    book.save(state / "office.xlsx")
    (state / "office.csv").write_bytes(office.separated(count).encode("cp932"))
    items = office.items(count)
    (state / "office.yml").write_text(
        "".join(
            "- "
            + "\n  ".join(f"{k}: {v}" for k, v in (("name", item.name), ("kind", item.kind), *_rest(item)))
            + "\n"
            for item in items
        )
    )
    for name in ("office.csv", "office.xlsx", "office.yml"):
        begin = time.process_time()
        read_items(state / name)
        print(f"read {name:<16} {time.process_time() - begin:6.2f} s CPU")
    with Ledger.create(state / "trial.db", [ItemsProjection()]) as ledger:
        for name in ("record all", "record no change"):
            begin = time.process_time()
            import_items(ledger, items, "benchmark", "office.csv")
            print(f"{name:<21} {time.process_time() - begin:6.2f} s CPU")
    print()


def _rest(item: Item) -> list[tuple[str, str]]:
    return [("address", item.address), *item.attributes.items()]


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
    took = cost(command, environment)
    if took.status:
        raise SystemExit(f"{' '.join(command)} ended with {took.status}")
    return took


if __name__ == "__main__":
    main()
