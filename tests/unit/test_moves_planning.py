"""Layout plans become moves: floors as people write them, ports by outlet and network, an order for rings."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daicho.items.item import Item
from daicho.moves.floors import Floor, read_floor
from daicho.moves.layout import LayoutUnusable, LayoutWords, read_layout
from daicho.moves.office import Office
from daicho.moves.ordering import Blocked, in_order
from daicho.moves.planning import Planned, plan_moves, those_of
from daicho.moves.rules import MoveRules, PortRules
from daicho.moves.wish import Port, Wish

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

RULES: Final = MoveRules.model_validate(
    {
        "networks": [
            {"vlan": 10, "subnet": "10.1.10.0/24", "floors": ["本館3F"]}
            | {"first": "10.1.10.50", "last": "10.1.10.99"},
            {"vlan": 20, "subnet": "10.1.20.0/24", "floors": ["４階"]}
            | {"first": "10.1.20.50", "last": "10.1.20.51"},
        ]
    }
)


def test_who_is_let_in_may_differ_by_platform() -> None:
    told: dict[str, Any] = {"terminals": {"*": "dot1x-mab", "apresia_aeos": ""}, "printers": "mab"}
    rules = PortRules.model_validate(told)
    assert rules.let_in("endpoint", "cisco_ios") == "dot1x-mab"
    assert rules.let_in("endpoint", "apresia_aeos") == ""
    assert rules.let_in("printer", "apresia_aeos") == "mab"
    assert PortRules().let_in("printer", "cisco_ios") == ""
    with pytest.raises(ValueError, match="ports of cisco_isos cannot be written; there are alaxala_ax36s"):
        PortRules.model_validate({"terminals": {"cisco_isos": "mab"}})


@pytest.mark.parametrize(
    ("text", "building", "floor"),
    [
        ("本館3F", "", Floor("本館", 3, "")),
        ("３階東", "", Floor("", 3, "東")),
        ("本館 三階", "", Floor("本館", 3, "")),
        ("別館十二階 西", "", Floor("別館", 12, "西")),
        ("B1F", "", Floor("", -1, "")),
        ("本館地下２階", "", Floor("本館", -2, "")),
        ("3", "1号館", Floor("1号館", 3, "")),
        ("1号館-20F", "", Floor("1号館", 20, "")),
        ("屋上", "本館", Floor("本館", 1000, "")),
        ("本館", "", Floor("本館", None, "")),
        ("", "", Floor("", None, "")),
    ],
)
def test_floors_are_read_as_sites_write_them(text: str, building: str, floor: Floor) -> None:
    assert read_floor(text, building) == floor


def test_floors_agree_unless_both_say_something_else() -> None:
    assert read_floor("本館3F").agrees(read_floor("三階東"))
    assert not read_floor("本館3F").agrees(read_floor("別館3階"))
    assert not read_floor("3F").agrees(read_floor("4F"))
    assert not read_floor("3階東").agrees(read_floor("3階西"))


@given(st.permutations(range(12)), st.sets(st.integers(0, 11)), st.integers(0, 6))
def test_no_two_are_ever_on_one_port(places: list[int], moving: set[int], free: int) -> None:
    old = {f"pc-{number}": number for number in range(12) if number >= free}
    new = {name: places[number] for name, number in old.items() if number in moving}
    staying = {number: name for name, number in old.items() if name not in new}
    if any(place in staying for place in new.values()):
        with pytest.raises(Blocked):
            in_order(old, new, staying)
        return
    at, steps = dict(old), in_order(old, new, staying)
    corridor = 0
    for step in steps:
        if step.act == "leave":
            del at[step.item]
        else:
            assert new[step.item] not in at.values()
            at[step.item] = new[step.item]
        corridor = max(corridor, len(old) - len(at))
    assert at == old | new
    assert corridor <= 2
    assert len(steps) == 2 * len(new)


def test_of_a_ring_one_waits_in_the_corridor() -> None:
    steps = in_order({"a": 1, "b": 2, "c": 3}, {"a": 2, "b": 3, "c": 1})
    assert [(step.item, step.act) for step in steps] == [
        *(("a", "leave"), ("c", "leave"), ("c", "take")),
        *(("b", "leave"), ("b", "take"), ("a", "take")),
    ]
    with pytest.raises(Blocked):
        in_order({"a": 1, "b": 2}, {"a": 3, "b": 3})


def terminal(name: str, number: int, **more: str) -> Item:
    known = {"mac": f"02:00:5e:00:53:{number:02x}", "building": "本館", "floor": "3階"}
    return Item(name, "endpoint", f"10.1.10.{number}", known | more)


def hung(name: str, number: int, **more: str) -> Item:
    return terminal(name, number, switch="sw-1", switch_port=f"GigabitEthernet0/{number}", **more)


def outlet(name: str, port: int, **more: str) -> Item:
    known = {
        "switch": "sw-1",
        "switch_port": f"Gi0/{port}",
        "building": "本館",
        "floor": "4階",
        "room": "401",
    }
    return Item(name, "location", "", known | more)


def office(*items: Item) -> Office:
    switch = {"platform": "cisco_ios", "uplink_port": "GigabitEthernet0/25"}
    return Office((Item("sw-1", "network_device", "10.0.0.1", switch), *items))


def test_ports_that_join_switches_are_known_however_their_names_are_written() -> None:
    def uplinks(platform: str, neighbours: str) -> set[str]:
        switch = Item("sw-2", "network_device", "", {"platform": platform, "neighbours": neighbours})
        return {port.name for port in Office((switch,)).uplinks}

    assert uplinks("cisco_ios", "GigabitEthernet0/18 ax-1 gigabitethernet 0/25, GigabitEthernet0/19 r-1") == {
        "GigabitEthernet0/18",
        "GigabitEthernet0/19",
    }
    assert uplinks("alaxala_ax36s", "gigabitethernet 0/18 ax-2 gigabitethernet 0/25") == {
        "gigabitethernet 0/18"
    }
    assert uplinks("apresia_aeos", "port 1/18 ap-2 port 1/25, port 1/19 sw-1 GigabitEthernet0/1") == {
        "port 1/18",
        "port 1/19",
    }
    assert uplinks("cisco_ios", "") == set()


def planned(
    there: Office, *wishes: Mapping[str, Any], taken: dict[IPv4Address, str] | None = None
) -> Planned:
    return plan_moves(there, RULES, [Wish.model_validate(wish) for wish in wishes], taken or {})


def test_a_terminal_moves_to_the_port_of_its_outlet_and_a_free_address() -> None:
    there = office(hung("pc-1", 1), outlet("4F-12", 12))
    found = planned(there, {"item": "PC-1", "outlet": "4f-12", "floor": "本館四階", "section": "会計課"})
    move = found.moves["pc-1"]
    assert move.old.port == Port("sw-1", "GigabitEthernet0/1")
    assert move.port == Port("sw-1", "GigabitEthernet0/12")
    assert (move.network.vlan, str(move.address)) == (20, "10.1.20.50")
    assert move.new.text == "本館/4階/401"
    assert move.facts["section"] == "会計課"
    assert move.facts["outlet"] == "4F-12"
    assert found.problems == {}


def test_every_reason_is_told_at_once() -> None:
    there = office(
        hung("pc-1", 1),
        hung("pc-2", 2, mac="02:00:5e:00:53:01"),
        hung("pc-3", 3),
        hung("pc-4", 4, mac=""),
        outlet("4F-03", 3),
        outlet("4F-25", 25),
        outlet("4F-30", 30),
    )
    wishes: list[dict[str, Any]] = [
        {"item": "pc-1", "outlet": "4F-03", "old_floor": "5F"},
        {"item": "pc-3", "outlet": "4F-25", "floor": "本館5階"},
        {"item": "pc-4", "outlet": "9F-01"},
        {"item": "pc-9", "outlet": "4F-30"},
    ]
    assert planned(there, *wishes).problems == {
        "pc-1": (
            "pc-2 has the same hardware address 02:00:5e:00:53:01; one of the two is wrong",
            "the plan has it on 5F, and the ledger on 本館/3階. Look, and correct one of them",
        ),
        "pc-3": (
            "sw-1 GigabitEthernet0/25 joins switches to each other",
            "the outlet 4F-25 is on 本館4階 and not on 本館5階",
        ),
        "pc-4": (
            "no hardware address is recorded of it; import it as `mac`",
            "the ledger has no outlet 9F-01 (a location with `switch` and `switch_port`)",
        ),
        "pc-9": ("the ledger has no terminal and no printer pc-9",),
    }


def test_who_wants_a_place_that_stays_taken_stays_too() -> None:
    there = office(hung("pc-1", 1), hung("pc-2", 2), hung("pc-3", 3), outlet("A", 2), outlet("B", 3))
    found = planned(there, {"item": "pc-1", "outlet": "A"}, {"item": "pc-2", "outlet": "B"})
    assert found.problems == {
        "pc-2": ("B is taken by pc-3, which stays there",),
        "pc-1": ("A stays taken: pc-2 cannot move",),
    }
    assert those_of(["pc-1", "pc-7"], found) == {
        "pc-1": "A stays taken: pc-2 cannot move",
        "pc-7": "the layout plan does not say where it goes",
    }


def test_addresses_that_others_know_are_not_given_twice() -> None:
    there = office(hung("pc-1", 1), hung("pc-2", 2), outlet("A", 12), outlet("B", 13))
    wishes = [{"item": "pc-1", "outlet": "A"}, {"item": "pc-2", "outlet": "B"}]
    found = planned(there, *wishes, taken={IPv4Address("10.1.20.50"): "a lease"})
    assert str(found.moves["pc-1"].address) == "10.1.20.51"
    assert found.problems == {
        "pc-2": ("no address of 10.1.20.0/24 between 10.1.20.50 and 10.1.20.51 is free",)
    }
    wanted = {"item": "pc-1", "outlet": "A", "address": "10.1.20.50"}
    taken = planned(there, wanted, taken={IPv4Address("10.1.20.50"): "a lease"})
    assert taken.problems == {"pc-1": ("the address 10.1.20.50 is used by a lease",)}


def test_a_layout_plan_is_read_as_sites_write_it(tmp_path: Path) -> None:
    plan = tmp_path / "移設計画.csv"
    plan.write_bytes(
        "情報システム移設計画\r\n端末名,移設元フロア,移設元コンセント,移設先フロア,移設先コンセント,移設先課室,備考\r\n"
        "ｐｃ－１,本館3F,3F-01,４階東,4F-12,会計課,午前\r\n".encode("cp932")
    )
    assert [wish.model_dump() for wish in read_layout(plan)] == [
        {
            "item": "pc-1",
            "outlet": "4F-12",
            "floor": "4階東",
            "section": "会計課",
            "old_outlet": "3F-01",
            "old_floor": "本館3F",
        }
    ]


def test_every_problem_of_a_layout_plan_is_told(tmp_path: Path) -> None:
    plan = tmp_path / "plan.csv"
    plan.write_text("端末,コンセント,VLAN,謎\npc-1,A,x,1\n,B,,\npc-3,,,\npc-1,A,,\n", encoding="utf-8")
    with pytest.raises(LayoutUnusable) as found:
        read_layout(plan)
    assert str(found.value) == (
        "plan.csv cannot be used; nothing was asked for. Problems: 6\n"
        "plan.csv, column 謎: nothing is known for this heading. Add --map '謎=FACT' or '謎=-'.\n"
        "plan.csv, row 2, column VLAN: 'x' is no VLAN. Write a number from 1 to 4094.\n"
        "plan.csv, row 3, column 端末: it is empty. Write what moves, or delete the row.\n"
        "plan.csv, row 4, column コンセント: it says no outlet, and no switch with a port. "
        "Write where pc-3 goes.\n"
        "plan.csv, row 5, column 端末: pc-1 is in row 2 already. Keep one of the two rows.\n"
        "plan.csv, row 5, column コンセント: A is in row 2 already. Keep one of the two rows."
    )
    read = LayoutWords({"謎": "-"})
    assert (read.attribute("謎"), read.attribute("新フロア"), read.attribute("現座席")) == ("-", "floor", "-")
