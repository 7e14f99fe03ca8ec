"""Asking, agreeing, refusing, reviewing, taking back, closing what nobody closed: with real keys."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from daicho import clock, sshsig
from daicho.approval import NAMESPACE
from daicho.code import Code
from daicho.errors import DocumentError, NotAllowed, Refused
from daicho.gate import Permit, decide
from daicho.ledger.entry import Draft
from daicho.life.approving import (
    AlreadyApproved,
    BadSignature,
    NoKey,
    NothingToApprove,
    NothingToReview,
    OwnChange,
    approve,
    review,
    review_text,
    to_sign,
)
from daicho.life.asking import Would, question
from daicho.life.orphans import Occupied, close_orphans, free_run, occupied
from daicho.life.planning import taken_back
from daicho.life.requesting import close_change, read_change, request_change
from daicho.life.undoing import NothingToUndo, undo_run
from daicho.outcome import Outcome
from daicho.plan import Standing
from daicho.records.changes import IllegalMove, change_record, recorded_plan
from daicho.records.runs import run_record
from daicho.site import Site, account_name, adopt_policy
from daicho.works import WORKS
from daicho.works.patch_endpoints import PatchEndpoints
from tests.bureau import document_of, policy_of, target_plan

if TYPE_CHECKING:
    from pathlib import Path

    from daicho.gate import Refusal
    from daicho.plan import TargetPlan
    from tests.bureau import Bureau


def agree(bureau: Bureau, person: str, change: str = "C1") -> bool:
    """Approve with one's own key."""
    with bureau.site(person) as site:
        return approve(site, change, key=bureau.keys[person])


def planned(bureau: Bureau, *targets: TargetPlan, **more: Any) -> str:
    """A change with a plan."""
    change = bureau.request(**more)
    bureau.plan(change, *targets)
    return change


def gate(bureau: Bureau, person: str = "sato", change: str = "C1", **more: Any) -> Permit | Refusal:
    """What the gate says to this person now, about content that is as it was planned."""
    with bureau.site(person) as site:
        record = change_record(site.ledger, change)
        plan = recorded_plan(site.ledger, record)
        names = tuple(each.target for each in plan.taking_part) if plan else ()
        asked = question(site, record, Would(code=Code(files={}), plan=plan, targets=names))
        # The plans of these tests name a made-up content.
        subject = replace(asked.subject, code=plan.code) if asked.subject and plan else asked.subject
        return decide(replace(asked, subject=subject, **more))


def new_policy(bureau: Bureau, **more: Any) -> None:
    """Adopt another policy."""
    with bureau.site("sato") as site:
        adopt_policy(site, policy_of(bureau.keys, **more))


# Asking


def test_what_is_asked_for_is_read_in_the_site_s_zone(bureau: Bureau) -> None:
    text = (
        "work: patch_endpoints\ntitle: 十一月の更新\nreason: 出たから\ntargets: [pc-*]\n"
        "window: {from: 2026-11-21 20:00, until: 2026-11-22}\ninputs: {scope: all}\n"
    )
    with bureau.site("sato") as site:
        change = request_change(site, read_change(site, text, "change.yml"))
        record = change_record(site.ledger, change)
        assert record.document.as_json()["window"] == {
            "from": "2026-11-21T11:00:00.000000Z",
            "until": "2026-11-21T15:00:00.000000Z",
        }
        assert record.requester == "sato"
        assert record.inputs == {**PatchEndpoints().model_dump(mode="json"), "scope": "all"}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (
            "work: patch_endponts",
            f"At work: there is no work 'patch_endponts'. There are: {', '.join(sorted(WORKS))}.",
        ),
        (
            "work: patch_endpoints\ninputs: {scop: all}",
            "At inputs.scop: there is no such field; look for a spelling mistake.",
        ),
        (
            "work: patch_endpoints\ninputs: {scope: everything}",
            "At inputs.scope: it must be one of 'security' or 'all'.",
        ),
        (
            "work: patch_endpoints\ninputs: {reboot_timeout: 1}",
            "At inputs.reboot_timeout: it must be at least 10.",
        ),
    ],
)
def test_inputs_are_judged_by_the_work_s_own_schema(bureau: Bureau, changed: str, said: str) -> None:
    with bureau.site("sato") as site, pytest.raises(DocumentError) as refusal:
        read_change(site, f"{changed}\ntitle: t\nreason: r\ntargets: [pc-1]\n", "change.yml")
    assert str(refusal.value) == f"change.yml cannot be used:\n{said}"


