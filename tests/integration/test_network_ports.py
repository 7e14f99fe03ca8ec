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
    yield from plane_of(tmp_path_factory.mktemp("plane"), 1)


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
