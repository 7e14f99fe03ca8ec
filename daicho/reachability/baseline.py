"""The state before the outage: what to compare with, and whether the power may be switched off at all."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

from daicho.clock import moment, stamp
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.items.item import natural_key
from daicho.reachability.boot import BootTimes
from daicho.reachability.topology import Topology

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from daicho.canonical import Json


class Seen(StrEnum):
    """What the sweep saw of one item."""

    ALIVE = "alive"
    SILENT = "silent"
    UNREACHABLE = "unreachable"
    """A router on the way said so."""
    COULD_NOT_TELL = "could_not_tell"


class Reply(NamedTuple):
    """What one item answered, and who or what says so where it did not."""

    seen: Seen
    why: str = ""
    """Who reported it unreachable, or why it could not be told."""


@dataclass(frozen=True, kw_only=True)
class DeviceState:
    """What an item says of itself when somebody logs in; what was not asked is None."""

    saved: bool | None = None
    """Whether the running configuration is the startup configuration."""
    config: str | None = None
    """Digest of the running configuration."""
    ports_up: frozenset[str] | None = None
    neighbours: frozenset[str] | None = None
    routes: frozenset[str] | None = None
    version: str | None = None

    def as_json(self) -> dict[str, Json]:
        """Only what was asked."""
        parts: dict[str, Json] = {}
        for name in ("saved", "config", "version"):
            if (value := getattr(self, name)) is not None:
                parts[name] = value
        for name in SETS:
            if (members := getattr(self, name)) is not None:
                parts[name] = list(_ordered(members))
        return parts

    @classmethod
    def of_json(cls, value: Mapping[str, Any]) -> Self:
        """The state that `as_json` wrote."""
        parts: dict[str, Any] = {
            name: frozenset(part) if name in SETS else part for name, part in value.items()
        }
        return cls(**parts)


SETS: Final = ("ports_up", "neighbours", "routes")


@dataclass(frozen=True, kw_only=True)
class Look:
    """Everything that was seen at one moment."""

    at: datetime
    answers: Mapping[str, Reply]
    """Item → what it answered."""
    services: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Item → what is open on it (`tcp/445`, or the name of a check that succeeds)."""
    devices: Mapping[str, DeviceState] = field(default_factory=dict)
    """Item → its own state, for those that were asked and told."""
    silent_login: Mapping[str, str] = field(default_factory=dict)
    """Item → why its own state could not be read, although it answers."""

    def as_json(self) -> dict[str, Json]:
        """In a stable order, as the ledger keeps it."""
        return {
            "at": stamp(self.at),
            "answers": {name: [answer.seen.value, answer.why] for name, answer in self.answers.items()},
            "services": {name: list(_ordered(open_)) for name, open_ in self.services.items()},
            "devices": {name: state.as_json() for name, state in self.devices.items()},
            "silent_login": dict(self.silent_login),
        }

    @classmethod
    def of_json(cls, value: Mapping[str, Any]) -> Self:
        """The look that `as_json` wrote."""
        return cls(
            at=moment(value["at"]),
            answers={name: Reply(Seen(seen), why) for name, (seen, why) in value["answers"].items()},
            services={name: frozenset(open_) for name, open_ in value["services"].items()},
            devices={name: DeviceState.of_json(state) for name, state in value["devices"].items()},
            silent_login=dict(value["silent_login"]),
        )


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """What was true before the outage."""

    look: Look
    topology: Topology
    dead_since: Mapping[str, datetime] = field(default_factory=dict)
    """Item that did not answer even then → since when that is known."""
    boot: BootTimes = field(default_factory=BootTimes)

    def as_json(self) -> dict[str, Json]:
        """As the ledger keeps it."""
        return {
            "look": self.look.as_json(),
            "topology": self.topology.as_json(),
            "dead_since": {name: stamp(since) for name, since in self.dead_since.items()},
            "boot": self.boot.as_json(),
        }

    @classmethod
    def of_json(cls, value: Mapping[str, Any]) -> Self:
        """The baseline that `as_json` wrote."""
        return cls(
            look=Look.of_json(value["look"]),
            topology=Topology.of_json(value["topology"]),
            dead_since={name: moment(since) for name, since in value["dead_since"].items()},
            boot=BootTimes.of_json(value["boot"]),
        )


