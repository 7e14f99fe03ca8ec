"""Terminals move between ports of three vendors' switches, by the real command; these are the judges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.devices import plane_of
from tests.move_site import RULES, items, mac, moving, office_of, outlet, plans, port_of, ran, terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lab.netcli import Plane
    from tests.desk import Desk

pytestmark = [pytest.mark.patient, pytest.mark.timeout(600)]

MIX: Final = "cisco_ios,alaxala_ax36s=2,apresia_aeos=2"
SWITCHES: Final = ("sw0001", "ax0002", "ap0003", "ax0004", "ap0005")
ALAXALA: Final = ("ax0002", "ax0004")
THIRD: Final = {"vlan": 30, "subnet": "10.1.30.0/24", "first": "10.1.30.50", "last": "10.1.30.250"}
MAB: Final[dict[str, Any]] = {
    "networks": [*RULES["networks"], {**THIRD, "floors": ["5階"]}],
    "ports": {"description": "{name}", "terminals": "mab", "printers": "mab"},
}
HOMES: Final = {1: ("sw0001", 1), 2: ("ax0002", 1), 3: ("ax0002", 2), 4: ("ap0003", 1), 5: ("ap0003", 2)}
"""Terminal → its port on the third floor."""


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    for plane in plane_of(tmp_path_factory.mktemp("plane"), len(SWITCHES), MIX):
        for name in ALAXALA:
            plane.edit(name, ["mac-authentication system-auth-control"])
        # Who comes to these ports is to be let in by the hardware address and by nothing else.
        asked = "dot1x port-control force-unauthorized", "web-authentication port"
        for name, number in (("ax0002", 1), ("ax0004", 11)):
            plane.edit(name, [f"interface {port_of(name, number)}", *asked])
        for name in ALAXALA:
            plane.save(name)
        yield plane


def rows() -> list[dict[str, str]]:
    """Terminals, and outlets whose ports stand in the patch list as different people write them."""
    return [
        *(terminal(number, *home) for number, home in HOMES.items()),
        {**terminal(7, "ap0003", 7), "name": "pr-7", "kind": "printer"},
        outlet("3F-02", "ax0002", "0/1", "3階"),
        outlet("3F-03", "ax0002", "Gi0/2", "3階"),
        outlet("3F-05", "ap0003", "1/2", "3階"),
        outlet("4F-11", "ax0004", "gigabitethernet 0/11", "4階"),
        outlet("4F-12", "ax0004", "geth0/12", "4階"),
        outlet("4F-07", "ax0004", "0/7", "4階"),
        outlet("4F-13", "ap0005", "1/13", "4階"),
        outlet("4F-14", "ap0005", "port 1/14", "4階"),
    ]


@pytest.fixture(scope="module")
def guarded(plane: Plane, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A site that lets terminals in by their hardware address."""
    return office_of(tmp_path_factory.mktemp("guarded") / "desk", plane, rows(), rules=MAB)