def test_not_everybody_asks(bureau: Bureau) -> None:
    with pytest.raises(NotAllowed) as refusal:
        bureau.request("suzuki")
    assert str(refusal.value) == (
        "suzuki may not request 'patch_endpoints'. The policy in force lists who may: `daicho policy show`."
    )


# Agreeing


def test_an_approval_leads_through_the_gate(bureau: Bureau) -> None:
    planned(bureau)
    assert agree(bureau, "suzuki") is True
    answer = gate(bureau)
    assert isinstance(answer, Permit)
    assert answer.approvers == ("suzuki",)


def test_what_is_irreversible_waits_for_a_second_person(bureau: Bureau) -> None:
    planned(bureau, target_plan("pc-1", inverse=None, irreversible="the old version is gone"))
    assert agree(bureau, "suzuki") is False
    assert (
        str(gate(bureau))
        == "C1 needs 2 approvers and has 1 (suzuki). Others approve with `daicho approve C1`."
    )
    assert agree(bureau, "tanaka") is True
    assert isinstance(gate(bureau), Permit)


def test_a_signature_made_elsewhere_counts_and_openssh_agrees(bureau: Bureau, tmp_path: Path) -> None:
    planned(bureau)
    with bureau.site("suzuki") as site:
        text = to_sign(change_record(site.ledger, "C1"))
    (tmp_path / "text").write_text(text)
    by_hand = ["ssh-keygen", "-q", "-Y", "sign", "-n", NAMESPACE]
    command = [*by_hand, "-f", str(bureau.keys["suzuki"]), str(tmp_path / "text")]
    subprocess.run(command, check=True)
    with bureau.site("suzuki") as site:
        assert approve(site, "C1", signature=(tmp_path / "text.sig").read_text()) is True
        (entry,) = site.ledger.entries(kind="approval.given")
    allowed = tmp_path / "allowed"
    allowed.write_text(f"suzuki {bureau.keys['suzuki'].with_suffix('.pub').read_text()}")
    (tmp_path / "recorded.sig").write_text(entry.body["signature"])
    subprocess.run(
        [
            "ssh-keygen",
            "-Y",
            "verify",
            "-f",
            allowed,
            "-I",
            "suzuki",
            "-n",
            NAMESPACE,
            "-s",
            tmp_path / "recorded.sig",
        ],
        input=entry.body["statement"].encode(),
        check=True,
        capture_output=True,
    )


def test_the_requester_does_not_approve(bureau: Bureau) -> None:
    change = bureau.request("ito")
    bureau.plan(change)
    with pytest.raises(OwnChange) as refusal:
        agree(bureau, "ito")
    assert str(refusal.value) == "ito asked for C1 and cannot approve it. Another person has to."


def test_the_operator_s_approval_does_not_count_and_another_s_still_can(bureau: Bureau) -> None:
    planned(bureau)
    assert agree(bureau, "ito") is True
    assert str(gate(bureau, "ito")).startswith("ito is the requester or the operator")
    assert isinstance(gate(bureau, "sato"), Permit)
    # The quorum was reached; that another approves now must not be refused.
    assert agree(bureau, "suzuki") is True
    assert isinstance(gate(bureau, "ito"), Permit)


@pytest.mark.parametrize(("person", "act"), [("yamada", "approve"), ("sato", "approve")])
def test_not_everybody_approves(bureau: Bureau, person: str, act: str) -> None:
    planned(bureau)
    with pytest.raises(NotAllowed) as refusal:
        agree(bureau, person)
    assert str(refusal.value) == (
        f"{person} may not {act} 'patch_endpoints'. The policy in force lists who may: `daicho policy show`."
    )


