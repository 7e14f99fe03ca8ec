"""Checks and baselines: the projection that lists them, with the newest verdict of every item.

Kinds of entries, all of one check K1, K2 ...:
- `check.opened`: work, change (or null: by right to operate), baseline, deadline, clock
- `check.resumed`: a watch goes on after its process died
- `check.verdict`: one look: every item whose verdict changed, every cause that appeared or went
- `check.declared`: what came of each check that a document declares
- `check.notified`: a message went out: cause, what, channel, the seconds from detection to notification
- `check.acknowledged`: somebody has taken a cause on
- `check.refused`: the gate said no to a scheduled check (of the change)
- `check.closed`: state (done or interrupted), counts, causes, exit code
- `baseline.recorded`, `baseline.signed`
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from daicho.errors import UnknownObject
from daicho.i18n import gettext as _
from daicho.records.changes import Taken

if TYPE_CHECKING:
    import sqlite3

    from daicho.ledger.entry import Entry
    from daicho.ledger.store import Ledger

INTERRUPTED: Final = "interrupted"
RUNNING: Final = "running"
DONE: Final = "done"


class CheckTable:
    """The projection of all checks and baselines."""

    name: Final = "check"
    kinds: Final = frozenset({"check.", "baseline."})

    @property
    def schema(self) -> str:
        """The tables."""
        return files("daicho.records").joinpath("checks.sql").read_text(encoding="utf-8")

    def apply(self, connection: sqlite3.Connection, entry: Entry) -> None:
        """Bring the tables up to one entry; a number that is taken is refused."""
        match entry.kind:
            case "check.opened":
                self._open(connection, entry)
            case "check.resumed":
                row = (RUNNING, entry.of)
                connection.execute("UPDATE inspection SET state = ?, closed_at = NULL WHERE id = ?", row)
            case "check.verdict":
                self._verdict(connection, entry)
            case "check.notified":
                self._notified(connection, entry)
            case "check.acknowledged":
                connection.execute(
                    "UPDATE inspection_cause SET acknowledged_by = ?, acknowledged_at = ?"
                    " WHERE inspection = ? AND cause = ?",
                    (entry.by, _at(entry), entry.of, entry.body["cause"]),
                )
            case "check.closed":
                connection.execute(
                    "UPDATE inspection SET closed_at = ?, state = ?, exit = ? WHERE id = ?",
                    (_at(entry), entry.body["state"], entry.body["exit"], entry.of),
                )
            case "baseline.recorded":
                connection.execute("UPDATE inspection SET recorded = ? WHERE id = ?", (entry.seq, entry.of))
            case "baseline.signed":
                connection.execute(
                    "UPDATE inspection SET signers = trim(signers || ' ' || ?) WHERE id = ?",
                    (entry.body["signer"], entry.of),
                )

    def _open(self, connection: sqlite3.Connection, entry: Entry) -> None:
        body = entry.body
        if connection.execute("SELECT 1 FROM inspection WHERE id = ?", (entry.of,)).fetchone():
            raise Taken(what=entry.of)
        connection.execute(
            "INSERT INTO inspection (id, number, work, change, operator, opened_at, state, deadline,"
            " baseline) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(entry.of, int(entry.of[1:]), body["work"], body["change"], entry.by, _at(entry)),
                *(RUNNING, body["deadline"], body["baseline"]),
            ),
        )

    def _verdict(self, connection: sqlite3.Connection, entry: Entry) -> None:
        body, at = entry.body, _at(entry)
        connection.executemany(
            "INSERT INTO inspection_item (inspection, item, verdict, at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (inspection, item) DO UPDATE SET verdict = excluded.verdict, at = excluded.at",
            ((entry.of, item, state, at) for state, items in body["items"].items() for item in items),
        )
        connection.executemany(
            "INSERT INTO inspection_cause (inspection, cause, detected_at) VALUES (?, ?, ?)"
            " ON CONFLICT (inspection, cause) DO UPDATE SET recovered_at = NULL",
            ((entry.of, cause["id"], at) for cause in body["causes"]),
        )
        connection.executemany(
            "UPDATE inspection_cause SET recovered_at = ? WHERE inspection = ? AND cause = ?",
            ((at, entry.of, cause) for cause in body["recovered"]),
        )

    def _notified(self, connection: sqlite3.Connection, entry: Entry) -> None:
        if not entry.body["sent"]:
            return
        column = "told_at" if entry.body["recovery"] else "notified_at"
        connection.execute(
            f"UPDATE inspection_cause SET {column} = coalesce({column}, ?)"  # noqa: S608 -- own words
            " WHERE inspection = ? AND cause = ?",
            (_at(entry), entry.of, entry.body["cause"]),
        )


def _at(entry: Entry) -> str:
    return entry.at.isoformat()


@dataclass(frozen=True, kw_only=True)
class CheckRecord:
    """One check as listed."""

    id: str
    work: str
    change: str | None
    operator: str
    opened_at: str
    closed_at: str | None
    state: str
    deadline: str | None
    """Until when a watch goes on; None: it looks once."""
    baseline: str | None
    exit: int | None
    signers: str
    recorded: int | None
    """The entry that holds the baseline."""


@dataclass(frozen=True, kw_only=True)
class CauseRecord:
    """One cause as a check's entries tell its story."""

    cause: str
    detected_at: str
    recovered_at: str | None
    notified_at: str | None
    told_at: str | None
    """When its recovery was notified."""
    acknowledged_by: str | None
    acknowledged_at: str | None


_COLUMNS: Final = ", ".join(CheckRecord.__dataclass_fields__)
_CAUSES: Final = ", ".join(CauseRecord.__dataclass_fields__)


def check_record(ledger: Ledger, check: str) -> CheckRecord:
    """One check.

    Raises:
        UnknownObject: There is none of this name.
    """
    rows = ledger.query(f"SELECT {_COLUMNS} FROM inspection WHERE id = ?", (check,))  # noqa: S608 -- own words
    if not rows:
        raise UnknownObject(kind=_("check"), name=check, listing="daicho check list")
    return CheckRecord(**dict(rows[0]))


def check_records(ledger: Ledger, work: str = "%", *, limit: int = -1) -> tuple[CheckRecord, ...]:
    """The checks (of one work), newest first."""
    rows = ledger.query(
        f"SELECT {_COLUMNS} FROM inspection WHERE work LIKE ? ORDER BY number DESC LIMIT ?",  # noqa: S608
        (work, limit),
    )
    return tuple(CheckRecord(**dict(row)) for row in rows)


def open_checks(ledger: Ledger) -> tuple[CheckRecord, ...]:
    """The checks that were never closed."""
    return tuple(record for record in check_records(ledger) if record.closed_at is None)


def causes_of(ledger: Ledger, check: str) -> tuple[CauseRecord, ...]:
    """The causes of a check, oldest first."""
    rows = ledger.query(
        f"SELECT {_CAUSES} FROM inspection_cause WHERE inspection = ? ORDER BY detected_at, cause",  # noqa: S608
        (check,),
    )
    return tuple(CauseRecord(**dict(row)) for row in rows)


def verdicts_of(ledger: Ledger, check: str) -> dict[str, str]:
    """Item → its newest recorded verdict in a check."""
    rows = ledger.query("SELECT item, verdict FROM inspection_item WHERE inspection = ?", (check,))
    return {row["item"]: row["verdict"] for row in rows}


def next_check(ledger: Ledger) -> str:
    """The name of the next check: K1, K2, ..."""
    rows = ledger.query("SELECT coalesce(max(number), 0) + 1 FROM inspection")
    return f"K{rows[0][0]}"
