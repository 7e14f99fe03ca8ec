"""Twelve thousand items within the bounds that the design names; CPU seconds, because machines are shared."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pytest

from daicho.items.projection import ItemsProjection
from daicho.items.reading import read_items
from daicho.items.record import ImportSummary, find, import_items
from daicho.ledger import Ledger
from tests import office
from tests.cost import Cost, cost

if TYPE_CHECKING:
    from collections.abc import Sequence

_ROOT = Path(__file__).parents[2]
_BIN = Path(sys.executable).parent
_COUNT = 12_000
_CPU_SECONDS = 5.0
_MEGABYTES = 200

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("office")
    with Ledger.create(folder / "ledger.db", [ItemsProjection()]) as ledger:
        import_items(ledger, office.items(_COUNT), "sato", "office.csv")
    return folder


def measured(command: Sequence[str], state: Path) -> Cost:
    environment = {
        **os.environ,
        "DAICHO_STATE": str(state),
        "ANSIBLE_INVENTORY_PLUGINS": str(_ROOT / "plugins" / "inventory"),
    }
    for name in ("ANSIBLE_CONFIG", "DAICHO_DOOR"):
        environment.pop(name, None)
    return cost(command, environment)


def test_a_csv_is_read_in_a_second(tmp_path: Path) -> None:
    path = tmp_path / "office.csv"
    path.write_bytes(office.separated(_COUNT).encode("cp932"))
    begin = time.process_time()
    items = read_items(path)
    assert time.process_time() - begin < 1
    assert items == office.items(_COUNT)


def test_a_workbook_is_read_in_five_seconds(tmp_path: Path) -> None:
    book = openpyxl.Workbook(write_only=True)
    page = book.create_sheet()
    for row in office.rows(_COUNT):
        page.append(row)
    book.save(tmp_path / "office.xlsx")
    begin = time.process_time()
    items = read_items(tmp_path / "office.xlsx")
    assert time.process_time() - begin < 5
    assert items == office.items(_COUNT)


def test_all_are_recorded_in_two_seconds(tmp_path: Path) -> None:
    items = office.items(_COUNT)
    with Ledger.create(tmp_path / "ledger.db", [ItemsProjection()]) as ledger:
        begin = time.process_time()
        assert import_items(ledger, items, "sato", "office.csv") == ImportSummary(_COUNT, 0, 0, 0)
        assert time.process_time() - begin < 2
        begin = time.process_time()
        assert import_items(ledger, items, "sato", "office.csv") == ImportSummary(0, 0, _COUNT, 0)
        # Every name by itself, as a plan's fixed list has them.
        assert len(find(ledger, [item.name for item in items])) == _COUNT
        assert time.process_time() - begin < 2


@pytest.mark.parametrize(
    "command",
    [
        ["ansible-inventory", "--list"],
        ["ansible-inventory", "--graph"],
        ["ansible", "pc-00007", "--connection=local", "--module-name=ansible.builtin.debug"],
    ],
    ids=["list", "graph", "one host"],
)
def test_ansible_reads_all_within_its_bounds(state: Path, command: list[str]) -> None:
    program, *arguments = command
    inventory = str(_ROOT / "inventory" / "daicho.yml")
    took = measured([str(_BIN / program), "-i", inventory, *arguments], state)
    assert took.status == 0
    assert took.seconds < _CPU_SECONDS
    assert took.megabytes < _MEGABYTES


def test_nornir_reads_all_within_its_bounds(state: Path) -> None:
    program = (
        "from nornir import InitNornir;"
        "hosts = InitNornir(inventory={'plugin': 'DaichoItems'}, logging={'enabled': False}).inventory.hosts;"
        f"assert len(hosts) == {_COUNT}"
    )
    took = measured([sys.executable, "-c", program], state)
    assert took.status == 0
    assert took.seconds < _CPU_SECONDS
    assert took.megabytes < _MEGABYTES
