"""Terminals move between ports of simulated switches, by the real command; the switches are the judges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.devices import plane_of
from tests.move_site import items, moving, office_of, outlet, plans, ran, terminal
from tests.network_site import approved

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lab.netcli import Plane
    from tests.desk import Desk

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    yield from plane_of(tmp_path_factory.mktemp("plane"), 2)


@pytest.fixture(scope="module")
def desk(plane: Plane, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    rows = [
        *(terminal(number, "sw0001", number) for number in (1, 2, 3, 4)),
        outlet("3F-01", "sw0001", 1, "3階"),
        outlet("3F-02", "sw0001", 2, "3階"),
        outlet("4F-11", "sw0002", 11, "4階"),
        outlet("4F-12", "sw0002", 12, "4階"),
        outlet("4F-24", "sw0002", 24, "4階"),
    ]
    return office_of(tmp_path_factory.mktemp("site") / "desk", plane, rows)


def interface(text: str, name: str) -> set[str]:
    """The lines of one port."""
    rows = text.split(f"\ninterface {name}\n", 1)[1].split("\n")
    return {row.strip() for row in rows[: rows.index("!")]}


GUARDED: Final = ["switchport mode access", "spanning-tree portfast", "spanning-tree bpduguard enable"]


def test_a_chain_of_moves_and_back(desk: Desk, plane: Plane) -> None:
    before = {name: plane.startup(name) for name in ("sw0001", "sw0002")}
    here = items(desk, ["pc-1", "pc-2"])
    change = moving(
        desk,
        {"item": "pc-1", "outlet": "3F-02"},
        {"item": "pc-2", "outlet": "4F-11", "section": "会計課"},
    )
    done = ran(desk, change)
    assert done.code == 0, done.err
    assert done.json["outcomes"] == {"changed": 2}
    one, two = plane.startup("sw0001"), plane.startup("sw0002")
    assert interface(one, "GigabitEthernet0/1") == {"switchport access vlan 10", *GUARDED, "shutdown"}
    assert interface(one, "GigabitEthernet0/2") == {"description pc-1", "switchport access vlan 10", *GUARDED}
    there = {"description pc-2", "switchport access vlan 20", *GUARDED}
    assert interface(two, "GigabitEthernet0/11") == there
    planned = plans(desk, change)
    assert planned["pc-2"]["notes"] == [
        "1 of 2: pc-2, 本館/3階/301 (3F-02) → 本館/4階/401 (4F-11), VLAN 20, 10.1.20.50"
    ]
    assert planned["pc-1"]["notes"] == [
        "2 of 2: pc-1, 本館/3階/301 (3F-01) → 本館/3階/301 (3F-02), VLAN 10, 10.1.10.50"
    ]
    now = items(desk, ["pc-1", "pc-2"])
    moved = {"floor": "4階", "room": "401", "outlet": "4F-11", "section": "会計課", "vlan": "20"}
    port = {"switch": "sw0002", "switch_port": "GigabitEthernet0/11"}
    assert now["pc-2"] == here["pc-2"] | moved | port | {"address": "10.1.20.50"}
    assert now["pc-1"]["switch_port"] == "GigabitEthernet0/2"
    undone = desk.expect("undo", done.json["run"], "--reason", "nobody moves", who="sato").out.split()[0]
    back = ran(desk, undone)
    assert back.json["outcomes"] == {"changed": 2}, back.err
    assert {name: plane.startup(name) for name in ("sw0001", "sw0002")} == before
    assert items(desk, ["pc-1", "pc-2"]) == here


def test_what_stands_in_the_way_is_found_at_the_plan(desk: Desk, plane: Plane) -> None:
    plane.edit("sw0002", ["interface GigabitEthernet0/24", "switchport mode trunk"])
    change = moving(
        desk,
        {"item": "pc-1", "outlet": "4F-24"},
        {"item": "pc-2", "outlet": "3F-01"},
        {"item": "pc-3", "outlet": "4F-12", "vlan": 20},
        {"item": "pc-4", "switch": "sw0001", "port": "Gi0/3"},
    )
    desk.daicho("plan", change, who="sato")
    plane.edit("sw0002", ["interface GigabitEthernet0/24", "switchport mode access"])
    plane.save("sw0002")
    planned = plans(desk, change)
    trunk = "sw0002 GigabitEthernet0/24: it is a trunk, which joins switches. Choose another outlet"
    assert {name: each["why"] for name, each in planned.items()} == {
        "pc-1": f"relocate_terminals: switch ports: {trunk}",
        "pc-2": "relocate_terminals: 3F-01 stays taken: pc-1 cannot move",
        "pc-3": "",
        "pc-4": "",
    }
    assert [name for name, each in planned.items() if each["standing"] == "changes"] == ["pc-3", "pc-4"]


def test_a_switch_that_is_off_stops_only_what_moves_there(desk: Desk, plane: Plane) -> None:
    before, here = plane.startup("sw0001"), items(desk, ["pc-3", "pc-4"])
    change = approved(
        desk,
        moving(
            desk,
            {"item": "pc-3", "outlet": "4F-12"},
            {"item": "pc-4", "switch": "sw0001", "port": "Gi0/3"},
        ),
    )
    plane.fault("sw0002", "flash-full")
    done = desk.daicho("run", change, "--yes", "--output", "json", who="tanaka")
    plane.clear("sw0002")
    assert done.json["outcomes"] == {"failed": 2}
    why = {each["target"]: each["why"] for each in done.json["targets"]}
    back = "Everything else was put back as it was."
    full = "Building configuration... startup-config file open failed (Not enough space)"
    assert why == {
        "pc-3": "relocate_terminals: switch ports: sw0002 took the lines, but it did not save its "
        f"configuration ({full}). It has its old configuration again. {back}",
        "pc-4": f"relocate_terminals: sw0001 GigabitEthernet0/3 is taken by pc-3, which stays there. {back}",
    }
    assert plane.startup("sw0001") == before
    assert items(desk, ["pc-3", "pc-4"]) == here
