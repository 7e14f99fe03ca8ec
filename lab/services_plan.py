"""What a lab of office services consists of: servers, subnets, printers. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Final

DOMAIN: Final = "office.example.test"
REVERSE: Final = "79.10.in-addr.arpa"
NETWORK: Final = IPv4Network("10.79.0.0/16")
CORE: Final = "core"
CONTROLLER: Final = "ctl"
CORE_ADDRESS: Final = "10.79.0.254"
CONTROLLER_ADDRESS: Final = "10.79.0.1"
TERMINALS: Final = "pcs"
"""The node on which all terminals' addresses are."""
TERMINALS_ADDRESS: Final = "10.79.0.5"
MANY: Final = "many"
"""The node that answers SNMP for a whole subnet, for measurements."""
MANY_ADDRESS: Final = "10.79.0.6"
MANY_NETWORK: Final = IPv4Network("10.79.128.0/22")
KEY: Final = "daicho-key"
USER: Final = "daicho"
TTL: Final = 3600
PRINT_ADMINS: Final = "print-admins"
"""The group whose members administer the print server where it asks for a password."""

SERVERS: Final = {"dhcp": "10.79.0.2", "dns": "10.79.0.3", "print": "10.79.0.4"}
"""Servers that can be switched off, with their addresses."""
VLANS: Final = {
    10: IPv4Network("10.79.16.0/22"),
    20: IPv4Network("10.79.20.0/22"),
    30: IPv4Network("10.79.24.0/22"),
    40: IPv4Network("10.79.28.0/22"),
}
"""VLAN → its subnet; the subnet's id in the DHCP server is the VLAN's number."""
PRINTERS_VLAN: Final = 20


@dataclass(frozen=True)
class Host:
    """A terminal or printer that is known to DHCP and DNS from the first day."""

    name: str
    mac: str
    vlan: int
    address: str


@dataclass(frozen=True)
class LabPrinter:
    """One printer: its own network, IPP on port 631, SNMPv3 on port 161."""

    number: int

    @property
    def name(self) -> str:
        return f"pr-{self.number:04d}"

    @property
    def mac(self) -> str:
        return f"02:50:52:00:{self.number >> 8:02x}:{self.number & 255:02x}"

    @property
    def serial(self) -> str:
        return f"SN{self.number:05d}"

    @property
    def location(self) -> str:
        return f"B1-{(self.number - 1) % 5 + 1}F"

    @property
    def host(self) -> Host:
        return Host(self.name, self.mac, PRINTERS_VLAN, str(VLANS[PRINTERS_VLAN][10 + self.number]))


def gateway(vlan: int) -> str:
    """The router's address in a subnet."""
    return str(VLANS[vlan][1])


def vlan_of(address: str) -> int | None:
    """The VLAN whose subnet an address is in."""
    return next((vlan for vlan, network in VLANS.items() if IPv4Network(address).subnet_of(network)), None)
