"""Ports of three vendors' switches are changed as operators do it, and taken back; netmiko is the judge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.devices import plane_of, talking
from tests.network_site import approved, requested, site_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lab.netcli import Plane
    from tests.desk import Desk

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]

MIX: Final = "cisco_ios,alaxala_ax36s,apresia_aeos"
TARGETS: Final = ["sw0001", "ax0002", "ap0003"]
DESK: Final = {"vlan": 20, "description": "Sales desk"}


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    yield from plane_of(tmp_path_factory.mktemp("plane"), 3, MIX, minute=6)


@pytest.fixture(scope="module")
def desk(plane: Plane, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    there = {"kind": "endpoint", "switch": "sw0001", "switch_port": "GigabitEthernet0/5"}
    return site_of(tmp_path_factory.mktemp("site") / "desk", plane, [{"name": "pc-7", **there}])


def port(switch: str, name: str, **more: Any) -> dict[str, Any]:
    return {"switch": switch, "port": name, **more}


def test_ports_of_three_vendors_are_changed_in_a_session_each_and_taken_back(
    desk: Desk, plane: Plane
) -> None:
    plane.edit("ax0002", ["mac-authentication system-auth-control"])
    plane.save("ax0002")
    before = {name: plane.running(name) for name in TARGETS}
    ports = [
        port("sw0001", "Gi0/3", **DESK, voice=10, authentication="dot1x-mab"),
        port("sw0001", "Gi0/6", shutdown=True),
        port("ax0002", "gigabitethernet 0/3", **DESK, speed="100", authentication="mab"),
        port("ap0003", "port 1/3", **DESK),
    ]
    change = requested(desk, work="change_port", targets=TARGETS, inputs={"ports": ports})
    desk.expect("run", approved(desk, change), "--yes", who="tanaka")
    with talking(plane, plane.devices[0]) as witness:
        witness.enable()
        status = witness.send_command("show interfaces status")
    assert "Gi0/3     Sales desk         notconnect   20" in status
    assert "Gi0/6                        disabled     10" in status
    switch = plane.startup("sw0001")
    assert (
        "interface GigabitEthernet0/3\n description Sales desk\n switchport access vlan 20\n"
        " switchport mode access\n switchport voice vlan 10\n"
    ) in switch
    for line in ("mab", "authentication order dot1x mab", "dot1x pae authenticator"):
        assert f"\n {line}\n" in switch
    assert "interface GigabitEthernet0/6\n" in switch
    assert '  description "Sales desk"\n' in plane.startup("ax0002")
    assert "\n  mac-authentication port\n" in plane.startup("ax0002")
    assert "description Sales desk\n" in plane.startup("ap0003")
    assert plane.typed("sw0001").count("configure terminal revert timer 5") == 1
    undone = desk.expect("undo", "R1", "--reason", "the desk stays", who="sato").out.split()[0]
    desk.expect("run", approved(desk, undone), "--yes", who="tanaka")
    assert {name: plane.running(name) for name in TARGETS} == before
    assert {name: plane.startup(name) for name in TARGETS} == before
