"""Windows updates as operators bring them: the real command, Ansible and WinRM to simulated terminals.

The judges are the terminals' own state and what arrived at them, and the ledger as SQLite reads it.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.network_site import approved, requested
from tests.windows import windows
from tests.windows_desk import asked_and_run, desk_of, entries, planned

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lab.winrm import Windows
    from tests.desk import Desk

pytestmark = [pytest.mark.patient, pytest.mark.timeout(600)]

LCU: Final = "KB5050001"
NET: Final = "KB5049622"
TOOL: Final = "KB890830"
DEFINITIONS: Final = "KB2267602"
MONTHLY: Final = (LCU, NET, TOOL)
BOTH: Final = ("suzuki", "yamada")
"""What Windows cannot remove again needs two who approve."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Windows]:
    with windows(tmp_path / "windows", hosts=5, boot_seconds=0.3) as terminals:
        for name in terminals.names:
            terminals.set(name, {"system.logged_on": ""})
        yield terminals


@pytest.fixture
def desk(world: Windows, tmp_path: Path) -> Desk:
    return desk_of(tmp_path / "desk", world)


def asked(desk: Desk, *names: str, waves: list[Any] | None = None, **inputs: Any) -> str:
    inputs = {"update_timeout": 10, "reboot_timeout": 30} | inputs
    return requested(
        desk, work="patch_endpoints", targets=list(names), inputs=inputs, waves=waves or ["100%"]
    )


def run(desk: Desk, change: str, *options: str) -> tuple[int, dict[str, str], dict[str, str]]:
    """Exit code, how each target ended, and why."""
    done = desk.daicho("run", change, "--yes", "--output", "json", *options, who="tanaka")
    assert done.out, done.err
    ended = done.json["targets"]
    return (
        done.code,
        {each["target"]: each["outcome"] for each in ended},
        {each["target"]: each["why"] for each in ended},
    )


def updates(world: Windows, host: str) -> dict[str, str]:
    """What the terminal itself says of each update."""
    return {each["kb"]: each["state"] for each in world.state(host)["updates"]["offered"]}


def all_of(state: str, *kbs: str) -> dict[str, str]:
    return dict.fromkeys((LCU, NET, TOOL, DEFINITIONS), "wanted") | dict.fromkeys(kbs, state)


def test_each_terminal_gets_what_was_approved_or_says_why_not(desk: Desk, world: Windows) -> None:
    first, user, full, hung, off = world.names
    world.set(user, {"system.logged_on": "AD\\k.tanaka"})
    change = asked(desk, "pc*", waves=[1, "100%"], reboot_notice=1)
    plan = planned(desk, change)
    assert plan[user]["before"] == dict.fromkeys(map("update:{}".format, MONTHLY), "not installed") | {
        "reboot": "not done"
    }
    assert plan[user]["irreversible"] == (
        f"Windows cannot remove {LCU}, {TOOL} again: its servicing stack, or what it brings, stays."
    )
    assert "Somebody is logged on: a restart is announced 1 min ahead." in plan[user]["notes"]
    assert (
        f"{NET}: 2026-11 .NET Framework 3.5 および 4.8.1 の累積更新プログラム (x64) ({NET}), 67 MB"
        in (plan[first]["notes"][0])
    )
    assert all(updates(world, name) == all_of("wanted") for name in world.names)

    for who in BOTH:
        desk.expect("approve", change, "--key", str(desk.key(who)), "--yes", who=who)
    world.fault(full, "update-fails", text=f"{LCU}=0x80070070")
    world.fault(hung, "hang", text="win_updates")
    world.fault(off, "off")
    code, outcomes, why = run(desk, change)

    assert (code, outcomes) == (
        *(4,),
        {first: "changed", user: "changed", full: "failed", hung: "unknown", off: "unreachable"},
    )
    settled = entries(desk, "target.outcome", "R1")
    assert settled.index(user) < settled.index(hung), "it held up the others"
    assert why[full].endswith(
        f": 1 of 3 updates failed on {full}: {LCU}: the disk is full (0x80070070). Installed: {NET}, {TOOL}. "
        "Make room on drive C: (Disk Cleanup is a start), then have it planned again."
    )
    assert why[hung] == (
        f"It is not known how far Windows Update came on {hung}: it was still at work after 10 s and was "
        "told to stop. Have somebody look at it there; then `daicho run CHANGE --resume` looks how far it "
        "came and goes on."
    )
    assert updates(world, first) == updates(world, user) == all_of("installed", *MONTHLY)
    assert updates(world, full) == all_of("pending", NET) | {TOOL: "installed", LCU: "downloaded"}
    assert [world.status(name)["boots"] for name in (first, user, full)] == [1, 1, 0]
    assert world.state(user)["system"]["notices"] == [
        (
            "更新プログラムの適用を完了するため、1 分後に再起動します。作業中のファイルを保存してください。"
            "（情報システム担当 R1）"
        )
    ]
    assert world.state(first)["system"]["notices"] == []

    world.clear(off)
    world.clear(hung)
    code, outcomes, why = run(desk, change)

    assert (outcomes[hung], outcomes[off]) == ("changed", "changed"), why
    assert updates(world, off) == updates(world, hung) == all_of("installed", *MONTHLY)
    assert world.arrived(first).count("ansible.windows.win_updates") == 1
    desk.expect("endpoints", "read", who="tanaka")
    board = desk.expect("compliance", "--output", "json", who="tanaka").out
    assert f'"{off}"' in board
    password = world.world.password.encode()
    kept = desk.state / "keys" / "secrets" / "windows"
    held = [path for path in desk.state.rglob("*") if path.is_file() and password in path.read_bytes()]
    assert held == [kept]


