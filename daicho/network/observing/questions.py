"""What each platform is asked, and how its answers read.

Cisco IOS is read by ntc-templates; for the vendors that it does not have the templates are our own, each
written after the reference that it names.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class Topic(StrEnum):
    """What a question is about."""

    FACTS = "facts"
    PORTS = "ports"
    HEARD = "heard"
    STATIONS = "stations"
    BINDINGS = "bindings"
    ROUTES = "routes"


STATE: Final = frozenset({Topic.FACTS, Topic.PORTS, Topic.HEARD, Topic.ROUTES})
"""What tells whether a device is as it was."""
EVERYTHING: Final = frozenset(Topic)


@dataclass(frozen=True, kw_only=True)
class Question:
    """One command and how its answer reads."""

    topic: Topic
    command: str
    template: str
    names: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Our name → the template's, where they differ."""
    up: frozenset[str] = frozenset({"up"})
    """What a port's status is when it carries something."""


_NTC: Final = "ntc:cisco_ios_show_"
_ROUTE: Final = "{KIND} {NET} {HOP}"

IOS: Final = (
    Question(
        topic=Topic.FACTS, command="show version", template=f"{_NTC}version", names={"MODEL": "HARDWARE"}
    ),
    Question(
        topic=Topic.PORTS,
        command="show interfaces status",
        template=f"{_NTC}interfaces_status",
        names={"VLAN": "VLAN_ID"},
        up=frozenset({"connected"}),
    ),
    Question(
        topic=Topic.HEARD,
        command="show lldp neighbors detail",
        template=f"{_NTC}lldp_neighbors_detail",
        names={"PORT": "LOCAL_INTERFACE", "NAME": "NEIGHBOR_NAME", "THEIR_PORT": "NEIGHBOR_PORT_ID"},
    ),
    Question(
        topic=Topic.HEARD,
        command="show cdp neighbors detail",
        template=f"{_NTC}cdp_neighbors_detail",
        names={"PORT": "LOCAL_INTERFACE", "NAME": "NEIGHBOR_NAME", "THEIR_PORT": "NEIGHBOR_INTERFACE"},
    ),
    Question(
        topic=Topic.STATIONS,
        command="show mac address-table",
        template=f"{_NTC}mac-address-table",
        names={"MAC": "DESTINATION_ADDRESS", "VLAN": "VLAN_ID", "PORT": "DESTINATION_PORT"},
    ),
    Question(
        topic=Topic.BINDINGS,
        command="show ip arp",
        template=f"{_NTC}ip_arp",
        names={"ADDRESS": "IP_ADDRESS", "MAC": "MAC_ADDRESS"},
    ),
    Question(
        topic=Topic.ROUTES,
        command="show ip route",
        template=f"{_NTC}ip_route",
        names={"KIND": "PROTOCOL", "NET": "NETWORK", "LENGTH": "PREFIX_LENGTH", "HOP": "NEXTHOP_IP"},
    ),
)
ALAXALA: Final = (
    Question(topic=Topic.FACTS, command="show version", template="alaxala_facts"),
    Question(topic=Topic.PORTS, command="show port", template="alaxala_ports"),
    Question(topic=Topic.HEARD, command="show lldp detail", template="alaxala_heard"),
    Question(topic=Topic.STATIONS, command="show mac-address-table", template="alaxala_stations"),
    Question(topic=Topic.BINDINGS, command="show ip arp", template="alaxala_bindings"),
)
APRESIA: Final = (
    Question(topic=Topic.FACTS, command="show version", template="apresia_facts"),
    Question(topic=Topic.PORTS, command="show interface status", template="apresia_ports"),
    Question(topic=Topic.HEARD, command="show lldp neighbors", template="apresia_heard"),
    Question(topic=Topic.STATIONS, command="show mac-address-table", template="apresia_stations"),
    Question(topic=Topic.BINDINGS, command="show arp", template="apresia_bindings"),
)
NEC_IX: Final = (
    Question(topic=Topic.FACTS, command="show version", template="nec_facts"),
    Question(topic=Topic.PORTS, command="show interfaces", template="nec_ports"),
    Question(topic=Topic.HEARD, command="show lldp neighbors", template="nec_heard"),
    Question(topic=Topic.BINDINGS, command="show arp entry", template="nec_bindings"),
    Question(topic=Topic.ROUTES, command="show ip route", template="nec_routes"),
)
_YAMAHA_UP: Final = frozenset(
    f"{speed}BASE-T{kind} {duplex} Duplex"
    for speed, kind in (("10", ""), ("100", ""), ("100", "X"), ("1000", ""))
    for duplex in ("Full", "Half")
)
YAMAHA: Final = (
    Question(topic=Topic.FACTS, command="show environment", template="yamaha_facts"),
    *(
        Question(topic=Topic.PORTS, command=f"show status lan{n}", template="yamaha_ports", up=_YAMAHA_UP)
        for n in (1, 2, 3)
    ),
    Question(topic=Topic.HEARD, command="show lldp neighbors", template="yamaha_heard"),
    Question(topic=Topic.BINDINGS, command="show arp", template="yamaha_bindings"),
    Question(topic=Topic.ROUTES, command="show ip route", template="yamaha_routes"),
)

QUESTIONS: Final[Mapping[str, tuple[Question, ...]]] = {
    "cisco_ios": IOS,
    "alaxala_ax36s": ALAXALA,
    "apresia_aeos": APRESIA,
    "nec_ix": NEC_IX,
    "yamaha": YAMAHA,
}


def questions(platform: str, topics: frozenset[Topic] = EVERYTHING) -> tuple[Question, ...]:
    """What a platform is asked about these topics; (): it cannot be asked."""
    return tuple(each for each in QUESTIONS.get(platform, ()) if each.topic in topics)
