"""Where everything hangs: from what the devices say to what the ledger should know of its items. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, NamedTuple

from daicho.items.item import natural_key
from daicho.network.observing.observed import hardware

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from daicho.items.item import Item
    from daicho.network.observing.observed import Observed

DEVICE: Final = "network_device"
_SEVERAL: Final = re.compile(r"[,;\s]+")


class Place(NamedTuple):
    """A port of a switch, and the VLAN in which something was seen there."""

    switch: str
    port: str
    vlan: str


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What a collection found out."""

    items: tuple[Item, ...] = ()
    """Those of which the ledger should know something else, as they should be."""
    placed: Mapping[str, Place] = field(default_factory=dict)
    """Item → where it hangs."""
    several: Mapping[str, tuple[Place, ...]] = field(default_factory=dict)
    """Item → ports that could each be its own: a loop, or a switch that nobody asked."""
    strangers: Mapping[str, Place] = field(default_factory=dict)
    """Hardware address → where it hangs, of what is no item."""


def find_out(items: Iterable[Item], seen: Mapping[str, Observed], day: str) -> Findings:
    """What the ledger should know.

    Args:
        items: All recorded items.
        seen: Device → what it said.
        day: When, as the attribute `seen_at` of what hangs somewhere else than recorded.
    """
    items = list(items)
    found, owners = _candidates(items, seen), _owners(items, seen)
    hanging = {item.name: owners[item.name] for item in items if item.kind != DEVICE and item.name in owners}
    placed, several = _placed(hanging, found)
    names = _names(items)
    wanted = [_device(item, seen[item.name], names) if item.name in seen else item for item in items]
    wanted = [_at(item, placed[item.name], day) if item.name in placed else item for item in wanted]
    known = {mac for macs in owners.values() for mac in macs}
    strangers = {mac: places[0] for mac, places in sorted(found.items()) if mac not in known}
    return Findings(
        items=tuple(new for item, new in zip(items, wanted, strict=True) if new != item),
        placed=placed,
        several=several,
        strangers=strangers,
    )


def _device(item: Item, said: Observed, names: Mapping[str, str]) -> Item:
    """A device as it describes itself; what it did not say stays as it is recorded."""
    heard = sorted(said.heard or (), key=lambda each: natural_key(each.port))
    told = {
        "software": said.version,
        "model": said.model,
        "serial": said.serial,
        "neighbours": ", ".join(
            f"{each.port} {_item_name(each.name, names)} {each.their_port}".strip() for each in heard
        ),
        "uplink_port": next(
            (each.port for each in heard if _item_name(each.name, names) == item.attributes.get("uplink")), ""
        ),
    }
    return replace(
        item, attributes={**item.attributes, **{name: value for name, value in told.items() if value}}
    )


def _at(item: Item, place: Place, day: str) -> Item:
    # `port` is where a session with the item goes.
    told = {"switch": place.switch, "switch_port": place.port, "vlan": place.vlan}
    attributes = {name: value for name, value in told.items() if value}
    if not attributes.items() - item.attributes.items():
        return item
    return replace(item, attributes={**item.attributes, **attributes, "seen_at": day})


def _candidates(items: Iterable[Item], seen: Mapping[str, Observed]) -> dict[str, list[Place]]:
    """Hardware address → the ports on which it may hang, the likeliest first.

    Every switch on the way learns an address. A port behind which a known device stands is on the way; of
    the others the one with the fewest addresses is the nearest.
    """
    devices = [item for item in items if item.kind == DEVICE]
    names = _names(devices)
    uplinks = {item.name: set(_SEVERAL.split(item.attributes.get("uplink_port", ""))) for item in devices}
    found: dict[str, dict[Place, int]] = {}
    for switch, said in seen.items():
        passing = {each.port for each in said.heard or () if _item_name(each.name, names) in uplinks}
        passing |= uplinks.get(switch, set())
        count: dict[str, set[str]] = {}
        for station in said.stations:
            count.setdefault(station.port, set()).add(station.mac)
        for station in said.stations:
            if station.port not in passing:
                place = Place(switch, station.port, station.vlan)
                found.setdefault(station.mac, {})[place] = len(count[station.port])
    return {mac: _likeliest(places) for mac, places in found.items()}


def _likeliest(places: Mapping[Place, int]) -> list[Place]:
    fewest = min(places.values())
    ports = {place[:2]: place for place, count in sorted(places.items(), reverse=True) if count == fewest}
    return sorted(ports.values())


def _owners(items: Iterable[Item], seen: Mapping[str, Observed]) -> dict[str, tuple[str, ...]]:
    """Item → its hardware addresses: as recorded, else as the ARP tables say of its address."""
    by_address = {binding.address: binding.mac for said in seen.values() for binding in said.bindings}
    owners: dict[str, tuple[str, ...]] = {}
    for item in items:
        written = filter(None, map(hardware, _SEVERAL.split(item.attributes.get("mac", ""))))
        macs = tuple(written) or tuple(filter(None, [by_address.get(item.address, "")]))
        if macs:
            owners[item.name] = macs
    return owners


def _placed(
    owners: Mapping[str, tuple[str, ...]], found: Mapping[str, list[Place]]
) -> tuple[dict[str, Place], dict[str, tuple[Place, ...]]]:
    placed: dict[str, Place] = {}
    several: dict[str, tuple[Place, ...]] = {}
    for name, macs in owners.items():
        places = dict.fromkeys(place for mac in macs for place in found.get(mac, ()))
        if len(places) == 1:
            placed[name] = next(iter(places))
        elif places:
            several[name] = tuple(places)
    return placed, several


def _names(items: Iterable[Item]) -> dict[str, str]:
    """The name of each item by what a device may call it: whole or without its domain, in any letters."""
    return {item.name.casefold(): item.name for item in items}


def _item_name(said: str, names: Mapping[str, str]) -> str:
    whole = said.casefold()
    return names.get(whole) or names.get(whole.partition(".")[0]) or said
