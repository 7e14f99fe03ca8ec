"""What the lab's directory consists of: machines, names, addresses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

DNS_DOMAIN: Final = "ad.example.test"
REALM: Final = "AD.EXAMPLE.TEST"
WORKGROUP: Final = "EXAMPLE"
BASE: Final = "DC=ad,DC=example,DC=test"
LDAP_BASE: Final = "dc=example,dc=test"
"""The base of the plain directory on ldap1."""

CONTROLLER: Final = "ctl"
CONTROLLER_ADDRESS: Final = "10.78.0.1"
SERVICE: Final = "svc-daicho"
"""The account that daicho works with: a domain administrator."""

POPULATIONS: Final = (300, 3000, 15000)


@dataclass(frozen=True)
class Server:
    """One machine of the domain."""

    name: str
    address: str
    ports: tuple[int, ...]
    """What it listens on when it is ready; its TCP ports."""
    domain: str = DNS_DOMAIN

    @property
    def fqdn(self) -> str:
        return f"{self.name}.{self.domain}"


_DC_PORTS: Final = (53, 88, 135, 389, 445, 464, 636, 3269)
SERVERS: Final = {
    server.name: server
    for server in (
        Server("dc1", "10.78.0.11", _DC_PORTS),
        Server("dc2", "10.78.0.12", _DC_PORTS),
        Server("fs1", "10.78.0.21", (445,)),
        Server("ldap1", "10.78.0.31", (389, 636), "example.test"),
    )
}
CONTROLLERS: Final = ("dc1", "dc2")
JOINED: Final = ("dc2", "fs1")
"""Machines that join the domain, and so change it: in this order."""