@pytest.fixture(scope="module")
def plain(plane: Plane, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A site that leaves it to the switches who is let in."""
    return office_of(tmp_path_factory.mktemp("plain") / "desk", plane, rows())


@pytest.fixture(scope="module")
def watched(plane: Plane, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A site whose ledger learns what the switches see."""
    return office_of(tmp_path_factory.mktemp("watched") / "desk", plane, rows())


def home(number: int) -> tuple[str, str]:
    """The switch and the port of a terminal on the third floor."""
    switch, port = HOMES[number]
    return switch, port_of(switch, port)


def seen(desk: Desk, change: str) -> dict[str, str]:
    """What `daicho move verify` says of the port of each item."""
    done = desk.daicho("move", "verify", change, "--output", "json", who="tanaka")
    return {each["item"]: each["port"] for each in done.json["moves"]}


def saved(plane: Plane) -> dict[str, str]:
    """What every switch would start with, as it says itself."""
    return {name: plane.startup(name) for name in SWITCHES}


def interface(plane: Plane, switch: str, number: int) -> list[str]:
    """The saved lines of one port."""
    rows = plane.startup(switch).split(f"\ninterface {port_of(switch, number)}\n", 1)[1].split("\n")
    return [row.strip() for row in rows[: rows.index("!")]]


def undone(desk: Desk, run: str) -> None:
    """Take a run back, as an operator does."""
    change = desk.expect("undo", run, "--reason", "nobody moves", who="sato").out.split()[0]
    back = ran(desk, change)
    assert set(back.json["outcomes"]) == {"changed"}, back.err


def reasons(desk: Desk, change: str) -> dict[str, str]:
    """Target → why its plan does not stand."""
    desk.daicho("plan", change, who="sato")
    return {name: each["why"] for name, each in plans(desk, change).items()}


ALAXALA_GUARDED: Final = [
    "switchport mode access",
    "switchport access vlan {vlan}",
    "mac-authentication port",
    "spanning-tree portfast",
]


def lines(vlan: int) -> list[str]:
    return [line.format(vlan=vlan) for line in ALAXALA_GUARDED]


def test_from_cisco_to_alaxala_and_along_it_with_mac_authentication_and_back(
    guarded: Desk, plane: Plane
) -> None:
    before, here = saved(plane), items(guarded, ["pc-1", "pc-2", "pc-3"])
    change = moving(
        guarded,
        {"item": "pc-1", "outlet": "3F-02"},
        {"item": "pc-2", "outlet": "4F-11"},
        {"item": "pc-3", "outlet": "4F-12"},
    )
    done = ran(guarded, change)
    assert done.json["outcomes"] == {"changed": 3}, done.err
    assert interface(plane, "ax0002", 1) == ['description "pc-1"', *lines(10)]
    assert interface(plane, "ax0004", 11) == ['description "pc-2"', *lines(20)]
    assert interface(plane, "ax0004", 12) == ['description "pc-3"', *lines(20)]
    # Nobody comes to where pc-3 and pc-1 were; who is let in there stays as it is.
    assert "shutdown" in interface(plane, "ax0002", 2)
    assert "shutdown" in interface(plane, "sw0001", 1)
    assert {name: plane.startup(name) for name in ("ap0003", "ap0005")} == {
        name: before[name] for name in ("ap0003", "ap0005")
    }
    now = items(guarded, ["pc-1", "pc-2", "pc-3"])
    assert {name: (each["switch"], each["switch_port"], each["vlan"]) for name, each in now.items()} == {
        "pc-1": ("ax0002", "gigabitethernet 0/1", "10"),
        "pc-2": ("ax0004", "gigabitethernet 0/11", "20"),
        "pc-3": ("ax0004", "gigabitethernet 0/12", "20"),
    }
    undone(guarded, done.json["run"])
    assert saved(plane) == before
    assert items(guarded, ["pc-1", "pc-2", "pc-3"]) == here


def test_along_apresia_and_from_it_to_the_others_and_back(plain: Desk, plane: Plane) -> None:
    before, here = saved(plane), items(plain, ["pc-1", "pc-4", "pc-5"])
    change = moving(
        plain,
        {"item": "pc-1", "outlet": "3F-05"},
        {"item": "pc-4", "outlet": "4F-12"},
        {"item": "pc-5", "outlet": "4F-13"},
    )
    done = ran(plain, change)
    assert done.json["outcomes"] == {"changed": 3}, done.err
    free = ["switchport mode access", "switchport access vlan {}", "spanning-tree portfast"]
    assert interface(plane, "ap0003", 1) == [*free[:1], free[1].format(10), "shutdown", free[2]]
    assert interface(plane, "ap0003", 2) == ["description pc-1", *free[:1], free[1].format(10), free[2]]
    assert interface(plane, "ap0005", 13) == ["description pc-5", *free[:1], free[1].format(20), free[2]]
    assert interface(plane, "ax0004", 12) == ['description "pc-4"', *free[:1], free[1].format(20), free[2]]
    assert items(plain, ["pc-5"])["pc-5"]["switch_port"] == "port 1/13"
    undone(plain, done.json["run"])
    assert saved(plane) == before
    assert items(plain, ["pc-1", "pc-4", "pc-5"]) == here


def test_a_printer_from_apresia_to_alaxala_and_back(guarded: Desk, plane: Plane) -> None:
    before, here = saved(plane), items(guarded, ["pr-7"])
    done = ran(guarded, moving(guarded, {"item": "pr-7", "outlet": "4F-07"}, work="relocate_printers"))
    assert done.json["outcomes"] == {"changed": 1}, done.err
    assert interface(plane, "ax0004", 7) == ['description "pr-7"', *lines(20)]
    assert "shutdown" in interface(plane, "ap0003", 7)
    undone(guarded, done.json["run"])
    assert saved(plane) == before
    assert items(guarded, ["pr-7"]) == here


def test_what_cannot_be_on_a_port_is_found_at_the_plan(guarded: Desk, plane: Plane) -> None:
    before = saved(plane)
    change = moving(
        guarded,
        {"item": "pc-1", "switch": "ax0004", "port": "0/25"},
        {"item": "pc-2", "outlet": "4F-11", "vlan": 30},
        {"item": "pc-3", "outlet": "4F-12"},
        {"item": "pc-4", "outlet": "4F-14"},
    )
    assert reasons(guarded, change) == {
        "pc-1": "relocate_terminals: switch ports: ax0004 gigabitethernet 0/25: it is a trunk, which joins "
        "switches. Choose another outlet",
        "pc-2": "relocate_terminals: switch ports: ax0004 gigabitethernet 0/11: there is no VLAN 30; "
        "there are 1,10,20,99",
        "pc-3": "",
        "pc-4": "relocate_terminals: switch ports: ap0005 port 1/14: what `authentication` means on "
        "apresia_aeos is not known here; `configure_network` takes any line.",
    }
    assert saved(plane) == before


def test_a_switch_that_lets_everybody_in_is_no_place_for_who_is_to_be_asked(
    guarded: Desk, plane: Plane
) -> None:
    plane.edit("ax0002", ["no mac-authentication system-auth-control"])
    change = moving(guarded, {"item": "pc-1", "outlet": "3F-02"}, {"item": "pc-2", "outlet": "4F-11"})
    found = reasons(guarded, change)
    plane.edit("ax0002", ["mac-authentication system-auth-control"])
    plane.save("ax0002")
    assert found["pc-2"] == ""
    assert found["pc-1"] == (
        "relocate_terminals: switch ports: ax0002 gigabitethernet 0/1: everybody would be let in as long as "
        "the switch has no line `mac-authentication system-auth-control`"
    )


def test_a_move_to_an_alaxala_port_is_proven_by_its_mac_table(watched: Desk, plane: Plane) -> None:
    before = saved(plane)
    plane.replug((mac(3), *home(3)), (mac(5), *home(5)))
    change = moving(watched, {"item": "pc-3", "outlet": "4F-12"}, {"item": "pc-5", "outlet": "4F-13"})
    done = ran(watched, change)
    assert done.json["outcomes"] == {"changed": 2}, done.err
    # Their old ports are shut, and nobody hears them there any more.
    assert seen(watched, change) == {"pc-3": "not_yet", "pc-5": "not_yet"}
    plane.replug((mac(3), "ax0004", port_of("ax0004", 13)), (mac(5), "ap0005", port_of("ap0005", 13)))
    assert seen(watched, change) == {"pc-3": "wrong", "pc-5": "proven"}
    plane.replug((mac(3), "ax0004", port_of("ax0004", 12)))
    assert seen(watched, change) == {"pc-3": "proven", "pc-5": "proven"}
    now = items(watched, ["pc-3", "pc-5"])
    assert (now["pc-3"]["switch"], now["pc-3"]["switch_port"]) == ("ax0004", "gigabitethernet 0/12")
    # The ports by which the switches hear each other are known now, in their own spelling.
    joined = moving(
        watched,
        {"item": "pc-1", "switch": "ax0004", "port": "Gi0/25"},
        {"item": "pc-4", "switch": "ap0005", "port": "1/25"},
    )
    assert reasons(watched, joined) == {
        "pc-1": "relocate_terminals: ax0004 gigabitethernet 0/25 joins switches to each other",
        "pc-4": "relocate_terminals: ap0005 port 1/25 joins switches to each other",
    }
    plane.replug((mac(3), "", ""), (mac(5), "", ""))
    undone(watched, done.json["run"])
    assert saved(plane) == before
