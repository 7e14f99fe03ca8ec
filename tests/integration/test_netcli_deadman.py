"""Simulated devices lose the way to their operators as real ones do, and find it again by what was armed."""

from __future__ import annotations

import re
import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import pytest
from netmiko.exceptions import NetmikoTimeoutException
from paramiko.ssh_exception import SSHException

from lab.netcli.plane import EVERYBODY
from tests.devices import hang_up, login, plane_of, talking, type_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lab.netcli import Plane
    from lab.netcli.device import Device

CUTS: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "cisco_ios": (
        ("interface GigabitEthernet0/25", "shutdown"),
        ("interface GigabitEthernet0/25", "switchport trunk allowed vlan remove 99"),
        ("no vlan 99",),
        ("interface Vlan99", "no ip address"),
        ("no ip default-gateway",),
    ),
    "alaxala_ax36s": (
        ("interface gigabitethernet 0/25", "switchport trunk allowed vlan 10,20"),
        ("no vlan 99",),
        ("interface vlan 99", "shutdown"),
    ),
    "nec_ix": (
        ("interface GigaEthernet0.0", "shutdown"),
        ("interface GigaEthernet0.0", "no ip address"),
        ("no ip route default",),
    ),
    "yamaha": (
        ("no ip lan1 address",),
        ("lan shutdown lan1",),
        ("ip filter 1001 reject * * tcp * 22",),
    ),
    "apresia_aeos": (
        ("interface port 1/25", "switchport trunk remove 99"),
        ("interface vlan 99", "shutdown"),
        ("no ip default-gateway",),
    ),
}
DOORS: Final[dict[str, tuple[str, ...]]] = {
    "cisco_ios": (
        "ip access-list standard OPERATORS",
        "no permit 127.0.0.0 0.0.0.255",
        "permit host 192.0.2.1",
    ),
    "alaxala_ax36s": ("ip access-list standard OPERATORS", "no 10", "10 permit host 192.0.2.1"),
    "nec_ix": ("no ssh-server ip enable",),
    "yamaha": ("sshd host 192.0.2.1",),
    "apresia_aeos": ("no ssh server enable",),
}


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    yield from plane_of(tmp_path_factory.mktemp("plane"), 20, EVERYBODY)


def take(plane: Plane, platform: str, number: int) -> Device:
    """Each test its own device."""
    return list(plane.of(platform))[number]


def refused(plane: Plane, device: Device) -> bool:
    try:
        hang_up(login(plane, device))
    except (NetmikoTimeoutException, SSHException, OSError, EOFError):  # paramiko's ways to say: reset
        return True
    return False


@pytest.mark.parametrize("platform", sorted(CUTS))
def test_who_cuts_the_branch_he_sits_on_falls(plane: Plane, platform: str) -> None:
    device = take(plane, platform, 0)
    before = plane.running(device.name)
    for lines in CUTS[platform]:
        with talking(plane, device) as session:
            type_lines(session, lines)
            found = plane.wait(device.name, sessions=0)
            assert found["lost"], lines
            assert refused(plane, device), lines
        plane.fault(device.name, "reboot")
        plane.wait(device.name, up=True, lost="")
        assert plane.running(device.name) == before


@pytest.mark.parametrize("platform", sorted(DOORS))
def test_a_closed_door_keeps_new_sessions_out_and_leaves_the_old_one(plane: Plane, platform: str) -> None:
    device = take(plane, platform, 1)
    with talking(plane, device) as session:
        before = plane.running(device.name)
        type_lines(session, DOORS[platform])
        plane.wait(device.name, unsaved=True)
        time.sleep(0.1)
        assert plane.running(device.name) != before
        assert refused(plane, device)
        assert session.find_prompt()
    plane.fault(device.name, "reboot")
    plane.wait(device.name, up=True, boots=1)
    assert not refused(plane, device)


