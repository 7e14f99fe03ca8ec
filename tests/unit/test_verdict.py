"""The verdicts of one night, and the list of what to do."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta

import pytest

from daicho.items.item import Item
from daicho.reachability.baseline import Baseline, DeviceState, Look, Reply, Seen, record
from daicho.reachability.boot import BootTimes
from daicho.reachability.differences import Difference
from daicho.reachability.matters import Kind, matters
from daicho.reachability.verdict import Situation, Standing, State, Verdict, judge
from daicho.reachability.wiring import Standpoint, wire
from daicho.reachability.words import effect, reason, step, title
from tests.nightshift import BEFORE, LATER, POWER, TOKYO, Night, four_things, office


def headlines(night: Night) -> list[str]:
    return [title(matter) for matter in matters(night.judgement())]


def test_the_four_things_and_nothing_else() -> None:
    night = four_things()
    found = matters(night.judgement())
    assert [(title(each), effect(each), reason(each)) for each in found] == [
        (
            "sw-2-dist",
            "15 items behind it are dark.",
            (
                "Otherwise the link sw-2-dist – sw-core-1 and the link sw-2-dist – sw-core-2 "
                "would have failed together."
            ),
        ),
        (
            "sw-1-3f or the link sw-1-3f – sw-1-dist",
            "4 items behind it are dark.",
            "Which of them cannot be told from here: each alone explains everything that is dark.",
        ),
        ("the link sw-1-dist – sw-core-2", "Redundancy is lost; nothing is dark.", ""),
        ("sw-1-2f", "Answers, but is not as it was.", ""),
    ]
    assert step(found[3], TOKYO) == (
        "Log in and compare it with the baseline: It runs another configuration than before the outage."
    )


def test_every_item_has_one_verdict() -> None:
    judgement = four_things().judgement()
    assert judgement.counts == Counter(
        {State.BACK: 12, State.DIFFERENT: 1, State.DEAD: 2, State.UNREACHABLE: 19, State.ALREADY_DEAD: 1}
    )
    assert judgement.verdicts["pc-1101"].state is State.ALREADY_DEAD
    assert judgement.verdicts["pc-2101"].behind == ("node:sw-2-dist",)
    assert judgement.verdicts["sw-1-3f"].state is State.DEAD
    assert not judgement.all_back


def test_all_back_is_said_when_nothing_is_left_but_what_was_dead_before() -> None:
    night = Night(dead_before={"pc-1101", "pc-1102"})
    judgement = night.judgement()
    assert matters(judgement) == ()
    assert judgement.all_back
    assert {each.standing for each in judgement.findings} == {Standing.KNOWN}


def test_inside_its_boot_time_a_switch_is_late_and_so_is_what_hangs_on_it() -> None:
    night = Night(down={"sw-2-dist"}, at=POWER + timedelta(minutes=4))
    judgement = night.judgement()
    assert judgement.verdicts["sw-2-dist"].expected_by == POWER + timedelta(minutes=5)
    assert {judgement.verdicts[name].state for name in ("sw-2-dist", "sw-2-1f", "pc-2101")} == {State.LATE}
    [matter] = matters(judgement)
    assert matter.waits
    assert step(matter, TOKYO) == "Wait until 22:05: it may still be starting."
    after = Night(down={"sw-2-dist"}, at=POWER + timedelta(minutes=5)).judgement()
    assert after.verdicts["sw-2-dist"].state is State.DEAD
    assert after.verdicts["pc-2101"].state is State.UNREACHABLE


def test_single_terminals_are_one_matter() -> None:
    assert headlines(Night(down={"pc-1102", "pc-2301", "pc-2302"})) == ["pc-1102, pc-2301, pc-2302"]
    four = {"pc-1101", "pc-1102", "pc-2301", "pc-2302"}
    assert headlines(Night(down=four)) == ["4 single terminals"]


def test_all_the_terminals_of_a_switch_that_answers_are_spoken_of_together() -> None:
    [matter] = matters(Night(down={"pc-1101", "pc-1102", "pc-1103", "pc-1104"}).judgement())
    assert title(matter) == "All 4 terminals on sw-1-1f"
    assert step(matter, TOKYO).startswith("sw-1-1f answers and nothing on it does.")


def test_nothing_answers_means_look_at_yourself_first() -> None:
    night = Night(down={"sw-core-1", "sw-core-2"})
    [matter] = matters(night.judgement())
    assert title(matter) == "Nothing answers at all"
    assert step(matter, TOKYO) == (
        "Nothing answers, so look at this checking machine first: its cable, its port, and "
        "sw-core-1, sw-core-2. What the rest is like cannot be told before."
    )


def test_what_could_not_be_told_is_never_called_dead() -> None:
    night = Night(untold={"pc-1101": "the neighbour table is full"})
    judgement = night.judgement()
    assert judgement.verdicts["pc-1101"].state is State.COULD_NOT_TELL
    [matter] = matters(judgement)
    assert (title(matter), step(matter, TOKYO)) == (
        "1 item could not be judged",
        "Why not: the neighbour table is full. Look at a few of them by hand.",
    )


def test_a_baseline_of_another_network_is_noticed() -> None:
    night = four_things()
    other = [Item(f"x-{item.name}", item.kind, item.address) for item in office()]
    foreign = night.judgement()
    assert not foreign.foreign
    topology, _ = wire([*other, *office()[:1]], Standpoint("ops-1", ("x-sw-core-1",)))
    look = Look(at=LATER, answers={name: Reply(Seen.ALIVE) for name in topology.nodes})
    judged = judge(night.baseline(), topology, look, night.situation)
    assert judged.foreign
    assert title(matters(judged)[0]) == "The baseline does not fit this network"


def test_a_baseline_survives_the_ledger() -> None:
    baseline = four_things().baseline()
    text = json.dumps(baseline.as_json())
    assert Baseline.of_json(json.loads(text)) == baseline
    assert Baseline.of_json(json.loads(text)).topology.digest == baseline.topology.digest


@pytest.mark.parametrize("minutes", [0, 39])
def test_without_power_times_nobody_is_late(minutes: int) -> None:
    night = Night(down={"sw-2-dist"}, at=POWER + timedelta(minutes=minutes), situation=Situation())
    assert State.LATE not in night.judgement().counts


def test_a_clock_that_is_behind_is_said() -> None:
    judgement = Night(down={"sw-2-dist"}, at=POWER - timedelta(hours=9)).judgement()
    [note] = judgement.notes
    assert note == (
        "The clock of this machine is behind the baseline's or the power's: it is not synchronised yet. "
        "What is late and what is dead cannot be told apart until it is."
    )
    assert judgement.verdicts["sw-2-dist"].state is State.LATE


def test_half_of_the_devices_answer_but_nobody_can_log_in() -> None:
    night = Night()
    baseline, topology = night.baseline(), night.topology
    refused = {"sw-1-1f": "permission denied", "sw-1-2f": "permission denied"}
    look = Look(at=LATER, answers=baseline.look.answers, silent_login=refused)
    judgement = judge(baseline, topology, look, night.situation)
    assert [title(each) for each in matters(judgement)] == ["sw-1-1f", "sw-1-2f"]
    [told] = judgement.verdicts["sw-1-1f"].differences
    assert str(told) == "It answers but nobody can log in: permission denied"


def test_an_outage_of_no_items_is_no_failure() -> None:
    night = Night(items=[item for item in office() if item.name in ("ops-1", "sw-core-1", "sw-core-2")])
    judgement = night.judgement()
    assert judgement.all_back
    assert matters(judgement) == ()


def test_a_link_whose_end_came_back_a_moment_ago_may_still_settle() -> None:
    night = Night(cut={("sw-1-dist", "sw-core-2")})
    back = {"sw-1-dist": LATER - timedelta(seconds=30)}
    night.situation = Situation(power_back={"": POWER}, came_back=back)
    (waiting,) = matters(night.judgement())
    assert (waiting.kind, waiting.waiting_until) == (Kind.CUT, LATER + timedelta(seconds=90))
    assert step(waiting, TOKYO) == (
        "Wait until 22:41: it or the network around it has just come back and still settles."
    )
    night.at = LATER + timedelta(seconds=90)
    (stays,) = matters(night.judgement())
    assert (stays.kind, stays.waits) == (Kind.CUT, False)


def test_what_a_device_has_still_to_learn_or_to_start_is_waited_for_and_its_configuration_is_not() -> None:
    def judged(now: DeviceState, back: str, seconds: int) -> Verdict:
        was = DeviceState(config="a", routes=frozenset({"10.9.0.0/24 ospf"}))
        answers = {name: Reply(Seen.ALIVE) for name in Night().topology.nodes}
        topology = Night().topology
        before = record(Look(at=BEFORE, answers=answers, devices={"sw-1-1f": was}), topology, BootTimes())
        look = Look(at=LATER, answers=answers, devices={"sw-1-1f": now})
        situation = Situation(came_back={back: LATER - timedelta(seconds=seconds)})
        return judge(before, topology, look, situation).verdicts["sw-1-1f"]

    bare, other = DeviceState(config="a", routes=frozenset()), DeviceState(config="b", routes=frozenset())
    soon = LATER + timedelta(minutes=1)
    assert judged(bare, "sw-1-1f", 60) == Verdict(
        name="sw-1-1f",
        state=State.DIFFERENT,
        differences=(Difference("routes", ("10.9.0.0/24 ospf",)),),
        expected_by=soon,
    )
    assert judged(bare, "sw-core-1", 60).expected_by == soon
    assert judged(bare, "pc-1101", 60).expected_by is None
    assert judged(bare, "sw-1-1f", 120).expected_by is None
    assert judged(other, "sw-1-1f", 60).expected_by is None


def test_a_reason_that_is_a_sentence_ends_in_one_full_stop() -> None:
    night = Night(untold={"pc-1101": "This machine has no route to it: nothing could be asked."})
    [matter] = matters(night.judgement())
    assert step(matter, TOKYO) == (
        "Why not: This machine has no route to it: nothing could be asked. Look at a few of them by hand."
    )


def test_what_hangs_on_a_switch_that_came_back_a_moment_ago_is_late_and_not_dead() -> None:
    terminals = {f"pc-22{number:02}" for number in range(1, 5)}
    night = Night(down=terminals & {item.name for item in office()})
    assert night.down
    (device,) = {far for name in night.down for far in night.topology.far_ends(name)}
    night.situation = Situation(came_back={device: LATER - timedelta(seconds=10)})
    assert {night.judgement().verdicts[name].state for name in night.down} == {State.LATE}
    night.at = LATER + timedelta(seconds=110)
    assert {night.judgement().verdicts[name].state for name in night.down} == {State.DEAD}
