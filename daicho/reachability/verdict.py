"""The verdict on every item after the outage, compared with the baseline."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Final

from daicho.clock import stamp
from daicho.i18n import N_
from daicho.reachability.baseline import Reply, Seen, topology_change
from daicho.reachability.causes import explain
from daicho.reachability.differences import Difference, Excuse, differences, lost_links
from daicho.reachability.explanation import Cause, Nature, Sight, Sign, Sort, Suspect

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from daicho.canonical import Json
    from daicho.reachability.baseline import Baseline, Look, TopologyChange
    from daicho.reachability.explanation import Explanation
    from daicho.reachability.topology import Link, Node, Topology

SETTLING: Final = timedelta(minutes=2)
"""What an item may take to answer once the device before it is back (spanning tree, DHCP), and a device to
learn from the others what it knew (LLDP, OSPF) or to start all that it serves."""
_STARTED: Final = frozenset({"services", "login"})
"""Differences that end by themselves once an item has started."""
_LEARNED: Final = frozenset({"ports", "neighbours", "routes"})
"""Differences that end by themselves once the devices around have found each other."""

CLOCK: Final = N_(
    "The clock of this machine is behind the baseline's or the power's: it is not synchronised yet. "
    "What is late and what is dead cannot be told apart until it is."
)


class State(StrEnum):
    """The verdict on one item."""

    BACK = "back"
    DIFFERENT = "different"
    """Back, but not as it was."""
    LATE = "late"
    """Not back, and still inside its boot time; or behind such an item."""
    DEAD = "dead"
    """Does not answer although a working way leads up to it."""
    ALREADY_DEAD = "already_dead"
    """Did not answer before the outage either."""
    UNREACHABLE = "unreachable"
    """Behind a cause: nobody can tell how it is itself."""
    COULD_NOT_TELL = "could_not_tell"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What is said of one item."""

    name: str
    state: State
    behind: tuple[str, ...] = ()
    """The ids of the causes that hold it dark."""
    differences: tuple[Difference, ...] = ()
    expected_by: datetime | None = None
    """Until when it is late and not dead; where it is different: until when that may end by itself."""
    since: datetime | None = None
    """Since when it is known to be dead, if it was before."""
    why: str = ""
    """Who reported it, or why nobody could tell."""

    def as_json(self) -> dict[str, Json]:
        """As the ledger and the exports hold it."""
        return {
            "name": self.name,
            "state": self.state.value,
            "behind": list(self.behind),
            "differences": [each.as_json() for each in self.differences],
            "expected_by": stamp(self.expected_by) if self.expected_by else None,
            "since": stamp(self.since) if self.since else None,
            "why": self.why,
        }


class Standing(StrEnum):
    """What a cause asks of people now."""

    NEW = "new"
    LATE = "late"
    """Everything at its edge is still inside its boot time: wait."""
    KNOWN = "known"
    """It was dead before the outage."""


@dataclass(frozen=True)
class Finding:
    """A cause, and whether somebody has to go."""

    cause: Cause
    standing: Standing
    expected_by: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Situation:
    """What is known about the outage itself."""

    power_back: Mapping[str, datetime] = field(default_factory=dict)
    """Building → when its power came back; "" for the others. Empty: nobody is called late."""
    came_back: Mapping[str, datetime] = field(default_factory=dict)
    """Item → when it first answered again, as far as somebody watched."""
    ports: Mapping[Link, bool] = field(default_factory=dict)
    """Link → what a device that answers says of its port."""
    notes: tuple[str, ...] = ()
    """What the sweep could not do, in words."""


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """The one result object: every output is made from it."""

    at: datetime
    baseline_at: datetime
    topology: Topology
    verdicts: Mapping[str, Verdict]
    findings: tuple[Finding, ...]
    """The causes, the one with the most behind it first."""
    change: TopologyChange
    foreign: bool
    """Whether the baseline is that of another network."""
    blind: bool
    least: bool
    notes: tuple[str, ...] = ()
    read: frozenset[str] = frozenset()
    """The items whose own state or services were read in this look."""

    @cached_property
    def counts(self) -> Counter[State]:
        """State → how many items."""
        return Counter(verdict.state for verdict in self.verdicts.values())

    @property
    def all_back(self) -> bool:
        """Whether nothing is left to wait for or to repair."""
        good = (State.BACK, State.ALREADY_DEAD)
        cured = all(finding.standing is Standing.KNOWN for finding in self.findings)
        return cured and all(verdict.state in good for verdict in self.verdicts.values())

    def finding(self, cause: str) -> Finding | None:
        """The finding with this cause's id."""
        return self._by_id.get(cause)

    @cached_property
    def _by_id(self) -> Mapping[str, Finding]:
        return {finding.cause.id: finding for finding in self.findings}


