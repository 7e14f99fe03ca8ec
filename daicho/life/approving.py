"""A person agrees to a change, or reviews an emergency, with a signature."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from daicho import clock, sshsig
from daicho.approval import NAMESPACE, Decision, signature_fault, statement
from daicho.change import State
from daicho.errors import NotAllowed, Refused
from daicho.i18n import N_
from daicho.ledger.entry import Draft
from daicho.records.changes import change_record, recorded_plan
from daicho.records.runs import run_record

if TYPE_CHECKING:
    from pathlib import Path

    from daicho.approval import Approval, Subject
    from daicho.records.changes import ChangeRecord
    from daicho.site import Site


class NothingToApprove(Refused):
    """There is no plan yet, so nobody can know what they would agree to."""

    sentence = N_("{change} has no plan, so there is nothing to agree to. Make one: `daicho plan {change}`.")


class OwnChange(Refused):
    """Nobody approves what they asked for."""

    sentence = N_("{person} asked for {change} and cannot approve it. Another person has to.")


class AlreadyApproved(Refused):
    """The same person's second signature adds nothing."""

    sentence = N_("{person} has approved {change} already.")


class BadSignature(Refused):
    """The signature does not hold for any key of the person."""

    sentence = N_("The signature does not count as {person}'s: {fault}. Nothing was recorded.")


class NothingToReview(Refused):
    """Only emergency runs are reviewed, once, by somebody else."""

    sentence = N_("{run} needs no review: {why}.")


def to_sign(record: ChangeRecord) -> str:
    """The text that an approver of this change signs.

    Raises:
        NothingToApprove: It has no plan.
    """
    return statement(record.id, record.document.title, _subject(record).digest)


def approver(site: Site, record: ChangeRecord) -> str:
    """The acting person's name, if their approval of the plan in force can count.

    Raises:
        NothingToApprove: There is no plan.
        NotAllowed: They may not approve this work.
        OwnChange: They asked for it.
        AlreadyApproved: They have done so, and it still counts.
    """
    subject, by = _subject(record), site.actor_who_may("approve", record.document.work)
    if by == record.requester:
        raise OwnChange(person=by, change=record.id)
    if any(
        made.approver == by and made.subject == subject and _holds(site, made) for made in record.approvals
    ):
        raise AlreadyApproved(person=by, change=record.id)
    return by


def approve(site: Site, change: str, *, key: Path | None = None, signature: str | None = None) -> bool:
    """Record the acting person's approval; whether the quorum is now reached.

    Args:
        site: Where.
        change: Which change.
        key: The SSH key to sign with (a public key: the agent signs), or
        signature: An armoured signature made elsewhere over `to_sign`.

    Raises:
        NotAllowed: They may not approve this work.
        OwnChange: They asked for it.
        AlreadyApproved: They have done so, and it still counts.
        IllegalMove: It is running or over.
        BadSignature: No key of theirs made this signature, or not while it was valid.
    """
    record = change_record(site.ledger, change)
    subject, text, number = _subject(record), to_sign(record), (record.planned or {}).get("plan", 0)
    by = approver(site, record)
    armoured = signature or sshsig.sign(text.encode(), key=needed_key(key), namespace=NAMESPACE)
    body = signed(site, by, text, armoured) | {"subject": subject.as_json(), "plan": number}
    drafts = [Draft(kind="approval.given", of=change, by=by, body=body)]
    approvers = {made.approver for made in record.approvals if made.subject == subject} | {by}
    reached = len(approvers) >= _needed_approvers(site, record)
    if reached and record.state in {State.DRAFT, State.PLANNED}:
        drafts.append(Draft(kind="change.approved", of=change, by=by, body={"approvers": sorted(approvers)}))
    site.ledger.append(*drafts)
    return reached


def review_text(site: Site, run: str) -> str:
    """The text that the reviewer of an emergency run signs."""
    record = run_record(site.ledger, run)
    change = change_record(site.ledger, record.change)
    closing = next(site.ledger.entries(of=run, kind="run.closed", limit=1, reverse=True), None)
    if record.kind != "emergency":
        raise NothingToReview(run=run, why="it was no emergency")
    if closing is None or record.open:
        raise NothingToReview(run=run, why="it is not over")
    return statement(run, change.document.title, f"sha256:{closing.hash}", _REVIEW)


def review(site: Site, run: str, *, key: Path | None = None, signature: str | None = None) -> None:
    """Record that somebody else has looked at an emergency run and signed for it.

    Raises:
        NothingToReview: It was no emergency, or is reviewed already, or not over.
        NotAllowed: The acting person may not approve this work, or ran it, or asked for it.
    """
    record = run_record(site.ledger, run)
    text = review_text(site, run)
    if record.reviewed:
        raise NothingToReview(run=run, why=f"{record.reviewed} has reviewed it")
    by = site.actor_who_may("approve", record.work)
    if by in {record.operator, change_record(site.ledger, record.change).requester}:
        raise NotAllowed(person=by, act="review", work=run)
    armoured = signature or sshsig.sign(text.encode(), key=needed_key(key), namespace=NAMESPACE)
    site.ledger.append(Draft(kind="run.reviewed", of=run, by=by, body=signed(site, by, text, armoured)))


_REVIEW: Decision = "review"


class NoKey(Refused):
    """Neither a key nor a signature was given."""

    sentence = N_(
        "Give the key to sign with (`--key FILE`), or a signature made elsewhere (`--signature FILE`)."
    )


def _holds(site: Site, made: Approval) -> bool:
    # One that has expired or whose key was revoked may be given again: the gate says so.
    expires = made.at + timedelta(days=site.policy.approval_valid_days)
    return signature_fault(made, site.policy) is None and clock.now() < expires


def needed_key(key: Path | None) -> Path:
    """The key that was given.

    Raises:
        NoKey: None was.
    """
    if key is None:
        raise NoKey
    return key


def _subject(record: ChangeRecord) -> Subject:
    if record.subject is None:
        raise NothingToApprove(change=record.id)
    return record.subject


def signed(site: Site, by: str, text: str, armoured: str, namespace: str = NAMESPACE) -> dict[str, object]:
    """The signature as an entry holds it, if it is this person's.

    Raises:
        BadSignature: No key of theirs made it, or not while it was valid.
    """
    faults = []
    for signer, key in site.policy.signers(by):
        fault = sshsig.verify(text.encode(), armoured, signer=signer, namespace=namespace, at=clock.now())
        if key.revoked:
            fault = f"the key was revoked on {key.revoked}"
        if fault is None:
            return {"approver": by, "statement": text, "signature": armoured, "key": signer.key}
        faults.append(fault)
    raise BadSignature(person=by, fault="; ".join(faults) or "the policy lists no key")


def _needed_approvers(site: Site, record: ChangeRecord) -> int:
    plan = recorded_plan(site.ledger, record)
    return site.policy.quorum_for(
        record.document.kind,
        irreversible=bool(plan and plan.irreversible),
        targets=len(plan.taking_part) if plan else 0,
    )
