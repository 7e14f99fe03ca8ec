"""Ask every address whether it is there: quickly, at a pace that the network bears, without guessing.

An own small sender, because icmplib takes several times as long for 12,000 addresses, knows no pace and
does not look at what comes back (docs/reference/benchmarks.md).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from ipaddress import ip_address
from typing import Final

from daicho.i18n import N_
from daicho.reachability import neighbours
from daicho.reachability.answers import Answer, CouldNotTell, Counts, Method, Pace, Sweep
from daicho.reachability.asking import TABLE_FULL, ask
from daicho.reachability.icmp import EchoSocket
from daicho.reachability.knocking import knock_everywhere
from daicho.reachability.pacing import interleaved

NOT_AN_ADDRESS: Final = N_("It has no IP address: names are not looked up, for the DNS may be down.")
UNPRIVILEGED: Final = N_("Asked without CAP_NET_RAW, through the system's unprivileged ping.")
ONLY_TCP: Final = N_(
    "Neither CAP_NET_RAW nor net.ipv4.ping_group_range lets this process ping: TCP connections were tried "
    "instead. Who answers none of them is only judged where it used to answer."
)
IN_PARTS: Final = N_(
    "More addresses on this machine's own networks than its neighbour table holds: asked in parts."
)
SLOWLY: Final = N_(
    "Without CAP_NET_ADMIN the neighbour table empties by itself only: each part waited five seconds."
)

_MOST_PARTS_WITHOUT_PROGRESS: Final = 3

type Ports = Mapping[str, Sequence[int]]
"""Address → TCP ports that it used to answer."""

type Put = Callable[[Sequence[str]], list[str]]
"""Asks these addresses; returns those that could not be sent to for want of room."""


def sweep(addresses: Sequence[str], pace: Pace | None = None, ports: Ports | None = None) -> Sweep:
    """Ask every address (IPv4 or IPv6) for an echo; one answer each.

    Args:
        addresses: Each is asked once, however often it is named; 0 of them are an empty result.
        pace: How fast; the default is what an office network bears.
        ports: For the case that this process may not ping at all: where silence means something.

    Without permission for raw sockets the system's unprivileged ping is used, without that TCP; `method`
    and `remarks` of the result say so.
    """
    return _Sweeping(pace or Pace(), ports or {}).run(list(dict.fromkeys(addresses)))


class _Sweeping:
    def __init__(self, pace: Pace, ports: Ports) -> None:
        self.pace = pace
        self.ports = ports
        self.counts = Counts()
        self.method = Method.NONE
        self.remarks: list[str] = []
        self.answers: dict[str, Answer] = {}

    def run(self, addresses: Sequence[str]) -> Sweep:
        began = time.monotonic()
        versions: dict[int, list[str]] = {}
        for address in addresses:
            version = _version(address)
            if version:
                versions.setdefault(version, []).append(address)
            else:
                self.answers[address] = CouldNotTell(NOT_AN_ADDRESS)
        for version, those in versions.items():
            self._ask_version(version, those)
        ordered = {address: self.answers[address] for address in addresses}
        took = time.monotonic() - began
        return Sweep(ordered, self.method, self.counts, took, tuple(dict.fromkeys(self.remarks)))

    def _ask_version(self, version: int, addresses: Sequence[str]) -> None:
        try:
            socket = EchoSocket.open(version)
        except PermissionError:
            self.method = Method.TCP
            self.remarks.append(ONLY_TCP)
            self._ask_all(self._knock, version, addresses)
            return
        with socket:
            if self.method is not Method.TCP:
                self.method = socket.method
            if socket.method is Method.ICMP_UNPRIVILEGED:
                self.remarks.append(UNPRIVILEGED)
            self._ask_all(partial(self._ask, socket), version, addresses)

    def _ask_all(self, put: Put, version: int, addresses: Sequence[str]) -> None:
        routes = neighbours.Routes.read() if version == 4 else neighbours.Routes([])
        devices = {a: route.device for a in addresses if version == 4 and (route := routes.direct(a))}
        routed = [address for address in addresses if address not in devices]
        unsent = put(interleaved(routed)) if routed else []
        self._ask_direct(put, [*interleaved(list(devices)), *unsent], devices)

    def _ask(self, socket: EchoSocket, addresses: Sequence[str]) -> list[str]:
        asked = ask(socket, addresses, self.pace)
        self.answers |= asked.answers
        self.counts.add(asked.counts)
        return asked.unsent

    def _knock(self, addresses: Sequence[str]) -> list[str]:
        self.answers |= knock_everywhere(addresses, self.ports, self.pace)
        return []

    def _ask_direct(self, put: Put, left: Sequence[str], devices: Mapping[str, str]) -> None:
        """Ask in parts that the neighbour table bears, emptying it of ours in between."""
        stuck, aged = 0, False
        while left and stuck < _MOST_PARTS_WITHOUT_PROGRESS:
            there = neighbours.known()
            size = neighbours.room(neighbours.threshold(), 0 if aged else len(there))
            part, rest = left[:size], left[size:]
            unsent = put(part)
            stuck = stuck + 1 if len(unsent) == len(part) else 0
            left = [*unsent, *rest]
            if left:
                self.remarks.append(IN_PARTS)
                ours = [a for a in part if a in devices and a not in there]
                aged = self._make_room(ours, devices, wait=bool(stuck))
        self.answers |= {address: CouldNotTell(TABLE_FULL) for address in left}

    def _make_room(self, ours: Sequence[str], devices: Mapping[str, str], *, wait: bool) -> bool:
        """Empty the table; whether what is still in it is old enough for the system to throw it out."""
        if not neighbours.forget(ours, devices):
            self.remarks.append(SLOWLY)
            wait = True
        if wait:
            time.sleep(neighbours.AGEING_S)
        return wait


def _version(address: str) -> int:
    try:
        return ip_address(address).version
    except ValueError:
        return 0
