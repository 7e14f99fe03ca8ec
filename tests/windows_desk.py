"""A site of simulated Windows terminals: the real command, the real door, WinRM on loopback."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from tests.desk import Desk
from tests.network_site import approved, import_items
from tests.windows import site_file

if TYPE_CHECKING:
    from pathlib import Path

    from lab.winrm import Windows


def desk_of(folder: Path, terminals: Windows) -> Desk:
    """A site that has the terminals as items and may log on to them."""
    desk = Desk.make(folder, own_content=True)
    policy = desk.folder / "policy.yml"
    # What cannot be taken back needs two who approve.
    policy.write_text(policy.read_text(encoding="utf-8").replace("print_*", "*"), encoding="utf-8")
    desk.expect("init", "--policy", "policy.yml")
    import_items(desk, [{name: str(value) for name, value in row.items()} for row in terminals.items()])
    site_file(terminals, desk.state / "inventory")
    desk.expect("secret", "set", "windows", who="sato", typed=f"{terminals.world.password}\n")
    return desk


def planned(desk: Desk, change: str) -> dict[str, Any]:
    """A change rehearsed, whatever came of it; target → its plan."""
    desk.daicho("plan", change, who="sato")
    shown = desk.expect("show", change, "--output", "json", who="sato").json
    return {each["target"]: each for each in shown["plan"]["targets"]}


def asked_and_run(
    desk: Desk, change: str, *, by: tuple[str, ...] = ("suzuki",), sign: bool = True
) -> dict[str, str]:
    """A change planned, signed and run; how each target ended."""
    if sign:
        approved(desk, change, by)
    done = desk.daicho("run", change, "--yes", "--output", "json", who="tanaka")
    assert done.out, done.err
    return {each["target"]: each["outcome"] for each in done.json["targets"]}


def entries(desk: Desk, kind: str, of: str) -> list[str]:
    """The targets that entries of this kind name, as SQLite itself reads them."""
    with closing(sqlite3.connect(f"file:{desk.state / 'ledger.db'}?mode=ro", uri=True)) as ledger:
        rows = ledger.execute("SELECT text FROM entry WHERE kind = ? AND of = ? ORDER BY seq", (kind, of))
        return [json.loads(text)["body"]["target"] for (text,) in rows]
