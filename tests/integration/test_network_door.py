"""Changes and backups of network devices as typed commands: through the door, and into the ledger."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, Final

import pytest

from lab.netcli import Plane, loopback_world
from tests.network_site import approved, put, requested, site_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.desk import Desk

pytestmark = pytest.mark.patient

VLAN: Final = "vlan 30\n name SALES\n"
CANARY: Final = "canary-snmp-66d1"


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    world = loopback_world(minute=0.5, password="canary-login-2f0c", secret="canary-enable-9b1e")  # noqa: S106
    with Plane(tmp_path_factory.mktemp("plane"), world, 3, "cisco_ios,yamaha") as plane:
        yield plane


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, plane: Plane) -> Desk:
    desk = site_of(tmp_path_factory.mktemp("site") / "desk", plane)
    desk.expect("secret", "set", "snmp", who="sato", typed=f"{CANARY}\n")
    return desk


def change(desk: Desk, inputs: dict[str, Any], targets: str = "sw*") -> str:
    return requested(desk, work="configure_network", targets=[targets], inputs=inputs)


def run(desk: Desk, name: str, *words: str) -> Any:
    desk.daicho("run", name, "--yes", *words, who="tanaka")
    newest = desk.expect("show", name, "--output", "json", who="tanaka").json["runs"][-1]
    return desk.expect("show", newest, "--output", "json", who="tanaka").json


def git(desk: Desk, *words: str) -> str:
    folder = str(desk.state / "configurations")
    return subprocess.run(["git", "-C", folder, *words], capture_output=True, text=True, check=True).stdout


def outcomes(report: Any) -> dict[str, str]:
    return {each["target"]: each["outcome"] for each in report["targets"]}


def test_what_is_approved_is_sent_and_kept_and_no_secret_is_told(desk: Desk, plane: Plane) -> None:
    lines = f"snmp-server community {{{{ secret('snmp') }}}} RO\n{VLAN}"
    name = change(desk, {"lines": {"cisco_ios": lines}})
    done = desk.expect("plan", name, who="sato")
    assert "  snmp-server community <secret " in done.out
    desk.expect("approve", name, "--key", str(desk.key("suzuki")), "--yes", who="suzuki")
    report = run(desk, name)
    assert outcomes(report) == {"sw0001": "changed", "sw0003": "changed"}
    for device in ("sw0001", "sw0003"):
        assert f"snmp-server community {CANARY} RO\n" in plane.startup(device)
    kept = git(desk, "log", "-1", "--format=%an: %B").rstrip().split("\n\n")
    assert kept == [
        f"Tanaka Minoru: {report['run']}: a change",
        "sw0001\nsw0003",
        f"Daicho-Run: {report['run']}\nDaicho-Change: {name}",
    ]
    assert CANARY in git(desk, "show", "HEAD:sw0001.cfg")
    canaries = (CANARY, plane.world.password, plane.world.secret)
    written = [path for path in desk.folder.rglob("*") if path.is_file()]
    allowed = {desk.state / "keys", desk.state / "configurations"}
    found = [
        str(path)
        for path in written
        if not allowed & set(path.parents)
        and any(canary.encode() in path.read_bytes() for canary in canaries)
    ]
    assert found == []
    assert not any(canary in f"{done.out}{done.err}{report}" for canary in canaries)


def test_a_controller_that_is_killed_among_the_lines_goes_on_as_the_same_run(
    desk: Desk, plane: Plane
) -> None:
    name = approved(desk, change(desk, {"lines": {"cisco_ios": "vlan 31\n name NEW\n"}}, "sw0003"))
    before = plane.running("sw0003")
    plane.fault("sw0003", "slow-echo", seconds=0.05)
    words = [sys.executable, "-m", "daicho.cli", "run", name, "--yes"]
    started = subprocess.Popen(
        words,
        cwd=desk.folder,
        env=desk.environment("tanaka"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until = time.monotonic() + 20
    typed = len(plane.typed("sw0003"))
    while "vlan 31" not in plane.typed("sw0003")[typed:] and time.monotonic() < until:
        time.sleep(0.01)
    os.kill(started.pid, signal.SIGKILL)
    started.wait()
    plane.clear("sw0003")
    plane.wait("sw0003", timers={}, timeout=20)
    assert plane.running("sw0003") == before
    assert desk.expect("status", "--output", "json", who="tanaka").json  # closes what nobody closed
    assert outcomes(run(desk, name, "--resume")) == {"sw0003": "changed"}
    assert "vlan 31\n name NEW\n" in plane.startup("sw0003")


def test_somebody_else_was_there_between_plan_and_run(desk: Desk, plane: Plane) -> None:
    lines = "interface GigabitEthernet0/3\n description Sales\n"
    name = approved(desk, change(desk, {"lines": {"all": lines}}))
    plane.edit("sw0001", ["interface GigabitEthernet0/3", "shutdown"])
    plane.save("sw0001")
    report = run(desk, name)
    assert outcomes(report) == {"sw0001": "drifted", "sw0003": "changed"}
    why = next(each["why"] for each in report["targets"] if each["target"] == "sw0001")
    assert why == "line:interface GigabitEthernet0/3 | shutdown: None → shutdown"


def test_a_check_that_fails_takes_the_device_back_and_the_ledger_says_so(desk: Desk, plane: Plane) -> None:
    inputs = {
        "lines": {"all": "interface GigabitEthernet0/25\n description upwards\n"},
        "checks": [{"reach": "203.0.113.9"}],
        "keep": ["interfaces", "neighbours"],
        "settle": 0,
    }
    before = plane.running("sw0001")
    report = run(desk, approved(desk, change(desk, inputs, "sw0001")))
    assert [(each["outcome"], each["why"]) for each in report["targets"]] == [
        (
            "failed",
            (
                "configure_network: sw0001 took the lines, but it does not reach 203.0.113.9. "
                "It has its old configuration again."
            ),
        )
    ]
    assert plane.running("sw0001") == before == plane.startup("sw0001")


def test_everything_that_speaks_against_a_change_is_said_at_once(desk: Desk) -> None:
    put(desk, "templates/sales/cisco_ios.j2", "vlan {{ number }}\n name {{ name }}\n")
    name = change(desk, {"template": "sales", "data": {"name": "SALES"}}, "*")
    found = desk.daicho("plan", name, "--output", "json", who="sato").json["plan"]["targets"]
    assert {each["target"]: each["why"] for each in found} == {
        "rtx0002": (
            "configure_network: What rtx0002 should be configured to do cannot be written down:\n"
            "There is no template sales for the platform yamaha."
        ),
        **{
            sw: f"configure_network: What {sw} should be configured to do cannot be written down:\n"
            "number is not defined"
            for sw in ("sw0001", "sw0003")
        },
    }


def test_a_backup_keeps_what_is_different_and_names_what_is_not_saved(desk: Desk, plane: Plane) -> None:
    desk.daicho("network", "backup", who="tanaka")
    plane.edit("rtx0002", ["description lan1 geaendert"])
    plane.edit("sw0001", ["interface GigabitEthernet0/9", "description nobody saved this"])
    done = desk.daicho("network", "backup", "--output", "json", who="tanaka")
    assert (done.code, done.json["unsaved"]) == (4, ["sw0001"])
    assert list(done.json["changed"]) == ["rtx0002", "sw0001"]
    assert "+description lan1 geaendert" in git(desk, "show")
    said = f"Tanaka Minoru|{done.json['check']}: backup_network_config\n"
    assert git(desk, "show", "-s", "--format=%an|%s") == said
    plane.save("sw0001")
    plane.fault("sw0003", "power-off")
    done = desk.daicho("network", "backup", "--output", "json", who="tanaka")
    plane.clear("sw0003")
    assert (done.code, done.json["commit"], list(done.json["unread"])) == (3, None, ["sw0003"])
    assert "sw0003 did not open an SSH session on 127.77.0.3 (" in done.json["unread"]["sw0003"]


def test_a_playbook_enters_the_same_core(desk: Desk, plane: Plane) -> None:
    lines = "interface GigabitEthernet0/7\n description by Ansible\n"
    name = approved(desk, change(desk, {"lines": {"cisco_ios": lines}, "through": "ansible"}))
    plane.fault("sw0003", "refuse", text="description by")
    report = run(desk, name)
    plane.clear("sw0003")
    assert outcomes(report) == {"sw0001": "changed", "sw0003": "failed"}
    why = next(each["why"] for each in report["targets"] if each["target"] == "sw0003")
    assert why == (
        "Name the devices that are not as approved: sw0003 refused `description by Ansible`: "
        "% Invalid input detected at '^' marker. It has its old configuration again."
    )
    assert "description by Ansible" in plane.startup("sw0001")
