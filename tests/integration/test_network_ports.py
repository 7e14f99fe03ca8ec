"""Ports are changed through the door: planned, refused where they are not ours, sent, taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.devices import plane_of
from tests.network_site import approved, requested, site_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lab.netcli import Plane
    from tests.desk import Desk

MIX: Final = "cisco_ios,alaxala_ax36s,apresia_aeos"
TARGETS: Final = ["sw0001", "ax0002", "ap0003"]
DESK: Final = {"vlan": 20, "description": "Sales desk"}


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    yield from plane_of(tmp_path_factory.mktemp("plane"), 3, MIX, minute=0.4)


@pytest.fixture(scope="module")
def desk(plane: Plane, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    there = {"kind": "endpoint", "switch": "sw0001", "switch_port": "GigabitEthernet0/5"}
    return site_of(tmp_path_factory.mktemp("site") / "desk", plane, [{"name": "pc-7", **there}])


def port(switch: str, name: str, **more: Any) -> dict[str, Any]:
    return {"switch": switch, "port": name, **more}


def planned(desk: Desk, targets: list[str], ports: list[dict[str, Any]], **inputs: Any) -> dict[str, Any]:
    """Why each target cannot be changed."""
    change = requested(desk, work="change_port", targets=targets, inputs={"ports": ports, **inputs})
    desk.daicho("plan", change, who="sato")
    shown = desk.expect("show", change, "--output", "json", who="sato").json
    return {target["target"]: target["why"] for target in shown["plan"]["targets"]}


def test_ports_of_three_vendors_are_changed_in_a_session_each_and_taken_back(
    desk: Desk, plane: Plane
) -> None:
    before = {name: plane.running(name) for name in TARGETS}
    ports = [
        port("sw0001", "Gi0/3", **DESK, voice=10, authentication="dot1x-mab"),
        port("sw0001", "Gi0/6", shutdown=True),
        port("ax0002", "gigabitethernet 0/3", **DESK, speed="100"),
        port("ap0003", "port 3", **DESK),
    ]
    change = requested(desk, work="change_port", targets=TARGETS, inputs={"ports": ports})
    desk.expect("run", approved(desk, change), "--yes", who="tanaka")
    switch = plane.startup("sw0001")
    assert (
        "interface GigabitEthernet0/3\n description Sales desk\n switchport access vlan 20\n"
        " switchport mode access\n switchport voice vlan 10\n"
    ) in switch
    for line in ("mab", "authentication order dot1x mab", "dot1x pae authenticator"):
        assert f"\n {line}\n" in switch
    assert "interface GigabitEthernet0/6\n" in switch
    assert '  description "Sales desk"\n' in plane.startup("ax0002")
    assert "description Sales desk\n" in plane.startup("ap0003")
    assert plane.typed("sw0001").count("configure terminal revert timer 5") == 1
    undone = desk.expect("undo", "R1", "--reason", "the desk stays", who="sato").out.split()[0]
    desk.expect("run", approved(desk, undone), "--yes", who="tanaka")
    assert {name: plane.running(name) for name in TARGETS} == before
    assert {name: plane.startup(name) for name in TARGETS} == before


def test_what_is_not_ours_is_refused_with_every_reason(desk: Desk) -> None:
    ports = [
        port("sw0001", "Gi0/25", description="mine"),
        port("sw0001", "Gi0/5", vlan=77),
        port("sw0001", "Gi0/4", mode="trunk", vlans="10,20"),
    ]
    assert planned(desk, ["sw0001"], ports) == {
        "sw0001": (
            "change_port: sw0001: the ports cannot be changed like this:\n"
            "  Gi0/25: it is a trunk; if that is meant, say `allow_trunks: true`.\n"
            "  Gi0/5: there is no VLAN 77; there are 1,10,20,99.\n"
            "  Gi0/5: it belongs to pc-7; if that is meant, name them with `of`.\n"
            "  Gi0/4: it would become a trunk; if that is meant, say `allow_trunks: true`."
        )
    }


def test_what_is_meant_is_planned(desk: Desk) -> None:
    ports = [
        port("sw0001", "Gi0/5", vlan=20, of=["pc-7"]),
        port("sw0001", "Gi0/4", mode="trunk", vlans="10,20"),
    ]
    assert planned(desk, ["sw0001"], ports, allow_trunks=True) == {"sw0001": ""}


def test_a_switch_that_is_no_target_is_named(desk: Desk) -> None:
    inputs = {"ports": [port("ax0002", "0/3", vlan=20)]}
    change = requested(desk, work="change_port", targets=["sw0001"], inputs=inputs)
    done = desk.daicho("plan", change, who="sato")
    assert (done.code, done.err.splitlines()[-1]) == (
        2,
        "daicho: The change names ports of ax0002, which are no targets of it. Add them to `targets`.",
    )
