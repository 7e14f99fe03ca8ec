"""A hundred randomised outages of a ministry: the culprits are the true cuts wherever these can be known."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

import pytest

from daicho.reachability.baseline import Look, Reply, Seen, record
from daicho.reachability.boot import BootTimes
from daicho.reachability.causes import explain
from daicho.reachability.explanation import Certainty, Explanation, Nature, Sight, Sort, Suspect
from daicho.reachability.verdict import Situation, State
from daicho.reachability.verdict import judge as judge_look
from tests.nightshift import BEFORE, LATER, POWER
from tests.outages import Ministry, elements, lit, ministry, sight_of

if TYPE_CHECKING:
    from daicho.reachability.topology import Link, Topology


@pytest.fixture(scope="module")
def offices() -> Topology:
    return ministry(Ministry(), random.Random(1))  # noqa: S311 -- the same network every time


def outage(topology: Topology, chance: random.Random) -> set[Suspect]:
    """1 to 20 cuts, half of them among the switches and their links, overlapping as they fall."""
    everything = elements(topology)
    backbone = [each for each in everything if "pc-" not in each.name]
    count = chance.randint(1, 20)
    return {chance.choice(backbone if chance.random() < 0.5 else everything) for _ in range(count)}


def ports_of(topology: Topology, failed: set[Suspect]) -> dict[Link, bool]:
    """What the switches that answer report of their ports to other switches."""
    alive = lit(topology, failed)
    ports = {}
    for link in topology.links:
        switches = [end for end in (link.a, link.b) if topology.nodes[end].passes]
        if len(switches) == 2 and any(end in alive for end in switches):
            powered = all((Sort.NODE, end) not in failed for end in switches)
            ports[link] = powered and (Sort.LINK, link.name) not in failed
    return ports


def suspects(explanation: Explanation) -> set[Suspect]:
    return {
        suspect
        for cause in explanation.causes
        for choice in (*cause.candidates, *cause.larger)
        for suspect in choice
    }


def judge(topology: Topology, failed: set[Suspect], sight: Sight, explanation: Explanation) -> None:
    assert explanation.least
    alive = lit(topology, failed)
    assert set(explanation.by_item) == topology.nodes.keys() - alive
    for cause in explanation.causes:
        true = [choice for choice in (*cause.candidates, *cause.larger) if failed.issuperset(choice)]
        assert true, f"{cause.id} is no fault"
        if cause.certainty is Certainty.CERTAIN:
            assert true == [cause.candidates[0]]
        if cause.certainty is Certainty.LIKELY:
            assert cause.candidates[0] in true or len(true[0]) > 1
    # Putting the first candidates of all causes into the simulation gives the same picture again.
    named = {suspect for cause in explanation.causes for suspect in cause.candidates[0]}
    assert lit(topology, named) == alive
    # A true cut that is named nowhere changes nothing that anybody could see.
    for hidden in failed - suspects(explanation):
        repaired = failed - {hidden}
        assert lit(topology, repaired) == alive
        if sight.ports:
            assert ports_of(topology, repaired) == sight.ports


@pytest.mark.parametrize("seed", range(100))
def test_the_culprits_are_the_true_cuts(offices: Topology, seed: int) -> None:
    failed = outage(offices, random.Random(seed))  # noqa: S311 -- the same outage every time
    seen = sight_of(offices, failed)
    sight = Sight(seen.signs, ports_of(offices, failed) if seed % 2 else {})
    began = time.process_time()
    explanation = explain(offices, sight)
    assert time.process_time() - began < 1
    judge(offices, failed, sight, explanation)


def test_what_a_switch_reports_of_its_ports_settles_what_was_open(offices: Topology) -> None:
    link = next(link for link in offices.links if {link.a, link.b} == {"core-1", "dist-7"})
    failed = {Suspect(Sort.LINK, link.name)}
    blind = explain(offices, sight_of(offices, failed))
    assert blind.causes == ()
    seen = Sight(sight_of(offices, failed).signs, ports_of(offices, failed))
    [cause] = explain(offices, seen).causes
    assert cause.id == "link:core-1 -- dist-7"
    assert cause.nature is Nature.CUT
    assert cause.certainty is Certainty.CERTAIN
    assert cause.dark == ()


def test_forty_things_behind_one_switch_are_one_cause(offices: Topology) -> None:
    failed = {Suspect(Sort.NODE, "dist-7")}
    [cause] = explain(offices, sight_of(offices, failed)).causes
    assert cause.candidates == ((Suspect(Sort.NODE, "dist-7"),),)
    assert cause.larger == ((Suspect(Sort.LINK, "core-1 -- dist-7"), Suspect(Sort.LINK, "core-2 -- dist-7")),)
    assert cause.certainty is Certainty.LIKELY
    assert len(cause.behind) == len(offices.nodes) - len(lit(offices, failed)) - 1


@pytest.mark.parametrize("seed", range(5))
def test_no_verdict_is_wrong_about_who_answers(offices: Topology, seed: int) -> None:
    failed = outage(offices, random.Random(seed))  # noqa: S311 -- the same outage every time
    alive = lit(offices, failed)
    everything = {name: Reply(Seen.ALIVE) for name in offices.nodes}
    baseline = record(Look(at=BEFORE, answers=everything), offices, BootTimes())
    seen = {name: Reply(Seen.ALIVE if name in alive else Seen.SILENT) for name in offices.nodes}
    judgement = judge_look(baseline, offices, Look(at=LATER, answers=seen), Situation(power_back={"": POWER}))
    for name, verdict in judgement.verdicts.items():
        assert (verdict.state is State.BACK) == (name in alive)
        assert verdict.state in (State.BACK, State.DEAD, State.UNREACHABLE)
    # Whoever is called unreachable has no working way, whether it has failed itself or not.
    healed = {each for each in failed if each.sort is not Sort.NODE}
    dead = {name for name, verdict in judgement.verdicts.items() if verdict.state is State.DEAD}
    blamed = healed | {Suspect(Sort.NODE, name) for name in dead}
    assert lit(offices, blamed) <= alive
