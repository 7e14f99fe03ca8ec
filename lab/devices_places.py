"""Where a lab of network devices keeps its things, what they are called, and its addresses."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Final

from lab.node_places import NodePlaces

if TYPE_CHECKING:
    from pathlib import Path

CONTROLLER: Final = "ctl"
PLANE: Final = "plane"
SIMULATED: Final = IPv4Network("10.50.0.0/20")
OPERATORS: Final = IPv4Network("10.50.240.0/24")
CONTROLLER_ADDRESS: Final = "10.50.240.1"
PLANE_ADDRESS: Final = "10.50.240.2"


@dataclass(frozen=True)
class DevicesPlaces(NodePlaces):
    """The names and paths of one lab."""

    kind = "devices"

    @property
    def plane(self) -> Path:
        return self.root / "plane"

    @property
    def user_key(self) -> Path:
        return self.root / "id_ed25519"

    @property
    def host_key(self) -> Path:
        """Of the routers; every simulated device has its own."""
        return self.root / "host_ed25519"

    @property
    def authorities(self) -> Path:
        """The SSH CAs that the routers trust."""
        return self.root / "authorities"

    def frr(self, router: str) -> str:
        """What FRR calls a router's instance."""
        return f"devices-{self.name}-{router}"
