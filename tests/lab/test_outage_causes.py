"""A hundred randomised outages of real namespaces: nobody wrongly dead or alive, the true culprits named.

The lab's own account of what is cut is the truth. A fault is *visible* if its repair alone would change
what anybody can see from the checking machine, and what the switches that answer say of their cables: every
visible fault has to be named, and nothing may be named that has not failed.
"""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pytest

from daicho.clock import now
from daicho.items.item import Item
from daicho.reachability.baseline import DeviceState, Look, record
from daicho.reachability.boot import BootTimes
from daicho.reachability.explanation import Certainty, Sort, Suspect
from daicho.reachability.replies import replies
from daicho.reachability.sweep import sweep
from daicho.reachability.verdict import Situation, State, judge
from daicho.reachability.wiring import Standpoint, wire
from lab.outage_plan import CONTROLLER, plan

if TYPE_CHECKING:
    from daicho.reachability.baseline import Baseline
    from daicho.reachability.explanation import Cause, Failure
    from daicho.reachability.topology import Topology
    from daicho.reachability.verdict import Judgement
    from lab.outage import Outage
    from lab.outage_plan import Link

PLAN = plan()
OFTEN = range(0, 100, 7)
"""The outages of every day: fifteen, with 1 to 20 faults."""


@dataclass(frozen=True)
class Fault:
    """What is off and what is cut at one time."""

    off: frozenset[str]
    cut: frozenset[Link]

    @classmethod
    def random(cls, seed: int) -> Fault:
        """1 to 20 faults, half of them in the backbone, overlapping as they fall."""
        chance = random.Random(seed)  # noqa: S311 -- the same outage every time
        nodes = [name for name in PLAN.nodes if name != CONTROLLER]
        everything: list[str | Link] = [*nodes, *PLAN.links]
        # The checking machine's own cables are another test's.
        everything = [each for each in everything if CONTROLLER not in each]
        backbone = [each for each in everything if "pc-" not in str(each) and "pr-" not in str(each)]
        pools = [backbone if chance.random() < 0.5 else everything for _fault in range(1 + seed % 20)]
        chosen = {chance.choice(pool) for pool in pools}
        off = frozenset(each for each in chosen if isinstance(each, str))
        return cls(off, frozenset(each for each in chosen if not isinstance(each, str)))

    @cached_property
    def dark(self) -> set[str]:
        """What nobody reaches from the checking machine."""
        return PLAN.dark(self.off, self.cut)

    def without(self, suspect: Suspect) -> Fault:
        """The same with one thing repaired."""
        if suspect.sort is Sort.NODE:
            return Fault(self.off - {suspect.name}, self.cut)
        return Fault(self.off, self.cut - {link for link in self.cut if link_name(link) == suspect.name})

    @property
    def suspects(self) -> set[Suspect]:
        """Everything that has failed."""
        links = {Suspect(Sort.LINK, link_name(link)) for link in self.cut}
        return links | {Suspect(Sort.NODE, name) for name in self.off}

    def holds(self, failure: Failure) -> bool:
        """Whether these things have failed, all of them."""
        return all(each in self.suspects or self._unfed(each) for each in failure)

    def _unfed(self, suspect: Suspect) -> bool:
        fed = [node.name for node in PLAN.nodes.values() if f"{node.feed}/".startswith(f"{suspect.name}/")]
        return suspect.sort is Sort.FEED and self.off.issuperset(fed)

    def seen(self, *, devices: bool) -> object:
        """What there is to see: who answers and, of the switches that do, which cables carry nothing."""
        ports = {
            (name, far)
            for name, node in PLAN.nodes.items()
            if devices and node.passes and name not in self.dark
            for far in PLAN.around(name)
            if far in self.off or {(name, far), (far, name)} & self.cut
        }
        return self.dark, ports


def link_name(link: Link) -> str:
    return " -- ".join(sorted(link))


