"""Which terminal hangs on which port, from the tables of several switches."""

from __future__ import annotations

from typing import Final

from daicho.items.item import Item
from daicho.network.observing.observed import Binding, Heard, Observed, Station
from daicho.network.whereabouts import Place, find_out

DAY: Final = "2026-11-21"
MAC: Final = "02:00:5e:00:53:01"
OTHER: Final = "02:00:5e:00:53:02"


def device(name: str, **attributes: str) -> Item:
    return Item(name, "network_device", attributes={"platform": "cisco_ios", **attributes})


def terminal(name: str = "pc-1", **attributes: str) -> Item:
    return Item(name, "endpoint", "192.0.2.1", attributes)


FLOOR: Final = Observed(
    version="15.2",
    model="C2960",
    serial="FOC1",
    heard=(Heard("Gi0/25", "CORE-1.example.jp", "Gi1/1"),),
    stations=(Station(MAC, "Gi0/1", "10"), Station(OTHER, "Gi0/25", "10")),
)
CORE: Final = Observed(
    heard=(Heard("Gi1/1", "floor-1", "Gi0/25"),),
    stations=(Station(MAC, "Gi1/1", "10"), Station(OTHER, "Gi1/7", "10")),
    bindings=(Binding("192.0.2.1", MAC),),
)
DEVICES: Final = [device("core-1"), device("floor-1", uplink="core-1")]
SEEN: Final = {"floor-1": FLOOR, "core-1": CORE}


def test_the_switch_on_which_it_hangs_and_not_those_on_the_way() -> None:
    found = find_out([*DEVICES, terminal(mac="02-00-5E-00-53-01")], SEEN, DAY)
    assert found.placed == {"pc-1": Place("floor-1", "Gi0/1", "10")}
    [pc] = [item for item in found.items if item.kind == "endpoint"]
    assert pc.attributes == {
        "mac": "02-00-5E-00-53-01",
        "switch": "floor-1",
        "switch_port": "Gi0/1",
        "vlan": "10",
        "seen_at": DAY,
    }
    assert found.strangers == {OTHER: Place("core-1", "Gi1/7", "10")}


def test_who_has_no_recorded_hardware_address_is_known_by_arp() -> None:
    found = find_out([*DEVICES, terminal()], SEEN, DAY)
    assert found.placed == {"pc-1": Place("floor-1", "Gi0/1", "10")}


def test_what_is_as_recorded_is_not_recorded_again() -> None:
    items = [*DEVICES, terminal(mac=MAC)]
    first = {item.name: item for item in find_out(items, SEEN, DAY).items}
    again = find_out([first.get(item.name, item) for item in items], SEEN, "2027-01-01")
    assert again.items == ()
    assert again.placed == {"pc-1": Place("floor-1", "Gi0/1", "10")}


def test_a_move_is_recorded_with_its_day() -> None:
    there = terminal(mac=MAC, switch="floor-2", switch_port="Gi0/9", vlan="10", seen_at="2025-04-01")
    [moved] = [item for item in find_out([*DEVICES, there], SEEN, DAY).items if item.name == "pc-1"]
    assert (moved.attributes["switch"], moved.attributes["seen_at"]) == ("floor-1", DAY)


def test_a_device_describes_itself_and_its_way_up() -> None:
    [found] = [item for item in find_out(DEVICES, SEEN, DAY).items if item.name == "floor-1"]
    assert found.attributes == {
        "platform": "cisco_ios",
        "uplink": "core-1",
        "uplink_port": "Gi0/25",
        "neighbours": "Gi0/25 core-1 Gi1/1",
        "software": "15.2",
        "model": "C2960",
        "serial": "FOC1",
    }


def test_a_silent_switch_on_the_way_leaves_the_port_with_the_fewest_addresses() -> None:
    unheard = Observed(stations=(Station(MAC, "Gi1/1", "10"), Station(OTHER, "Gi1/1", "10")))
    near = Observed(stations=(Station(MAC, "Gi0/1", "10"),))
    found = find_out([*DEVICES, terminal(mac=MAC)], {"core-1": unheard, "floor-1": near}, DAY)
    assert found.placed == {"pc-1": Place("floor-1", "Gi0/1", "10")}


def test_a_port_that_people_called_an_uplink_is_on_the_way_even_if_nobody_speaks_there() -> None:
    devices = [device("core-1", uplink_port="Gi1/1"), device("floor-1")]
    seen = {
        "core-1": Observed(stations=(Station(MAC, "Gi1/1", "10"),)),
        "floor-1": Observed(stations=(Station(MAC, "Gi0/1", "10"),)),
    }
    assert find_out([*devices, terminal(mac=MAC)], seen, DAY).placed == {
        "pc-1": Place("floor-1", "Gi0/1", "10")
    }


def test_two_ports_alike_are_named_and_nothing_is_recorded() -> None:
    seen = {name: Observed(stations=(Station(MAC, "Gi0/1", "10"),)) for name in ("core-1", "floor-1")}
    found = find_out([*DEVICES, terminal(mac=MAC)], seen, DAY)
    assert found.several == {"pc-1": (Place("core-1", "Gi0/1", "10"), Place("floor-1", "Gi0/1", "10"))}
    assert found.placed == {}
    assert found.items == ()


def test_a_telephone_that_speaks_lldp_is_not_on_the_way() -> None:
    seen = {
        "floor-1": Observed(heard=(Heard("Gi0/1", "SEP0123", ""),), stations=(Station(MAC, "Gi0/1", "10"),))
    }
    assert find_out([*DEVICES, terminal(mac=MAC)], seen, DAY).placed == {
        "pc-1": Place("floor-1", "Gi0/1", "10")
    }
