"""Simulated devices misbehave when they are told to, and answer everybody as real ones would."""

from __future__ import annotations

import subprocess
import time
from typing import TYPE_CHECKING, Final

import pytest
from netmiko.exceptions import NetmikoAuthenticationException, NetmikoTimeoutException, ReadTimeout

from lab import LabError
from lab.netcli import Plane, loopback_world
from tests.devices import login, plane_of, talking, type_lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lab.netcli.device import Device

MIX: Final = "cisco_ios=12,yamaha=2"


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    yield from plane_of(tmp_path_factory.mktemp("plane"), 14, MIX, attempts=3, lock_minutes=1)


@pytest.fixture(scope="module")
def fresh(plane: Plane) -> Iterator[Device]:
    """Devices that no other test has touched."""
    return iter(plane.of("cisco_ios"))


@pytest.fixture
def device(fresh: Iterator[Device]) -> Device:
    """A Cisco IOS device of one's own."""
    return next(fresh)


def test_a_session_breaks_off_in_the_middle_of_a_change(plane: Plane, device: Device) -> None:
    plane.fault(device.name, "drop", after=2, text="config")
    with talking(plane, device) as session:
        session.enable()
        with pytest.raises((OSError, ReadTimeout)):
            session.send_config_set(["vlan 30", "name GUEST", "vlan 31", "name LAB"], read_timeout=2)
    running = plane.running(device.name)
    assert "vlan 30\n name GUEST\n" in running
    assert "vlan 31" not in running
    assert plane.status(device.name)["faults"] == []


def test_a_device_hangs_and_the_next_session_is_answered(plane: Plane, device: Device) -> None:
    plane.fault(device.name, "hang", after=4)
    with talking(plane, device) as session:
        session.enable()
        session.send_command("show clock")
        with pytest.raises(ReadTimeout):
            session.send_command("show version", read_timeout=1)
    with talking(plane, device) as session:
        assert session.find_prompt() == f"{device.name}>"


def test_a_line_is_refused_and_saving_fails(plane: Plane, device: Device) -> None:
    plane.fault(device.name, "refuse", text="vlan 30")
    plane.fault(device.name, "flash-full")
    with talking(plane, device) as session:
        session.enable()
        said = session.send_config_set(["vlan 29", "vlan 30"])
        assert "% Invalid input detected at '^' marker." in said
        assert "startup-config file open failed (Not enough space)" in session.save_config()
    assert plane.status(device.name)["unsaved"]
    plane.clear(device.name)
    with talking(plane, device) as session:
        session.enable()
        assert "[OK]" in session.save_config()
    assert not plane.status(device.name)["unsaved"]


def test_a_second_operator_edits_and_a_prompt_changes(plane: Plane, device: Device) -> None:
    with talking(plane, device) as session:
        session.enable()
        plane.edit(device.name, ["hostname renamed", "interface GigabitEthernet0/3", "shutdown"])
        assert session.find_prompt() == "renamed#"
        status = session.send_command("show interfaces GigabitEthernet0/3", expect_string=r"renamed#")
        assert str(status).startswith("GigabitEthernet0/3 is administratively down, line protocol is down")
    with pytest.raises(LabError) as refusal:
        plane.edit(device.name, ["frobnicate"])
    assert str(refusal.value) == f"{device.name} does not take the line 'frobnicate'."


def test_wrong_passwords_are_counted_and_lock_the_account(plane: Plane, device: Device) -> None:
    for _ in range(plane.world.attempts):
        with pytest.raises(NetmikoAuthenticationException):
            login(plane, device, password="wrong")  # noqa: S106 - wrong on purpose
    assert plane.status(device.name)["refusals"] == 3
    with pytest.raises(NetmikoAuthenticationException):
        login(plane, device)
    time.sleep(plane.world.lock_minutes * plane.world.minute)
    with talking(plane, device) as session:
        assert session.find_prompt() == f"{device.name}>"


def test_another_host_key_is_noticed(plane: Plane, device: Device) -> None:
    plane.fault(device.name, "new-host-key")
    with pytest.raises(NetmikoTimeoutException) as refusal:
        login(plane, device)
    assert "does not match" in str(refusal.value)
    plane.clear(device.name, "new-host-key")
    with talking(plane, device) as session:
        assert session.find_prompt() == f"{device.name}>"


