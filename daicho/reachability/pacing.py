"""When the next packets may leave, and in which order addresses are asked. Pure."""

from __future__ import annotations

from ipaddress import ip_address
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

BURST_S: Final = 0.02
"""After a pause (a busy processor) at most what this time allows is sent at once."""


class Allowance:
    """A bucket of permissions to send that fills with time.

    However it is asked, from its start until any moment it has permitted at most
    `rate * (time passed + BURST_S) + 1` packets.
    """

    def __init__(self, rate: float, now: float) -> None:
        """Begin empty but for one packet; `rate` in packets per second, `now` in seconds."""
        self.rate = rate
        self.most = rate * BURST_S + 1
        self._level = 1.0
        self._then = now

    def available(self, now: float) -> int:
        """How many packets may leave now."""
        self._level = min(self.most, self._level + max(0.0, now - self._then) * self.rate)
        self._then = max(now, self._then)
        return int(self._level)

    def spend(self, packets: int = 1) -> None:
        """So many have left."""
        self._level -= packets


def interleaved(addresses: Sequence[str]) -> list[str]:
    """The addresses so that neighbours on one network (/24, /64) are asked far apart.

    One packet for each network in turn: no switch, and no router that has to find its hosts, gets them all
    in one burst.
    """
    networks: dict[bytes, list[str]] = {}
    for address in addresses:
        packed = ip_address(address).packed
        networks.setdefault(packed[: 3 if len(packed) == 4 else 8], []).append(address)
    rounds = zip_longest(*networks.values())
    return [address for address in chain.from_iterable(rounds) if address is not None]
