"""Read many network devices at once: their state for a check, or all that they say of themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from daicho.craft import Trouble
from daicho.network.platforms import platform_of
from daicho.runners.fleet import host_of
from daicho.runners.nornir import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from daicho.items.item import Item
    from daicho.network.observing.observed import Observed
    from daicho.runners.fleet import Fleet


@dataclass(frozen=True)
class Brought[T]:
    """What came back: from each device what was asked for, or in words why not."""

    facts: Mapping[str, T]
    failures: Mapping[str, str]


def read_states(
    fleet: Fleet, items: Iterable[Item], told: Callable[[str], None] = lambda _name: None
) -> Brought[Mapping[str, Any]]:
    """The state of devices, as `nornir_tasks.read_state.DeviceFacts`. Nothing on them is changed.

    Args:
        fleet: How they are spoken to.
        items: Which; none are an empty result.
        told: Called with each device's name as it is done.
    """
    return _brought(fleet, items, load(fleet.content, "read_state").read_state, told)


def observe(
    fleet: Fleet, items: Iterable[Item], told: Callable[[str], None] = lambda _name: None
) -> Brought[Observed]:
    """All that devices say of themselves. Nothing on them is changed."""
    return _brought(fleet, items, load(fleet.content, "observe").observe, told)


def platforms_read(content: Path) -> frozenset[str]:
    """The platforms whose state can be read."""
    return frozenset(load(content, "read_state").READERS)


def _brought[T](
    fleet: Fleet, items: Iterable[Item], verb: Callable[[Any], T], told: Callable[[str], None]
) -> Brought[T]:
    def one(host: Any) -> T:
        with fleet.session(host, platform_of(host.name, host.platform or "")) as device:
            return verb(device)

    facts: dict[str, T] = {}
    failures: dict[str, str] = {}
    if hosts := [host_of(item) for item in items]:
        for name, found in fleet.each(hosts, one):
            if isinstance(found, Trouble):
                failures[name] = str(found)
            else:
                facts[name] = found
            told(name)
    return Brought(facts, failures)
