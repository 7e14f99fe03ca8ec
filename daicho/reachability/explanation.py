"""What explains the dark: causes, what may have failed in each, and what is dark because of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from daicho.canonical import Json
    from daicho.reachability.topology import Link


class Sign(StrEnum):
    """What was seen of one item."""

    ALIVE = "alive"
    DARK = "dark"
    UNKNOWN = "unknown"


class Sort(StrEnum):
    """What kind of thing may have failed."""

    NODE = "node"
    LINK = "link"
    FEED = "feed"


class Suspect(NamedTuple):
    """One thing that may have failed."""

    sort: Sort
    name: str


class Nature(StrEnum):
    """How a cause shows."""

    DOWN = "down"
    """Something is dark although a working way leads up to it."""
    FEED = "feed"
    """Several dark items, and nothing that answers, hang on one power feed."""
    MUTE = "mute"
    """A node does not answer, yet what is behind it does: it passes traffic."""
    CUT = "cut"
    """A device that answers reports a link down, and both its ends answer: redundancy is lost."""
    UNPLACED = "unplaced"
    """Dark, and the topology shows no way there."""


class Certainty(StrEnum):
    """Whether what failed is identified."""

    CERTAIN = "certain"
    """Nothing else explains it."""
    LIKELY = "likely"
    """One failure explains it; otherwise several would have to have happened together."""
    OPEN = "open"
    """Several explanations of the same size: not identifiable from here."""


type Failure = tuple[Suspect, ...]
"""Things that have failed together."""


@dataclass(frozen=True)
class Sight:
    """What is known at one moment."""

    signs: Mapping[str, Sign]
    """Item → what was seen; what is missing here could not be told."""
    ports: Mapping[Link, bool] = field(default_factory=dict)
    """Link → whether a device that answers reports its port up."""


@dataclass(frozen=True, kw_only=True)
class Cause:
    """One fault. Of `candidates`, exactly one is what failed, unless it is one of the `larger` ones."""

    id: str
    """The same as long as the same thing is dark: `node:sw-3f-1`."""
    nature: Nature
    certainty: Certainty
    candidates: tuple[Failure, ...]
    """Each explains everything behind it alone; all of the smallest size."""
    larger: tuple[Failure, ...] = ()
    """What explains it too, with more failures at once."""
    edge: tuple[str, ...] = ()
    """The dark items that a working way leads up to."""
    behind: tuple[str, ...] = ()
    """The dark items that have a way only through this (and through the causes of `shared`)."""
    shared: tuple[str, ...] = ()
    """Those of `behind` that other causes hold dark as well."""
    powered: bool = False
    """Whether a neighbour reports its port to it up: it has power and does not answer."""

    @property
    def dark(self) -> tuple[str, ...]:
        """Everything that is dark because of it."""
        return self.edge + self.behind

    def as_json(self) -> dict[str, Json]:
        """As the ledger and the exports hold it."""
        return {
            "id": self.id,
            "nature": self.nature.value,
            "certainty": self.certainty.value,
            "candidates": _failures(self.candidates),
            "larger": _failures(self.larger),
            "edge": list(self.edge),
            "behind": list(self.behind),
            "shared": list(self.shared),
            "powered": self.powered,
        }


def _failures(failures: Sequence[Failure]) -> list[Json]:
    return [[{"sort": each.sort.value, "name": each.name} for each in failure] for failure in failures]


@dataclass(frozen=True)
class Explanation:
    """The causes, the one with the most behind it first."""

    causes: tuple[Cause, ...]
    least: bool = True
    """Whether it is proven that no smaller set of causes explains what is dark."""
    blind: bool = False
    """Whether nothing at all answers: the checking machine itself may be cut off."""

    @cached_property
    def by_item(self) -> Mapping[str, tuple[str, ...]]:
        """Dark item → the ids of the causes that hold it dark."""
        found: dict[str, tuple[str, ...]] = {}
        for cause in self.causes:
            for name in cause.dark:
                found[name] = (*found.get(name, ()), cause.id)
        return found

    @cached_property
    def by_id(self) -> Mapping[str, Cause]:
        """Id → cause."""
        return {cause.id: cause for cause in self.causes}