def test_pages_stop_until_a_key_is_pressed(plane: Plane, device: Device) -> None:
    with talking(plane, device) as session:
        session.send_command("terminal length 10")
        session.write_channel("show interfaces status\r")
        first = session.read_until_pattern(" --More-- ")
        session.write_channel("\r")
        line = session.read_until_pattern(" --More-- ")
        session.write_channel("q")
        session.read_until_pattern(rf"{device.name}>")
    assert "Gi0/7" in first
    assert "Gi0/8" not in first
    assert "Gi0/8" in line
    assert "Gi0/9" not in line


def test_a_banner_that_looks_like_a_prompt_comes_first(plane: Plane, device: Device) -> None:
    plane.fault(device.name, "banner", text="Authorised use only #\\nsw9999> \\n")
    with talking(plane, device) as session:
        assert session.find_prompt() == f"{device.name}>"


def test_a_wide_line_scrolls_behind_a_dollar(plane: Plane, device: Device) -> None:
    with talking(plane, device) as session:
        session.enable()
        session.send_command("terminal width 40")
        session.write_channel("show interfaces GigabitEthernet0/1 | include line protocol\r")
        heard = session.read_until_pattern(rf"up \(connected\)[\s\S]*{device.name}#")
    assert f"{device.name}#$ne protoco" in heard


def test_keys_may_take_their_time(plane: Plane, device: Device) -> None:
    plane.fault(device.name, "slow-echo", seconds=0.02)
    with talking(plane, device) as session:
        began = time.monotonic()
        session.send_command("show clock")
        assert time.monotonic() - began > len("show clock") * 0.02


def test_descriptions_keep_their_bytes(plane: Plane) -> None:
    device = next(iter(plane.of("yamaha")))
    with talking(plane, device, encoding="cp932") as session:
        session.enable()
        session.send_config_set(
            ["description lan2 3階会議室ソ能表"]
        )  # 表 and 能 end in a backslash in Shift_JIS
        shown = session.send_command("show config | grep lan2")
        assert "description lan2 3階会議室ソ能表" in str(shown)
        assert session.send_command("foo") == "エラー: コマンド名を確認してください"
    assert "description lan2 3階会議室ソ能表\n" in plane.running(device.name)


@pytest.mark.patient
def test_who_is_cut_off_may_be_silent_instead_of_refusing(tmp_path: Path) -> None:
    with Plane(tmp_path / "plane", loopback_world(silent=True), 1) as plane:
        (device,) = plane.devices
        with talking(plane, device) as session:
            type_lines(session, ["no vlan 99"])
            plane.wait(device.name, lost="there is no vlan 99")
            with pytest.raises(ReadTimeout):
                session.send_command("show clock", expect_string="sw0001", read_timeout=0.5)
        with pytest.raises(NetmikoTimeoutException) as refusal:
            login(plane, device, banner_timeout=0.5)
        assert "banner" in str(refusal.value)


def test_a_far_away_device_answers_many_lines_after_one_round_trip(tmp_path: Path) -> None:
    with Plane(tmp_path / "plane", loopback_world(latency_ms=150), 1) as plane:
        (device,) = plane.devices
        with talking(plane, device) as session:
            began = time.monotonic()
            type_lines(session, [f"vlan {number}" for number in range(200, 250)])
            plane.wait(device.name, unsaved=True)
            session.read_until_pattern(r"vlan 249")
            took = time.monotonic() - began
    # One round trip each for `enable` with its check, its password, and all lines together.
    assert 0.15 < took < 50 * 0.15


def test_a_key_or_a_certificate_logs_in_only_when_it_is_trusted(
    plane: Plane, device: Device, keys: dict[str, Path], tmp_path: Path
) -> None:
    key, authority = tmp_path / "key", keys["sato"]
    key.write_bytes(keys["tanaka"].read_bytes())
    key.chmod(0o600)
    (tmp_path / "key.pub").write_bytes(keys["tanaka"].with_suffix(".pub").read_bytes())
    given = {"use_keys": True, "key_file": str(key), "password": "", "allow_agent": False}
    with pytest.raises(NetmikoAuthenticationException):
        login(plane, device, **given)
    plane.trust(authority.with_suffix(".pub").read_text(encoding="ascii"))
    with pytest.raises(NetmikoAuthenticationException):
        login(plane, device, **given)
    sign = ["ssh-keygen", "-q", "-s", str(authority), "-I", "a run", "-n", "daicho", str(key) + ".pub"]
    subprocess.run(sign, check=True)
    with talking(plane, device, **given) as session:
        assert session.find_prompt() == f"{device.name}>"
