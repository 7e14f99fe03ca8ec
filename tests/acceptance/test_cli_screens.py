"""Screens that would need hundreds of machines, or a terminal: drawn from the core's objects."""

from __future__ import annotations

import io
import time

import pytest
from rich.console import Console

from daicho.change import ChangeDocument
from daicho.plan import Plan, Standing, TargetPlan
from daicho.policy import Policy
from daicho.report.planned import PlanScreen
from daicho.report.progress import watching
from daicho.report.words import kind_text, share

POLICY = Policy.model_validate({"site": "s", "principals": [{"name": "sato"}]})
DOCUMENT = ChangeDocument(work="patch_endpoints", title="t", reason="r", targets=("pc-*",))
RED = "\x1b[1;31m"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


WHY = "The archive no longer offers openssl 3.0.1: there is nothing to go back to."
NOTES = ("openssl: 3.0.1 → 3.0.2 (security, stable-security)", "A reboot is already required, by kernel.")


def target(number: int, *, back: bool = True) -> TargetPlan:
    return TargetPlan(
        target=f"pc-{number:05}",
        standing=Standing.CHANGES,
        before={"package:openssl": "3.0.1", "reboot": "not done"},
        after={"package:openssl": "3.0.2", "reboot": "if required"},
        inverse={"package:openssl": "3.0.1"} if back else None,
        irreversible="" if back else WHY,
        notes=NOTES,
    )


def drawn(*targets: TargetPlan, colour: bool = False, document: ChangeDocument = DOCUMENT) -> str:
    plan = Plan(change="C1", number=1, code="sha256:0", targets=targets)
    console = Console(
        file=io.StringIO(), width=200, force_terminal=colour, color_system="standard" if colour else None
    )
    with console.capture() as captured:
        console.print(PlanScreen(plan=plan, document=document, policy=POLICY).screen(), markup=False)
    return captured.get()


def test_what_cannot_be_taken_back_is_red_and_says_why() -> None:
    shown = drawn(target(1), target(2, back=False), colour=True)
    assert f"{RED}  pc-00002: {WHY}\x1b[0m" in shown
    assert f"{RED}NO: {WHY}\x1b[0m" in shown
    assert "Cannot be taken back on 1 machine" in shown
    assert "It can be taken back on every machine" not in shown


def test_who_did_not_answer_is_named_with_the_reason_and_not_counted_in() -> None:
    silent = TargetPlan(
        target="pc-00002",
        standing=Standing.UNREACHABLE,
        why='Look: Task failed: Data could not be sent to remote host "x". Make sure this host can be '
        "reached over ssh: ssh: connect to host x port 22: No route to host",
    )
    shown = drawn(target(1), silent)
    assert "on:    1 machine of 2 machines\n" not in shown
    assert "on:    1 of 2 machines\n" in shown
    assert (
        "Not part of it, and still owing: 1 machine that could not be looked at\n"
        "  pc-00002: did not answer (ssh: connect to host x port 22: No route to host)\n"
    ) in shown


SILENT = TargetPlan(target="pc-00009", standing=Standing.UNREACHABLE, why="it is off")
ORDERLY = TargetPlan(target="pc-00008", standing=Standing.IN_ORDER)


@pytest.mark.parametrize(
    ("targets", "said"),
    [
        ([ORDERLY], "Nothing: every machine is already in order."),
        ([SILENT], "Nothing could be planned: no target could be read."),
        ([ORDERLY, SILENT], "Nothing: what could be read is already in order; 1 machine could not be read."),
    ],
)
def test_who_could_not_be_read_is_not_in_order(targets: list[TargetPlan], said: str) -> None:
    assert f"What will change\n{said}\n" in drawn(*targets)


def test_a_person_who_could_not_be_read_is_not_in_order() -> None:
    moves = DOCUMENT.model_copy(update={"work": "transfer_users"})
    assert "What will change\nNothing could be planned: no target could be read.\n" in drawn(
        SILENT, document=moves
    )
    assert "What will change\nNothing: everybody is already in order.\n" in drawn(ORDERLY, document=moves)


def test_twelve_thousand_machines_are_summed_up_in_moments() -> None:
    targets = [target(number) for number in range(12_000)]
    started = time.process_time()
    shown = drawn(*targets)
    assert time.process_time() - started < 3
    lines = [" ".join(line.split()) for line in shown.splitlines()]
    assert "package openssl 3.0.1 3.0.2 12000 all security, stable-security" in lines
    assert "restart of the machine not done if required 12000 all" in lines
    assert "A reboot is already required, by kernel. (12000 machines)" in lines
    assert "... and 11900 more; `--output csv` lists all of them" in lines


def test_an_emergency_is_red() -> None:
    assert str(kind_text("emergency").style) == "bold red reverse"
    assert str(kind_text("normal").style) == ""


@pytest.mark.parametrize(("part", "said"), [(11, "91.6 %"), (12, "100.0 %"), (0, "0.0 %")])
def test_the_compliance_figure_is_never_rounded_up(part: int, said: str) -> None:
    assert share(part, 12) == said
    assert share(11_999, 12_000) == "99.9 %"


def test_a_terminal_sees_counts_and_reasons_move() -> None:
    stream = Terminal()
    with watching(stream) as watch:
        watch.phase("wave 1 of 2", 2)
        watch.task("role : Debian | Bring the approved packages")
        watch.target("pc-1", "changed", "")
        watch.target("pc-2", "failed", "the disk is full")
        watch.phase("wave 2 of 2", 1)
    text = stream.getvalue()
    for said in ("  pc-2: failed (the disk is full)", "wave 1 of 2: 1 changed, 1 failed"):
        assert said in text
