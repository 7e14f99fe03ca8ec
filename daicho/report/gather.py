"""Gather from a site what a report needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daicho.approval import signature_fault
from daicho.items.apart import apart
from daicho.items.record import all_items
from daicho.life.planning import run_plan
from daicho.life.rings import next_wait, rings_of, rules_of
from daicho.records.changes import change_record, recorded_plan
from daicho.records.runs import run_record, run_records
from daicho.report.carried import carried
from daicho.report.change import ChangeReport
from daicho.report.ran import RunReport
from daicho.waves import Apart
from daicho.works import WORKS

if TYPE_CHECKING:
    from daicho.site import Site


def change_report(site: Site, change: str) -> ChangeReport:
    """Everything about a change, its approvals judged under the policy in force.

    Raises:
        UnknownObject: There is no such change.
    """
    record = change_record(site.ledger, change)
    runs = run_records(site.ledger, change)
    if runs:
        runs = (*runs[:-1], run_record(site.ledger, runs[-1].id))
    faults = {each.entry: signature_fault(each, site.policy) for each in record.approvals}
    plan = recorded_plan(site.ledger, record)
    rules = rules_of(site, record) if record.document.work in WORKS else None
    return ChangeReport(
        record=record,
        plan=plan,
        policy=site.policy,
        runs=runs,
        faults={entry: fault for entry, fault in faults.items() if fault},
        apart=_apart(site, record.document.work) if plan else Apart(),
        rings=rings_of(site, record, rules) if rules else (),
        wait=next_wait(site, record) if rules else None,
    )


def _apart(site: Site, work: str) -> Apart:
    known = WORKS.get(work)
    if known is None or known.items:
        return Apart()
    return apart(all_items(site.ledger), known.in_turn, site.policy.rings.order if site.policy.rings else ())


def run_report(site: Site, run: str) -> RunReport:
    """Everything about a run.

    Raises:
        UnknownObject: There is no such run.
    """
    record = run_record(site.ledger, run)
    tells = WORKS[record.work].tells
    return RunReport(
        run=record,
        change=change_record(site.ledger, record.change),
        plan=run_plan(site, run),
        policy=site.policy,
        entries=tuple(site.ledger.entries(of=run, kind="run.")),
        folder=site.settings.runs / run,
        carried=carried(site.ledger.entries(of=run, kind="task."), tells) if tells else {},
    )
