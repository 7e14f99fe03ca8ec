"""One look at everything known: ping, then services, then what the devices say of themselves."""

from __future__ import annotations

import ipaddress
import json
import socket
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from daicho import clock
from daicho.i18n import few
from daicho.i18n import gettext as _
from daicho.life.devices import devices_of
from daicho.reachability.baseline import DeviceState, Look, Reply, Seen
from daicho.reachability.replies import replies
from daicho.reachability.services import Opened, Refused, Service
from daicho.reachability.services import look as ask_services
from daicho.reachability.sweep import sweep
from daicho.reachability.wiring import Neighbour, Standpoint
from daicho.runners.states import Brought, platforms_read, read_states

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import timedelta

    from daicho.door import Watch
    from daicho.items.item import Item
    from daicho.reachability.answers import Pace
    from daicho.site import Site

PORTS: Final[Mapping[str, tuple[int, ...]]] = {
    "network_device": (22,),
    "server": (22, 53, 80, 88, 389, 443, 445, 631),
    "printer": (631, 9100),
}
"""What is looked for on each kind when a baseline is recorded; an item's `services` come in addition."""

QUIET: Final = (22, 80, 443, 445, 631, 3389, 9100)
"""What is tried, when a baseline is recorded, on whatever does not answer a ping."""


@dataclass(frozen=True, kw_only=True)
class Eyes:
    """What is looked at, and how."""

    site: Site
    name: str
    """What the credentials are made out to: `K3`."""
    items: Sequence[Item]
    pace: Pace
    devices: bool
    """Whether to log in to devices."""
    watch: Watch


@dataclass(frozen=True, kw_only=True)
class Glance:
    """A look, and what limits it in words."""

    look: Look
    notes: tuple[str, ...] = ()


def items_asked(items: Iterable[Item], kinds: Iterable[str]) -> tuple[list[Item], list[Item]]:
    """The items that can be asked, and those that nobody can ask, because they have no address.

    A device without an address stays among the first: others hang on it.
    """
    wanted = [item for item in items if item.kind in set(kinds)]
    mute = [item for item in wanted if not item.address and item.kind != "network_device"]
    return [item for item in wanted if item not in mute], mute


def look(eyes: Eyes, known: Look | None = None, last: Look | None = None) -> Glance:
    """What there is to see now.

    Args:
        eyes: What to look at.
        known: The baseline's look: which services each item had. None: find out.
        last: The look before: devices that told their state then are not asked again.
    """
    eyes.watch.phase(_("asking all addresses"), len(eyes.items))
    at = clock.now()
    ports = _known_ports(eyes.items, known)
    swept = sweep([item.address for item in eyes.items if item.address], eyes.pace, ports)
    seen = replies({item.name: item.address for item in eyes.items}, swept)
    open_ = _services(eyes, seen, known)
    for name, services in open_.items():
        if services and seen[name].seen is not Seen.ALIVE:
            seen[name] = Reply(Seen.ALIVE, max(services))
    devices, silent = _devices(eyes, seen, last)
    found = Look(
        at=at,
        answers=seen,
        services={name: frozenset(found - {_REFUSED}) for name, found in open_.items()},
        devices=devices,
        silent_login=silent,
    )
    return Glance(look=found, notes=(*swept.words(), *_repeated(eyes.items)))


_REFUSED: Final = "refused"
_SECOND_TRIES: Final = 50
"""Up to so many devices that did not tell are asked once more; when more fail, it is not by chance."""


def _services(eyes: Eyes, seen: Mapping[str, Reply], known: Look | None) -> dict[str, set[str]]:
    """Item → what is open on it; `refused` where a port said that nothing listens, which proves life."""
    wanted = {
        (item.name, port): Service(item.address, port)
        for item in eyes.items
        if _is_address(item.address)
        for port in _wanted(item, seen[item.name], known)
    }
    if not wanted:
        return {}
    eyes.watch.phase(_("asking services"), len({name for name, _port in wanted}))
    replies = ask_services(list(wanted.values()))
    found: dict[str, set[str]] = {name: set() for name, _port in wanted}
    for (name, port), service in wanted.items():
        match replies[service]:
            case Opened():
                found[name].add(f"tcp/{port}")
            case Refused():
                found[name].add(_REFUSED)
    return found


