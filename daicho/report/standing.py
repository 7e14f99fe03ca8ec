"""How everything stands: all changes, all runs, and what somebody has to see to."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from rich.text import Text

from daicho.change import State
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.outcome import Outcome
from daicho.records.runs import run_record, run_records
from daicho.report.listing import Column, Listing
from daicho.report.words import RED, iso_stamp, kind_text, outcome_text, person, state_text
from daicho.times import shown

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from daicho.policy import Policy
    from daicho.records.runs import RunRecord
    from daicho.report.listing import Row
    from daicho.site import Site

_CHANGES = (
    "SELECT id, state, kind, work, title, ticket, requester, requested_at, plan, targets, approvals, run,"
    " updated_at FROM change ORDER BY number DESC LIMIT ?"
)
OPEN = frozenset({State.DRAFT, State.PLANNED, State.APPROVED, State.RUNNING, State.INTERRUPTED, State.OWING})


def change_listing(site: Site, limit: int, states: Container[str] | None = None) -> Listing:
    """The newest changes, in these states if any are named."""
    rows = [dict(row) for row in site.ledger.query(_CHANGES, (limit if states is None else -1,))]
    wanted = [_named(row) for row in rows if states is None or row["state"] in states][:limit]
    return Listing(
        columns=change_columns(site.policy),
        rows=wanted,
        empty=_("There is no such change. `daicho request FILE` asks for one."),
        style=emergency_style,
    )


def change_columns(policy: Policy) -> list[Column]:
    """The columns of a list of changes."""
    return [
        Column(key="change", heading=N_("change")),
        Column(key="state", heading=N_("state"), show=lambda row: state_text(State(str(row["state"])))),
        Column(key="class", heading=N_("class"), show=lambda row: kind_text(str(row["class"]))),
        Column(key="work", heading=N_("work")),
        Column(key="title", heading=N_("title")),
        Column(key="targets", heading=N_("machines"), right=True),
        Column(key="approvals", heading=N_("signed"), right=True),
        Column(
            key="requester", heading=N_("asked by"), show=lambda row: person(policy, str(row["requester"]))
        ),
        Column(key="run", heading=N_("run")),
        Column(key="updated_at", heading=N_("last moved"), show=lambda row: _when(policy, row["updated_at"])),
    ]


def run_listing(site: Site, limit: int, gone: Container[str]) -> Listing:
    """The newest runs; those whose process is gone are said to be interrupted."""
    chosen = list(reversed(run_records(site.ledger)))[:limit]
    return Listing(
        columns=run_columns(site.policy),
        rows=[_run_row(run_record(site.ledger, run.id), gone) for run in chosen],
        empty=_("Nothing has run yet."),
        style=emergency_style,
    )


def run_columns(policy: Policy) -> list[Column]:
    """The columns of a list of runs."""
    return [
        Column(key="run", heading=N_("run")),
        Column(key="change", heading=N_("change")),
        Column(key="state", heading=N_("state"), show=lambda row: state_text(State(str(row["state"])))),
        Column(key="class", heading=N_("class"), show=lambda row: kind_text(str(row["class"]))),
        Column(key="work", heading=N_("work")),
        Column(key="operator", heading=N_("run by"), show=lambda row: person(policy, str(row["operator"]))),
        Column(key="outcomes", heading=N_("outcomes"), show=_outcomes),
        Column(key="opened_at", heading=N_("begun"), show=lambda row: _when(policy, row["opened_at"])),
        Column(key="closed_at", heading=N_("ended"), show=lambda row: _when(policy, row["closed_at"])),
        Column(key="reviewed", heading=N_("reviewed by"), optional=True),
    ]


def worries(runs: Sequence[RunRecord], gone: Container[str]) -> list[str]:
    """What somebody has to see to, one sentence each."""
    said = [
        _("{run} was an emergency and nobody has reviewed it: `daicho review {run} --key FILE`").format(
            run=run.id
        )
        for run in runs
        if run.kind == "emergency" and not run.reviewed
    ]
    lost = _("{run} has lost its process: `daicho run {change} --resume` goes on with it")
    return said + [lost.format(run=run.id, change=run.change) for run in runs if run.id in gone]


def emergency_style(row: Row) -> str:
    """An emergency is red wherever it is shown."""
    return RED if row.get("class") == "emergency" else ""


def _named(row: dict[str, object]) -> Row:
    moments = {key: iso_stamp(row.pop(key)) for key in ("requested_at", "updated_at")}
    return {"change": row.pop("id"), "state": row.pop("state"), "class": row.pop("kind"), **row, **moments}


def _run_row(run: RunRecord, gone: Container[str]) -> Row:
    return {
        "run": run.id,
        "change": run.change,
        "state": State.INTERRUPTED.value if run.id in gone else run.state,
        "class": run.kind,
        "work": run.work,
        "operator": run.operator,
        "outcomes": {outcome.value: count for outcome, count in run.counts().items()},
        "targets": len(run.targets),
        "opened_at": iso_stamp(run.opened_at),
        "closed_at": iso_stamp(run.closed_at),
        "reviewed": run.reviewed,
    }


def _outcomes(row: Row) -> Text:
    counts = row["outcomes"]
    if not isinstance(counts, dict) or not counts:
        return Text("-", "dim")
    parts = [Text(f"{count} ").append_text(outcome_text(Outcome(name))) for name, count in counts.items()]
    return Text(", ").join(parts)


def _when(policy: Policy, text: object) -> str:
    return shown(datetime.fromisoformat(str(text)), policy.zone) if text else ""
