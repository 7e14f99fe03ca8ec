"""What asks for somebody's attention, in the order to do it: the same list on every output.

A matter is one thing for one person to do. Terminals that are dark each for itself are one matter
together, and what is behind a cause is no matter at all: it comes back with its cause.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from daicho.items.item import natural_key
from daicho.reachability.explanation import Nature, Sort
from daicho.reachability.topology import Place
from daicho.reachability.verdict import Finding, Standing, State, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from daicho.reachability.verdict import Judgement

LEAVES: Final = ("endpoint", "printer")
WHOLE: Final = 3
"""From how many dark terminals on, and none that answers, one switch is spoken of."""


class Kind(StrEnum):
    """What has to be done, in the order of doing it."""

    BLIND = "blind"
    FOREIGN = "foreign"
    DOWN = "down"
    FEED = "feed"
    CUT = "cut"
    DIFFERENT = "different"
    MUTE = "mute"
    BELOW = "below"
    """Everything on one device that answers is dark."""
    UNPLACED = "unplaced"
    SCATTERED = "scattered"
    """Terminals, each with a cause of its own."""
    DIFFERENT_LEAVES = "different_leaves"
    UNTOLD = "untold"


_ORDER: Final = tuple(Kind)
_BY_NATURE: Final = {
    Nature.DOWN: Kind.DOWN,
    Nature.FEED: Kind.FEED,
    Nature.CUT: Kind.CUT,
    Nature.MUTE: Kind.MUTE,
    Nature.UNPLACED: Kind.UNPLACED,
}


@dataclass(frozen=True, kw_only=True)
class Matter:
    """One thing to do. `daicho.reachability.words` says it."""

    id: str
    """The same as long as it is the same matter: notifications hang on it."""
    kind: Kind
    items: tuple[str, ...]
    place: Place
    """Where to go; what its items do not share is empty."""
    ends: tuple[Place, ...] = ()
    """Where the two ends of a link are, if they are in different places."""
    finding: Finding | None = None
    verdicts: tuple[Verdict, ...] = ()
    waiting_until: datetime | None = None
    """Until when nothing is to be done but to wait."""

    @property
    def behind(self) -> int:
        """How many items come back with it."""
        return len(self.finding.cause.behind) if self.finding else 0

    @property
    def waits(self) -> bool:
        """Whether it may still come back by itself."""
        return self.waiting_until is not None


def matters(judgement: Judgement) -> tuple[Matter, ...]:
    """Everything to do, the first thing first. What was dead before the outage is not among it."""
    return _Desk(judgement).matters()


class _Desk:
    def __init__(self, judgement: Judgement) -> None:
        self.judgement = judgement
        self.nodes = judgement.topology.nodes

    def matters(self) -> tuple[Matter, ...]:
        found = [*self._overall(), *self._different(), *self._untold()]
        if not self.judgement.blind:
            open_ = [each for each in self.judgement.findings if each.standing is not Standing.KNOWN]
            leaves = [each for each in open_ if self._is_leaf(each)]
            found += [self._of_finding(each) for each in open_ if each not in leaves]
            found += self._of_leaves(leaves)
        found.sort(key=self._urgency)
        return tuple(found)

    @staticmethod
    def _urgency(matter: Matter) -> tuple[object, ...]:
        first = matter.kind in (Kind.BLIND, Kind.FOREIGN)
        heavy = -matter.behind if matter.kind in (Kind.DOWN, Kind.FEED) else 0
        group = Kind.DOWN if matter.kind is Kind.FEED else matter.kind
        return not first, matter.waits, _ORDER.index(group), heavy, natural_key(matter.id)

    def _overall(self) -> Iterable[Matter]:
        judgement = self.judgement
        if judgement.blind:
            edge = [name for each in judgement.findings for name in each.cause.edge if name in self.nodes]
            near = [name for name in edge if judgement.topology.depth.get(name) == 1] or edge
            controller = self.nodes[judgement.topology.controller]
            yield Matter(id="blind", kind=Kind.BLIND, items=tuple(near), place=controller.place)
        if judgement.foreign:
            yield Matter(id="foreign", kind=Kind.FOREIGN, items=(), place=Place())

    def _is_leaf(self, finding: Finding) -> bool:
        cause = finding.cause
        return (
            cause.nature is Nature.DOWN
            and not cause.behind
            and bool(cause.edge)
            and all(self.nodes[name].kind in LEAVES for name in cause.edge)
        )

    def _of_finding(self, finding: Finding) -> Matter:
        cause = finding.cause
        ends = [name for each in cause.candidates[0] for name in self._ends(each.sort, each.name)]
        items = cause.edge or tuple(ends)
        places = dict.fromkeys(self.nodes[name].place for name in items if name in self.nodes)
        return Matter(
            id=cause.id,
            ends=tuple(places) if cause.nature is Nature.CUT and len(places) == 2 else (),
            kind=_BY_NATURE[cause.nature],
            items=items,
            place=self._place(items),
            finding=finding,
            waiting_until=finding.expected_by if finding.standing is Standing.LATE else None,
        )

    def _ends(self, sort: Sort, name: str) -> Sequence[str]:
        if sort is Sort.LINK:
            return name.split(" -- ")
        return [name] if name in self.nodes else []

    def _of_leaves(self, leaves: Sequence[Finding]) -> Iterable[Matter]:
        late = [each for each in leaves if each.standing is Standing.LATE]
        new = [each for each in leaves if each.standing is Standing.NEW]
        below = self._whole_devices(new)
        taken = {name for names in below.values() for name in names}
        for device, names in below.items():
            place = self.nodes[device].place
            yield Matter(id=f"below:{device}", kind=Kind.BELOW, items=(device, *names), place=place)
        rest = [name for each in new for name in each.cause.edge if name not in taken]
        if rest:
            yield self._group("scattered", Kind.SCATTERED, rest)
        if late:
            names = [name for each in late for name in each.cause.edge]
            until = max(each.expected_by for each in late if each.expected_by)
            yield self._group("scattered-late", Kind.SCATTERED, names, until)

    def _group(self, key: str, kind: Kind, names: Iterable[str], until: datetime | None = None) -> Matter:
        ordered = tuple(sorted(names, key=natural_key))
        return Matter(id=key, kind=kind, items=ordered, place=self._place(ordered), waiting_until=until)

    def _whole_devices(self, leaves: Sequence[Finding]) -> dict[str, list[str]]:
        """Device that answers → its terminals, where at least three are dark and none answers."""
        topology, verdicts = self.judgement.topology, self.judgement.verdicts
        dark = {name for each in leaves for name in each.cause.edge}
        found = {}
        for device in {far for name in dark for far in topology.far_ends(name)}:
            terminals = [far for far in topology.far_ends(device) if self.nodes[far].kind in LEAVES]
            lost = [far for far in terminals if far in dark]
            asked = [far for far in terminals if verdicts[far].state is not State.ALREADY_DEAD]
            if len(lost) >= WHOLE and len(lost) == len(asked):
                found[device] = sorted(lost, key=natural_key)
        return found

    def _different(self) -> Iterable[Matter]:
        verdicts = self.judgement.verdicts.values()
        differing = [each for each in verdicts if each.state is State.DIFFERENT and not each.behind]
        leaves = [each for each in differing if self.nodes[each.name].kind in LEAVES]
        for verdict in differing:
            if verdict not in leaves:
                yield Matter(
                    id=f"different:{verdict.name}",
                    kind=Kind.DIFFERENT,
                    items=(verdict.name,),
                    place=self.nodes[verdict.name].place,
                    verdicts=(verdict,),
                    waiting_until=verdict.expected_by,
                )
        stay = [each.name for each in leaves if not each.expected_by]
        if stay:
            yield self._group("different-leaves", Kind.DIFFERENT_LEAVES, stay)
        settling = {each.name: each.expected_by for each in leaves if each.expected_by}
        if settling:
            until = max(settling.values())
            yield self._group("different-leaves-late", Kind.DIFFERENT_LEAVES, settling, until)

    def _untold(self) -> Iterable[Matter]:
        verdicts = self.judgement.verdicts.values()
        untold = tuple(each for each in verdicts if each.state is State.COULD_NOT_TELL)
        if untold:
            names = tuple(sorted((each.name for each in untold), key=natural_key))
            yield Matter(id="untold", kind=Kind.UNTOLD, items=names, place=Place(), verdicts=untold)

    def _place(self, names: Iterable[str]) -> Place:
        """The one place of these, as far as they share it."""
        found = [self.nodes[name].place for name in names if name in self.nodes]
        if not found:
            return Place()
        shared = []
        for parts in zip(*found, strict=True):
            if len(set(parts)) > 1:
                break
            shared.append(parts[0])
        return Place(*shared)
