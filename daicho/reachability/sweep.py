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
from daicho.reachability import neighbours, netlink
from daicho.reachability.answers import Answer, CouldNotTell, Counts, Method, Pace, Silent, Sweep
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
    "The neighbour table did not empty at once; between the parts was a wait of many seconds. "
    "CAP_NET_ADMIN lets this process empty it; a larger net.ipv4.neigh.default.gc_thresh3 spares it that."
)
GAVE_UP: Final = N_(
    "The neighbour table had no room for the rest within the time allowed: of those nothing can be told."
)

_LOOK_AGAIN_S: Final = 1.0

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
        fits = len(devices) <= neighbours.room(neighbours.threshold(), _held())
        at_once = [address for address in addresses if fits or address not in devices]
        in_parts = [] if fits else interleaved(list(devices))
        doubtful = self._ask_part(put, interleaved(at_once))[0] if at_once else []
        self._ask_direct(put, [*in_parts, *doubtful], devices)

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
        patience = self.pace.wait_for_room_s
        fits = size_of_all = len(left)
        while left:
            there = netlink.entries()
            size = neighbours.room(neighbours.threshold(), sum(entry.held for entry in there))
            fits = min(size, fits)
            part, rest = left[:fits], left[fits:]
            doubtful, sent = self._ask_part(put, part)
            if doubtful:
                fits = max(neighbours.LEAST_ROOM, sent * 3 // 4)
            left = [*rest, *doubtful]
            if not left and fits == size_of_all:
                return
            self.remarks.append(IN_PARTS)
            before = {entry.address for entry in there}
            ours = [address for address in part if address in devices and address not in before]
            emptied = netlink.forget(ours, devices)
            if left and (not emptied or len(part) - len(doubtful) < neighbours.LEAST_ROOM // 2):
                if patience <= 0:
                    break
                patience -= self._wait_for_room(len(left), patience)
        self.answers |= {address: CouldNotTell(TABLE_FULL) for address in left}
        self.remarks += [GAVE_UP] if left else []

    def _ask_part(self, put: Put, part: Sequence[str]) -> tuple[list[str], int]:
        """Ask; returns who has to be asked again, and how many the system had room for."""
        refused = self.counts.not_sent
        unsent = put(part)
        if self.counts.not_sent == refused:
            return unsent, len(part)
        # With a full table answers get lost too: who was silent meanwhile is asked again.
        silent = [address for address in part if isinstance(self.answers.get(address), Silent)]
        return [*unsent, *silent], len(part) - len(unsent)

    def _wait_for_room(self, wanted: int, most_s: float) -> float:
        """Wait until the table has aged enough for the next part; returns the seconds that it took."""
        self.remarks.append(SLOWLY)
        began = time.monotonic()
        held = _held()
        while (waited := time.monotonic() - began) < most_s:
            time.sleep(min(_LOOK_AGAIN_S, most_s - waited))
            if held - _held() >= min(wanted, held // 2):
                break
        return time.monotonic() - began


def _held() -> int:
    return sum(entry.held for entry in netlink.entries())


def _version(address: str) -> int:
    try:
        return ip_address(address).version
    except ValueError:
        return 0
