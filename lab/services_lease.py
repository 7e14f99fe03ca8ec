"""A terminal's way to an address: DISCOVER and REQUEST through the subnet's relay (RFC 2131)."""

from __future__ import annotations

import secrets
import socket
import struct
from ipaddress import IPv4Address

from lab.errors import LabError

_HEADER = struct.Struct("!BBBBIHH4s4s4s4s16s64s128s4s")
_COOKIE = b"\x63\x82\x53\x63"
_DISCOVER, _OFFER, _REQUEST, _ACK = 1, 2, 3, 5
_WANTED, _KIND, _SERVER, _NAME, _END = 50, 53, 54, 12, 255
_TRIES = 3


def lease(mac: str, relay: str, server: str, timeout_s: float = 2) -> tuple[str, str]:
    """Address and host name that a DHCP server gives to a hardware address behind a relay.

    The calling thread is on the relay: `relay` is an address of its namespace.

    Raises:
        LabError: The server gives none.
    """
    hardware = bytes.fromhex(mac.replace(":", ""))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        line.bind((relay, 67))
        line.settimeout(timeout_s)
        offer = _ask(line, server, _message(hardware, relay, _DISCOVER, b""), _OFFER)
        wanted = bytes([_WANTED, 4]) + offer[0] + bytes([_SERVER, 4]) + offer[1].get(_SERVER, bytes(4))
        address, options = _ask(line, server, _message(hardware, relay, _REQUEST, wanted), _ACK)
    return str(IPv4Address(address)), options.get(_NAME, b"").decode("ascii", "replace")


def _message(hardware: bytes, relay: str, kind: int, more: bytes) -> bytes:
    head = _HEADER.pack(
        *(1, 1, 6, 1, secrets.randbits(32), 0, 0),
        *(bytes(4), bytes(4), bytes(4), IPv4Address(relay).packed),
        *(hardware.ljust(16, b"\0"), bytes(64), bytes(128), _COOKIE),
    )
    # Asked for: mask, router, name, domain.
    return head + bytes([_KIND, 1, kind]) + more + bytes([55, 4, 1, 3, 12, 15, _END])


def _ask(line: socket.socket, server: str, message: bytes, wanted: int) -> tuple[bytes, dict[int, bytes]]:
    for _attempt in range(_TRIES):
        line.sendto(message, (server, 67))
        try:
            while True:
                answer = line.recv(2048)
                options = _options(answer[_HEADER.size :])
                if answer[4:8] == message[4:8] and options.get(_KIND) == bytes([wanted]):
                    return answer[16:20], options
        except TimeoutError:
            continue
    raise LabError(f"The DHCP server {server} gives no address: is it down, or its subnet full?")


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
