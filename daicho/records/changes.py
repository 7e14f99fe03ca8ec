"""Changes: the projection that lists them, and one change read whole from its entries."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Final

from daicho.approval import Approval, Subject
from daicho.change import ChangeDocument, State, after, approvable
from daicho.errors import Refused, UnknownObject
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.plan import Plan, TargetPlan

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from daicho.ledger.entry import Entry
    from daicho.ledger.store import Ledger


PLANNED: Final = frozenset({"change.planned", "change.replanned"})


_ACTS: Final = {
    "change.planned": N_("planning it"),
    "change.replanned": N_("planning it"),
    "change.approved": N_("approving it"),
    "approval.given": N_("approving it"),
    "change.rejected": N_("rejecting it"),
    "change.withdrawn": N_("withdrawing it"),
    "run.opened": N_("running it"),
    "run.resumed": N_("going on with it"),
    "run.closed": N_("closing its run"),
}


class IllegalMove(Refused, ValueError):
    """The change is in a state in which this may not happen; the ledger did not take it."""

    sentence = N_(
        "{change} is {state}: {act} is not possible now. `daicho show {change}` tells how it stands."
    )


class Taken(Refused, ValueError):
    """Somebody else took this number or target a moment ago."""

    sentence = N_("{what} was taken a moment ago by somebody else. Repeat the command.")


class ChangeTable:
    """The projection of all changes and their states."""

    name: Final = "change"
    kinds: Final = frozenset({"change.", "approval.given", "run.opened", "run.resumed", "run.closed"})

    @property
    def schema(self) -> str:
        """The table."""
        return files("daicho.records").joinpath("changes.sql").read_text(encoding="utf-8")

    def apply(self, connection: sqlite3.Connection, entry: Entry) -> None:
        """Bring the table up to one entry; an illegal move is refused."""
        if entry.kind == "change.requested":
            self._insert(connection, entry)
        elif entry.kind == "approval.given":
            self._approve(connection, entry)
        else:
            self._move(connection, entry)

    def _insert(self, connection: sqlite3.Connection, entry: Entry) -> None:
        document, number = entry.body["document"], int(entry.of[1:])
        if connection.execute("SELECT 1 FROM change WHERE id = ?", (entry.of,)).fetchone():
            raise Taken(what=entry.of)
        at = _at(entry)
        connection.execute(
            "INSERT INTO change (id, number, work, title, ticket, kind, state, requester, requested_at,"
            " updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(entry.of, number, document["work"], document["title"], document.get("ticket", "")),
                *(document["class"], State.DRAFT, entry.by, at, at),
            ),
        )

    def _approve(self, connection: sqlite3.Connection, entry: Entry) -> None:
        row = connection.execute("SELECT state, kind, plan FROM change WHERE id = ?", (entry.of,)).fetchone()
        if row is None:
            raise UnknownObject(kind="change", name=entry.of, listing="daicho status")
        state = State(row[0])
        if not approvable(state, row[1]):
            raise IllegalMove(change=entry.of, state=_(state.label), act=_(_ACTS.get(entry.kind, entry.kind)))
        if row[1] != "standard" and entry.body.get("plan", row[2]) != row[2]:
            raise Taken(what=f"{entry.of} plan {entry.body['plan']}")
        connection.execute("UPDATE change SET approvals = approvals + 1 WHERE id = ?", (entry.of,))

    def _move(self, connection: sqlite3.Connection, entry: Entry) -> None:
        change = str(entry.body.get("change", entry.of))
        row = connection.execute("SELECT state, plan FROM change WHERE id = ?", (change,)).fetchone()
        if row is None:
            raise UnknownObject(kind="change", name=change, listing="daicho status")
        state = State(row[0])
        moved = after(state, entry.kind, entry.body.get("state"))
        if moved is None:
            raise IllegalMove(change=change, state=_(state.label), act=_(_ACTS.get(entry.kind, entry.kind)))
        if entry.kind in PLANNED and entry.body["plan"] != row[1] + 1:
            raise Taken(what=f"{change} plan {entry.body['plan']}")
        connection.execute(
            "UPDATE change SET state = ?, updated_at = ? WHERE id = ?", (moved, _at(entry), change)
        )
        if entry.kind in PLANNED:
            connection.execute(
                "UPDATE change SET plan = ?, targets = ?, approvals = approvals * ? WHERE id = ?",
                (entry.body["plan"], entry.body["taking_part"], entry.kind == "change.replanned", change),
            )
        elif entry.kind == "run.opened":
            connection.execute("UPDATE change SET run = ? WHERE id = ?", (entry.of, change))


def _at(entry: Entry) -> str:
    return entry.at.isoformat()


@dataclass(frozen=True, kw_only=True)
class ChangeRecord:
    """One change with everything that its entries say."""

    id: str
    document: ChangeDocument
    state: State
    requester: str
    requested_at: datetime
    entries: tuple[Entry, ...]
    """All entries about it but the targets' plans."""

    @cached_property
    def plans(self) -> tuple[dict[str, Any], ...]:
        """The bodies of all entries that closed a plan, oldest first."""
        return tuple(entry.body for entry in self.entries if entry.kind in PLANNED)

    @property
    def planned(self) -> dict[str, Any] | None:
        """The body of the entry that closed the newest plan."""
        return self.plans[-1] if self.plans else None

    @property
    def subject(self) -> Subject | None:
        """What an approval of the newest plan (or of the standard pattern) is bound to."""
        pattern = self.document.kind == "standard"
        source = self.entries[0].body if pattern else self.planned or {}
        return Subject.from_json(source["subject"]) if source.get("subject") else None

    @property
    def inputs(self) -> dict[str, object]:
        """The inputs with what the work's schema filled in."""
        return dict(self.entries[0].body["inputs"])

    @cached_property
    def approvals(self) -> tuple[Approval, ...]:
        """All recorded approvals, of older plans too: the gate says which of them count."""
        return tuple(_approval(entry) for entry in self.entries if entry.kind == "approval.given")


