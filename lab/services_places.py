"""Where a lab of office services keeps its things, and what they are called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.node_places import NodePlaces

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class ServicesPlaces(NodePlaces):
    """The names and paths of one lab."""

    kind = "services"

    def node(self, node: str) -> Path:
        """The files of a server or printer."""
        return self.root / "nodes" / node

    @property
    def secrets(self) -> Path:
        """One file per secret, named as daicho names it, without a newline; mode 0600 in a folder of 0700."""
        return self.root / "secrets"

    @property
    def authority(self) -> Path:
        """The certificate of the lab's own CA."""
        return self.root / "ca.crt"

    @property
    def dhcp_socket(self) -> Path:
        """Kea's own way in, for witnesses."""
        return self.node("dhcp") / "kea.sock"

    @property
    def state(self) -> Path:
        """What the lab is made of, and what hangs where; it is up when this is there."""
        return self.root / "services.json"
