"""Ask for a DHCP offer (RFC 2131) on one network device, and leave it: no lease is taken."""

from __future__ import annotations

import secrets
import socket
import struct
import time
from typing import Final, NamedTuple

from daicho.i18n import N_
from daicho.reachability.wrong import CannotTell

_HEADER: Final = struct.Struct("!BBBBIHH4s4s4s4s16s64s128s4s")
_COOKIE: Final = b"\x63\x82\x53\x63"
_BROADCAST: Final = 0x8000
_DISCOVER, _OFFER = 1, 2
_TYPE, _SERVER, _END = 53, 54, 255


class Offer(NamedTuple):
    """What a DHCP server offers."""

    address: str
    server: str


def discover(device: str, timeout_s: float) -> Offer:
    """Broadcast a question on a device and return the first offer.

    Raises:
        CannotTell: This process may not (CAP_NET_RAW, CAP_NET_BIND_SERVICE), or has no such device.
        TimeoutError: Nobody offers anything.
    """
    number, hardware = secrets.randbits(32), b"\x02" + secrets.token_bytes(5)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        asked.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        asked.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        try:
            asked.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device.encode() + b"\0")
            asked.bind(("", 68))
        except OSError as error:
            raise CannotTell(
                N_("This process cannot ask on {device}: {why}."), device=device, why=error.strerror
            ) from error
        asked.sendto(question(number, hardware), ("255.255.255.255", 67))
        until = time.monotonic() + timeout_s
        while (left := until - time.monotonic()) > 0:
            asked.settimeout(left)
            if offer := parse(asked.recv(2048), number):
                return offer
    raise TimeoutError


def question(number: int, hardware: bytes) -> bytes:
    """A DISCOVER of a machine that does not exist; it asks for the answer by broadcast."""
    none = bytes(4)
    head = _HEADER.pack(
        *(1, 1, 6, 0, number, 0, _BROADCAST, none, none, none, none),
        *(hardware.ljust(16, b"\0"), bytes(64), bytes(128), _COOKIE),
    )
    return head + bytes([_TYPE, 1, _DISCOVER, _END])


def parse(packet: bytes, number: int) -> Offer | None:
    """The offer that answers a question; None for everything else."""
    if len(packet) < _HEADER.size:
        return None
    fields = _HEADER.unpack_from(packet)
    if fields[0] != 2 or fields[4] != number or fields[14] != _COOKIE:
        return None
    options = _options(packet[_HEADER.size :])
    if options.get(_TYPE) != bytes([_OFFER]) or len(options.get(_SERVER, b"")) != 4:
        return None
    return Offer(socket.inet_ntoa(fields[8]), socket.inet_ntoa(options[_SERVER]))


def _options(data: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    at = 0
    while at + 1 < len(data) and data[at] != _END:
        if data[at] == 0:
            at += 1
            continue
        found[data[at]] = data[at + 2 : at + 2 + data[at + 1]]
        at += 2 + data[at + 1]
    return found
