"""The way of a change as the people on it type it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.desk import Desk


def test_request_prints_the_name_as_data_and_the_next_step_as_talk(desk: Desk) -> None:
    done = desk.daicho("request", "change.yml", who="sato")
    assert (done.code, done.out) == (0, "C1\n")
    assert done.err == "C1 is asked for: A line for every target\nNext: `daicho plan C1`\n"


def test_nobody_may_run_what_nobody_approved(desk: Desk) -> None:
    desk.planned()
    done = desk.daicho("run", "C1", who="tanaka")
    assert (done.code, done.out) == (5, "")
    assert done.err == ("daicho: refused:\n  - Nobody has approved C1. Ask for it: `daicho approve C1`.\n")
    assert desk.expect("ledger", "log", "--kind", "run.", "--output", "json").json[0]["kind"] == "run.refused"


def test_the_refusal_names_every_cause_on_its_own_line(desk: Desk) -> None:
    desk.requested()
    done = desk.daicho("run", "C1", who="suzuki")
    assert done.code == 5
    assert done.err == (
        "daicho: refused:\n"
        "  - C1 has no plan. Make one: `daicho plan C1`.\n"
        "  - suzuki may not operate patch_endpoints. The policy lists who may: `daicho policy show`.\n"
    )


def test_approve_shows_the_plan_asks_and_signs_only_on_a_typed_yes(desk: Desk) -> None:
    desk.planned()
    key = str(desk.key("suzuki"))
    said_no = desk.daicho("approve", "C1", "--key", key, who="suzuki", typed="y\n")
    assert (said_no.code, said_no.out) == (5, "")
    assert said_no.err.endswith(
        "Do you agree to exactly this? Type yes: daicho: The answer was not `yes`, so nothing was done. "
        "Where nobody can be asked, add --yes.\n"
    )
    said_yes = desk.daicho("approve", "C1", "--key", key, who="suzuki", typed="yes\n")
    assert (said_yes.code, said_yes.out) == (0, "C1: approved by suzuki (1 of 1).\n")
    assert "What will change\n" in said_yes.err
    assert said_yes.err.endswith("Type yes: Next: `daicho run C1`\n")


def test_an_approval_that_cannot_count_is_refused_before_the_question(desk: Desk) -> None:
    desk.planned()
    for who in ("yamada", "sato"):
        done = desk.daicho("approve", "C1", "--key", str(desk.key(who)), who=who)
        assert (done.code, done.err) == (
            5,
            (
                f"daicho: {who} may not approve 'patch_endpoints'. "
                "The policy in force lists who may: `daicho policy show`.\n"
            ),
        )


def test_a_key_that_is_not_the_approvers_does_not_count(desk: Desk) -> None:
    desk.planned()
    done = desk.daicho("approve", "C1", "--key", str(desk.key("yamada")), "--yes", who="suzuki")
    assert done.code == 5
    assert "The signature does not count as suzuki's" in done.err
    assert desk.expect("show", "C1", "--output", "json").json["state"] == "planned"


def test_a_signature_made_by_plain_ssh_keygen_counts(desk: Desk) -> None:
    desk.planned()
    text = desk.expect("show", "C1", "--to-sign").out
    assert text.startswith("daicho approve\nchange: C1\ntitle: A line for every target\ndigest: sha256:")
    sign = ["ssh-keygen", "-q", "-Y", "sign", "-n", "daicho-approval", "-f", str(desk.key("suzuki"))]
    made = subprocess.run(sign, input=text, capture_output=True, text=True, check=True).stdout
    (desk.folder / "C1.sig").write_text(made, encoding="ascii")
    done = desk.daicho("approve", "C1", "--signature", "C1.sig", "--yes", who="suzuki")
    assert (done.code, done.out) == (0, "C1: approved by suzuki (1 of 1).\n")


def test_run_tells_machine_by_machine_and_ends_with_the_figure(desk: Desk) -> None:
    desk.approved()
    done = desk.daicho("run", "c1", who="tanaka", typed="yes\n")
    assert done.code == 0
    assert done.out == (
        "R1  A line for every target  [done]\n"
        "\n"
        "machine   outcome   what\n"
        "────────────────────────\n"
        "pc-1      changed   line\n"
        "pc-2      changed   line\n"
        "\n"
        "2 of 2 machines as approved (100.0 %)\n"
        "\n"
        "To take it back: `daicho undo R1 --reason WHY`.\n"
        "What was changed on which machine: `daicho show R1`.\n"
    )
    assert done.err.endswith(
        "Run C1 now? Type yes: wave 1 of 2: 1 machine\n  pc-1: changed\n"
        "wave 2 of 2: 1 machine\n  pc-2: changed\n"
    )


def test_a_run_that_changed_nothing_offers_no_way_back(desk: Desk) -> None:
    desk.expect("run", desk.approved(), "--yes", who="tanaka")
    desk.expect("run", desk.approved(), "--yes", who="tanaka")
    assert desk.expect("show", "R2").out.endswith(
        "2 of 2 machines as approved (100.0 %)\n\n"
        "Nothing had to be changed, so there is nothing to take back.\n"
    )
    assert desk.expect("show", "C2").out.endswith(
        "Done; nothing had to be changed. What was looked at: `daicho show R2`\n"
    )
    assert desk.daicho("undo", "R2", "--reason", "try", who="sato").err == (
        "daicho: R2 left nothing that can be taken back: it changed nothing.\n"
    )


def test_a_machine_that_fails_makes_exit_4_and_is_named_with_its_reason(desk: Desk) -> None:
    desk.approved()
    (desk.folder / "fail" / "pc-2").touch()
    done = desk.daicho("run", "C1", "--yes", who="tanaka")
    assert done.code == 4
    assert (
        "1 of 2 machines as approved (50.0 %)\n"
        "not there:\n"
        "  pc-2: failed Fail where the test wants it: pc-2 was told to fail\n"
    ) in done.out


def test_a_machine_that_drifted_is_left_alone(desk: Desk) -> None:
    desk.approved()
    (desk.folder / "effects" / "pc-2").write_text("hand 2026-11-21T00:00:00Z\n", encoding="ascii")
    done = desk.daicho("run", "C1", "--yes", who="tanaka")
    assert done.code == 4
    assert "  pc-2: drifted line: none → hand\n" in done.out
    assert (desk.folder / "effects" / "pc-2").read_text(encoding="ascii") == "hand 2026-11-21T00:00:00Z\n"


def test_undo_is_a_new_change_of_what_the_run_changed(desk: Desk) -> None:
    desk.expect("run", desk.approved(), "--yes", who="tanaka")
    done = desk.daicho("undo", "R1", "--reason", "it was a test", "--output", "json", who="sato")
    assert done.json == {"change": "C2", "undo_of": "R1", "targets": ["pc-1", "pc-2"]}
    shown = desk.expect("show", "C2").out
    assert "C2  Take back R1: A line for every target  [draft]\n" in shown
    assert "takes back  R1\n" in shown


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_interrupted_run_is_closed_and_can_be_resumed(desk: Desk, number: signal.Signals) -> None:
    change = desk.approved()
    (desk.folder / "slow").write_text("20", encoding="ascii")
    process = subprocess.Popen(
        [sys.executable, "-m", "daicho.cli", "run", change, "--yes"],
        cwd=desk.folder,
        env=desk.environment("tanaka"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    end = time.monotonic() + 60
    while not (desk.folder / "begun").exists():
        assert time.monotonic() < end
        assert process.poll() is None
        time.sleep(0.05)
    os.kill(process.pid, number)
    _out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.endswith(
        "R1 was interrupted and is closed as such. Go on with it: `daicho run C1 --resume`\n"
        "\n"
        "daicho: interrupted\n"
    )
    assert desk.expect("show", "R1", "--output", "json").json["state"] == "interrupted"
    (desk.folder / "slow").write_text("0", encoding="ascii")
    again = desk.daicho("run", change, "--resume", "--yes", who="tanaka")
    assert (again.code, "2 of 2 machines as approved (100.0 %)" in again.out) == (0, True)


def test_an_emergency_is_run_without_approval_and_reviewed_by_another(desk: Desk) -> None:
    document = (
        "work: patch_endpoints\ntitle: A hole is open\nreason: CERT\nclass: emergency\ntargets: [pc-1]\n"
    )
    asked = desk.daicho("request", "-", who="tanaka", typed=document)
    assert asked.err == (
        "C1 is asked for: A hole is open\n"
        "EMERGENCY: it can run at once and must be reviewed by another person afterwards.\n"
        "Next: `daicho run C1`\n"
    )
    ran = desk.daicho("run", "C1", "--yes", who="tanaka")
    assert ran.code == 0
    assert "EMERGENCY: run without approval; the review is owed\n" in ran.out
    owed = "R1 was an emergency and nobody has reviewed it: `daicho review R1 --key FILE`\n"
    assert desk.expect("status").err == owed
    done = desk.daicho("review", "R1", "--key", str(desk.key("suzuki")), "--yes", who="suzuki")
    assert (done.code, done.out) == (0, "R1: reviewed by suzuki.\n")
    assert desk.expect("status").err == ""
    assert "approved by  nobody: it was an emergency\n" in desk.expect("show", "R1").out


def test_reject_and_withdraw_keep_their_reason(desk: Desk) -> None:
    desk.requested()
    desk.requested()
    rejected = desk.daicho("reject", "C1", "--why", "not now", who="suzuki")
    assert (rejected.code, rejected.out) == (0, "C1 is rejected: not now\n")
    withdrawn = desk.daicho("withdraw", "C2", "--why", "asked twice", who="sato")
    assert (withdrawn.code, withdrawn.out) == (0, "C2 is withdrawn: asked twice\n")
    assert "  rejected by Suzuki Ichiro (suzuki): not now\n" in desk.expect("show", "C1").out
    again = desk.daicho("withdraw", "C2", "--why", "again", who="sato")
    assert (again.code, again.err) == (
        5,
        (
            "daicho: C2 is withdrawn: withdrawing it is not possible now. "
            "`daicho show C2` tells how it stands.\n"
        ),
    )
