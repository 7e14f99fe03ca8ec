"""Ledgers for tests: small ones, and what somebody with the `sqlite3` command line does to them."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from daicho.ledger import Draft, Ledger

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from daicho.ledger import Entry

GUARDS = ("entry_follows", "entry_stays", "entry_remains")


class RunState:
    """A projection: the last thing that happened to each run."""

    name = "run_state"
    schema = (
        "CREATE TABLE run_state (run TEXT PRIMARY KEY, state TEXT NOT NULL, times INTEGER NOT NULL) STRICT;"
    )
    kinds = frozenset({"run."})

    def apply(self, connection: sqlite3.Connection, entry: Entry) -> None:
        if entry.body.get("refuse"):
            raise ValueError("this run is not wanted")
        connection.execute(
            "INSERT INTO run_state VALUES (?, ?, 1) "
            "ON CONFLICT (run) DO UPDATE SET state = excluded.state, times = times + 1",
            (entry.of, entry.kind),
        )


def draft(number: int = 1, **body: object) -> Draft:
    """The intent on one terminal of a run, about as large as a real one."""
    return Draft("target.intended", f"R{number % 5}", "sato", {"target": f"pc-{number:05}", **body})


def fill(path: Path, count: int) -> None:
    """A new ledger with so many entries."""
    with Ledger.create(path) as ledger:
        ledger.append(*(draft(number) for number in range(1, count + 1)))


def sqlite(path: Path, *statements: str) -> str:
    """What the `sqlite3` command line answers, as somebody with a shell on the machine would use it."""
    done = subprocess.run(
        ["sqlite3", "-batch", str(path)],
        input="".join(f"{statement};\n" for statement in statements),
        capture_output=True,
        text=True,
        check=False,
    )
    return (done.stdout + done.stderr).strip()


def tamper(path: Path, *statements: str) -> None:
    """Change entries behind the guards' back: drop them, change, and put them back as they were."""
    names = ", ".join(f"'{name}'" for name in GUARDS)
    kept = sqlite(path, f"SELECT sql || ';' FROM sqlite_schema WHERE name IN ({names})")  # noqa: S608 -- our own words
    answer = sqlite(path, *(f"DROP TRIGGER {name}" for name in GUARDS), *statements, kept)
    assert answer == ""
