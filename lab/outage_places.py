"""Where an outage lab keeps its things, and what they are called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab import cgroup
from lab.places import Places, state_root

if TYPE_CHECKING:
    from pathlib import Path

PLANE = "plane"


@dataclass(frozen=True)
class OutagePlaces:
    """The names and paths of one outage lab; the dot keeps them apart from other labs'."""

    name: str
    root: Path

    @classmethod
    def of(cls, name: str) -> OutagePlaces:
        Places.of(name)
        return cls(name, state_root().absolute() / f"outage.{name}")

    def netns(self, node: str) -> str:
        return f"{self.netns_prefix}{node}"

    @property
    def netns_prefix(self) -> str:
        return f"outage.{self.name}."

    @property
    def group(self) -> Path:
        return cgroup.path(f"outage.{self.name}")

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
