"""The topology from items and neighbours, feeds, boot times, objections before an outage."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from daicho.items.item import Item
from daicho.reachability.answers import Alive, Answer, CouldNotTell, Silent, Unreachable
from daicho.reachability.baseline import (
    DeviceState,
    Reply,
    Seen,
    is_go,
    objections,
    record,
    topology_change,
)
from daicho.reachability.boot import BootTimes, Return, learn
from daicho.reachability.causes import explain
from daicho.reachability.explanation import Certainty, Nature, Sight, Sign, Sort, Suspect
from daicho.reachability.floors import floor_level
from daicho.reachability.replies import replies
from daicho.reachability.topology import Link, Node, Topology
from daicho.reachability.wiring import Neighbour, Standpoint, wire
from tests.nightshift import Night, office
from tests.outages import CONTROLLER, network, sight_of


def test_links_come_from_uplinks_and_from_what_devices_saw() -> None:
    items = [
        Item("sw-1", "network_device"),
        Item("sw-2", "network_device", "", {"uplink": "sw-1:Gi1/0/1"}),
        Item("phone-1", "endpoint", "", {"uplink": "SW-2.example.jp Gi1/0/9"}),
        Item("pc-1", "endpoint", "", {"uplink": "phone-1"}),
        Item("soumu", "share"),
    ]
    seen = [Neighbour("SW-2.example.jp", "sw-1"), Neighbour("sw-1", "ops-1.example.jp")]
    topology, gaps = wire(items, Standpoint("ops-1"), seen)
    assert gaps == []
    assert [(link.name, link.kind) for link in topology.links] == [
        ("ops-1 -- sw-1", "neighbour"),
        ("pc-1 -- phone-1", "uplink"),
        ("phone-1 -- sw-2", "uplink"),
        ("sw-1 -- sw-2", "uplink"),
    ]
    assert topology.nodes["phone-1"].passes
    assert "soumu" not in topology.nodes
    assert topology.depth["pc-1"] == 4
    assert Topology.of_json(json.loads(json.dumps(topology.as_json()))).digest == topology.digest


def test_what_cannot_be_right_is_told() -> None:
    items = [
        Item("sw-1", "network_device", "", {"uplink": "sw-9"}),
        Item("sw-2", "network_device", "", {"uplink": "sw-2"}),
        Item("pc-1", "endpoint", "", {"uplink": "sw-2"}),
    ]
    _, gaps = wire(items, Standpoint("ops-1", ("sw-1",)))
    assert [str(gap) for gap in gaps] == [
        (
            "sw-1: the link leads to sw-9, which is no known item. "
            "Correct the uplink or add the item: `daicho item import`."
        ),
        "sw-2: the item is named as its own uplink. Name the device that it hangs on.",
        (
            "pc-1, sw-2: no way leads there from ops-1. If it stays dark, the cause cannot be placed. "
            "Give the items their uplink."
        ),
    ]
    [*_, last] = wire(items, Standpoint("ops-1"))[1]
    assert str(last) == (
        "Nobody knows where the checking machine ops-1 is plugged in, so no cause can be placed. "
        "Give it an uplink."
    )


def test_an_island_that_is_dark_is_said_to_be_unplaced() -> None:
    topology = network([(CONTROLLER, "s1"), ("s2", "t1")], {"s1", "s2"})
    [cause] = explain(topology, sight_of(topology, ())).causes
    assert cause.nature is Nature.UNPLACED
    assert cause.dark == ("s2", "t1")


def powered(feeds: dict[str, str]) -> Topology:
    nodes = {CONTROLLER: Node(CONTROLLER), "s0": Node("s0", "network_device", passes=True)}
    nodes |= {name: Node(name, "network_device", passes=True, feed=feed) for name, feed in feeds.items()}
    links = [Link.between(CONTROLLER, "s0"), *(Link.between("s0", name) for name in feeds)]
    return Topology(nodes, links, CONTROLLER)


def feed(name: str) -> Suspect:
    return Suspect(Sort.FEED, name)


def test_one_power_feed_explains_what_hangs_on_it() -> None:
    topology = powered({"a": "1F/c1", "b": "1F/c1", "c": "1F/c2", "d": "2F/c1"})
    [cause] = explain(topology, sight_of(topology, {feed("1F/c1")})).causes
    assert (cause.nature, cause.certainty, cause.id) == (Nature.FEED, Certainty.LIKELY, "feed:1F/c1")
    assert cause.candidates == ((feed("1F/c1"),),)
    assert cause.edge == ("a", "b")
    [whole] = explain(topology, sight_of(topology, {feed("1F")})).causes
    assert whole.candidates == ((feed("1F"),),)


def test_a_feed_that_something_alive_hangs_on_has_not_failed() -> None:
    topology = powered({"a": "1F", "b": "1F", "c": "1F"})
    dark = {Suspect(Sort.NODE, "a"), Suspect(Sort.NODE, "b")}
    assert [cause.id for cause in explain(topology, sight_of(topology, dark)).causes] == ["node:a", "node:b"]


def test_feeds_that_hold_the_same_items_cannot_be_told_apart() -> None:
    topology = powered({"a": "1F/c1", "b": "1F/c1", "d": "2F"})
    [cause] = explain(topology, sight_of(topology, {feed("1F")})).causes
    assert cause.candidates == ((feed("1F/c1"),), (feed("1F"),))
    assert cause.certainty is Certainty.OPEN


def test_one_dark_item_on_a_shared_feed_leaves_three_suspects() -> None:
    topology = powered({"a": "1F", "d": "2F"})
    hidden = Node("t", "endpoint", feed="1F")
    topology = Topology(
        {**topology.nodes, "t": hidden}, [*topology.links, Link.between("a", "t")], CONTROLLER
    )
    [cause] = explain(topology, sight_of(topology, {feed("1F")})).causes
    assert [each[0].sort for each in cause.candidates] == [Sort.NODE, Sort.LINK, Sort.FEED]


def test_a_port_that_is_up_proves_power() -> None:
    topology = network([(CONTROLLER, "s0"), ("s0", "s1"), ("s1", "t1")], {"s0", "s1"})
    link = Link.between("s0", "s1")
    signs = {"s0": Sign.ALIVE, "s1": Sign.DARK, "t1": Sign.DARK}
    [cause] = explain(topology, Sight(signs, {link: True})).causes
    assert (cause.certainty, cause.powered) == (Certainty.CERTAIN, True)
    assert cause.candidates == ((Suspect(Sort.NODE, "s1"),),)
    [cause] = explain(topology, Sight(signs, {link: False})).causes
    assert cause.certainty is Certainty.OPEN


@pytest.mark.parametrize(
    ("floor", "level"),
    [
        ("地下1階", -1),
        ("B2F", -2),
        ("Ｂ１", -1),
        ("3階", 3),
        ("１０Ｆ", 10),
        ("三階", 3),
        ("屋上", 1000),
        ("", 0),
    ],
)
def test_floors_have_their_height(floor: str, level: int) -> None:
    assert floor_level(floor) == level


def test_boot_times_are_learned_by_model_and_by_kind() -> None:
    seen = [Return("C9200", "network_device", seconds) for seconds in (200, 210, 240)]
    boot = learn([*seen, Return("", "printer", 30)])
    assert boot.of(Node("sw", "network_device", model="C9200")) == timedelta(seconds=300)
    assert boot.of(Node("sw", "network_device", model="other")) == timedelta(seconds=300)
    assert boot.of(Node("prn", "printer")) == timedelta(minutes=10)
    assert BootTimes.of_json(boot.as_json()) == boot


def test_an_unsaved_configuration_is_no_go() -> None:
    baseline = Night(dead_before={"sw-2-3f"}).baseline()
    look = replace(
        baseline.look,
        devices={**baseline.look.devices, "sw-1-1f": DeviceState(saved=False)},
        silent_login={"sw-1-2f": "permission denied"},
    )
    found = objections(replace(baseline, look=look))
    assert [(each.kind, each.names) for each in found] == [
        ("unsaved", ("sw-1-1f",)),
        ("unread", ("sw-1-2f",)),
        ("dead", ("sw-2-3f",)),
    ]
    assert found[0].words() == (
        "The running configuration is not saved and goes with the power. Save it and take the baseline again."
    )
    assert not is_go(found)
    assert is_go(objections(baseline))


def test_what_was_dead_keeps_its_date() -> None:
    first = Night(dead_before={"pc-1101"}).baseline()
    later = replace(first.look, at=first.look.at + timedelta(days=3))
    again = record(later, first.topology, first.boot, earlier=first)
    assert again.dead_since["pc-1101"] == first.look.at


def test_a_changed_topology_is_told() -> None:
    before = Night().topology
    moved = [
        replace(item, attributes={**item.attributes, "uplink": "sw-2-1f"}) if item.name == "pc-1101" else item
        for item in office()
        if item.name != "pc-1102"
    ]
    change = topology_change(before, Night(items=[*moved, Item("pc-new", "endpoint")]).topology_with_gaps())
    assert change.added == ("pc-new",)
    assert change.removed == ("pc-1102",)
    assert change.relinked == ("pc-1101",)
    assert not change.foreign(before)


def test_the_sweep_s_answers_become_replies_by_item() -> None:
    answers: dict[str, Answer] = {
        "192.0.2.1": Alive(1.5),
        "192.0.2.2": Silent(),
        "192.0.2.3": Unreachable("192.0.2.254", 1),
        "192.0.2.4": CouldNotTell("the table is full"),
    }
    names = {"a": "192.0.2.1", "b": "192.0.2.2", "c": "192.0.2.3", "d": "192.0.2.4", "e": "192.0.2.5"}
    assert replies(names, answers) == {
        "a": Reply(Seen.ALIVE),
        "b": Reply(Seen.SILENT),
        "c": Reply(Seen.UNREACHABLE, "192.0.2.254"),
        "d": Reply(Seen.COULD_NOT_TELL, "the table is full"),
        "e": Reply(Seen.COULD_NOT_TELL),
    }
