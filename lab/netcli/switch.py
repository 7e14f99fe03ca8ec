"""What is so on any switch: which ports are live, which VLANs they carry, who is heard where."""

from __future__ import annotations

from ipaddress import AddressValueError, IPv4Address
from typing import TYPE_CHECKING, Final, Protocol, cast, runtime_checkable

from lab.netcli.config import natural

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lab.netcli.config import Configuration
    from lab.netcli.device import Device, Neighbour

ACCESS_PORTS: Final = 24


@runtime_checkable
class Switch(Protocol):
    """What a switch's personality knows of its configuration."""

    @property
    def ports(self) -> Sequence[str]:
        """All ports, in order."""
        ...

    @property
    def uplink(self) -> str:
        """The port by which it is reached."""
        ...

    def section(self, port: str) -> str:
        """The name of a port's section."""
        ...

    def access_vlan(self, running: Configuration, port: str) -> int:
        """The VLAN of what hangs on a port."""
        ...

    def trunk_vlans(self, running: Configuration, port: str) -> set[int] | None:
        """What a trunk is allowed to carry; None if the port is no trunk."""
        ...

    def vlans(self, running: Configuration) -> dict[int, str]:
        """VLAN → name."""
        ...


def _switch(device: Device) -> Switch:
    return cast("Switch", device.personality)


def wired(device: Device, port: str) -> bool:
    """Whether a cable with something living is in the port."""
    neighbour = any(each.port == port and each.device.up for each in device.neighbours)
    return neighbour or port == _switch(device).uplink or bool(stations(device, port))


def stations(device: Device, port: str) -> tuple[bytes, ...]:
    """The hardware addresses of what hangs on an office port, whether it is live or shut."""
    if port in device.patched:
        return device.patched[port]
    number = _switch(device).ports.index(port) + 1
    return (device.mac(1000 + number),) if number <= ACCESS_PORTS and number % 3 != 0 else ()


def replug(devices: Iterable[Device], mac: bytes, to: tuple[Device, str] | None) -> None:
    """Pull a station's cable wherever it is, and plug it in there; None: it stays out."""
    for device in devices:
        for port in device.personality.ports:
            if mac in (there := stations(device, port)):
                device.patched[port] = tuple(each for each in there if each != mac)
    if to is not None:
        device, port = to
        device.patched[port] = (*stations(device, port), mac)


def shut(device: Device, port: str) -> bool:
    return device.running.has(_switch(device).section(port), "shutdown")


def up(device: Device, port: str) -> bool:
    return wired(device, port) and not shut(device, port)


def known_vlans(device: Device) -> dict[int, str]:
    """VLAN → name, in order."""
    return dict(sorted(_switch(device).vlans(device.running).items()))


def carried(device: Device, port: str) -> set[int]:
    """The VLANs that a port carries."""
    switch = _switch(device)
    allowed = switch.trunk_vlans(device.running, port)
    if allowed is None:
        return {switch.access_vlan(device.running, port)}
    return allowed & set(known_vlans(device))


def live_neighbours(device: Device) -> list[Neighbour]:
    """Those whose cable is live on this side."""
    live = [each for each in device.neighbours if each.device.up]
    if not device.personality.ports:
        return live
    return [each for each in live if up(device, each.port)]


def hardware_addresses(device: Device) -> list[tuple[int, bytes, str]]:
    """VLAN, address and port of everything that talks."""
    switch = _switch(device)
    found = [
        (switch.access_vlan(device.running, port), mac, port)
        for port in switch.ports
        if switch.trunk_vlans(device.running, port) is None and up(device, port)
        for mac in stations(device, port)
    ]
    for each in live_neighbours(device):
        found += [(number, each.device.mac(0), each.port) for number in sorted(carried(device, each.port))]
    return sorted(found, key=lambda row: (row[0], natural(row[2])))


def permitted(entries: Sequence[str] | None, peer: IPv4Address) -> bool:
    """Whether a standard access list lets an address through; one that is not there lets everything."""
    if not entries:
        return True
    for entry in entries:
        verb, *words = entry.split()
        if verb != "remark" and _matches(words, peer):
            return verb == "permit"
    return False


def _matches(words: Sequence[str], peer: IPv4Address) -> bool:
    if words[:1] == ["any"]:
        return True
    words = words[1:] if words[0] == "host" else words
    address, wildcard = words[0], words[1] if len(words) > 1 else str(IPv4Address(0))
    try:
        mask = ~int(IPv4Address(wildcard)) & 0xFFFFFFFF
        return int(peer) & mask == int(IPv4Address(address)) & mask
    except AddressValueError:
        return False


def location(device: Device) -> str:
    """Where a device stands: its place in a made-up office."""
    return f"B{device.index // 40 + 1}-F{device.index // 4 % 10 + 1}-EPS"
