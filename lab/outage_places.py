"""Where an outage lab keeps its things, and what they are called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.node_places import NodePlaces

if TYPE_CHECKING:
    from pathlib import Path

PLANE = "plane"


@dataclass(frozen=True)
class OutagePlaces(NodePlaces):
    """The names and paths of one outage lab."""

    kind = "outage"

    def node(self, node: str) -> Path:
        return self.root / "nodes" / node

    @property
    def user_key(self) -> Path:
        return self.root / "id_ed25519"

    @property
    def host_key(self) -> Path:
        return self.root / "host_ed25519"

    @property
    def state(self) -> Path:
        """What is cut, off and faulty now; the lab is up when it is there."""
        return self.root / "outage.json"