def _wanted(item: Item, answer: Reply, known: Look | None) -> Iterable[int]:
    if known is not None:
        return _numbers(known.services.get(item.name, ()))
    usual = PORTS.get(item.kind, ()) if answer.seen is Seen.ALIVE else QUIET
    return dict.fromkeys([*usual, *_numbers(item.attributes.get("services", "").replace(",", " ").split())])


def _known_ports(items: Iterable[Item], known: Look | None) -> dict[str, list[int]]:
    if known is None:
        return {}
    return {item.address: _numbers(known.services.get(item.name, ())) for item in items if item.address}


def _numbers(services: Iterable[str]) -> list[int]:
    ports = (service.removeprefix("tcp/") for service in services)
    return sorted(int(port) for port in ports if port.isascii() and port.isdigit())


def _devices(
    eyes: Eyes, seen: Mapping[str, Reply], last: Look | None
) -> tuple[dict[str, DeviceState], dict[str, str]]:
    if not eyes.devices:
        return {}, {}
    readable = platforms_read(eyes.site.settings.content)
    alive = [
        item
        for item in eyes.items
        if item.attributes.get("platform") in readable and seen[item.name].seen is Seen.ALIVE
    ]
    told = last.devices if last else {}
    asked = [item for item in alive if item.name not in told]
    if asked:
        eyes.watch.phase(_("asking devices for their state"), len(asked))
    brought = _read(eyes, asked) if asked else Brought({}, {})
    named = {item.address: item.name for item in eyes.items if item.address}
    states = {item.name: told[item.name] for item in alive if item.name in told}
    states |= {name: _state(facts, named) for name, facts in brought.facts.items()}
    return states, dict(brought.failures)


def _read(eyes: Eyes, items: Sequence[Item]) -> Brought[Mapping[str, Any]]:
    with devices_of(eyes.site, eyes.name) as fleet:
        brought = read_states(fleet, items, lambda name: eyes.watch.target(name, _("asked"), ""))
        if not 0 < len(brought.failures) <= _SECOND_TRIES:
            return brought
        # A session that failed among many others may be this machine's fault and not the device's.
        again = read_states(fleet, [item for item in items if item.name in brought.failures])
        return Brought({**brought.facts, **again.facts}, again.failures)


def _state(facts: Mapping[str, Any], named: Mapping[str, str]) -> DeviceState:
    neighbours = facts["neighbours"]
    return DeviceState(
        saved=facts["saved"],
        config=facts["config"],
        ports_up=frozenset(facts["ports_up"]),
        neighbours=None if neighbours is None else frozenset(named.get(each, each) for each in neighbours),
        routes=frozenset(facts["routes"]),
        version=facts["version"],
    )


def neighbours_of(look: Look) -> list[Neighbour]:
    """The rows of the topology that the devices saw themselves."""
    return [
        Neighbour(name, remote)
        for name, state in look.devices.items()
        for remote in sorted(state.neighbours or ())
    ]


def standpoint(items: Iterable[Item], plugged_into: Sequence[str] = ()) -> Standpoint:
    """Where this machine stands: the item that has one of its addresses, else its host name."""
    mine = own_addresses()
    here = next((item.name for item in items if item.address in mine), socket.gethostname())
    return Standpoint(here, tuple(plugged_into))


def own_addresses() -> frozenset[str]:
    """The addresses of this machine, but for its loopback."""
    done = subprocess.run(["ip", "-json", "address"], capture_output=True, text=True, check=False)
    rows = json.loads(done.stdout or "[]")
    found = {each["local"] for row in rows for each in row.get("addr_info", ()) if "local" in each}
    return frozenset(address for address in found if not ipaddress.ip_address(address).is_loopback)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _repeated(items: Iterable[Item]) -> list[str]:
    """A note on addresses that several items claim: whoever answers, answers for all of them."""
    named: dict[str, list[str]] = {}
    for item in items:
        if item.address:
            named.setdefault(item.address, []).append(item.name)
    twice = [f"{address} ({', '.join(names)})" for address, names in named.items() if len(names) > 1]
    said = _("Several items have the same address, so one answers for all of them: {which}.")
    return [said.format(which=few(twice))] if twice else []


def clock_behind(site: Site) -> timedelta | None:
    """How far the clock is behind the newest entry: after a power cut it may not be set yet."""
    newest = site.ledger.head().at
    if newest is None or clock.now() >= newest:
        return None
    return newest - clock.now()
