"""Loan terminals are chosen from the ledger, lent with dates and taken back, by the real command."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from daicho.items.item import Item
from daicho.loans.choosing import Need, candidates, overdue

if TYPE_CHECKING:
    from tests.desk import Desk

TODAY = date(2026, 11, 21)


def loan(name: str, **more: str) -> Item:
    return Item(name, "endpoint", "", {"pool": "loan", "os": "Ｗindows11", **more})


def test_free_patched_and_suitable_ones_come_first() -> None:
    items = [
        loan("lt-1", lent_to="佐藤", lent_until="2026-11-20"),
        loan("lt-2"),
        loan("lt-3", os="windows10"),
        loan("lt-10"),
        loan("lt-4"),
        loan("lt-5"),
        Item("pc-1", "endpoint", "", {}),
    ]
    patched = {
        f"lt-{number}": TODAY - timedelta(days=days) for number, days in ((1, 1), (2, 9), (3, 1), (10, 2))
    }
    found = candidates(
        items, patched | {"lt-5": date(2026, 9, 1)}, Need(today=TODAY, attributes={"os": "windows11"})
    )
    assert [(each.item.name, each.reasons) for each in found] == [
        ("lt-10", ()),
        ("lt-2", ()),
        ("lt-1", ("it is lent to 佐藤 until 2026-11-20",)),
        ("lt-3", ("its os is windows10 and not windows11",)),
        ("lt-5", ("its patches are of 2026-09-01; run `patch_endpoints` on it",)),
        ("lt-4", ("nobody knows when it was patched; run `patch_endpoints` on it",)),
    ]
    assert [each.item.name for each in found if overdue(each, TODAY)] == ["lt-1"]


@pytest.mark.patient
def test_terminals_are_lent_and_come_back(desk: Desk) -> None:
    (desk.folder / "loans.csv").write_text(
        "name,kind,pool,os\nlt-1,endpoint,loan,windows11\nlt-2,endpoint,loan,windows11\n", encoding="utf-8"
    )
    desk.expect("item", "import", "loans.csv", who="sato")
    words = ("loan", "lend", "--to", "佐藤花子", "--until", "2036-12-20", "--output", "json")
    refused = desk.daicho(*words, "--count", "1", who="sato")
    assert refused.code == 5
    assert refused.err == (
        "daicho: Of the loan terminals 0 can be lent and 1 are wanted; nothing was asked for. "
        "`daicho loan list` says what stands against the others.\n"
    )
    [chosen] = desk.expect(*words, "--patched-within", "0", who="sato").json
    assert chosen["name"] == "lt-1"
    approved(desk, "C1")
    done = desk.expect("run", "C1", "--yes", "--output", "json", who="tanaka").json
    assert done["outcomes"] == {"changed": 1}
    shown = desk.expect("loan", "list", "--patched-within", "0", "--output", "json", who="sato").json
    assert [(each["name"], each["lent_to"], each["until"]) for each in shown] == [
        ("lt-2", "", ""),
        ("lt-1", "佐藤花子", "2036-12-20"),
    ]
    back = desk.expect("loan", "return", "lt-1", who="sato").out.strip()
    approved(desk, back)
    assert desk.expect("run", back, "--yes", "--output", "json", who="tanaka").json["outcomes"] == {
        "changed": 1
    }
    item = desk.expect("item", "show", "lt-1", "--output", "json", who="sato").json
    assert item["attributes"] == {"os": "windows11", "pool": "loan"}


def approved(desk: Desk, change: str) -> None:
    """Plan and sign a change."""
    desk.expect("plan", change, who="sato")
    desk.expect("approve", change, "--key", str(desk.key("suzuki")), "--yes", who="suzuki")
