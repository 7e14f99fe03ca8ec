"""The neighbour table: which addresses need an entry in it, how many fit, and how to make room (Linux).

An address on a network of this machine's own needs an entry (ARP). The table has room for `gc_thresh3` of
them, 1,024 unless somebody raised it; past that the system drops packets without a word, and thousands of
live hosts look dead. Entries of the last five seconds are never thrown out to make room
(net/core/neighbour.c, neigh_forced_gc).
"""

from __future__ import annotations

import errno
import socket
import struct
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

USUAL_THRESHOLD: Final = 1024
AGEING_S: Final = 5.2
"""After this the system may throw an entry out by itself."""

# A thread may stand in another network namespace than its process.
_PROC_NET: Final = Path("/proc/thread-self/net")
_THRESHOLD: Final = Path("/proc/sys/net/ipv4/neigh/default/gc_thresh3")
_RTF_UP, _RTF_GATEWAY, _RTF_REJECT = 0x1, 0x2, 0x200
_LEAST_ROOM: Final = 64

_RTM_DELNEIGH: Final = 29
_NLM_F_REQUEST: Final = 1
_NDA_DST: Final = 1
_HEADER: Final = struct.Struct("=IHHII")
_NEIGHBOUR: Final = struct.Struct("=BxHiHBB")
_ATTRIBUTE: Final = struct.Struct("=HH4s")
_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class Route:
    """One IPv4 route of the main table."""

    network: IPv4Network
    device: str
    direct: bool
    """Hosts behind it are asked for by ARP, each needs an entry of its own."""


class Routes:
    """The IPv4 routes of this machine, asked by longest prefix."""

    def __init__(self, routes: Iterable[Route]) -> None:
        """Sort them by length."""
        self._by_length: dict[int, dict[int, Route]] = {}
        for route in routes:
            of_length = self._by_length.setdefault(route.network.prefixlen, {})
            of_length.setdefault(int(route.network.network_address), route)
        self._lengths = sorted(self._by_length, reverse=True)

    @classmethod
    def read(cls) -> Routes:
        """The routes in force for the calling thread."""
        return cls(parse_routes((_PROC_NET / "route").read_text(encoding="ascii")))

    def direct(self, address: str) -> Route | None:
        """The route to an address that needs an entry in the neighbour table of its own; else None."""
        number = int(IPv4Address(address))
        for length in self._lengths:
            masked = number >> (32 - length) << (32 - length)
            if route := self._by_length[length].get(masked):
                return route if route.direct else None
        return None


def parse_routes(text: str) -> list[Route]:
    """The routes in the form of /proc/net/route; numbers there have this machine's byte order."""
    routes = []
    for line in text.splitlines()[1:]:
        device, destination, _gateway, flags, _refs, _use, _metric, mask, *_rest = line.split()
        if not int(flags, 16) & _RTF_UP:
            continue
        length = int(mask, 16).bit_count()
        network = IPv4Network((struct.pack("=I", int(destination, 16)), length))
        routed = int(flags, 16) & (_RTF_GATEWAY | _RTF_REJECT)
        routes.append(Route(network, device, direct=not routed and device not in ("*", "lo")))
    return routes


def known() -> set[str]:
    """The addresses that have an entry now."""
    lines = (_PROC_NET / "arp").read_text(encoding="ascii").splitlines()[1:]
    return {line.split()[0] for line in lines}


def threshold() -> int:
    """How many entries the table bears; where the system does not show it, what is usual."""
    try:
        return int(_THRESHOLD.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return USUAL_THRESHOLD


def room(most: int, taken: int) -> int:
    """How many addresses to ask at once: nine tenths of what is free, for others need entries too."""
    return max(_LEAST_ROOM, (most - taken) * 9 // 10)


def forget(addresses: Sequence[str], devices: Mapping[str, str]) -> bool:
    """Take entries out of the table; False if this process may not (no CAP_NET_ADMIN).

    Harmless: whoever is talked to is asked for again. `devices` is address → network device.
    """
    numbers = {device: socket.if_nametoindex(device) for device in set(devices.values())}
    messages = [_removal(address, numbers[devices[address]]) for address in addresses]
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as kernel:
        kernel.bind((0, 0))
        kernel.setblocking(False)
        for start in range(0, len(messages), _AT_ONCE):
            kernel.send(b"".join(messages[start : start + _AT_ONCE]))
            if not _accepted(kernel):
                return False
    return True


def _removal(address: str, device: int) -> bytes:
    body = _NEIGHBOUR.pack(socket.AF_INET, 0, device, 0, 0, 0)
    body += _ATTRIBUTE.pack(_ATTRIBUTE.size, _NDA_DST, socket.inet_aton(address))
    return _HEADER.pack(_HEADER.size + len(body), _RTM_DELNEIGH, _NLM_F_REQUEST, 0, 0) + body


def _accepted(kernel: socket.socket) -> bool:
    """Whether nothing came back that says no. An entry that is gone already is no trouble."""
    while True:
        try:
            answer = kernel.recv(1 << 16)
        except BlockingIOError:
            return True
        (status,) = struct.unpack_from("=i", answer, _HEADER.size)
        if -status == errno.EPERM:
            return False
