"""Items in a real ledger: only differences become entries, nothing is ever deleted."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from daicho.errors import LedgerError, LedgerUnwritable, NothingMatched, UnknownObject
from daicho.items.item import Item
from daicho.items.projection import ItemsProjection
from daicho.items.record import (
    CaseDiffers,
    ImportSummary,
    all_items,
    find,
    history,
    import_items,
    one_item,
    plan_import,
)
from daicho.ledger import Draft, Ledger

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PC1 = Item("pc-1", "endpoint", "192.0.2.1", {"site": "本省", "floor": "3階"})
_PC2 = Item("pc-2", "endpoint", "192.0.2.2", {"site": "別館"})
_SW1 = Item("sw-1", "network_device", "192.0.2.201", {"site": "本省"})


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.create(tmp_path / "state" / "ledger.db", [ItemsProjection()]) as opened:
        yield opened


def table(ledger: Ledger, sql: str) -> list[dict[str, object]]:
    """What SQLite's own shell reads from the file."""
    shell = subprocess.run(
        ["sqlite3", "-json", "-readonly", str(ledger.path), sql], check=True, capture_output=True, text=True
    )
    rows: list[dict[str, object]] = json.loads(shell.stdout or "[]")
    return rows


def test_a_first_import_records_every_item(ledger: Ledger) -> None:
    assert import_items(ledger, [_PC1, _SW1], "sato", "items.csv") == ImportSummary(2, 0, 0, 0)
    first = ledger.entry(1)
    assert (first.kind, first.of, first.by) == ("item.changed", "pc-1", "sato")
    assert first.body == {
        "name": "pc-1",
        "kind": "endpoint",
        "before": None,
        "after": {
            "kind": "endpoint",
            "address": "192.0.2.1",
            "attributes": {"site": "本省", "floor": "3階"},
        },
        "source": "items.csv",
    }
    assert table(ledger, "SELECT name, kind, address, attributes, seq, retired FROM item ORDER BY name") == [
        {
            "name": "pc-1",
            "kind": "endpoint",
            "address": "192.0.2.1",
            "attributes": '{"floor":"3階","site":"本省"}',
            "seq": 1,
            "retired": 0,
        },
        {
            "name": "sw-1",
            "kind": "network_device",
            "address": "192.0.2.201",
            "attributes": '{"site":"本省"}',
            "seq": 2,
            "retired": 0,
        },
    ]


def test_the_same_import_again_records_nothing(ledger: Ledger) -> None:
    import_items(ledger, [_PC1, _SW1], "sato", "items.csv")
    head = ledger.head()
    assert import_items(ledger, [_SW1, _PC1], "tanaka", "again.csv") == ImportSummary(0, 0, 2, 0)
    assert ledger.head() == head


def test_only_what_differs_is_recorded_with_before_and_after(ledger: Ledger) -> None:
    import_items(ledger, [_PC1, _PC2], "sato", "items.csv")
    moved = Item("pc-1", "endpoint", "192.0.2.1", {"site": "別館"})
    assert import_items(ledger, [moved, _PC2], "tanaka", "move.csv") == ImportSummary(0, 1, 1, 0)
    entries = history(ledger, "pc-1")
    assert [(entry.seq, entry.by, entry.body["source"]) for entry in entries] == [
        (1, "sato", "items.csv"),
        (3, "tanaka", "move.csv"),
    ]
    assert entries[1].body["before"] == _PC1.state()
    assert entries[1].body["after"] == moved.state()
    assert all_items(ledger) == [moved, _PC2]


def test_what_is_missing_stays_unless_it_is_retired(ledger: Ledger) -> None:
    import_items(ledger, [_PC1, _PC2], "sato", "items.csv")
    assert import_items(ledger, [_PC1], "sato", "part.csv") == ImportSummary(0, 0, 1, 0)
    assert all_items(ledger) == [_PC1, _PC2]
    summary = import_items(ledger, [_PC1], "sato", "all.csv", retire_missing=True)
    assert summary == ImportSummary(0, 0, 1, 1)
    assert all_items(ledger) == [_PC1]
    assert all_items(ledger, include_retired=True) == [_PC1, _PC2]
    assert one_item(ledger, "pc-2") == _PC2
    last = history(ledger, "pc-2")[-1]
    assert (last.kind, last.body["before"], last.body["after"]) == ("item.retired", _PC2.state(), None)
    with pytest.raises(NothingMatched):
        find(ledger, "pc-2")