def judge(baseline: Baseline, topology: Topology, look: Look, situation: Situation) -> Judgement:
    """The verdicts and the causes of one moment."""
    return _Court(baseline, topology, look, situation).judgement()


class _Court:
    def __init__(self, baseline: Baseline, topology: Topology, look: Look, situation: Situation) -> None:
        self.baseline = baseline
        self.topology = topology
        self.look = look
        self.situation = situation
        ports = lost_links(baseline.look, look, topology) | dict(situation.ports)
        signs = {name: _sign(answer) for name, answer in look.answers.items() if name in topology.nodes}
        self.explanation: Explanation = explain(topology, Sight(signs, ports))
        self.findings = {cause.id: self._finding(cause) for cause in self.explanation.causes}

    def judgement(self) -> Judgement:
        change = topology_change(self.baseline.topology, self.topology)
        names = [name for name in self.topology.nodes if name != self.topology.controller]
        return Judgement(
            at=self.look.at,
            baseline_at=self.baseline.look.at,
            topology=self.topology,
            verdicts={name: self._verdict(name) for name in names},
            findings=tuple(self.findings.values()),
            change=change,
            foreign=change.foreign(self.topology),
            blind=self.explanation.blind,
            least=self.explanation.least,
            notes=self._notes(),
            read=frozenset(self.look.devices.keys() | self.look.services.keys()),
        )

    def _notes(self) -> tuple[str, ...]:
        power = self.situation.power_back.values()
        early = self.look.at < max([self.baseline.look.at, *power])
        return (*self.situation.notes, *([CLOCK] if early else []))

    def _finding(self, cause: Cause) -> Finding:
        if cause.edge and all(name in self.baseline.dead_since for name in cause.edge):
            return Finding(cause, Standing.KNOWN)
        if cause.nature in (Nature.MUTE, Nature.CUT):
            settled = self._settled(self._around(cause))
            return Finding(cause, Standing.LATE if settled else Standing.NEW, settled)
        waited = cause.edge or tuple(each.name for choice in cause.candidates for each in choice)
        due = [self._due(self.topology.nodes[name]) for name in waited if name in self.topology.nodes]
        latest = max((moment for moment in due if moment), default=None)
        if latest and self.look.at < latest:
            return Finding(cause, Standing.LATE, latest)
        return Finding(cause, Standing.NEW, latest)

    def _around(self, cause: Cause) -> set[str]:
        """The items whose return may have made others see a fault that is none any more."""
        names = {name for each in cause.candidates[0] for name in each.name.split(" -- ")}
        if cause.nature is Nature.MUTE:
            names |= {far for name in cause.edge for far in self.topology.far_ends(name)}
        return names

    def _settled(self, names: Collection[str]) -> datetime | None:
        """Until when these settle, if one of them came back a moment ago."""
        back = self.situation.came_back
        until = max((back[name] + SETTLING for name in names if name in back), default=None)
        return until if until and self.look.at < until else None

    def _due(self, node: Node) -> datetime | None:
        """Until when this item may still be booting, or settling behind a device that came back."""
        power, back = self.situation.power_back, self.situation.came_back
        due = []
        if since := power.get(node.place.building, power.get("")):
            due.append(since + self.baseline.boot.of(node))
        if ways := [back[far] for far in self.topology.far_ends(node.name) if far in back]:
            due.append(min(ways) + SETTLING)
        return max(due, default=None)

    def _verdict(self, name: str) -> Verdict:
        answer = self.look.answers.get(name, Reply(Seen.COULD_NOT_TELL))
        if answer.seen is Seen.ALIVE:
            return self._alive(name)
        if answer.seen is Seen.COULD_NOT_TELL:
            return Verdict(name=name, state=State.COULD_NOT_TELL, why=answer.why)
        if name in self.baseline.dead_since:
            since = self.baseline.dead_since[name]
            return Verdict(name=name, state=State.ALREADY_DEAD, since=since, why=answer.why)
        return self._dark(name, answer)

    def _alive(self, name: str) -> Verdict:
        found = differences(name, self.baseline.look, self.look, self._excuse(name))
        if not found:
            return Verdict(name=name, state=State.BACK)
        settled = self._settled(self._waits_for(name, {each.kind for each in found}))
        return Verdict(name=name, state=State.DIFFERENT, differences=found, expected_by=settled)

    def _waits_for(self, name: str, kinds: Collection[str]) -> set[str]:
        """The items whose return may still end these differences; none if one of them stays by itself."""
        if not _STARTED.union(_LEARNED).issuperset(kinds):
            return set()
        # A route may have gone over any of them.
        passing = {each for each, node in self.topology.nodes.items() if node.passes}
        return {name} if _LEARNED.isdisjoint(kinds) else {name} | passing

    def _excuse(self, name: str) -> Excuse:
        """What a cause elsewhere explains already on an item that answers."""
        dark = self.explanation.by_item
        gone = {link.far(name) for link in self.topology.around[name] if self._named(link)}
        gone |= {far for far in self.topology.far_ends(name) if far in dark}
        return Excuse(frozenset(gone), routes=self._network_at_fault)

    def _named(self, link: Link) -> bool:
        return Suspect(Sort.LINK, link.name) in self._suspects

    @cached_property
    def _suspects(self) -> frozenset[Suspect]:
        return frozenset(
            suspect for cause in self.explanation.causes for choice in cause.candidates for suspect in choice
        )

    @cached_property
    def _network_at_fault(self) -> bool:
        nodes = self.topology.nodes
        return any(
            suspect.sort is Sort.FEED or (suspect.name in nodes and nodes[suspect.name].passes)
            for suspect in self._suspects
        ) or any(cause.nature is Nature.CUT for cause in self.explanation.causes)

    def _dark(self, name: str, answer: Reply) -> Verdict:
        ids = self.explanation.by_item.get(name, ())
        held = [self.findings[each] for each in ids]
        edge = [each for each in held if name in each.cause.edge]
        if any(each.cause.nature is Nature.MUTE for each in edge):
            return Verdict(
                name=name,
                state=State.DIFFERENT,
                behind=ids,
                differences=(Difference("mute"),),
                why=answer.why,
            )
        if not edge:
            late = all(each.standing is Standing.LATE for each in held)
            due = max((each.expected_by for each in held if each.expected_by), default=None)
            state = State.LATE if late else State.UNREACHABLE
            return Verdict(
                name=name, state=state, behind=ids, expected_by=due if late else None, why=answer.why
            )
        own = self._due(self.topology.nodes[name])
        if own and self.look.at < own:
            return Verdict(name=name, state=State.LATE, behind=ids, expected_by=own, why=answer.why)
        return Verdict(name=name, state=State.DEAD, behind=ids, why=answer.why)


def _sign(answer: Reply) -> Sign:
    match answer.seen:
        case Seen.ALIVE:
            return Sign.ALIVE
        case Seen.COULD_NOT_TELL:
            return Sign.UNKNOWN
    return Sign.DARK