def record(look: Look, topology: Topology, boot: BootTimes, earlier: Baseline | None = None) -> Baseline:
    """The baseline of this look; who was dead in the earlier one already keeps that one's date."""
    known = earlier.dead_since if earlier else {}
    dead = [name for name, answer in look.answers.items() if answer.seen in (Seen.SILENT, Seen.UNREACHABLE)]
    return Baseline(
        look=look,
        topology=topology,
        dead_since={name: known.get(name, look.at) for name in dead},
        boot=boot,
    )


class Objection(NamedTuple):
    """A reason why the power should not be switched off yet; `words()` says it."""

    kind: str
    names: tuple[str, ...]

    def words(self) -> str:
        """The reason and what to do, in the reader's language."""
        return _(_OBJECTIONS[self.kind])


_OBJECTIONS: Final = {
    "unsaved": N_(
        "The running configuration is not saved and goes with the power. Save it and take the baseline again."
    ),
    "unread": N_(
        "The configuration could not be read, so nobody knows whether it is saved. Look at the device."
    ),
    "untold": N_("Whether it answers could not be told: after the outage there is nothing to compare with."),
    "dead": N_("It does not answer even now. Repair it or accept it: it will be listed as already dead."),
}
NO_GO: Final = ("unsaved", "unread")
"""The kinds that say no; the others are to be known."""


def objections(baseline: Baseline) -> list[Objection]:
    """Why the power should not be switched off yet, the gravest first; devices by name."""
    look, nodes = baseline.look, baseline.topology.nodes
    devices = {name for name, node in nodes.items() if node.kind == "network_device"}
    answering = {name for name in devices if _seen(look, name) is Seen.ALIVE}
    found = {
        "unsaved": [name for name, state in look.devices.items() if state.saved is False],
        "unread": [
            name
            for name in answering
            if name in look.silent_login or (name in look.devices and look.devices[name].saved is None)
        ],
        "untold": [name for name in devices if _seen(look, name) is Seen.COULD_NOT_TELL],
        "dead": [name for name in baseline.dead_since if name in devices],
    }
    return [Objection(kind, _ordered(names)) for kind, names in found.items() if names]


def is_go(objections: Sequence[Objection]) -> bool:
    """Whether nothing says no."""
    return not any(objection.kind in NO_GO for objection in objections)


def _seen(look: Look, name: str) -> Seen:
    answer = look.answers.get(name)
    return answer.seen if answer else Seen.COULD_NOT_TELL


def _ordered(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(names, key=natural_key))


class TopologyChange(NamedTuple):
    """How the topology of today differs from the baseline's."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    relinked: tuple[str, ...]
    """Items whose links are others now."""

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return bool(self.added or self.removed or self.relinked)

    def foreign(self, topology: Topology) -> bool:
        """Whether the baseline is that of another network: more differs than is the same."""
        changed = len(self.added) + len(self.removed) + len(self.relinked)
        return changed * 2 > len(topology.nodes)


def topology_change(before: Topology, now: Topology) -> TopologyChange:
    """What is new, what is gone, and what hangs elsewhere."""
    links_before, links_now = set(before.links), set(now.links)
    relinked = {end for link in links_before ^ links_now for end in (link.a, link.b)}
    both = before.nodes.keys() & now.nodes.keys()
    same = {name for name in relinked & both if set(before.around[name]) == set(now.around[name])}
    # A switch that only gained or lost a terminal has not moved itself: what moved is the terminal.
    outer = {name for name in relinked & both - same if not now.nodes[name].passes}
    inner = {
        name
        for name in relinked & both - same - outer
        if any(
            now.nodes[far].passes
            for link in set(before.around[name]) ^ set(now.around[name])
            if (far := link.far(name)) in both
        )
    }
    return TopologyChange(
        added=_ordered([*(now.nodes.keys() - before.nodes.keys())]),
        removed=_ordered([*(before.nodes.keys() - now.nodes.keys())]),
        relinked=_ordered([*outer, *inner]),
    )