def test_a_retired_item_may_come_back(ledger: Ledger) -> None:
    import_items(ledger, [_PC1, _PC2], "sato", "items.csv")
    import_items(ledger, [_PC1], "sato", "all.csv", retire_missing=True)
    assert import_items(ledger, [_PC2], "sato", "back.csv") == ImportSummary(1, 0, 0, 0)
    assert all_items(ledger) == [_PC1, _PC2]
    assert [entry.kind for entry in history(ledger, "pc-2")] == [
        "item.changed",
        "item.retired",
        "item.changed",
    ]


def test_a_plan_writes_nothing(ledger: Ledger) -> None:
    plan = plan_import(ledger, [_PC1], "sato", "items.csv")
    assert (plan.summary, len(plan.drafts)) == (ImportSummary(1, 0, 0, 0), 1)
    assert ledger.head().seq == 0


def test_the_table_is_what_the_chain_gives(ledger: Ledger) -> None:
    import_items(ledger, [_PC1, _PC2, _SW1], "sato", "items.csv")
    import_items(ledger, [_PC2], "sato", "all.csv", retire_missing=True)
    assert ledger.projections_differ() == []
    before = table(ledger, "SELECT * FROM item")
    ledger.rebuild()
    assert table(ledger, "SELECT * FROM item") == before
    edit = "UPDATE item SET address = '192.0.2.66' WHERE name = 'pc-2'"
    subprocess.run(["sqlite3", str(ledger.path), edit], check=True)
    assert any("192.0.2.66" in line for line in ledger.projections_differ())


def test_an_import_is_recorded_as_a_whole_or_not_at_all(ledger: Ledger) -> None:
    import_items(ledger, [_PC1], "sato", "items.csv")
    with (
        Ledger.open(ledger.path, read_only=True) as reading,
        pytest.raises(LedgerUnwritable),
    ):
        import_items(reading, [_PC2, _SW1], "sato", "more.csv")
    lone = Item("pc-3", "endpoint", "", {"note": "\ud800"})
    with pytest.raises(ValueError, match="surrogates not allowed"):
        import_items(ledger, [_PC2, lone], "sato", "more.csv")
    assert all_items(ledger) == [_PC1]
    assert ledger.head().seq == 1


def test_other_letters_for_a_recorded_name_are_refused(ledger: Ledger) -> None:
    import_items(ledger, [_PC1], "sato", "items.csv")
    with pytest.raises(CaseDiffers) as refused:
        import_items(ledger, [Item("PC-1", "endpoint")], "sato", "more.csv")
    assert str(refused.value) == (
        "more.csv names 'PC-1', which is recorded as 'pc-1'. For a network both are one machine: "
        "write it as it is recorded."
    )


def test_find_takes_one_selector_or_several(ledger: Ledger) -> None:
    import_items(ledger, [_SW1, _PC2, _PC1], "sato", "items.csv")
    assert find(ledger, "pc-*") == [_PC1, _PC2]
    assert find(ledger, {"site": "本省"}) == [_PC1, _SW1]
    assert find(ledger, ["sw-1", {"site": "別館"}]) == [_PC2, _SW1]


def test_an_item_that_never_was(ledger: Ledger) -> None:
    for ask in (history, one_item):
        with pytest.raises(UnknownObject) as refused:
            ask(ledger, "pc-9")
        assert str(refused.value) == "There is no item 'pc-9'. `daicho item list` lists them."


def test_a_change_or_run_of_the_same_name_is_not_an_items_history(ledger: Ledger) -> None:
    ledger.append(Draft("run.opened", "R7", "sato", {}))
    import_items(ledger, [Item("R7", "endpoint")], "sato", "items.csv")
    assert [entry.kind for entry in history(ledger, "R7")] == ["item.changed"]


def test_a_ledger_without_the_table_says_what_to_do(tmp_path: Path) -> None:
    with Ledger.create(tmp_path / "ledger.db") as bare, pytest.raises(LedgerError) as refused:
        all_items(bare)
    assert str(refused.value) == (
        f"The ledger cannot be used: {tmp_path}/ledger.db has no table of items yet. "
        "`daicho ledger rebuild` makes it."
    )
