"""Whether a run did what a rule may ask for, from the entries of the task that does it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from daicho.ledger.entry import ZEROS, Draft, Entry, compose
from daicho.report.carried import carried
from daicho.works import WORKS

TASK = "patch_endpoints : Apply | Reboot and wait"
ROLES = Path(__file__).parents[2] / "roles"


def entry(kind: str, task: str = TASK, **body: object) -> Entry:
    draft = Draft(kind=f"task.{kind}", of="R1", by="tanaka", body={"task": task, **body})
    return compose(draft, 1, ZEROS, datetime(2026, 11, 21, tzinfo=UTC))


def told(*entries: Entry) -> list[bool | None]:
    found = carried(entries, WORKS["patch_endpoints"].tells)["reboot"]
    return [found.out(name) for name in ("ep01", "ep02")]


def test_who_was_restarted_and_who_needed_none() -> None:
    other = entry("ended", "patch_endpoints : Apply | Bring the approved packages", changed=["ep02"])
    ended = entry("ended", ok=0, changed=["ep01"], skipped=["ep02"])
    assert told(entry("started"), ended, other) == [True, False]


def test_without_the_task_nothing_was_restarted() -> None:
    assert told() == [False, False]


def test_nobody_can_tell_of_an_attempt_that_ended_in_the_middle() -> None:
    again = (entry("started"), entry("ended", ok=0, changed=["ep02"], skipped=["ep01"]))
    assert told(entry("started"), *again) == [None, True]


def test_nobody_can_tell_of_a_machine_that_did_not_come_back() -> None:
    lost = entry("ended", ok=0, unreachable={"ep01": "no answer"}, skipped=["ep02"])
    again = (entry("started"), entry("ended", ok=0, skipped=["ep01"]))
    assert told(entry("started"), lost, *again) == [None, False]


def test_the_tasks_that_tell_are_in_the_roles() -> None:
    for work in WORKS.values():
        written = "".join(
            file.read_text("utf-8") for file in ROLES.joinpath(work.name).glob("tasks/**/*.yml")
        )
        for task in work.tells.values():
            assert f"- name: {task}\n" in written
