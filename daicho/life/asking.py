"""Everything that the gate needs to know about a change, gathered now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from daicho import clock
from daicho.approval import signature_fault
from daicho.errors import LedgerUnwritable
from daicho.gate import Question
from daicho.life.workplace import seen_files
from daicho.records.runs import burnt_by, locks, reviews_owed

if TYPE_CHECKING:
    from datetime import datetime

    from daicho.approval import Subject
    from daicho.code import Code
    from daicho.plan import Plan
    from daicho.records.changes import ChangeRecord
    from daicho.site import Site


@dataclass(frozen=True, kw_only=True)
class Would:
    """What would run if the gate agreed."""

    code: Code
    plan: Plan | None
    targets: tuple[str, ...]


def question(site: Site, record: ChangeRecord, would: Would, *, resumes: str | None = None) -> Question:
    """What is asked: may this change run now, with this content, by the acting person?"""
    plan, code = would.plan, would.code
    subject = _subject_now(record, plan, code)
    approved = record.subject
    return Question(
        change=record.id,
        document=record.document,
        state=record.state,
        requester=record.requester,
        operator=site.actor().name,
        policy=site.policy,
        now=clock.now(),
        last_entry=_last_entry(site),
        subject=subject,
        targets=would.targets,
        irreversible=bool(plan and plan.irreversible),
        approvals=record.approvals,
        signature_faults={
            approval.entry: fault
            for approval in record.approvals
            if (fault := signature_fault(approval, site.policy))
        },
        changed_files=code.differing(seen_files(site, plan.code))
        if plan and plan.code != code.digest
        else (),
        locks=locks(site.ledger),
        burnt_by=burnt_by(site.ledger, approved.nonce) if approved else None,
        resumes=resumes,
        ledger_fault=_ledger_fault(site),
        reviews_owed=reviews_owed(site.ledger, site.actor().name),
    )


def _subject_now(record: ChangeRecord, plan: Plan | None, code: Code) -> Subject | None:
    recorded = record.subject
    if recorded is None:
        return None
    if record.document.kind == "standard":
        return type(recorded).of_pattern(record.document, record.inputs, recorded.nonce)
    if plan is None:
        return None
    fresh = type(recorded).of_plan(record.document, record.inputs, plan, recorded.nonce)
    return replace(fresh, code=code.digest)


def _last_entry(site: Site) -> datetime | None:
    """When the last entry was made that is no refusal.

    A refusal by a clock that jumped back bears that clock's time: it must not make the next attempt
    look right. What people do under the new clock (plan, approve) does.
    """
    newest = site.ledger.entries(reverse=True)
    return next((entry.at for entry in newest if entry.kind != "run.refused"), None)


def _ledger_fault(site: Site) -> str | None:
    try:
        site.ledger.check_writable()
    except LedgerUnwritable as fault:
        return str(fault)
    return None
