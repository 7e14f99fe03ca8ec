"""The lab of network devices: simulated ones and real routers take the same change, seen by other tools."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest
from netmiko import ConnectHandler

from lab.cli import main
from lab.netcli.plane import EVERYBODY
from tests.labs import devices_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lab.devices import Devices


@pytest.fixture(scope="module")
def lab() -> Iterator[Devices]:
    """Twenty simulated devices of five personalities, and two FRR routers."""
    yield from devices_of("mixed", 20, EVERYBODY, minute=1.0)


def test_a_change_reaches_a_simulated_switch_and_a_real_router(lab: Devices) -> None:
    def change(address: str, user: str, lines: list[str]) -> None:
        with ConnectHandler(
            device_type="cisco_ios",
            host=address,
            username=user,
            secret=lab.plane.world.secret,
            use_keys=True,
            key_file=str(lab.places.user_key),
            ssh_strict=True,
            system_host_keys=False,
            alt_host_keys=True,
            alt_key_file=str(lab.state / "known_hosts"),
        ) as session:
            session.enable()
            session.send_config_set(lines)

    switch, router = lab.plane.devices[0], lab.routers[0]
    lab.inside(lambda: change(str(switch.address), "daicho", ["interface gi0/1", "description from the lab"]))
    lab.inside(lambda: change(router.address, "root", ["interface lo", "description from the lab"]))
    assert "interface GigabitEthernet0/1\n description from the lab\n" in lab.plane.running(switch.name)
    assert "interface lo\n description from the lab\n" in lab.router_configuration(router.name)


def test_the_routers_are_each_others_neighbours(lab: Devices) -> None:
    done = lab.execute(["ping", "-c", "1", "-W", "2", lab.routers[1].address])
    assert done.returncode == 0, done.stdout
    words = ["vtysh", "-N", lab.places.frr("r1"), "-c", "show ip ospf neighbor json"]
    until = time.monotonic() + 20
    found: list[str] = []
    while found != [lab.routers[1].address] and time.monotonic() < until:
        found = list(json.loads(lab.execute(words).stdout)["neighbors"])
        time.sleep(0.2)
    assert found == [lab.routers[1].address]


def test_openssh_accepts_every_host_key_and_notices_a_device_that_is_gone(lab: Devices) -> None:
    options = ["-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes", "-o", "ConnectTimeout=2"]
    options += ["-o", f"UserKnownHostsFile={lab.state / 'known_hosts'}", "-i", str(lab.places.user_key)]
    for device in lab.plane.devices[:5]:
        done = lab.execute(["ssh", *options, "-tt", f"daicho@{device.address}"])
        assert f"{device.name}" in done.stdout, done.stderr
    gone = lab.plane.devices[6]
    lab.plane.fault(gone.name, "power-off")
    done = lab.execute(["ssh", *options, "-tt", f"daicho@{gone.address}"])
    assert done.returncode == 255
    assert "Connection refused" in done.stderr
    lab.plane.clear(gone.name)


def test_the_command_shows_and_breaks_devices(lab: Devices, capsys: pytest.CaptureFixture[str]) -> None:
    name = ["--name", lab.name]
    assert main(["devices", "status", *name]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[1].split() == ["sw0001", "10.50.0.1", "cisco_ios", "0", shown[1].split()[4], "reachable"]
    assert shown[-1].split(maxsplit=5) == ["r2", "10.50.248.2", "frr", "-", "-", "a real router"]
    assert main(["devices", "fault", "sw0011", "flash-full", *name]) == 0
    assert lab.plane.status("sw0011")["faults"] == ["flash-full"]
    assert main(["devices", "edit", "sw0011", "interface GigabitEthernet0/3", "shutdown", *name]) == 0
    capsys.readouterr()
    assert main(["devices", "config", "sw0011", *name]) == 0
    assert "interface GigabitEthernet0/3\n switchport access vlan 10\n" in capsys.readouterr().out
    assert main(["devices", "fault", "sw9999", "drop", *name]) == 1
    assert capsys.readouterr().err == (
        "lab: There is no device 'sw9999'. `python -m lab devices status` lists them.\n"
    )
