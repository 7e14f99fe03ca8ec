"""The gate: one pure function from everything that is known to a permit or a refusal.

No clock, no file, no database: whoever asks brings the facts, and the table of tests in
tests/unit/test_gate.py goes over every reason. A refusal names every reason at once, each
with what to do about it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from daicho.change import ChangeDocument, State
from daicho.i18n import N_, ngettext
from daicho.i18n import gettext as _
from daicho.times import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daicho.approval import Approval, Subject
    from daicho.policy import Policy

CLOCK_TOLERANCE: Final = timedelta(seconds=5)

_STARTABLE: Final = frozenset({State.DRAFT, State.PLANNED, State.APPROVED})
_STOPPED: Final = frozenset({State.INTERRUPTED, State.OWING})
_OVER: Final = frozenset({State.DONE, State.FAILED})


class Reason(StrEnum):
    """Why the gate says no."""

    STATE = "state"
    RUNNING = "running"
    INTERRUPTED = "interrupted"
    NOT_PLANNED = "not_planned"
    NOTHING_TO_DO = "nothing_to_do"
    NOT_OPERATOR = "not_operator"
    NOT_APPROVED = "not_approved"
    TOO_FEW_APPROVERS = "too_few_approvers"
    SELF_APPROVED = "self_approved"
    BAD_SIGNATURE = "bad_signature"
    NOT_APPROVER = "not_approver"
    APPROVAL_EXPIRED = "approval_expired"
    CODE_DIFFERS = "code_differs"
    INPUTS_DIFFER = "inputs_differ"
    TARGETS_DIFFER = "targets_differ"
    PLAN_DIFFERS = "plan_differs"
    BEFORE_WINDOW = "before_window"
    AFTER_WINDOW = "after_window"
    FROZEN = "frozen"
    NONCE_BURNT = "nonce_burnt"
    TARGET_LOCKED = "target_locked"
    LEDGER_UNWRITABLE = "ledger_unwritable"
    CLOCK_BEHIND = "clock_behind"
    REVIEW_OWED = "review_owed"
    PATTERN_EXPIRED = "pattern_expired"

    @property
    def template(self) -> str:
        """The sentence, as a message to translate and fill."""
        return _SENTENCES[self]


_SENTENCES: Final[Mapping[Reason, str]] = {
    Reason.STATE: N_("{change} is {state}. A new request is needed: `daicho request`."),
    Reason.RUNNING: N_("{change} is being run at this moment. Wait for it: `daicho status`."),
    Reason.INTERRUPTED: N_(
        "The run of {change} was interrupted. See what is unknown with `daicho show {change}`, "
        "then go on: `daicho run {change} --resume`."
    ),
    Reason.NOT_PLANNED: N_("{change} has no plan. Make one: `daicho plan {change}`."),
    Reason.NOTHING_TO_DO: N_("No target of {change} could be rehearsed. Plan again: `daicho plan {change}`."),
    Reason.NOT_OPERATOR: N_(
        "{operator} may not operate {work}. The policy lists who may: `daicho policy show`."
    ),
    Reason.NOT_APPROVED: N_("Nobody has approved {change}. Ask for it: `daicho approve {change}`."),
    Reason.TOO_FEW_APPROVERS: N_(
        "{change} needs {needed} approvers and has {have} ({names}). "
        "Others approve with `daicho approve {change}`."
    ),
    Reason.SELF_APPROVED: N_(
        "{approver} is the requester or the operator, so this approval does not count. Another person has to."
    ),
    Reason.BAD_SIGNATURE: N_("The signature of {approver} does not hold: {fault}. Approve again."),
    Reason.NOT_APPROVER: N_(
        "{approver} may not approve {work}. The policy lists who may: `daicho policy show`."
    ),
    Reason.APPROVAL_EXPIRED: N_(
        "The approval by {approver} of {at} is older than {days} days. Approve again."
    ),
    Reason.CODE_DIFFERS: N_(
        "The code is not what was approved: {files}. Restore it, or plan and approve again."
    ),
    Reason.INPUTS_DIFFER: N_("The inputs are not what {approver} approved. Approve again."),
    Reason.TARGETS_DIFFER: N_("The targets are not what {approver} approved. Approve again."),
    Reason.PLAN_DIFFERS: N_("{approver} approved another plan than the one in force. Approve again."),
    Reason.BEFORE_WINDOW: N_("The window opens at {begin}; it is {now}. Run it then."),
    Reason.AFTER_WINDOW: N_("The window closed at {end}; it is {now}. Request a new window."),
    Reason.FROZEN: N_("{freeze} holds until {end} ({reason}). Run it after that."),
    Reason.NONCE_BURNT: N_("This approval was used by {run}. A second start needs a new plan and approval."),
    Reason.TARGET_LOCKED: N_("{target} is being changed by {run}. Wait for it: `daicho status`."),
    Reason.LEDGER_UNWRITABLE: N_("{fault}"),
    Reason.CLOCK_BEHIND: N_(
        "The clock ({now}) is behind the last ledger entry ({last}). Set the clock, then run again."
    ),
    Reason.REVIEW_OWED: N_(
        "{operator} owes the review of emergency {run}. Another person does it: `daicho review {run}`."
    ),
    Reason.PATTERN_EXPIRED: N_("The standard change {change} expired at {end}. Request it anew."),
}


@dataclass(frozen=True, kw_only=True)
class Cause:
    """One reason with its facts."""

    reason: Reason
    facts: Mapping[str, str]

    def __str__(self) -> str:
        """The sentence in the language in force."""
        template = _(self.reason.template)
        if self.reason is Reason.TOO_FEW_APPROVERS:
            template = ngettext(
                "{change} needs {needed} approver and has {have} ({names}). "
                "Others approve with `daicho approve {change}`.",
                "{change} needs {needed} approvers and has {have} ({names}). "
                "Others approve with `daicho approve {change}`.",
                int(self.facts["needed"]),
            )
        return template.format(**self.facts)


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """The answer is no, for these causes."""

    causes: tuple[Cause, ...]

    def __str__(self) -> str:
        """One line per cause."""
        return "\n".join(str(cause) for cause in self.causes)


@dataclass(frozen=True, kw_only=True)
class Permit:
    """The answer is yes, to exactly this."""

    change: str
    operator: str
    subject: str
    """Digest of what was approved; empty for an emergency."""
    policy: str
    """Digest of the policy that was asked."""
    approvers: tuple[str, ...]
    resumes: str | None = None
    """The run that goes on, if it is not a first start."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """Everything that the gate needs to know."""

    change: str
    document: ChangeDocument
    state: State
    requester: str
    operator: str
    policy: Policy
    now: datetime
    last_entry: datetime | None
    subject: Subject | None
    """What would run now, freshly computed; None without a plan."""
    targets: tuple[str, ...]
    irreversible: bool
    approvals: tuple[Approval, ...] = ()
    signature_faults: Mapping[int, str] = field(default_factory=dict)
    """Approval entry → why its signature does not hold."""
    changed_files: tuple[str, ...] = ()
    """Files of the content that differ from the approved ones."""
    locks: Mapping[str, str] = field(default_factory=dict)
    """Target → the run that is changing it."""
    burnt_by: str | None = None
    """The run that used this approval up."""
    resumes: str | None = None
    """The run that is to go on."""
    ledger_fault: str | None = None
    reviews_owed: tuple[str, ...] = ()
    """Emergency runs of this operator that nobody has reviewed."""


def decide(question: Question) -> Permit | Refusal:
    """Whether this change may run now, and if not, every reason why."""
    causes = [*_standing(question), *_person(question), *_time(question), *_collisions(question)]
    if question.document.kind != "emergency":
        causes += _agreement(question)
    if causes:
        return Refusal(causes=tuple(causes))
    return Permit(
        change=question.change,
        operator=question.operator,
        subject=question.subject.digest if question.subject else "",
        policy=question.policy.digest,
        approvers=tuple(sorted(_counting(question))),
        resumes=question.resumes,
    )


def _cause(reason: Reason, /, **facts: str) -> Cause:
    return Cause(reason=reason, facts=facts)


def _standing(asked: Question) -> list[Cause]:
    causes = []
    if asked.ledger_fault:
        causes.append(_cause(Reason.LEDGER_UNWRITABLE, fault=asked.ledger_fault))
    if refused := _state_refuses(asked):
        causes.append(refused)
    elif asked.subject is None and asked.document.kind != "emergency":
        causes.append(_cause(Reason.NOT_PLANNED, change=asked.change))
    elif not asked.targets:
        causes.append(_cause(Reason.NOTHING_TO_DO, change=asked.change))
    return causes


def _state_refuses(asked: Question) -> Cause | None:
    standard = asked.document.kind == "standard"
    if asked.state is State.RUNNING:
        return _cause(Reason.RUNNING, change=asked.change)
    # A standard change is planned anew for each run, so it has nothing to resume.
    if asked.state is State.INTERRUPTED and not asked.resumes and not standard:
        return _cause(Reason.INTERRUPTED, change=asked.change)
    if asked.resumes:
        fits = asked.state in _STOPPED
    else:
        fits = asked.state in _STARTABLE | _STOPPED or (standard and asked.state in _OVER)
    return None if fits else _cause(Reason.STATE, change=asked.change, state=_(asked.state.label))


def _person(asked: Question) -> list[Cause]:
    causes = []
    if not asked.policy.may(asked.operator, "operate", asked.document.work):
        causes.append(_cause(Reason.NOT_OPERATOR, operator=asked.operator, work=asked.document.work))
    if asked.document.kind != "emergency":
        causes += [_cause(Reason.REVIEW_OWED, operator=asked.operator, run=run) for run in asked.reviews_owed]
    return causes


def _time(asked: Question) -> list[Cause]:
    causes, zone = [], asked.policy.zone
    now = shown(asked.now, zone)
    if asked.last_entry and asked.now < asked.last_entry - CLOCK_TOLERANCE:
        causes.append(_cause(Reason.CLOCK_BEHIND, now=now, last=shown(asked.last_entry, zone)))
    if asked.document.kind == "emergency":
        return causes
    window, expires = asked.document.window, asked.document.expires
    if window and asked.now < window.begin:
        causes.append(_cause(Reason.BEFORE_WINDOW, begin=shown(window.begin, zone), now=now))
    if window and asked.now >= window.end:
        causes.append(_cause(Reason.AFTER_WINDOW, end=shown(window.end, zone), now=now))
    if expires and asked.now >= expires:
        causes.append(_cause(Reason.PATTERN_EXPIRED, change=asked.change, end=shown(expires, zone)))
    if freeze := asked.policy.freeze_at(asked.document.work, asked.now):
        end = shown(freeze.end, zone)
        causes.append(_cause(Reason.FROZEN, freeze=freeze.name, end=end, reason=freeze.reason or "-"))
    return causes


def _collisions(asked: Question) -> list[Cause]:
    causes = []
    used = asked.burnt_by and asked.burnt_by != asked.resumes and asked.document.kind != "standard"
    if used and not _state_refuses(asked):  # the state says it already
        causes.append(_cause(Reason.NONCE_BURNT, run=str(asked.burnt_by)))
    held = ((target, asked.locks.get(target)) for target in asked.targets)
    locked = [(target, run) for target, run in held if run and run != asked.resumes]
    causes += [_cause(Reason.TARGET_LOCKED, target=target, run=run) for target, run in locked[:5]]
    return causes


def _agreement(asked: Question) -> list[Cause]:
    if asked.subject is None:
        return []
    if not asked.approvals:
        return [_cause(Reason.NOT_APPROVED, change=asked.change)]
    counting = _counting(asked)
    needed = asked.policy.quorum_for(
        asked.document.kind, irreversible=asked.irreversible, targets=len(asked.targets)
    )
    if len(counting) >= needed:
        return []
    faults = [cause for approval in asked.approvals for cause in _faults(asked, approval)]
    names = ", ".join(sorted(counting)) or "-"
    few = _cause(
        Reason.TOO_FEW_APPROVERS,
        change=asked.change,
        needed=str(needed),
        have=str(len(counting)),
        names=names,
    )
    # Facts are a mapping, so causes cannot be put in a set.
    once = [cause for place, cause in enumerate(faults) if cause not in faults[:place]]
    return [*once, few]


def _counting(asked: Question) -> frozenset[str]:
    if asked.subject is None:  # an emergency without a plan: there is nothing that anybody agreed to
        return frozenset()
    return frozenset(approval.approver for approval in asked.approvals if not _faults(asked, approval))


def _faults(asked: Question, approval: Approval) -> list[Cause]:
    who, work = approval.approver, asked.document.work
    causes = []
    if fault := asked.signature_faults.get(approval.entry):
        causes.append(_cause(Reason.BAD_SIGNATURE, approver=who, fault=fault))
    if not asked.policy.may(who, "approve", work):
        causes.append(_cause(Reason.NOT_APPROVER, approver=who, work=work))
    if who in {asked.requester, asked.operator}:
        causes.append(_cause(Reason.SELF_APPROVED, approver=who))
    if asked.document.kind != "standard" and asked.now >= approval.at + timedelta(
        days=asked.policy.approval_valid_days
    ):
        causes.append(
            _cause(
                Reason.APPROVAL_EXPIRED,
                approver=who,
                at=shown(approval.at, asked.policy.zone),
                days=str(asked.policy.approval_valid_days),
            )
        )
    return causes + _differing(asked, approval)


def _differing(asked: Question, approval: Approval) -> list[Cause]:
    if asked.subject is None:
        return []
    parts = set(asked.subject.differing(approval.subject))
    if not parts:
        return []
    if "code" in parts:
        return [_cause(Reason.CODE_DIFFERS, files=", ".join(asked.changed_files) or "-")]
    for part, reason in (("inputs", Reason.INPUTS_DIFFER), ("targets", Reason.TARGETS_DIFFER)):
        if part in parts:
            return [_cause(reason, approver=approval.approver)]
    return [_cause(Reason.PLAN_DIFFERS, approver=approval.approver)]
