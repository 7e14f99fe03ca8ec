"""Where a lab keeps its things, and what they are called."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from lab.errors import LabError

CONTROLLER = "10.77.0.1"
REPOSITORY_PORT = 8080
FIRST_HOST = 11
MOST_MACHINES = 200

_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")


def state_root() -> Path:
    """The directory that holds one directory per lab."""
    return Path(os.environ.get("DAICHO_LAB_STATE", "/var/lib/daicho-lab"))


def cache_root() -> Path:
    """The directory of base images, shared by all labs."""
    return Path(os.environ.get("DAICHO_LAB_CACHE", "/var/cache/daicho-lab"))


@dataclass(frozen=True)
class Places:
    """The names and paths of one lab."""

    name: str
    root: Path

    @classmethod
    def of(cls, name: str) -> Places:
        if not _NAME.fullmatch(name):
            raise LabError(f"{name!r} cannot name a lab: use lower-case letters, digits and hyphens.")
        return cls(name, state_root().absolute() / name)

    @property
    def netns(self) -> str:
        """The network namespace of the bridge, where the controller runs its commands."""
        return f"daicho-{self.name}"

    def machine_netns(self, machine: str) -> str:
        return f"{self.netns}-{machine}"

    @property
    def machines(self) -> Path:
        return self.root / "machines"

    @property
    def layer(self) -> Path:
        """The overlay layer that all machines of this lab share: keys, package sources."""
        return self.root / "layer"

    @property
    def repository(self) -> Path:
        return self.root / "repository"

    @property
    def description(self) -> Path:
        """The lab's own record of what it is made of."""
        return self.root / "lab.json"

    @property
    def user_key(self) -> Path:
        return self.root / "id_ed25519"


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, and that nobody could read meanwhile."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
