"""Ports that are not ours are refused at the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.devices import plane_of
from tests.network_site import requested, site_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lab.netcli import Plane
    from tests.desk import Desk


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    yield from plane_of(tmp_path_factory.mktemp("plane"), 3, "cisco_ios,alaxala_ax36s,apresia_aeos")


@pytest.fixture(scope="module")
def desk(plane: Plane, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    there = {"pc-7": ("sw0001", "GigabitEthernet0/5"), "pc-8": ("ax0002", "0/5"), "pc-9": ("ap0003", "1/5")}
    rows = [
        {"name": name, "kind": "endpoint", "switch": switch, "switch_port": number}
        for name, (switch, number) in there.items()
    ]
    return site_of(tmp_path_factory.mktemp("site") / "desk", plane, rows)


def port(switch: str, name: str, **more: Any) -> dict[str, Any]:
    return {"switch": switch, "port": name, **more}


def planned(desk: Desk, targets: list[str], ports: list[dict[str, Any]], **inputs: Any) -> dict[str, Any]:
    """Why each target cannot be changed."""
    change = requested(desk, work="change_port", targets=targets, inputs={"ports": ports, **inputs})
    desk.daicho("plan", change, who="sato")
    shown = desk.expect("show", change, "--output", "json", who="sato").json
    return {target["target"]: target["why"] for target in shown["plan"]["targets"]}


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


def test_the_same_holds_on_alaxala_and_apresia(desk: Desk) -> None:
    ports = [
        port("ax0002", "gigabitethernet 0/25", description="mine"),
        port("ax0002", "gigabitethernet 0/5", vlan=77, authentication="mab"),
        port("ap0003", "port 1/25", description="mine"),
        port("ap0003", "port 1/5", vlan=77),
    ]
    assert planned(desk, ["ax0002", "ap0003"], ports) == {
        "ax0002": (
            "change_port: ax0002: the ports cannot be changed like this:\n"
            "  gigabitethernet 0/25: it is a trunk; if that is meant, say `allow_trunks: true`.\n"
            "  gigabitethernet 0/5: there is no VLAN 77; there are 1,10,20,99.\n"
            "  gigabitethernet 0/5: everybody would be let in as long as the switch has no line "
            "`mac-authentication system-auth-control`.\n"
            "  gigabitethernet 0/5: it belongs to pc-8; if that is meant, name them with `of`."
        ),
        "ap0003": (
            "change_port: ap0003: the ports cannot be changed like this:\n"
            "  port 1/25: it is a trunk; if that is meant, say `allow_trunks: true`.\n"
            "  port 1/5: there is no VLAN 77; there are 1,10,20,99.\n"
            "  port 1/5: it belongs to pc-9; if that is meant, name them with `of`."
        ),
    }


def test_lines_that_no_reference_shows_are_refused_before_a_device_is_asked(desk: Desk) -> None:
    ports = [
        port("ax0002", "0/6", authentication="dot1x-mab"),
        port("ax0002", "0/7", voice=10),
        port("ap0003", "1/6", authentication="none"),
    ]
    unknown = "is not known here; `configure_network` takes any line."
    assert planned(desk, ["ax0002", "ap0003"], ports) == {
        "ax0002": (
            "change_port: ax0002: the ports cannot be changed like this:\n"
            f"  0/6: what `authentication: dot1x-mab` means on alaxala_ax36s {unknown}\n"
            f"  0/7: what `voice` means on alaxala_ax36s {unknown}"
        ),
        "ap0003": (
            "change_port: ap0003: the ports cannot be changed like this:\n"
            f"  1/6: what `authentication` means on apresia_aeos {unknown}"
        ),
    }


def test_cisco_checks_nobody_while_the_switch_does_not(desk: Desk, plane: Plane) -> None:
    ports = [
        port("sw0001", "Gi0/3", authentication="dot1x-mab"),
        port("sw0001", "Gi0/4", authentication="mab"),
    ]
    assert planned(desk, ["sw0001"], ports) == {"sw0001": ""}
    plane.edit("sw0001", ["no dot1x system-auth-control"])
    refused = planned(desk, ["sw0001"], ports)
    plane.edit("sw0001", ["dot1x system-auth-control"])
    assert refused == {
        "sw0001": (
            "change_port: sw0001: the ports cannot be changed like this:\n"
            "  Gi0/3: nobody can be checked as long as the switch has no line `dot1x system-auth-control`."
        )
    }
