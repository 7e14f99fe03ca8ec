"""Thousands of addresses behind one cable: a routed plane, and one on the controller's own network."""

from __future__ import annotations

import random
from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Final

from lab.outage_nodes import batch
from lab.outage_places import PLANE
from lab.outage_plan import CONTROLLER
from lab.process import run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lab.outage_places import OutagePlaces

ROUTED: Final = IPv4Network("10.64.0.0/18")
ONLINK: Final = IPv4Network("10.80.0.0/18")
ONLINK_LIVE: Final = IPv4Network("10.80.0.0/20")
PER_NETWORK: Final = 250
MOST_ROUTED: Final = 16_000
MOST_ONLINK: Final = 4_000

_CTL, _PLANE = "10.90.255.1", "10.90.255.2"
_CTL_ONLINK, _PLANE_ONLINK = "10.80.32.1", "10.80.63.254"


def routed(count: int) -> list[str]:
    """The first addresses of the routed plane, 250 in each /24."""
    return _addresses(ROUTED, count)


def onlink(count: int) -> list[str]:
    """The first addresses of the plane that the controller reaches without a router."""
    return _addresses(ONLINK, count)


def _addresses(network: IPv4Network, count: int) -> list[str]:
    base = network.network_address
    return [str(base + (n // PER_NETWORK * 256 + n % PER_NETWORK + 1)) for n in range(count)]


def create(places: OutagePlaces) -> None:
    """All addresses of both planes answer; nothing but routes is needed for that."""
    plane, ctl = places.netns(PLANE), places.netns(CONTROLLER)
    run(["ip", "netns", "add", plane])
    run(
        ["ip", "link", "add", PLANE, "netns", ctl, "type", "veth", "peer", "name", CONTROLLER, "netns", plane]
    )
    batch(
        ctl,
        [
            f"address add {_CTL}/30 dev {PLANE}",
            f"address add {_CTL_ONLINK}/{ONLINK.prefixlen} dev {PLANE}",
            f"link set {PLANE} up",
            f"route add {ROUTED} via {_PLANE}",
        ],
    )
    batch(
        plane,
        [
            "link set lo up",
            f"address add {_PLANE}/30 dev {CONTROLLER}",
            f"address add {_PLANE_ONLINK}/{ONLINK.prefixlen} dev {CONTROLLER}",
            f"link set {CONTROLLER} up",
            f"route add local {ROUTED} dev lo",
            f"route add local {ONLINK_LIVE} dev lo",
        ],
    )


def kill(places: OutagePlaces, addresses: Sequence[str]) -> None:
    """Let these addresses be dead: silent, and without an answer to ARP."""
    batch(places.netns(PLANE), [f"route add blackhole {address}/32 table local" for address in addresses])


def revive(places: OutagePlaces, addresses: Sequence[str]) -> None:
    """Let dead addresses live again."""
    batch(places.netns(PLANE), [f"route del blackhole {address}/32 table local" for address in addresses])


def chosen(addresses: Sequence[str], count: int, seed: int) -> list[str]:
    """Which of them are dead: the same for the same seed."""
    return sorted(random.Random(seed).sample(addresses, count))  # noqa: S311 - repeatable on purpose
