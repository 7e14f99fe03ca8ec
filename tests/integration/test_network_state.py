"""The real commands read simulated devices of five vendors: what hangs where, and a check's state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.devices import plane_of
from tests.network_site import site_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lab.netcli import Plane
    from tests.desk import Desk

pytestmark = pytest.mark.patient

MIX: Final = "cisco_ios,alaxala_ax36s,nec_ix,yamaha,apresia_aeos"


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    yield from plane_of(tmp_path_factory.mktemp("plane"), 5, MIX)


@pytest.fixture(scope="module")
def desk(plane: Plane, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    first, last = plane.devices[0], plane.devices[4]
    terminals = [
        {"name": "pc-1", "kind": "endpoint", "mac": first.mac(1001).hex("-").upper()},
        {"name": "pc-2", "kind": "endpoint", "mac": last.mac(1002).hex()},
        {"name": "pc-3", "kind": "endpoint", "mac": "02-00-5E-00-53-01"},
    ]
    return site_of(tmp_path_factory.mktemp("site") / "desk", plane, terminals)


def test_the_ledger_knows_which_terminal_hangs_on_which_port(desk: Desk) -> None:
    done = desk.expect("network", "collect", who="tanaka")
    check = done.out.split()[0]
    assert done.out.startswith(f"{check}  every device was asked\n")
    shown = desk.expect("item", "list", "kind=endpoint", "--output", "json", who="sato").json
    placed = {item["name"]: item["attributes"] for item in shown}
    keys = ("switch", "switch_port", "vlan")
    assert {name: tuple(each.get(key) for key in keys) for name, each in placed.items()} == {
        "pc-1": ("sw0001", "GigabitEthernet0/1", "10"),
        "pc-2": ("ap0005", "port 1/2", "10"),
        "pc-3": (None, None, None),
    }
    [rtx] = desk.expect("item", "list", "rtx0004", "--output", "json", who="sato").json
    assert rtx["attributes"]["serial"] == "FOC2000003X"
    assert rtx["attributes"]["neighbours"] == "lan1 sw0001 GigabitEthernet0/20"
    assert rtx["attributes"]["uplink_port"] == "lan1"
    told = desk.expect("item", "history", "pc-1", "--output", "json", who="sato").json
    assert {row["source"] for row in told if row["attribute"] == "switch"} <= {"K1", "K2", "K3", "K4"}
    before = len(desk.expect("ledger", "log", "--output", "json", who="sato").json)
    again = desk.expect("network", "collect", "--output", "json", who="tanaka").json
    assert again["recorded"] == []
    assert again["devices"]["ax0002"]["serial"] == "FOC2000001X"
    entries = desk.expect("ledger", "log", "--output", "json", who="sato").json[before:]
    assert [entry["kind"] for entry in entries] == ["check.opened", "check.closed"]


def test_who_cannot_be_asked_is_named_and_the_others_are_recorded(desk: Desk, plane: Plane) -> None:
    plane.fault("ax0002", "new-host-key")
    done = desk.daicho("network", "collect", "--output", "json", who="tanaka")
    plane.clear("ax0002")
    assert done.code == 3
    assert sorted(done.json["devices"]) == ["ap0005", "ix0003", "rtx0004", "sw0001"]
    [(name, why)] = done.json["unread"].items()
    assert name == "ax0002"
    assert why.startswith("ax0002 was not spoken to: its host key at 127.77.0.2 is not the one in ")


def test_a_baseline_holds_the_state_of_every_vendors_devices(desk: Desk, plane: Plane) -> None:
    plane.edit("ap0005", ["interface port 1/3", "description unsaved"])
    done = desk.daicho("baseline", "record", "--output", "json", who="tanaka")
    plane.edit("ap0005", ["interface port 1/3", "no description"])
    assert done.code == 4, done.err
    entry = desk.expect("ledger", "show", str(done.json["entry"]), "--output", "json", who="sato").json
    states = entry["body"]["baseline"]["look"]["devices"]
    assert {name: state.get("saved") for name, state in states.items()} == {
        **dict.fromkeys(("sw0001", "ax0002", "ix0003"), True),
        "rtx0004": None,
        "ap0005": False,
    }
    assert states["sw0001"]["neighbours"] == ["ap0005", "ax0002", "ix0003", "rtx0004"]
    assert states["ap0005"]["ports_up"] == ["port 1/25"]
    assert states["ix0003"]["version"] == "10.7.18"
