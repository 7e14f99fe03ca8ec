"""The gate: for every reason a case with its whole sentence, combinations, and what is never permitted."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daicho.approval import Subject
from daicho.change import State
from daicho.gate import CLOCK_TOLERANCE, Permit, Question, Reason, Refusal, decide
from tests.bureau import NOW, SUBJECT, approval_of, asked, document_of, policy_of

WINDOW = document_of(window={"from": "2026-11-21 19:00", "until": "2026-11-21 22:00"})
STANDARD = document_of(**{"class": "standard", "expires": "2026-12-31"})
EMERGENCY = document_of(**{"class": "emergency"})
FEW = "C1 needs 1 approver and has 0 (-). Others approve with `daicho approve C1`."


def other(part: str) -> Subject:
    """What was approved, but for one part."""
    return replace(SUBJECT, **{part: "else"})


def approved_otherwise(part: str) -> dict[str, Any]:
    return {"approvals": (approval_of("suzuki", subject=other(part)),)}


CASES: dict[Reason, tuple[dict[str, Any], str]] = {
    Reason.STATE: (
        {"state": State.WITHDRAWN},
        "C1 is withdrawn. A new request is needed: `daicho request`.",
    ),
    Reason.RUNNING: (
        {"state": State.RUNNING},
        "C1 is being run at this moment. Wait for it: `daicho status`.",
    ),
    Reason.INTERRUPTED: (
        {"state": State.INTERRUPTED, "burnt_by": "R1"},
        (
            "The run of C1 was interrupted. See what is unknown with `daicho show C1`, then go on: "
            "`daicho run C1 --resume`."
        ),
    ),
    Reason.NOT_PLANNED: (
        {"state": State.DRAFT, "subject": None, "approvals": ()},
        "C1 has no plan. Make one: `daicho plan C1`.",
    ),
    Reason.NOTHING_TO_DO: (
        {"targets": ()},
        "No target of C1 could be rehearsed. Plan again: `daicho plan C1`.",
    ),
    Reason.NOT_OPERATOR: (
        {"operator": "yamada"},
        "yamada may not operate patch_endpoints. The policy lists who may: `daicho policy show`.",
    ),
    Reason.NOT_APPROVED: (
        {"state": State.PLANNED, "approvals": ()},
        "Nobody has approved C1. Ask for it: `daicho approve C1`.",
    ),
    Reason.TOO_FEW_APPROVERS: (
        {"irreversible": True},
        "C1 needs 2 approvers and has 1 (suzuki). Others approve with `daicho approve C1`.",
    ),
    Reason.SELF_APPROVED: (
        {"approvals": (approval_of("ito"),), "operator": "ito"},
        (
            "ito is the requester or the operator, so this approval does not count. "
            f"Another person has to.\n{FEW}"
        ),
    ),
    Reason.BAD_SIGNATURE: (
        {"signature_faults": {7: "Signature verification failed: incorrect signature"}},
        (
            "The signature of suzuki does not hold: Signature verification failed: incorrect signature. "
            f"Approve again.\n{FEW}"
        ),
    ),
    Reason.NOT_APPROVER: (
        {"approvals": (approval_of("yamada"),)},
        f"yamada may not approve patch_endpoints. The policy lists who may: `daicho policy show`.\n{FEW}",
    ),
    Reason.APPROVAL_EXPIRED: (
        {"approvals": (approval_of("suzuki", at=NOW - timedelta(days=14)),)},
        f"The approval by suzuki of 2026-11-07 20:00 JST is older than 14 days. Approve again.\n{FEW}",
    ),
    Reason.CODE_DIFFERS: (
        approved_otherwise("code") | {"changed_files": ("playbooks/x.yml", "roles/y/tasks/main.yml")},
        (
            "The code is not what was approved: playbooks/x.yml, roles/y/tasks/main.yml. "
            f"Restore it, or plan and approve again.\n{FEW}"
        ),
    ),
    Reason.INPUTS_DIFFER: (
        approved_otherwise("inputs"),
        f"The inputs are not what suzuki approved. Approve again.\n{FEW}",
    ),
    Reason.TARGETS_DIFFER: (
        approved_otherwise("targets"),
        f"The targets are not what suzuki approved. Approve again.\n{FEW}",
    ),
    Reason.PLAN_DIFFERS: (
        approved_otherwise("plan"),
        f"suzuki approved another plan than the one in force. Approve again.\n{FEW}",
    ),
    Reason.BEFORE_WINDOW: (
        {"document": WINDOW, "now": datetime(2026, 11, 21, 9, 59, tzinfo=UTC), "last_entry": None},
        "The window opens at 2026-11-21 19:00 JST; it is 2026-11-21 18:59 JST. Run it then.",
    ),
    Reason.AFTER_WINDOW: (
        {"document": WINDOW, "now": datetime(2026, 11, 21, 13, 0, tzinfo=UTC)},
        "The window closed at 2026-11-21 22:00 JST; it is 2026-11-21 22:00 JST. Request a new window.",
    ),
    Reason.FROZEN: (
        {
            "policy": policy_of(
                freezes=[
                    {
                        "name": "Year's end",
                        "from": "2026-11-20",
                        "until": "2027-01-04",
                        "reason": "Diet in session",
                    }
                ]
            )
        },
        "Year's end holds until 2027-01-04 00:00 JST (Diet in session). Run it after that.",
    ),
    Reason.NONCE_BURNT: (
        {"burnt_by": "R3"},
        "This approval was used by R3. A second start needs a new plan and approval.",
    ),
    Reason.TARGET_LOCKED: (
        {"locks": {"pc-2": "R9", "pc-7": "R9"}},
        "pc-2 is being changed by R9. Wait for it: `daicho status`.",
    ),
    Reason.LEDGER_UNWRITABLE: (
        {"ledger_fault": "The ledger /l.db cannot be written (disk full)."},
        "The ledger /l.db cannot be written (disk full).",
    ),
    Reason.CLOCK_BEHIND: (
        {"last_entry": NOW + timedelta(minutes=10)},
        (
            "The clock (2026-11-21 20:00 JST) is behind the last ledger entry (2026-11-21 20:10 JST). "
            "Set the clock, then run again."
        ),
    ),
    Reason.REVIEW_OWED: (
        {"reviews_owed": ("R4",)},
        "sato owes the review of emergency R4. Another person does it: `daicho review R4`.",
    ),
    Reason.PATTERN_EXPIRED: (
        {"document": STANDARD, "now": datetime(2026, 12, 30, 15, tzinfo=UTC)},
        "The standard change C1 expired at 2026-12-31 00:00 JST. Request it anew.",
    ),
}


def reasons(answer: Permit | Refusal) -> list[Reason]:
    return [cause.reason for cause in answer.causes] if isinstance(answer, Refusal) else []


def test_every_reason_has_its_case() -> None:
    assert set(CASES) == set(Reason)


@pytest.mark.parametrize("reason", list(Reason))
def test_each_reason_is_said_in_a_whole_sentence(reason: Reason) -> None:
    spoilt, said = CASES[reason]
    answer = decide(asked(**spoilt))
    assert str(answer) == said
    assert reason in reasons(answer)


def test_what_is_in_order_is_permitted() -> None:
    question = asked()
    assert decide(question) == Permit(
        change="C1",
        operator="sato",
        subject=SUBJECT.digest,
        policy=question.policy.digest,
        approvers=("suzuki",),
        resumes=None,
    )


def test_all_reasons_are_named_at_once() -> None:
    answer = decide(
        asked(
            operator="yamada",
            last_entry=NOW + timedelta(hours=1),
            locks={"pc-1": "R9"},
            approvals=(),
            reviews_owed=("R4",),
            ledger_fault="The disk is full.",
        )
    )
    assert reasons(answer) == [
        Reason.LEDGER_UNWRITABLE,
        Reason.NOT_OPERATOR,
        Reason.REVIEW_OWED,
        Reason.CLOCK_BEHIND,
        Reason.TARGET_LOCKED,
        Reason.NOT_APPROVED,
    ]


def test_the_same_fault_of_two_plans_is_said_once() -> None:
    stale = approval_of("suzuki", subject=other("plan"))
    answer = decide(asked(approvals=(stale, replace(stale, entry=8))))
    assert reasons(answer) == [Reason.PLAN_DIFFERS, Reason.TOO_FEW_APPROVERS]


def test_five_locked_targets_are_enough_to_read() -> None:
    names = tuple(f"pc-{number}" for number in range(1000))
    assert len(reasons(decide(asked(targets=names, locks=dict.fromkeys(names, "R9"))))) == 5


def test_a_standard_changes_freeze_and_window_hold_too() -> None:
    inside = document_of(
        **{
            "class": "standard",
            "expires": "2027-12-31",
            "window": {"from": "2026-12-01", "until": "2026-12-02"},
        }
    )
    assert reasons(decide(asked(document=inside))) == [Reason.BEFORE_WINDOW]


# States


@pytest.mark.parametrize("state", [State.DRAFT, State.PLANNED, State.APPROVED])
def test_before_its_run_a_change_may_start_whatever_its_label(state: State) -> None:
    assert isinstance(decide(asked(state=state)), Permit)


@pytest.mark.parametrize("state", [State.DONE, State.FAILED, State.REJECTED, State.WITHDRAWN])
@pytest.mark.parametrize("resumes", [None, "R1"])
def test_what_is_over_neither_starts_nor_goes_on(state: State, resumes: str | None) -> None:
    answer = decide(asked(state=state, burnt_by="R1", resumes=resumes))
    assert reasons(answer) == [Reason.STATE]


@pytest.mark.parametrize("state", [State.DRAFT, State.PLANNED, State.APPROVED])
def test_what_never_ran_does_not_go_on(state: State) -> None:
    assert reasons(decide(asked(state=state, resumes="R1"))) == [Reason.STATE]


def test_a_running_change_does_not_go_on_beside_itself() -> None:
    assert reasons(decide(asked(state=State.RUNNING, resumes="R1", burnt_by="R1"))) == [Reason.RUNNING]


@pytest.mark.parametrize("state", [State.OWING, State.INTERRUPTED])
def test_a_stopped_run_goes_on_with_its_own_locks(state: State) -> None:
    answer = decide(asked(state=state, resumes="R1", burnt_by="R1", locks={"pc-1": "R1"}))
    assert isinstance(answer, Permit)
    assert answer.resumes == "R1"


def test_an_owing_change_does_not_start_a_second_time() -> None:
    assert reasons(decide(asked(state=State.OWING, burnt_by="R1"))) == [Reason.NONCE_BURNT]


def test_only_the_run_that_used_the_approval_goes_on() -> None:
    answer = decide(asked(state=State.INTERRUPTED, burnt_by="R1", resumes="R2"))
    assert reasons(answer) == [Reason.NONCE_BURNT]


@pytest.mark.parametrize("state", [State.APPROVED, State.DONE, State.FAILED, State.OWING, State.INTERRUPTED])
def test_a_standard_change_runs_again_under_its_approval(state: State) -> None:
    old = approval_of("suzuki", at=NOW - timedelta(days=300))
    answer = decide(asked(document=STANDARD, state=state, burnt_by="R1", approvals=(old,)))
    assert isinstance(answer, Permit)


@pytest.mark.parametrize("state", [State.REJECTED, State.WITHDRAWN, State.RUNNING])
def test_a_standard_change_that_was_taken_back_or_runs_does_not(state: State) -> None:
    assert isinstance(decide(asked(document=STANDARD, state=state)), Refusal)


# Emergencies


def test_an_emergency_runs_without_approval_outside_its_window_in_a_freeze_and_before_the_review() -> None:
    frozen = policy_of(freezes=[{"name": "f", "from": "2026-01-01", "until": "2027-01-01"}])
    document = document_of(**{"class": "emergency", "window": {"from": "2026-01-01", "until": "2026-01-02"}})
    answer = decide(asked(document=document, policy=frozen, approvals=(), subject=None, reviews_owed=("R1",)))
    assert answer == Permit(
        change="C1", operator="sato", subject="", policy=frozen.digest, approvers=(), resumes=None
    )


@pytest.mark.parametrize(
    ("spoilt", "reason"),
    [
        ({"operator": "suzuki"}, Reason.NOT_OPERATOR),
        ({"ledger_fault": "full"}, Reason.LEDGER_UNWRITABLE),
        ({"locks": {"pc-1": "R9"}}, Reason.TARGET_LOCKED),
        ({"last_entry": NOW + timedelta(hours=1)}, Reason.CLOCK_BEHIND),
        ({"targets": ()}, Reason.NOTHING_TO_DO),
        ({"state": State.DONE}, Reason.STATE),
        ({"burnt_by": "R1"}, Reason.NONCE_BURNT),
    ],
)
def test_an_emergency_is_still_held_by(spoilt: dict[str, Any], reason: Reason) -> None:
    assert reasons(decide(asked(document=EMERGENCY, **spoilt))) == [reason]


# Who counts


def test_an_emergency_without_a_plan_has_nobodys_agreement() -> None:
    answer = decide(asked(document=EMERGENCY, subject=None))
    assert isinstance(answer, Permit)
    assert answer.approvers == ()


def test_two_signatures_of_one_person_are_one_approver() -> None:
    answer = decide(asked(irreversible=True, approvals=(approval_of("suzuki"), approval_of("suzuki", 8))))
    assert str(answer) == "C1 needs 2 approvers and has 1 (suzuki). Others approve with `daicho approve C1`."


def test_a_faulty_approval_beside_enough_good_ones_does_no_harm() -> None:
    answer = decide(asked(approvals=(approval_of("suzuki"), approval_of("sato", 8))))
    assert isinstance(answer, Permit)
    assert answer.approvers == ("suzuki",)


def test_a_change_to_many_needs_more() -> None:
    wide = policy_of(quorum={"wide": [{"over": 1, "approvers": 2}, {"over": 2, "approvers": 9}]})
    assert reasons(decide(asked(policy=wide))) == [Reason.TOO_FEW_APPROVERS]
    both = (approval_of("suzuki"), approval_of("tanaka", 8))
    assert isinstance(decide(asked(policy=wide, approvals=both)), Permit)


# The clock and the edges of time


@pytest.mark.parametrize(("behind", "held"), [(CLOCK_TOLERANCE, False), (CLOCK_TOLERANCE * 1.001, True)])
def test_the_clock_may_be_a_little_behind(behind: timedelta, held: bool) -> None:
    assert (reasons(decide(asked(last_entry=NOW + behind))) == [Reason.CLOCK_BEHIND]) is held


@pytest.mark.parametrize(
    ("moment", "permitted"),
    [
        ("2026-11-21T10:00:00+00:00", True),
        ("2026-11-21T09:59:59+00:00", False),
        ("2026-11-21T12:59:59+00:00", True),
        ("2026-11-21T13:00:00+00:00", False),
    ],
)
def test_a_window_holds_from_its_first_to_before_its_last_moment(moment: str, permitted: bool) -> None:
    now = datetime.fromisoformat(moment)
    assert isinstance(decide(asked(document=WINDOW, now=now, last_entry=None)), Permit) is permitted


# What may never be permitted, whatever else holds

APPROVERS = ("sato", "suzuki", "tanaka", "ito", "yamada", "nobody")
FAULTS = ("none", "forged", "stale", "expired", *(part.name for part in fields(Subject)))


@st.composite
def questions(draw: st.DrawFn) -> tuple[Question, dict[str, set[str]]]:
    """A question with any mixture of approvals, and of each approver the faults of theirs."""
    given_ = draw(st.lists(st.tuples(st.sampled_from(APPROVERS), st.sampled_from(FAULTS)), max_size=6))
    approvals, faults, told = [], {}, dict[str, set[str]]()
    for entry, (who, fault) in enumerate(given_):
        made = approval_of(who, entry)
        if fault == "forged":
            faults[entry] = "forged"
        elif fault in {"stale", "expired"}:
            made = replace(made, at=NOW - timedelta(days=14 if fault == "stale" else 4000))
        elif fault != "none":
            made = replace(made, subject=other(fault))
        approvals.append(made)
        told.setdefault(who, set()).add(fault)
    question = asked(
        operator=draw(st.sampled_from(["sato", "ito"])),
        requester=draw(st.sampled_from(["sato", "ito"])),
        irreversible=draw(st.booleans()),
        approvals=tuple(approvals),
        signature_faults=faults,
        policy=policy_of(quorum={"normal": draw(st.integers(1, 3)), "irreversible": draw(st.integers(1, 3))}),
    )
    return question, told


@settings(max_examples=150, deadline=None)
@given(questions())
def test_a_permit_means_the_quorum_of_distinct_others_with_faultless_approvals(
    drawn: tuple[Question, dict[str, set[str]]],
) -> None:
    question, told = drawn
    involved = {question.operator, question.requester}
    good = {who for who, faults in told.items() if "none" in faults} & {"suzuki", "tanaka", "ito"} - involved
    quorum = question.policy.quorum
    needed = max(quorum.normal, quorum.irreversible if question.irreversible else 0)
    answer = decide(question)
    assert isinstance(answer, Permit) == (len(good) >= needed)
    if isinstance(answer, Permit):
        assert set(answer.approvers) == good


@settings(max_examples=60, deadline=None)
@given(
    spoilers=st.lists(
        st.sampled_from([reason for reason in Reason if len(CASES[reason][0]) == 1]),
        min_size=1,
        unique_by=lambda reason: next(iter(CASES[reason][0])),
    )
)
def test_what_spoils_it_alone_spoils_it_in_any_company(spoilers: list[Reason]) -> None:
    spoilt: dict[str, Any] = {}
    for reason in spoilers:
        spoilt |= CASES[reason][0]
    assert isinstance(decide(asked(**spoilt)), Refusal)