def test_nobody_agrees_to_what_nobody_has_seen(bureau: Bureau) -> None:
    bureau.request()
    with pytest.raises(NothingToApprove) as refusal:
        agree(bureau, "suzuki")
    assert (
        str(refusal.value) == "C1 has no plan, so there is nothing to agree to. Make one: `daicho plan C1`."
    )


def test_a_second_signature_of_the_same_person_adds_nothing(bureau: Bureau) -> None:
    planned(bureau)
    agree(bureau, "suzuki")
    with pytest.raises(AlreadyApproved) as refusal:
        agree(bureau, "suzuki")
    assert str(refusal.value) == "suzuki has approved C1 already."


def test_with_another_s_key_nobody_approves(bureau: Bureau) -> None:
    planned(bureau)
    with bureau.site("suzuki") as site:
        head = site.ledger.head()
        with pytest.raises(BadSignature) as refusal:
            approve(site, "C1", key=bureau.keys["tanaka"])
        assert site.ledger.head() == head
    assert str(refusal.value).startswith("The signature does not count as suzuki's: ")
    assert str(refusal.value).endswith(". Nothing was recorded.")


def test_a_signature_under_another_change_is_no_approval(bureau: Bureau) -> None:
    planned(bureau)
    planned(bureau)
    with bureau.site("suzuki") as site:
        text = to_sign(change_record(site.ledger, "C1"))
        signature = sshsig.sign(text.encode(), key=bureau.keys["suzuki"], namespace=NAMESPACE)
        with pytest.raises(BadSignature):
            approve(site, "C2", signature=signature)


def test_without_key_and_signature_it_says_how(bureau: Bureau) -> None:
    planned(bureau)
    with bureau.site("suzuki") as site, pytest.raises(NoKey) as refusal:
        approve(site, "C1")
    assert str(refusal.value) == (
        "Give the key to sign with (`--key FILE`), or a signature made elsewhere (`--signature FILE`)."
    )


def test_a_new_plan_voids_what_was_approved(bureau: Bureau) -> None:
    planned(bureau)
    agree(bureau, "suzuki")
    bureau.plan("C1", target_plan("pc-1"), target_plan("pc-2", after={"package:openssl": "3.0.9"}))
    assert str(gate(bureau)) == (
        "suzuki approved another plan than the one in force. Approve again.\n"
        "C1 needs 1 approver and has 0 (-). Others approve with `daicho approve C1`."
    )
    assert agree(bureau, "suzuki") is True
    assert isinstance(gate(bureau), Permit)


def test_even_the_very_same_plan_needs_a_new_approval(bureau: Bureau) -> None:
    planned(bureau)
    agree(bureau, "suzuki")
    bureau.plan("C1")
    assert "suzuki approved another plan" in str(gate(bureau))