def test_a_controller_that_was_killed_goes_on_and_does_nothing_twice(desk: Desk, world: Windows) -> None:
    first, second = world.names[:2]
    for name in (first, second):
        world.set(name, {"update_runs.seconds": 1.0})
    change = approved(desk, asked(desk, first, second), BOTH)
    running = subprocess.Popen(
        [sys.executable, "-m", "daicho.cli", "run", change, "--yes"],
        cwd=desk.folder,
        env=desk.environment("tanaka"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 30
    while any("ansible.windows.win_updates" not in world.arrived(name) for name in (first, second)):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    running.send_signal(signal.SIGKILL)
    running.wait(timeout=30)

    assert run(desk, change, "--resume")[:2] == (0, {first: "changed", second: "changed"})
    for name in (first, second):
        assert updates(world, name) == all_of("installed", *MONTHLY)
        assert world.status(name)["boots"] == 1
        # What was begun goes on at the machine: it is waited for, neither begun again nor rebooted into.
        assert world.arrived(name).count("ansible.windows.win_updates") == 1
    assert sorted(entries(desk, "target.outcome", "R1")) == sorted([first, second] * 2)


def test_a_terminal_at_which_somebody_installs_is_left_alone_and_stays_owing(
    desk: Desk, world: Windows
) -> None:
    name = world.names[0]
    world.set(name, {"system.pending_reboot": True})
    change = approved(desk, asked(desk, name), BOTH)
    world.set(name, {"update_runs.going_on": 1})

    code, outcomes, why = run(desk, change)

    assert (code, outcomes) == (3, {name: "unreachable"})
    said = "Windows is installing updates there already and did not end within 10 s. Nothing was begun"
    assert said in why[name]
    assert world.status(name)["boots"] == 0
    world.set(name, {"update_runs.going_on": 0})
    assert run(desk, change)[:2] == (0, {name: "changed"})
    assert updates(world, name) == all_of("installed", *MONTHLY)


def test_what_windows_can_remove_is_taken_back(desk: Desk, world: Windows) -> None:
    host = world.names[0]
    change = asked(desk, host, allow=[NET], services=["Spooler"])
    assert asked_and_run(desk, change) == {host: "changed"}
    assert updates(world, host) == all_of("installed", NET)

    undo = desk.expect("undo", "R1", "--reason", "A form does not open.", who="sato").out.split()[0]
    assert asked_and_run(desk, undo) == {host: "changed"}
    assert updates(world, host) == all_of("wanted")
    assert world.status(host)["boots"] == 2


def test_what_windows_cannot_remove_is_not_taken_back(desk: Desk, world: Windows) -> None:
    host = world.names[0]
    assert asked_and_run(desk, asked(desk, host, allow=[TOOL]), by=BOTH) == {host: "changed"}
    refused = desk.daicho("undo", "R1", "--reason", "It finds too much.", who="sato")
    assert refused.code == 5
    assert updates(world, host) == all_of("installed", TOOL)


def test_files_come_ahead_of_the_window_and_are_installed_in_it(desk: Desk, world: Windows) -> None:
    host = world.names[0]
    ahead = asked(desk, host, step="download", allow=[NET])
    assert asked_and_run(desk, ahead, by=BOTH) == {host: "changed"}
    assert updates(world, host) == all_of("downloaded", NET)
    assert world.status(host)["boots"] == 0
    assert asked_and_run(desk, asked(desk, host, allow=[NET], reboot="never")) == {host: "changed"}
    assert updates(world, host) == all_of("pending", NET)
    assert world.status(host)["boots"] == 0


def test_files_in_a_folder_are_installed_without_a_server(desk: Desk, world: Windows) -> None:
    host = world.names[0]
    folder = {"c:\\updates\\": "", f"c:\\updates\\windows10.0-{NET.lower()}-x64.msu": "x" * 1000}
    world.set(host, {"files": {"contents": folder}})
    change = asked(desk, host, source="offline", offline_folder=r"C:\Updates")
    assert asked_and_run(desk, change, by=BOTH) == {host: "changed"}
    assert updates(world, host) == all_of("installed", NET)
    assert "ansible.windows.win_updates" not in world.arrived(host)


def test_what_cannot_be_done_is_told_before_it_is_approved(desk: Desk, world: Windows) -> None:
    full, waiting, deaf, renamed, well = world.names
    world.set(full, {"system.free": 1024**3})
    world.set(waiting, {"system.pending_reboot": True})
    world.fault(deaf, "search-fails", text="0x8024401C")
    world.set(renamed, {"system.name": "pc-99"})
    plan = planned(desk, asked(desk, "pc*", reboot="never"))
    why = {name: each["why"].partition(" would change: ")[2] for name, each in plan.items() if each["why"]}
    assert why == {
        full: "Not enough disk space (0x80070070): about 2,604 MB needed on drive C:, 1,024 "
        "MB free. Make room (Disk Cleanup is a start), then plan again.",
        waiting: "A restart is pending, and Windows installs nothing before it. "
        "Restart the machine, or ask for the change with `reboot: if_required`.",
        deaf: "Windows Update could not say what this machine lacks: the update "
        "server did not answer in time (HTTP 408) (0x8024401C). See to the update server and the way to it, "
        "then run the change again.",
        renamed: f"Under {world.address(renamed)} answers PC-99, not "
        f"{renamed.upper()}. Nothing was done there. Was the machine renamed, or do two items have this "
        "address? Correct the item.",
    }
    assert plan[well]["standing"] == "changes"


def test_what_is_wrong_with_one_terminal_is_its_own_affair(desk: Desk, world: Windows) -> None:
    busy, broken, waiting, stuck, rebooting = world.names
    world.fault(busy, "update-fails", text=f"{NET}=0x80240016", times=1)
    world.fault(broken, "update-fails", text=f"{NET}=0x80073712")
    world.set(waiting, {"system.pending_reboot": True})
    world.fault(stuck, "reboot-never-ends")
    world.fault(rebooting, "reboot-in-task", text="win_updates", times=1)
    change = approved(desk, asked(desk, "pc*", allow=[NET], reboot_timeout=10))
    code, outcomes, why = run(desk, change)

    assert (code, outcomes) == (
        *(4,),
        {busy: "changed", broken: "failed", waiting: "changed", stuck: "unknown", rebooting: "unknown"},
    ), why
    assert why[broken].endswith(
        f"1 of 1 updates failed on {broken}: {NET}: Windows' store of components is damaged (0x80073712). "
        "Repair it there (`DISM /Online /Cleanup-Image /RestoreHealth`), restart it, and have it planned "
        "again."
    )
    assert why[stuck].startswith(
        f"{stuck} has the approved packages and was told to reboot, but did not come back within 10 s ("
    )
    counts = [world.arrived(name).count("ansible.windows.win_updates") for name in (busy, broken)]
    assert counts == [2, 1]
    assert [world.status(name)["boots"] for name in (busy, waiting)] == [1, 2]

    world.clear(stuck)
    world.wait(stuck, up=True)
    world.wait(rebooting, up=True)
    assert run(desk, change)[1] == dict.fromkeys((busy, waiting, stuck, rebooting), "changed") | {
        broken: "failed"
    }
    for name in (busy, waiting, stuck, rebooting):
        assert updates(world, name) == all_of("installed", NET)
