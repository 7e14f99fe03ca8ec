"""Runs: the projection that lists them with the outcome of every target, and who holds which target."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from daicho.errors import UnknownObject
from daicho.i18n import gettext as _
from daicho.outcome import Outcome
from daicho.records.changes import Taken

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from daicho.ledger.entry import Entry
    from daicho.ledger.store import Ledger


class RunTable:
    """The projection of all runs, their targets and their locks."""

    name: Final = "run"
    kinds: Final = frozenset({"run.", "target.intended", "target.outcome"})

    @property
    def schema(self) -> str:
        """The tables."""
        return files("daicho.records").joinpath("runs.sql").read_text(encoding="utf-8")

    def apply(self, connection: sqlite3.Connection, entry: Entry) -> None:
        """Bring the tables up to one entry; a number or target that is taken is refused."""
        match entry.kind:
            case "run.opened":
                self._open(connection, entry)
            case "run.resumed":
                # What a review saw is not all any more.
                again = "UPDATE run SET state = 'running', closed_at = NULL, reviewed = NULL WHERE id = ?"
                connection.execute(again, (entry.of,))
                self._lock(connection, entry.of, entry.body["targets"])
            case "run.closed":
                closed = (entry.at.isoformat(), entry.body["state"], entry.of)
                connection.execute("UPDATE run SET closed_at = ?, state = ? WHERE id = ?", closed)
                connection.execute("DELETE FROM target_lock WHERE run = ?", (entry.of,))
            case "run.reviewed":
                connection.execute("UPDATE run SET reviewed = ? WHERE id = ?", (entry.by, entry.of))
            case "target.intended":
                intended = (entry.at.isoformat(), entry.of, entry.body["target"])
                connection.execute(
                    # An earlier attempt's outcome says nothing about the effect that follows now.
                    "UPDATE run_target SET intended_at = ?, outcome = NULL, why = '', ended_at = NULL"
                    " WHERE run = ? AND target = ?",
                    intended,
                )
            case "target.outcome":
                body = entry.body
                connection.execute(
                    "UPDATE run_target SET outcome = ?, why = ?, ended_at = ? WHERE run = ? AND target = ?",
                    (body["outcome"], body["why"], entry.at.isoformat(), entry.of, body["target"]),
                )

    def _open(self, connection: sqlite3.Connection, entry: Entry) -> None:
        body = entry.body
        if connection.execute("SELECT 1 FROM run WHERE id = ?", (entry.of,)).fetchone():
            raise Taken(what=entry.of)
        connection.execute(
            "INSERT INTO run (id, number, change, work, kind, operator, opened_at, state, nonce)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, 'running', ?)",
            (
                *(entry.of, int(entry.of[1:]), body["change"], body["work"], body["kind"], entry.by),
                *(entry.at.isoformat(), body["nonce"]),
            ),
        )
        connection.executemany(
            "INSERT INTO run_target (run, target) VALUES (?, ?)",
            ((entry.of, name) for name in body["targets"]),
        )
        self._lock(connection, entry.of, body["targets"])

    def _lock(self, connection: sqlite3.Connection, run: str, targets: Sequence[str]) -> None:
        for target in targets:
            held = connection.execute("SELECT run FROM target_lock WHERE target = ?", (target,)).fetchone()
            if held and held[0] != run:
                raise Taken(what=target)
        connection.executemany(
            "INSERT OR IGNORE INTO target_lock (target, run) VALUES (?, ?)", ((name, run) for name in targets)
        )


@dataclass(frozen=True, kw_only=True)
class TargetResult:
    """How one target of a run stands."""

    target: str
    intended: bool
    """An effect may have happened."""
    outcome: Outcome | None
    why: str

    @property
    def touched(self) -> bool:
        """Whether it was changed, or may have been."""
        return self.intended and self.outcome is not Outcome.UNCHANGED


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """One run as listed."""

    id: str
    change: str
    work: str
    kind: str
    operator: str
    opened_at: str
    closed_at: str | None
    state: str
    reviewed: str | None
    nonce: str
    targets: tuple[TargetResult, ...]

    @property
    def open(self) -> bool:
        """Whether it was never closed: it goes on, or its process died."""
        return self.closed_at is None

    @property
    def touched(self) -> tuple[str, ...]:
        """The targets that were changed, or may have been: what there is to take back."""
        return tuple(target.target for target in self.targets if target.touched)

    def counts(self) -> dict[Outcome, int]:
        """How many targets had which outcome."""
        found = [target.outcome for target in self.targets if target.outcome]
        return {outcome: found.count(outcome) for outcome in Outcome if outcome in found}


def run_record(ledger: Ledger, run: str) -> RunRecord:
    """One run with its targets.

    Raises:
        UnknownObject: There is none of this name.
    """
    rows = ledger.query("SELECT * FROM run WHERE id = ?", (run,))
    if not rows:
        raise UnknownObject(kind=_("run"), name=run, listing="daicho status --runs")
    targets = ledger.query(
        "SELECT target, intended_at, outcome, why FROM run_target WHERE run = ? ORDER BY target", (run,)
    )
    return _record(rows[0], targets)


def run_records(ledger: Ledger, change: str | None = None) -> tuple[RunRecord, ...]:
    """All runs (of one change), oldest first, without their targets."""
    condition, parameters = ("WHERE change = ?", (change,)) if change else ("", ())
    rows = ledger.query(f"SELECT * FROM run {condition} ORDER BY number", parameters)  # noqa: S608 -- own words
    return tuple(_record(row, ()) for row in rows)


def open_runs(ledger: Ledger) -> tuple[RunRecord, ...]:
    """The runs that were never closed."""
    rows = ledger.query("SELECT * FROM run WHERE closed_at IS NULL ORDER BY number")
    return tuple(_record(row, ()) for row in rows)


def locks(ledger: Ledger) -> dict[str, str]:
    """Target → the open run that holds it."""
    return {row["target"]: row["run"] for row in ledger.query("SELECT target, run FROM target_lock")}


def burnt_by(ledger: Ledger, nonce: str) -> str | None:
    """The first run that was opened under this nonce."""
    rows = ledger.query("SELECT id FROM run WHERE nonce = ? ORDER BY number LIMIT 1", (nonce,))
    return str(rows[0]["id"]) if rows else None


def reviews_owed(ledger: Ledger, operator: str) -> tuple[str, ...]:
    """Emergency runs of an operator that nobody has reviewed."""
    rows = ledger.query(
        "SELECT id FROM run WHERE kind = 'emergency' AND reviewed IS NULL AND operator = ? ORDER BY number",
        (operator,),
    )
    return tuple(str(row["id"]) for row in rows)


def next_run(ledger: Ledger) -> str:
    """The name of the next run: R1, R2, ..."""
    rows = ledger.query("SELECT coalesce(max(number), 0) + 1 FROM run")
    return f"R{rows[0][0]}"


def runs_of_target(ledger: Ledger, target: str) -> tuple[sqlite3.Row, ...]:
    """Every run that had this target, newest first: run, change, work, outcome, why, times."""
    return tuple(
        ledger.query(
            "SELECT run.id AS run, run.change, run.work, run.operator, run_target.intended_at,"
            " run_target.outcome, run_target.why, run_target.ended_at FROM run_target"
            " JOIN run ON run.id = run_target.run WHERE run_target.target = ? ORDER BY run.number DESC",
            (target,),
        )
    )


def _record(row: sqlite3.Row, targets: Sequence[sqlite3.Row]) -> RunRecord:
    columns = {name: row[name] for name in row.keys() if name != "number"}  # noqa: SIM118 -- a Row is no mapping
    return RunRecord(**columns, targets=tuple(_target(each) for each in targets))


def _target(row: sqlite3.Row) -> TargetResult:
    return TargetResult(
        target=row["target"],
        intended=row["intended_at"] is not None,
        outcome=Outcome(row["outcome"]) if row["outcome"] else None,
        why=row["why"],
    )
