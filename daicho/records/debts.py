"""Debts: the projection of who has not got yet what a change was to bring, from its plans and runs alone.

A target owes from the first run of a change on; those that were off when it was planned owe, too, though no
approval covers them yet. It is paid by an outcome that is as approved, or, where the newest of a kind brings
all before it (patches, definitions), by that of a later change of the same work.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from daicho.clock import stamp
from daicho.outcome import Outcome

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from daicho.ledger.entry import Entry
    from daicho.ledger.store import Ledger

_BAD: Final = frozenset({Outcome.FAILED, Outcome.DRIFTED, Outcome.UNKNOWN})
_PLANNED: Final = """
INSERT INTO debt_plan (change, target, plan, standing, why) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (change, target) DO UPDATE SET plan = excluded.plan, standing = excluded.standing,
    why = excluded.why
"""
_OWES: Final = """
INSERT INTO debt (change, target, work, since, covered, outcome, why, first_at, bad_at)
SELECT change, target, :work, :at, standing IN ('changes', 'in_order'),
    CASE standing WHEN 'unreachable' THEN 'unreachable' WHEN 'failed' THEN 'failed' END, why,
    CASE WHEN standing IN ('unreachable', 'failed') THEN :at END, CASE standing WHEN 'failed' THEN :at END
FROM debt_plan WHERE change = :change AND plan = :plan AND change NOT IN (SELECT change FROM debt_aside)
ON CONFLICT (change, target) DO UPDATE SET covered = excluded.covered,
    since = CASE WHEN debt.paid_at IS NULL THEN debt.since ELSE excluded.since END,
    outcome = CASE WHEN debt.paid_at IS NULL THEN coalesce(excluded.outcome, debt.outcome)
        ELSE excluded.outcome END,
    why = CASE WHEN debt.paid_at IS NULL AND excluded.outcome IS NULL THEN debt.why ELSE excluded.why END,
    tries = CASE WHEN debt.paid_at IS NULL THEN debt.tries ELSE 0 END,
    first_at = CASE WHEN debt.paid_at IS NULL THEN coalesce(debt.first_at, excluded.first_at)
        ELSE excluded.first_at END,
    bad_at = CASE WHEN debt.paid_at IS NULL THEN coalesce(excluded.bad_at, debt.bad_at)
        ELSE excluded.bad_at END,
    paid_at = NULL
"""
_TRIED: Final = """
UPDATE debt SET outcome = :outcome, why = :why, tries = tries + 1, tried_at = :at,
    first_at = coalesce(first_at, :at), bad_at = CASE WHEN :bad THEN :at ELSE bad_at END,
    paid_at = CASE WHEN :settled THEN :at END
WHERE target = :target AND change = (SELECT change FROM run WHERE id = :run)
"""
_LATER_PAYS: Final = """
UPDATE debt SET paid_at = ?, outcome = ?, why = (SELECT change FROM run WHERE id = ?)
WHERE target = ? AND paid_at IS NULL AND work = (SELECT work FROM run WHERE id = ?)
    AND since <= (SELECT since FROM debt AS new WHERE new.target = debt.target
        AND new.change = (SELECT change FROM run WHERE id = ?))
"""


class DebtTable:
    """The projection of debts. It reads the table `run`, which stands before it."""

    name: Final = "debt"
    kinds: Final = frozenset(
        {
            *("change.requested", "change.withdrawn", "change.rejected"),
            *("target.planned", "run.opened", "target.outcome"),
        }
    )

    def __init__(self, cumulative: Iterable[str] = ()) -> None:
        """Take the works whose newest change brings all before it."""
        self._cumulative = frozenset(cumulative)

    @property
    def schema(self) -> str:
        """The tables."""
        return files("daicho.records").joinpath("debts.sql").read_text(encoding="utf-8")

    def apply(self, connection: sqlite3.Connection, entry: Entry) -> None:
        """Bring the tables up to one entry."""
        body = entry.body
        match entry.kind:
            case "change.requested":
                # What takes a run back is owed by nobody.
                if body["document"].get("undo_of"):
                    connection.execute("INSERT OR IGNORE INTO debt_aside (change) VALUES (?)", (entry.of,))
            case "target.planned":
                plan = body["target_plan"]
                connection.execute(
                    _PLANNED,
                    (entry.of, body["target"], body["plan"], plan.get("standing", ""), plan.get("why", "")),
                )
            case "run.opened":
                row = {"at": stamp(entry.at), **{key: body[key] for key in ("work", "change", "plan")}}
                connection.execute(_OWES, row)
            case "target.outcome":
                self._tried(connection, entry)
            case "change.withdrawn" | "change.rejected":
                connection.execute("DELETE FROM debt WHERE change = ? AND paid_at IS NULL", (entry.of,))

    def _tried(self, connection: sqlite3.Connection, entry: Entry) -> None:
        body, at = entry.body, stamp(entry.at)
        outcome = Outcome(body["outcome"])
        if outcome is Outcome.SKIPPED:
            return
        tried = {"outcome": outcome, "why": body["why"], "at": at, "bad": outcome in _BAD}
        connection.execute(
            _TRIED, tried | {"settled": outcome.settled, "target": body["target"], "run": entry.of}
        )
        if outcome.settled:
            work = connection.execute("SELECT work FROM run WHERE id = ?", (entry.of,)).fetchone()
            if work and work[0] in self._cumulative:
                paid = (at, outcome, entry.of, body["target"], entry.of, entry.of)
                connection.execute(_LATER_PAYS, paid)


@dataclass(frozen=True, kw_only=True)
class Debt:
    """What one target has, or has not, got of one change."""

    change: str
    target: str
    work: str
    since: str
    """The first run since which it owes (a stamp)."""
    covered: bool
    """Whether the approval of the newest plan covers it; else it was off when that was made."""
    outcome: Outcome | None
    why: str
    tries: int
    first_at: str | None
    """When it was first tried, or found off as the change was planned."""
    tried_at: str | None
    bad_at: str | None
    """When it last went wrong."""
    paid_at: str | None

    @property
    def off(self) -> bool:
        """Whether nobody answered when it was last tried."""
        return self.outcome is Outcome.UNREACHABLE

    @property
    def retried(self) -> bool:
        """Whether another try may help by itself; what failed waits for a person."""
        return self.paid_at is None and (self.outcome is None or self.outcome.owed)


def debts(ledger: Ledger, works: Iterable[str], *, change: str | None = None) -> tuple[Debt, ...]:
    """The debts of these works, paid ones too, of items that are not retired.

    Args:
        ledger: With this projection, and those of changes, runs and items.
        works: Whose.
        change: Only of this change.
    """
    named = tuple(works)
    marks = ", ".join("?" * len(named))
    one, parameters = (" AND debt.change = ?", (*named, change)) if change else ("", named)
    rows = ledger.query(
        "SELECT debt.* FROM debt JOIN item ON item.name = debt.target AND NOT item.retired"  # noqa: S608
        f" WHERE debt.work IN ({marks}){one} ORDER BY debt.change, debt.target",
        parameters,
    )
    return tuple(_debt(row) for row in rows)


def _debt(row: sqlite3.Row) -> Debt:
    columns = {name: row[name] for name in row.keys()}  # noqa: SIM118 -- a Row is no mapping
    return Debt(
        **columns
        | {
            "covered": bool(columns["covered"]),
            "outcome": Outcome(columns["outcome"]) if columns["outcome"] else None,
        }
    )