@dataclass(frozen=True)
class Ministry:
    """The lab with what was recorded of it while everything worked."""

    office: Outage
    topology: Topology
    baseline: Baseline

    @classmethod
    def of(cls, office: Outage) -> Ministry:
        rows = [node.row() for node in PLAN.nodes.values() if node.name != CONTROLLER]
        items = [Item(row.pop("name"), row.pop("kind"), row.pop("address"), row) for row in rows]
        topology, gaps = wire(items, Standpoint(CONTROLLER, ("core1", "core2")))
        assert gaps == []
        return cls(office, topology, record(looked(office, devices=True), topology, BootTimes()))

    def judged(self, *, devices: bool) -> Judgement:
        look = looked(self.office, devices=devices)
        return judge(self.baseline, self.topology, look, Situation())


def looked(office: Outage, *, devices: bool) -> Look:
    """Ping everything, and ask the switches that answer for their neighbours, by ssh."""
    at, addresses = now(), office.addresses()
    swept = office.inside(lambda: sweep(list(addresses.values())))
    answers = replies(addresses, swept)
    switches = [name for name in addresses if PLAN.nodes[name].passes and answers[name].seen == "alive"]

    def ask(name: str) -> DeviceState:
        told = office.execute(["ssh", "-F", office.state / "ssh_config", name, "show neighbors"])
        assert told.returncode == 0, told.stderr
        return DeviceState(neighbours=frozenset(told.stdout.split()))

    with ThreadPoolExecutor(4) as pool:
        states = dict(zip(switches, pool.map(ask, switches), strict=True)) if devices else {}
    return Look(at=at, answers=answers, devices=states)


@pytest.fixture(scope="module")
def whole(outage_session: Outage) -> Ministry:
    until = time.monotonic() + 20
    while silent := [
        name for name, reply in looked(outage_session, devices=False).answers.items() if reply.seen != "alive"
    ]:
        assert time.monotonic() < until, f"nothing is off, and these do not answer: {silent}"
    return Ministry.of(outage_session)


@pytest.mark.parametrize(
    "seed", [pytest.param(seed, marks=() if seed in OFTEN else pytest.mark.slow) for seed in range(100)]
)
def test_the_dark_and_its_culprits_are_the_true_ones(office: Outage, whole: Ministry, seed: int) -> None:
    fault = Fault.random(seed)
    office.cut(*fault.cut)
    office.power(*fault.off, on=False)
    assert set(office.truth()["dark"]) == fault.dark
    devices = bool(seed % 2)
    judgement = whole.judged(devices=devices)

    _right_verdicts(judgement, fault)
    if not judgement.blind:
        _right_culprits([each.cause for each in judgement.findings], fault, devices=devices)
        assert judgement.least


def _right_verdicts(judgement: Judgement, fault: Fault) -> None:
    said: dict[State, set[str]] = {}
    for name, verdict in judgement.verdicts.items():
        said.setdefault(verdict.state, set()).add(name)
    assert said.pop(State.BACK, set()) == PLAN.nodes.keys() - fault.dark - {CONTROLLER}
    assert said.keys() <= {State.DEAD, State.UNREACHABLE}


def _right_culprits(causes: list[Cause], fault: Fault, *, devices: bool) -> None:
    named: set[Suspect] = set()
    for cause in causes:
        true = [choice for choice in (*cause.candidates, *cause.larger) if fault.holds(choice)]
        assert true, f"{cause.id} is no fault"
        if cause.certainty is Certainty.CERTAIN:
            assert true == [cause.candidates[0]]
        if cause.certainty is Certainty.LIKELY:
            assert cause.candidates[0] in true or len(true[0]) > 1
        named |= {suspect for choice in true for suspect in choice}
    visible = {
        suspect
        for suspect in fault.suspects
        if fault.without(suspect).seen(devices=devices) != fault.seen(devices=devices)
    }
    assert visible <= named
    # What was named first explains the whole picture, and is no larger than what has really failed.
    first = {suspect for cause in causes for suspect in cause.candidates[0]}
    off = frozenset(each.name for each in first if each.sort is Sort.NODE)
    cut = frozenset(link for link in PLAN.links if Suspect(Sort.LINK, link_name(link)) in first)
    assert Fault(off, cut).dark == fault.dark
    assert len(causes) <= len(fault.suspects)