def test_ios_goes_back_when_nobody_confirms(plane: Plane) -> None:
    device = take(plane, "cisco_ios", 3)
    before = plane.running(device.name)
    with talking(plane, device) as session:
        session.enable()
        session.write_channel("configure terminal revert timer 1\r")
        session.read_until_pattern(r"\(config\)#")
        session.write_channel("interface GigabitEthernet0/25\rshutdown\r")
        plane.wait(device.name, sessions=0)
        assert refused(plane, device)
    plane.wait(device.name, lost="", timers={})
    assert plane.running(device.name) == before
    assert plane.status(device.name)["boots"] == 0
    with talking(plane, device) as session:
        session.enable()
        session.write_channel("configure terminal revert timer 1\rvlan 30\rend\rconfigure confirm\r")
        plane.wait(device.name, timers={}, timeout=0.9)
        assert session.send_command("show archive config rollback timer") == (
            "%No Rollback Confirmed Change pending"
        )
        assert "vlan 30\n" in plane.running(device.name)


@pytest.mark.patient
@pytest.mark.parametrize("platform", ["cisco_ios", "nec_ix", "apresia_aeos"])
def test_a_scheduled_restart_comes_and_can_be_called_off(plane: Plane, platform: str) -> None:
    device = take(plane, platform, 2)
    before, boots = plane.startup(device.name), plane.status(device.name)["boots"]
    yes = {"cisco_ios": "", "nec_ix": "yes", "apresia_aeos": "y"}[platform]
    question = {"cisco_ios": r"\[confirm\]", "nec_ix": r"\(Yes or \[No\]\): ", "apresia_aeos": r"\(y/n\): "}
    with talking(plane, device) as session:
        session.enable()
        if platform == "nec_ix":
            session.config_mode()
        for answered in ("cancel", "wait"):
            session.write_channel("reload in 2\r")
            if platform == "cisco_ios" and plane.status(device.name)["unsaved"]:
                session.read_until_pattern(r"\[yes/no\]: ")
                session.write_channel("no\r")
            session.read_until_pattern(question[platform])
            session.write_channel(f"{yes}\r")
            plane.wait(device.name, timeout=1, up=True)
            session.read_until_pattern("[>#] ?$")
            assert list(plane.status(device.name)["timers"]) == ["reload"]
            if answered == "cancel":
                session.send_command_timing("reload cancel")
                assert plane.status(device.name)["timers"] == {}
        plane.edit(device.name, ["hostname other"])
        plane.wait(device.name, boots=boots + 1)
    assert plane.running(device.name) == before


def test_yamaha_restarts_at_a_time_of_its_own_clock(plane: Plane) -> None:
    device = take(plane, "yamaha", 2)
    before = plane.startup(device.name)
    with talking(plane, device) as session:
        session.enable()
        shown = session.send_command("show environment")
        assert isinstance(shown, str)
        found = re.search(r"Current time: (\S+ \S+) ", shown)
        assert found
        due = datetime.strptime(found[1], "%Y/%m/%d %H:%M:%S") + timedelta(minutes=2)  # noqa: DTZ007 - its own
        type_lines(session, [f"schedule at 9 {due:%H:%M} * restart", "no ip lan1 address"])
        plane.wait(device.name, boots=1)
    assert plane.running(device.name) == before


def test_yamaha_restarts_again_if_the_schedule_was_saved(plane: Plane) -> None:
    device = take(plane, "yamaha", 3)
    plane.edit(device.name, ["schedule at 9 */* 12:00 * restart"])
    plane.save(device.name)
    assert plane.status(device.name)["timers"] == {}
    plane.fault(device.name, "reboot")
    plane.wait(device.name, boots=1)
    assert list(plane.status(device.name)["timers"]) == ["schedule 9"]


def test_alaxala_knows_no_scheduled_restart(plane: Plane) -> None:
    device = take(plane, "alaxala_ax36s", 2)
    with talking(plane, device) as session:
        session.enable()
        said = session.send_command("reload in 5")
        assert said == "reload in 5\n       ^\n% illegal parameter at '^' marker"
