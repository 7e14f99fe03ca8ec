"""Where a lab's directory keeps its things, and what they are called."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lab.domain_plan import CONTROLLER
from lab.node_places import NodePlaces


@dataclass(frozen=True)
class DomainPlaces(NodePlaces):
    """The names and paths of one directory."""

    kind = "domain"

    @property
    def controller_files(self) -> Path:
        """What `ip netns exec` lays over /etc for who runs on the controller."""
        return Path("/etc/netns") / self.netns(CONTROLLER)

    def machine(self, node: str) -> Path:
        return self.root / "machines" / node

    @property
    def secrets(self) -> Path:
        """One file per password, without a newline; mode 0600 in a folder of 0700."""
        return self.root / "secrets"

    @property
    def authority(self) -> Path:
        """The certificate of the lab's own CA."""
        return self.root / "ca.crt"

    @property
    def krb5_config(self) -> Path:
        return self.root / "krb5.conf"

    @property
    def state(self) -> Path:
        """What the domain is made of; it is up when this is there."""
        return self.root / "domain.json"
