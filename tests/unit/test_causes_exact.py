"""The causes against brute force: every set of failures that explains what is seen, none smaller."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from daicho.reachability.causes import explain
from daicho.reachability.explanation import Certainty, Nature, Sight, Sign, Sort, Suspect
from tests.outages import CONTROLLER, elements, lit, network, sight_of

if TYPE_CHECKING:
    from daicho.reachability.topology import Topology


@st.composite
def networks(draw: st.DrawFn) -> Topology:
    switches = [f"s{number}" for number in range(draw(st.integers(1, 4)))]
    names = [CONTROLLER, *switches]
    links = {(name, draw(st.sampled_from(names[: place + 1]))) for place, name in enumerate(switches)}
    for _ in range(draw(st.integers(0, 2))):
        one, other = draw(st.sampled_from(names)), draw(st.sampled_from(names))
        if one != other and (other, one) not in links:
            links.add((one, other))
    for number in range(draw(st.integers(0, 3))):
        for uplink in draw(st.sets(st.sampled_from(switches), min_size=1, max_size=2)):
            links.add((f"t{number}", uplink))
    return network(sorted(links), switches)


@st.composite
def outages(draw: st.DrawFn) -> tuple[Topology, frozenset[Suspect]]:
    topology = draw(networks())
    failed = draw(st.sets(st.sampled_from(elements(topology)), max_size=4))
    return topology, frozenset(failed)


def smallest(
    topology: Topology, sight: Sight, everything: list[Suspect] | None = None
) -> set[frozenset[Suspect]]:
    """All the smallest sets of failures under which exactly this would be seen."""
    told = {name: sign for name, sign in sight.signs.items() if sign is not Sign.UNKNOWN}
    everything = everything or elements(topology)
    for size in range(len(everything) + 1):
        fitting = set()
        for failed in combinations(everything, size):
            alive = lit(topology, failed)
            if all((name in alive) == (sign is Sign.ALIVE) for name, sign in told.items()):
                fitting.add(frozenset(failed))
        if fitting:
            return fitting
    raise AssertionError("nothing explains it")


@settings(max_examples=300, deadline=None)
@given(outages())
def test_the_candidates_are_exactly_the_smallest_explanations(
    outage: tuple[Topology, frozenset[Suspect]],
) -> None:
    topology, failed = outage
    sight = sight_of(topology, failed)
    explanation = explain(topology, sight)
    assert explanation.least
    combined = {frozenset[Suspect]()}
    for cause in explanation.causes:
        combined = {have | frozenset(choice) for have in combined for choice in cause.candidates}
    assert combined == smallest(topology, sight)


@settings(max_examples=300, deadline=None)
@given(outages(), st.data())
def test_what_could_not_be_told_is_explained_with_the_fewest_faults_too(
    outage: tuple[Topology, frozenset[Suspect]], data: st.DataObject
) -> None:
    topology, failed = outage
    switches = [name for name, node in topology.nodes.items() if node.passes]
    unseen = data.draw(st.sets(st.sampled_from(switches)))
    sight = sight_of(topology, failed, unseen)
    explanation = explain(topology, sight)
    least = smallest(topology, sight)
    size = len(next(iter(least)))
    if not explanation.least:
        assert len(explanation.causes) >= size
        return
    assert len(explanation.causes) == size
    named = {suspect for cause in explanation.causes for choice in cause.candidates for suspect in choice}
    assert named >= {suspect for failures in least for suspect in failures}


@st.composite
def fed(draw: st.DrawFn) -> tuple[Topology, frozenset[Suspect], list[Suspect]]:
    topology = draw(networks())
    paths = st.sampled_from(["", "p", "p/1", "p/2", "q/1"])
    nodes = {
        name: replace(node, feed="" if name == CONTROLLER else draw(paths))
        for name, node in topology.nodes.items()
    }
    feeds = sorted({path for node in nodes.values() if node.feed for path in (node.feed, node.feed[0])})
    topology = replace(topology, nodes=nodes)
    everything = [*elements(topology), *(Suspect(Sort.FEED, path) for path in feeds)]
    return topology, frozenset(draw(st.sets(st.sampled_from(everything), max_size=3))), everything


@settings(max_examples=300, deadline=None)
@given(fed())
def test_feeds_explain_with_the_fewest_faults_too(
    outage: tuple[Topology, frozenset[Suspect], list[Suspect]],
) -> None:
    topology, failed, everything = outage
    sight = sight_of(topology, failed)
    explanation = explain(topology, sight)
    least = smallest(topology, sight, everything)
    assert len(explanation.causes) == len(next(iter(least)))
    combined = {frozenset[Suspect]()}
    for cause in explanation.causes:
        combined = {have | frozenset(choice) for have in combined for choice in cause.candidates}
    assert combined <= least
    # A feed that carries one item only is not told from that item: it is left out of the candidates.
    lonely = {
        each
        for each in everything
        if each.sort is Sort.FEED
        and sum(f"{node.feed}/".startswith(f"{each.name}/") for node in topology.nodes.values()) < 2
    }
    assert {failures for failures in least if not failures & lonely} == combined


@settings(max_examples=200, deadline=None)
@given(outages())
def test_everything_dark_has_its_cause_and_nothing_that_answers_has(
    outage: tuple[Topology, frozenset[Suspect]],
) -> None:
    topology, failed = outage
    sight = sight_of(topology, failed)
    explanation = explain(topology, sight)
    dark = {name for name, sign in sight.signs.items() if sign is Sign.DARK}
    assert set(explanation.by_item) == dark


@settings(max_examples=200, deadline=None)
@given(outages())
def test_the_true_failures_are_among_the_suspects_unless_nothing_shows_them(
    outage: tuple[Topology, frozenset[Suspect]],
) -> None:
    topology, failed = outage
    explanation = explain(topology, sight_of(topology, failed))
    for cause in explanation.causes:
        explained = any(set(choice) <= failed for choice in (*cause.candidates, *cause.larger))
        assert explained, cause
        if cause.certainty is Certainty.CERTAIN:
            assert set(cause.candidates[0]) <= failed
    suspects = {
        suspect
        for cause in explanation.causes
        for choice in (*cause.candidates, *cause.larger)
        for suspect in choice
    }
    for hidden in failed - suspects:
        assert lit(topology, failed - {hidden}) == lit(topology, failed)


@settings(max_examples=200, deadline=None)
@given(outages(), st.data())
def test_a_switch_that_only_does_not_answer_is_told_from_one_that_is_down(
    outage: tuple[Topology, frozenset[Suspect]], data: st.DataObject
) -> None:
    topology, failed = outage
    alive = lit(topology, failed)
    switches = [name for name in alive if topology.nodes[name].passes]
    mute = data.draw(st.sets(st.sampled_from(sorted(switches)), max_size=1)) if switches else set()
    signs = {name: Sign.ALIVE if name in alive - mute else Sign.DARK for name in topology.nodes}
    explanation = explain(topology, Sight(signs))
    dark = {Suspect(Sort.NODE, name) for name, sign in signs.items() if sign is Sign.DARK}
    stranded = (alive - mute) - lit(topology, dark)
    said = [cause for cause in explanation.causes if cause.nature is Nature.MUTE]
    assert bool(said) == bool(stranded)
    if stranded and explanation.least:
        assert {cause.id for cause in said} == {f"mute:{name}" for name in mute}
        assert all(cause.certainty is Certainty.CERTAIN for cause in said)
