"""Which devices there are: their names, addresses, places and cables. The same every time."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from lab.errors import LabError
from lab.netcli.device import Device, Neighbour
from lab.netcli.personalities import parse_mix, personalities

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lab.netcli.device import World

BLOCK: Final = 8
"""Devices of one floor: the first switch of them bears the others."""
_PREFIXES: Final = {
    "cisco_ios": "sw",
    "alaxala_ax36s": "ax",
    "nec_ix": "ix",
    "yamaha": "rtx",
    "apresia_aeos": "ap",
}
_DOWNWARDS: Final = 17
"""The port of a floor's switch after which the cables to the others begin."""


def fleet(world: World, count: int, mix: str) -> list[Device]:
    """This many devices, with their cables.

    Raises:
        LabError: The network has not so many addresses, or the mix cannot be read.
    """
    if count > world.network.num_addresses - 3:
        raise LabError(f"{world.network} has no room for {count} devices.")
    order, known = parse_mix(mix), personalities()
    devices: list[Device] = []
    for index in range(count):
        kind = order[index % len(order)]
        name = f"{_PREFIXES[kind]}{index + 1:04d}"
        devices.append(Device(index, name, world.network.network_address + index + 1, known[kind], world))
    for start in range(0, count, BLOCK):
        _wire(devices[start : start + BLOCK])
    return devices


def bearer(block: Sequence[Device]) -> Device | None:
    """The switch on which the other devices of a floor hang."""
    return next((device for device in block if device.personality.ports), None)


def _wire(block: Sequence[Device]) -> None:
    top = bearer(block)
    if top is None:
        return
    for number, device in enumerate(each for each in block if each is not top):
        port = top.personality.ports[_DOWNWARDS + number]
        top.neighbours.append(Neighbour(port, device, device.personality.uplink))
        device.neighbours.append(Neighbour(device.personality.uplink, top, port))


def host_key(device: Device) -> Ed25519PrivateKey:
    """The device's own key: the same for the same seed, another one after a `new-host-key`."""
    source = f"{device.world.seed}/{device.name}/{device.key_number}".encode()
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(source).digest())


def private_pem(device: Device) -> bytes:
    """The host key as an SSH server reads it."""
    return host_key(device).private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())


def known_hosts(devices: Sequence[Device], port: int) -> str:
    """Lines for an SSH client's known_hosts, by address and by name."""

    def line(device: Device) -> str:
        public = host_key(device).public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
        address = str(device.address) if port == 22 else f"[{device.address}]:{port}"
        return f"{address} {public}\n"

    return "".join(line(device) for device in devices)


def item(device: Device, block_of: Callable[[Device], Sequence[Device]]) -> dict[str, str]:
    """The device as an item that daicho imports."""
    block = block_of(device)
    top = bearer(block)
    building, floor = device.index // 40 + 1, device.index // BLOCK % 5 + 1
    row = {
        "name": device.name,
        "kind": "network_device",
        "address": str(device.address),
        "platform": device.personality.name,
        "site": "Ministry",
        "building": f"B{building}",
        "floor": str(floor),
        "role": "distribution" if device is top else "access" if device.personality.ports else "router",
    }
    if top is not None and device is not top:
        row["uplink"] = top.name
    place = block.index(device)
    if place in (2, 3) and len(block) > 3:
        row["pair"] = block[5 - place].name
    return row
