"""Whose default a printer becomes when things move: what is near is taken, the rest is asked."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Any, Final

import pytest

from daicho.craft import Trouble
from daicho.documents import judge
from daicho.errors import DocumentError
from daicho.items.item import Item
from daicho.moves.office import Office
from daicho.moves.part import Change
from daicho.moves.planning import Move, Planned
from daicho.moves.rules import MoveRules
from daicho.moves.wish import Port, Spot, Wish
from daicho.printing.heirs import Heirs
from daicho.printing.nearest import Nearest
from daicho.services import ServicesFile

NETWORK: Final = MoveRules.model_validate(
    {"networks": [{"vlan": 20, "subnet": "10.1.20.0/24", "first": "10.1.20.50", "last": "10.1.20.99"}]}
).networks[0]


def spot(floor: str, room: str = "") -> Spot:
    return Spot(None, "", "本館", floor, room)


def thing(name: str, floor: str, room: str = "") -> Item:
    kind = "printer" if name.startswith("pr") else "endpoint"
    return Item(name, kind, "", {"building": "本館", "floor": floor, "room": room})


def move(item: Item, floor: str, room: str = "", **wish: str) -> Move:
    known = item.attributes
    told: dict[str, Any] = {"item": item.name, "outlet": "x", **wish}
    return Move(
        item=item,
        wish=Wish.model_validate(told),
        mac="02:00:00:00:00:01",
        old=spot(known["floor"], known["room"]),
        port=Port("sw-1", "Gi0/1"),
        new=spot(floor, room),
        network=NETWORK,
        address=IPv4Address("10.1.20.50"),
    )


def heirs(items: list[Item], *moves: Move, grouped: str = "pr-1 pr-2 pr-3") -> Heirs:
    return Heirs(Office(tuple(items)), Planned(moves={each.name: each for each in moves}), grouped.split())


def test_a_printer_in_the_room_is_nearer_than_one_on_the_floor() -> None:
    near = Nearest({"a": spot("3階", "301"), "b": spot("３F", "302"), "c": spot("4階", "301"), "d": spot("")})
    assert near.to(spot("三階", "301")) == ("a",)
    assert near.to(spot("3F", "309")) == ("a", "b")
    assert near.to(spot("5F")) == ()
    assert near.to(spot("", "301")) == ()


def test_a_terminal_gets_the_only_printer_where_it_goes() -> None:
    pc, items = thing("pc-1", "3階"), [thing("pr-1", "3階"), thing("pr-2", "4階"), thing("pr-9", "4階")]
    found = heirs([pc, *items], move(pc, "4階"))
    assert found.concerned({}) == {"pc-1"}
    assert found.changes({}, {"pc-1": ("pr-1",)}) == {
        "pc-1": Change(before={"pc-1": "pr-1"}, after={"pc-1": "pr-2"})
    }
    assert found.changes({}, {}) == {}, "it has no account"
    assert found.changes({}, {"pc-1": ("pr-2",)}) == {}, "it has that one already"


def test_what_it_has_stays_if_it_is_on_the_floor_or_nothing_is() -> None:
    pc, items = thing("pc-1", "3階", "301"), [thing("pr-1", "3階", "301"), thing("pr-2", "3階", "302")]
    within = heirs([pc, *items], move(pc, "3階", "302"))
    assert within.changes({}, {"pc-1": ("pr-1",)}) == {}
    nowhere = heirs([pc, *items], move(pc, "9階"))
    found = nowhere.changes({}, {"pc-1": ("pr-1",)})["pc-1"]
    assert isinstance(found, Change)
    assert (found.after, len(found.notes)) == ({}, 1)
    assert nowhere.changes({}, {"pc-1": ()}) == {}


def test_several_are_a_question_unless_the_plan_names_one() -> None:
    pc, items = thing("pc-1", "3階"), [thing("pr-1", "4階", "401"), thing("pr-2", "4階", "402")]
    asked = heirs([pc, *items], move(pc, "4階")).changes({}, {"pc-1": ()})["pc-1"]
    assert asked == Change(
        notes=(
            "Which printer is to be its default? At 本館/4階 there are pr-1, pr-2: say `default_printer:`",
        )
    )
    told = heirs([pc, *items], move(pc, "4階", default_printer="PR-2")).changes({}, {"pc-1": ()})
    assert told == {"pc-1": Change(before={"pc-1": None}, after={"pc-1": "pr-2"})}


@pytest.mark.parametrize(
    ("named", "why"),
    [
        ("pr-7", "the ledger has no other printer pr-7"),
        ("pc-1", "the ledger has no other printer pc-1"),
        ("pr-9", "the directory has no group for the printer pr-9: make it, or name another one"),
    ],
)
def test_a_printer_that_cannot_be_a_default_stops_the_move(named: str, why: str) -> None:
    pc, items = thing("pc-1", "3階"), [thing("pr-1", "4階"), thing("pr-9", "4階")]
    found = heirs([pc, *items], move(pc, "4階", default_printer=named)).changes({}, {"pc-1": ()})["pc-1"]
    assert isinstance(found, Trouble)
    assert str(found) == why


def test_who_stays_behind_inherits_and_who_had_none_is_given_what_comes() -> None:
    going = thing("pr-1", "4階")
    people = [
        thing(f"pc-{number}", floor) for number, floor in enumerate(("4階", "4階", "3階", "3階", "2階"), 1)
    ]
    items = [going, thing("pr-2", "4階"), *people]
    users = {"pr-1": ["PC-1", "pc-3", "pc-5", "srv-1"]}
    found = heirs(items, move(going, "3階"))
    assert found.concerned(users) == {"pc-1", "pc-3", "pc-4"}
    now = {"pc-1": ("pr-1",), "pc-3": ("pr-1",), "pc-4": ()}
    assert found.changes(users, now) == {
        "pr-1": Change(before={"pc-1": "pr-1", "pc-4": None}, after={"pc-1": "pr-2", "pc-4": "pr-1"})
    }
    alone = heirs([going, *people], move(going, "3階")).changes(users, now)["pr-1"]
    assert isinstance(alone, Change)
    assert alone.after == {"pc-4": "pr-1"}
    assert alone.notes == (
        (
            "1 terminal keeps pr-1 as its default though it goes: pc-1. None else is near; say "
            "`default_printer:`"
        ),
    )


def test_printers_that_change_places_change_heirs() -> None:
    one, two = thing("pr-1", "3階"), thing("pr-2", "4階")
    items = [one, two, thing("pc-1", "3階"), thing("pc-2", "4階")]
    found = heirs(items, move(one, "4階"), move(two, "3階"))
    changes = found.changes({"pr-1": ["pc-1"], "pr-2": ["pc-2"]}, {"pc-1": ("pr-1",), "pc-2": ("pr-2",)})
    assert changes == {
        "pr-1": Change(before={"pc-1": "pr-1"}, after={"pc-1": "pr-2"}),
        "pr-2": Change(before={"pc-2": "pr-2"}, after={"pc-2": "pr-1"}),
    }


@pytest.mark.parametrize("group", ["DP", "{name}{name}", "DP_{room}"])
def test_a_group_is_named_by_its_printer(group: str) -> None:
    with pytest.raises(DocumentError):
        judge(ServicesFile, {"queues": {"default_group": group}}, "services.yml")
