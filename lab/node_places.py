"""Where a lab of nodes, each in its own network namespace, keeps its things, and what they are called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

from lab import cgroup
from lab.places import Places, state_root

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class NodePlaces:
    """The names and paths of one lab of a kind; the dots keep them apart from other labs'."""

    kind: ClassVar[str]

    name: str
    root: Path

    @classmethod
    def of(cls, name: str) -> Self:
        Places.of(name)
        return cls(name, state_root().absolute() / f"{cls.kind}.{name}")

    @property
    def netns_prefix(self) -> str:
        return f"{self.kind}.{self.name}."

    def netns(self, node: str) -> str:
        return f"{self.netns_prefix}{node}"

    @property
    def group(self) -> Path:
        return cgroup.path(f"{self.kind}.{self.name}")
