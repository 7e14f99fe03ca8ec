"""The neighbour table: which addresses need an entry in it, how many fit, and how to make room (Linux).

An address on a network of this machine's own needs an entry (ARP). The table has room for `gc_thresh3` of
them, 1,024 unless somebody raised it; past that the system drops packets without a word, and thousands of
live hosts look dead. To make room the system throws out only entries that failed, or that are stale for five
seconds (net/core/neighbour.c, neigh_forced_gc): of a host that answered not before 15 to 45 seconds are over.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

USUAL_THRESHOLD: Final = 1024
# A thread may stand in another network namespace than its process.
_PROC_NET: Final = Path("/proc/thread-self/net")
_THRESHOLD: Final = Path("/proc/sys/net/ipv4/neigh/default/gc_thresh3")
_RTF_UP, _RTF_GATEWAY, _RTF_REJECT = 0x1, 0x2, 0x200
LEAST_ROOM: Final = 64


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

    def all(self) -> list[Route]:
        """Every route, the most specific first."""
        return [route for length in self._lengths for route in self._by_length[length].values()]

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


def threshold() -> int:
    """How many entries the table bears; where the system does not show it, what is usual."""
    try:
        return int(_THRESHOLD.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return USUAL_THRESHOLD


def room(most: int, taken: int) -> int:
    """How many addresses to ask at once: nine tenths of what is free, for others need entries too."""
    return max(LEAST_ROOM, (most - taken) * 9 // 10)