def test_an_approval_that_has_expired_may_be_given_again(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned(bureau)
    agree(bureau, "suzuki")
    later = clock.now() + timedelta(days=15)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert "is older than 14 days. Approve again." in str(gate(bureau, now=later))
    assert agree(bureau, "suzuki") is True
    assert isinstance(gate(bureau, now=later), Permit)


def test_when_a_key_is_revoked_its_owner_approves_again_with_another(bureau: Bureau, tmp_path: Path) -> None:
    planned(bureau)
    agree(bureau, "suzuki")
    sshsig.make_key(tmp_path / "new", "suzuki")
    old, new = (path.with_suffix(".pub").read_text() for path in (bureau.keys["suzuki"], tmp_path / "new"))
    people = policy_of(bureau.keys).as_json()["principals"]
    assert isinstance(people, list)
    people[1]["keys"] = [{"key": old, "revoked": "2026-11-21"}, {"key": new}]
    new_policy(bureau, principals=people)
    assert str(gate(bureau)).startswith(
        "The signature of suzuki does not hold: the key was revoked on 2026-11-21. Approve again."
    )
    with bureau.site("suzuki") as site:
        with pytest.raises(BadSignature, match="the key was revoked on 2026-11-21"):
            approve(site, "C1", key=bureau.keys["suzuki"])
        assert approve(site, "C1", key=tmp_path / "new") is True
    assert isinstance(gate(bureau), Permit)


def test_who_lost_the_right_to_approve_does_not_count_any_more(bureau: Bureau) -> None:
    planned(bureau)
    agree(bureau, "suzuki")
    people = policy_of(bureau.keys).as_json()["principals"]
    assert isinstance(people, list)
    people[1]["may"] = {}
    new_policy(bureau, principals=people)
    assert "suzuki may not approve patch_endpoints." in str(gate(bureau))


def test_a_quorum_that_was_raised_since_is_asked_for(bureau: Bureau) -> None:
    planned(bureau)
    agree(bureau, "suzuki")
    new_policy(bureau, quorum={"normal": 2})
    assert "C1 needs 2 approvers and has 1 (suzuki)." in str(gate(bureau))
    assert agree(bureau, "tanaka") is True
    assert isinstance(gate(bureau), Permit)


@pytest.mark.parametrize("act", ["rejected", "withdrawn"])
def test_what_is_over_is_not_approved(bureau: Bureau, act: str) -> None:
    planned(bureau)
    bureau.record(f"change.{act}", "C1", why="no")
    with pytest.raises(IllegalMove) as refusal:
        agree(bureau, "suzuki")
    assert str(refusal.value) == (
        f"C1 is {act}: approving it is not possible now. `daicho show C1` tells how it stands."
    )


def test_a_standard_pattern_is_approved_before_any_plan(bureau: Bureau) -> None:
    bureau.request(**{"class": "standard", "expires": "2027-03-31"})
    assert agree(bureau, "suzuki") is True
    assert isinstance(gate(bureau, targets=("pc-1",)), Permit)


# Refusing and withdrawing


def close(bureau: Bureau, person: str, act: Any) -> None:
    with bureau.site(person) as site:
        close_change(site, "C1", act, "because")


def test_an_approver_rejects_and_the_requester_withdraws(bureau: Bureau) -> None:
    planned(bureau)
    with pytest.raises(NotAllowed) as refusal:
        close(bureau, "sato", "rejected")
    assert str(refusal.value) == (
        "sato may not approve 'patch_endpoints'. The policy in force lists who may: `daicho policy show`."
    )
    with pytest.raises(NotAllowed) as refusal:
        close(bureau, "suzuki", "withdrawn")
    assert str(refusal.value) == (
        "suzuki may not withdraw 'C1'. The policy in force lists who may: `daicho policy show`."
    )
    close(bureau, "suzuki", "rejected")
    assert str(gate(bureau)).startswith("C1 is rejected. A new request is needed: `daicho request`.")
    with pytest.raises(IllegalMove):
        close(bureau, "sato", "withdrawn")


def test_what_runs_is_neither_rejected_nor_withdrawn(bureau: Bureau) -> None:
    planned(bureau)
    bureau.open_run("C1")
    for person, act in (("suzuki", "rejected"), ("sato", "withdrawn")):
        with pytest.raises(IllegalMove):
            close(bureau, person, act)


# Reviewing an emergency


@pytest.fixture
def emergency(bureau: Bureau) -> Bureau:
    """C1 is an emergency that sato asked for and ito runs as R1."""
    planned(bureau, **{"class": "emergency"})
    bureau.open_run("C1", by="ito")
    return bureau


def look(bureau: Bureau, person: str) -> None:
    with bureau.site(person) as site:
        review(site, "R1", key=bureau.keys[person])


def test_an_emergency_is_reviewed_by_somebody_else_once_it_is_over(emergency: Bureau) -> None:
    with pytest.raises(NothingToReview) as refusal:
        look(emergency, "suzuki")
    assert str(refusal.value) == "R1 needs no review: it is not over."
    emergency.close_run("R1", "C1")
    with pytest.raises(NotAllowed):
        look(emergency, "ito")
    with pytest.raises(NotAllowed):
        look(emergency, "yamada")
    planned(emergency)
    agree(emergency, "suzuki", "C2")
    owed = "ito owes the review of emergency R1. Another person does it: `daicho review R1`."
    assert str(gate(emergency, "ito", "C2")) == owed
    look(emergency, "suzuki")
    assert isinstance(gate(emergency, "ito", "C2"), Permit)
    with pytest.raises(NothingToReview) as refusal:
        look(emergency, "tanaka")
    assert str(refusal.value) == "R1 needs no review: suzuki has reviewed it."


def test_the_requester_of_an_emergency_does_not_review_it(bureau: Bureau) -> None:
    change = bureau.request("ito", **{"class": "emergency"})
    bureau.plan(change)
    bureau.open_run(change, by="sato")
    bureau.close_run("R1", change)
    with pytest.raises(NotAllowed) as refusal:
        look(bureau, "ito")
    assert str(refusal.value) == (
        "ito may not review 'R1'. The policy in force lists who may: `daicho policy show`."
    )


def test_an_emergency_that_went_on_after_its_review_is_reviewed_again(emergency: Bureau) -> None:
    emergency.close_run("R1", "C1", "owing")
    look(emergency, "suzuki")
    emergency.record("run.resumed", "R1", by="ito", change="C1", targets=["pc-1"])
    with pytest.raises(NothingToReview):
        look(emergency, "suzuki")
    emergency.close_run("R1", "C1")
    with emergency.site("sato") as site:
        assert run_record(site.ledger, "R1").reviewed is None
    look(emergency, "suzuki")


def test_the_reviewer_signs_the_very_end_of_the_run(emergency: Bureau) -> None:
    emergency.close_run("R1", "C1")
    with emergency.site("suzuki") as site:
        (closing,) = site.ledger.entries(kind="run.closed")
        assert review_text(site, "R1") == (
            f"daicho review\nchange: R1\ntitle: November's updates\ndigest: sha256:{closing.hash}\n"
        )


def test_what_was_no_emergency_is_not_reviewed(bureau: Bureau) -> None:
    planned(bureau)
    bureau.open_run("C1")
    bureau.close_run("R1", "C1")
    with pytest.raises(NothingToReview) as refusal:
        look(bureau, "suzuki")
    assert str(refusal.value) == "R1 needs no review: it was no emergency."


# Taking back


def ran(
    bureau: Bureau, outcomes: dict[str, Outcome | None], *targets: TargetPlan, begun: bool = True
) -> None:
    """R1 ran C1 with these outcomes; None: begun and never heard of again."""
    planned(bureau, *targets)
    bureau.open_run("C1", list(outcomes))
    for target, outcome in outcomes.items():
        if begun:
            bureau.record("target.intended", "R1", target=target, fingerprint="x")
        if outcome:
            bureau.record("target.outcome", "R1", target=target, outcome=outcome.value, why="")
    bureau.close_run("R1", "C1")


def undo(bureau: Bureau, reason: str = "It was wrong.") -> str:
    with bureau.site("sato") as site:
        return undo_run(site, "R1", reason)


def test_what_changed_or_may_have_changed_is_taken_back(bureau: Bureau) -> None:
    outcomes: dict[str, Outcome | None] = {
        "pc-1": Outcome.CHANGED,
        "pc-2": Outcome.UNCHANGED,
        "pc-3": Outcome.UNKNOWN,
        "pc-4": Outcome.FAILED,
        "pc-5": None,
    }
    ran(bureau, outcomes, *(target_plan(name) for name in outcomes))
    assert undo(bureau) == "C2"
    with bureau.site("sato") as site:
        record = change_record(site.ledger, "C2")
        document = record.document
        assert document.targets == ("pc-1", "pc-3", "pc-4", "pc-5")
        assert (document.undo_of, document.kind) == ("R1", "normal")
        assert document.title == "Take back R1: November's updates"
        assert document.reason == "It was wrong."
        wanted = {"daicho_wanted": {"package:openssl": "3.0.1"}}
        assert taken_back(site, record)["pc-3"] == wanted


def test_what_has_no_way_back_is_named_to_who_approves(bureau: Bureau) -> None:
    lost = target_plan("pc-2", inverse=None, irreversible="gone")
    ran(bureau, {"pc-1": Outcome.CHANGED, "pc-2": Outcome.CHANGED}, target_plan("pc-1"), lost)
    undo(bureau)
    with bureau.site("sato") as site:
        document = change_record(site.ledger, "C2").document
    assert document.targets == ("pc-1",)
    assert document.reason == "It was wrong.\nThere is no way back for 1 of its targets: pc-2."


def test_when_nothing_has_a_way_back_it_says_so(bureau: Bureau) -> None:
    ran(bureau, {"pc-1": Outcome.CHANGED}, target_plan("pc-1", inverse=None, irreversible="gone"))
    with pytest.raises(NothingToUndo) as refusal:
        undo(bureau)
    assert str(refusal.value) == "R1 left nothing that can be taken back: what it changed has no way back."


@pytest.mark.parametrize(
    ("outcome", "begun"), [(Outcome.UNCHANGED, True), (Outcome.DRIFTED, False), (Outcome.UNREACHABLE, False)]
)
def test_what_changed_nothing_is_not_taken_back(bureau: Bureau, outcome: Outcome, begun: bool) -> None:
    in_order = target_plan("pc-1", standing=Standing.IN_ORDER)
    ran(bureau, {"pc-1": outcome}, in_order, begun=begun)
    with pytest.raises(NothingToUndo) as refusal:
        undo(bureau)
    assert str(refusal.value) == "R1 left nothing that can be taken back: it changed nothing."


def test_what_still_runs_is_not_taken_back(bureau: Bureau) -> None:
    planned(bureau)
    bureau.open_run("C1")
    with pytest.raises(NothingToUndo) as refusal:
        undo(bureau)
    assert str(refusal.value) == "R1 left nothing that can be taken back: it is not over."


def test_a_long_title_and_reason_do_not_hinder_an_undo(bureau: Bureau) -> None:
    bureau.request(title="更新" * 92 + " の続き" * 4)
    names = [f"pc-{number:05d}" for number in range(1, 401)]
    bureau.plan(
        "C1",
        target_plan("pc-00000"),
        *(target_plan(name, inverse=None, irreversible="gone") for name in names),
    )
    bureau.open_run("C1", ["pc-00000", *names])
    with bureau.site("sato") as site:
        site.ledger.append(
            *(
                Draft("target.intended", "R1", "sato", {"target": name, "fingerprint": "x"})
                for name in ["pc-00000", *names]
            )
        )
    bureau.close_run("R1", "C1")
    undo(bureau, "x" * 3990)
    with bureau.site("sato") as site:
        document = change_record(site.ledger, "C2").document
    assert len(document.title) <= 200
    assert len(document.reason) <= 4000


def test_who_may_not_ask_does_not_take_back(bureau: Bureau) -> None:
    ran(bureau, {"pc-1": Outcome.CHANGED}, target_plan("pc-1"))
    with bureau.site("suzuki") as site, pytest.raises(NotAllowed):
        undo_run(site, "R1", "because")


# Closing what nobody closed

_LAUNCHER = """
import sys
from pathlib import Path
from daicho.life.orphans import occupied
from daicho.works import WORKS
with occupied(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def launcher(bureau: Bureau) -> subprocess.Popen[str]:
    """A process that holds R1's folder."""
    command = [sys.executable, "-c", _LAUNCHER, str(bureau.folder / "state/runs/R1")]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    return process


def test_a_run_is_closed_once_its_launcher_was_killed_and_not_before(bureau: Bureau) -> None:
    planned(bureau)
    bureau.open_run("C1", ["pc-1", "pc-2", "pc-3"])
    process = launcher(bureau)
    for target in ("pc-1", "pc-2"):
        bureau.record("target.intended", "R1", target=target, fingerprint="x")
    bureau.record("target.outcome", "R1", target="pc-1", outcome="changed", why="")
    with bureau.site("ito") as site:
        assert close_orphans(site) == ()
        with pytest.raises(Occupied) as refusal, occupied(site.settings.runs / "R1"):
            pass
        assert str(refusal.value) == "R1 is being run by another process. Wait for it: `daicho status`."
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        assert close_orphans(site) == ("R1",)
        record = run_record(site.ledger, "R1")
        assert [(each.target, each.outcome) for each in record.targets] == [
            ("pc-1", Outcome.CHANGED),
            ("pc-2", Outcome.UNKNOWN),
            ("pc-3", None),
        ]
        (closing,) = site.ledger.entries(kind="run.closed")
        assert closing.by == "daicho"
        assert closing.body["counts"] == {"changed": 1, "unknown": 1}
        assert closing.body["state"] == "interrupted"
        assert closing.body["complete"] is False
        assert change_record(site.ledger, "C1").state.value == "interrupted"
        assert close_orphans(site) == ()


def test_two_who_find_an_orphan_close_it_once(bureau: Bureau) -> None:
    planned(bureau)
    bureau.open_run("C1")
    with bureau.site("sato") as one, bureau.site("ito") as other:
        assert sorted([*close_orphans(one), *close_orphans(other)]) == ["R1"]
        assert len(list(one.ledger.entries(kind="run.closed"))) == 1


def test_what_was_interrupted_says_how_to_go_on(bureau: Bureau) -> None:
    planned(bureau)
    agree(bureau, "suzuki")
    bureau.open_run("C1")
    with bureau.site("sato") as site:
        close_orphans(site)
    assert str(gate(bureau)) == (
        "The run of C1 was interrupted. See what is unknown with `daicho show C1`, then go on: "
        "`daicho run C1 --resume`."
    )
    answer = gate(bureau, resumes="R1")
    assert isinstance(answer, Permit)
    assert answer.resumes == "R1"


# Who is acting


@pytest.mark.parametrize(
    ("person", "said"),
    [
        (
            None,
            (
                "The account {account!r} may act as sato, suzuki, tanaka, ito, yamada. "
                "Say which: `--as NAME` or DAICHO_AS."
            ),
        ),
        ("nobody", "The account {account!r} may not act as 'nobody'."),
    ],
)
def test_who_acts_has_to_be_clear(bureau: Bureau, person: str | None, said: str) -> None:
    settings = replace(bureau.settings("sato"), person=person)
    with Site.open(settings) as site, pytest.raises(Exception, match="The account") as refusal:
        request_change(site, document_of())
    assert str(refusal.value) == said.format(account=account_name())


def test_refusals_are_refusals() -> None:
    classes = (
        OwnChange,
        AlreadyApproved,
        BadSignature,
        NothingToReview,
        NothingToUndo,
        Occupied,
        IllegalMove,
    )
    assert {cls.exit_code for cls in classes} == {Refused.exit_code}


def test_only_undo_says_what_is_taken_back(bureau: Bureau) -> None:
    text = "work: patch_endpoints\ntitle: x\nreason: y\ntargets: [pc-1]\nundo_of: R1\n"
    with bureau.site("sato") as site, pytest.raises(DocumentError) as refusal:
        read_change(site, text, "change.yml")
    assert str(refusal.value) == "change.yml cannot be used:\nAt undo_of: only `daicho undo RUN` sets it."


def test_a_run_takes_the_next_number_that_nobody_holds(bureau: Bureau) -> None:
    settings = bureau.settings("sato")
    with occupied(settings.runs / "R1"):
        assert free_run(settings, "R1") == "R2"
    assert free_run(settings, "R1") == "R1"