def change_record(ledger: Ledger, change: str) -> ChangeRecord:
    """One change, read whole.

    Raises:
        UnknownObject: There is none of this name.
    """
    rows = ledger.query("SELECT state FROM change WHERE id = ?", (change,))
    if not rows:
        raise UnknownObject(kind=_("change"), name=change, listing="daicho status")
    entries = tuple(
        entry for kind in ("change.", "approval.") for entry in ledger.entries(of=change, kind=kind)
    )
    ordered = tuple(sorted(entries, key=lambda entry: entry.seq))
    first = ordered[0]
    return ChangeRecord(
        id=change,
        document=ChangeDocument.model_validate(first.body["document"]),
        state=State(rows[0]["state"]),
        requester=first.by,
        requested_at=first.at,
        entries=ordered,
    )


def recorded_plan(ledger: Ledger, record: ChangeRecord, number: int | None = None) -> Plan | None:
    """A plan of a change as recorded, the newest unless a number is given."""
    closings = [entry for entry in record.entries if entry.kind in PLANNED]
    closing = next((each for each in reversed(closings) if number in {None, each.body["plan"]}), None)
    if closing is None:
        return None
    # A standard change is planned anew for each run: of hundreds of plans only this one is read.
    before = max((each.seq for each in closings if each.seq < closing.seq), default=0)
    its = ledger.entries(of=record.id, kind="target.planned", after=before)
    targets = tuple(
        TargetPlan.from_json(entry.body["target_plan"])
        for entry in takewhile(lambda entry: entry.seq < closing.seq, its)
    )
    plan = closing.body
    return Plan(change=record.id, number=plan["plan"], code=plan["code"], targets=targets)


def next_change(ledger: Ledger) -> str:
    """The name of the next change: C1, C2, ..."""
    rows = ledger.query("SELECT coalesce(max(number), 0) + 1 FROM change")
    return f"C{rows[0][0]}"


def _approval(entry: Entry) -> Approval:
    body = entry.body
    return Approval(
        change=entry.of,
        approver=body["approver"],
        at=entry.at,
        subject=Subject.from_json(body["subject"]),
        statement=body["statement"],
        signature=body["signature"],
        key=body["key"],
        entry=entry.seq,
    )
