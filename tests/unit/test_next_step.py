"""What the screens call targets, and what the operator is told to type after a run."""

from __future__ import annotations

import pytest

from daicho.outcome import Outcome
from daicho.plan import Plan, Standing, TargetPlan
from daicho.records.runs import RunRecord, TargetResult
from daicho.report.afterwards import next_step
from daicho.report.nouns import nouns_of
from daicho.works import WORKS

GONE = "A work that is no longer there"


def run(state: str, *names: str, work: str = "reset_passwords") -> RunRecord:
    """A run that changed these."""
    return RunRecord(
        id="R3",
        change="C7",
        work=work,
        kind="normal",
        operator="tanaka",
        opened_at="2027-04-01T00:00:00Z",
        closed_at="2027-04-01T00:01:00Z",
        state=state,
        reviewed=None,
        nonce="",
        targets=tuple(
            TargetResult(target=name, intended=True, outcome=Outcome.CHANGED, why="") for name in names
        ),
    )


def plan(*, back: str = "", stay: str = "") -> Plan:
    """A plan with targets of one letter, with and without a way back."""
    targets = [
        TargetPlan(
            target=name,
            standing=Standing.CHANGES,
            before={"a": 1},
            after={"a": 2},
            inverse={"a": 1} if name in back else None,
        )
        for name in back + stay
    ]
    return Plan(change="C7", number=1, code="", targets=tuple(targets))


@pytest.mark.parametrize(
    ("state", "back", "stay", "said"),
    [
        ("done", "ab", "", "To take it back: `daicho undo R3 --reason WHY`."),
        ("done", "", "ab", "What was changed cannot be taken back."),
        (
            "done",
            "b",
            "a",
            "There is no way back for 1 person; `daicho undo R3 --reason WHY` takes the others back.",
        ),
        (
            "failed",
            "b",
            "acd",
            (
                "What is not there needs a new change. There is no way back for 3 people; "
                "`daicho undo R3 --reason WHY` takes the others back."
            ),
        ),
        (
            "failed",
            "",
            "a",
            (
                "What was changed cannot be taken back. What is not there needs a new change: "
                "`daicho request FILE`."
            ),
        ),
        ("owing", "", "a", "`daicho run C7` tries the owed people again inside the window."),
        ("interrupted", "", "a", "Go on where it stopped: `daicho run C7 --resume`."),
    ],
)
def test_an_undo_is_offered_only_for_what_has_a_way_back(state: str, back: str, stay: str, said: str) -> None:
    assert next_step(run(state, *back, *stay), plan(back=back, stay=stay)) == said


def test_a_run_that_touched_nothing_has_nothing_to_take_back() -> None:
    assert next_step(run("done"), plan(stay="a")) == (
        "Nothing had to be changed, so there is nothing to take back."
    )


def test_targets_are_called_what_they_are() -> None:
    called = {work: nouns_of(work).count(2) for work in [*WORKS, GONE]}
    assert called == {
        **dict.fromkeys(WORKS, "2 people"),
        "allow_device": "2 machines",
        "audit_share_permissions": "2 folders",
        "backup_network_config": "2 devices",
        "change_port": "2 devices",
        "check_connectivity": "2 targets",
        "collect_network_state": "2 devices",
        "configure_network": "2 devices",
        "distribute_accounts": "2 targets",
        "install_network_device": "2 devices",
        "install_printer": "2 devices",
        "install_software": "2 machines",
        "isolate_endpoint": "2 machines",
        "patch_endpoints": "2 machines",
        "read_endpoints": "2 machines",
        "read_page_counts": "2 devices",
        "record_baseline": "2 targets",
        "relocate_printers": "2 devices",
        "relocate_terminals": "2 machines",
        "reprepare_terminal": "2 machines",
        "restore_files": "2 targets",
        "retire_printer": "2 devices",
        "rotate_admin_passwords": "2 machines",
        "select_loan_terminals": "2 machines",
        "set_posix_permissions": "2 machines",
        "set_share_permissions": "2 folders",
        "update_terminals_master": "2 machines",
        "update_virus_definitions": "2 machines",
        GONE: "2 targets",
    }
    assert [nouns_of(work).count(1) for work in ("list_users", "configure_network", GONE)] == [
        "1 person",
        "1 device",
        "1 target",
    ]
