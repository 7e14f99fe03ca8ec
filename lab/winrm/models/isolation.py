"""What `get_isolation`, `isolate` and the two that end it do: a firewall that decides who is let in."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING, Any, Final

from lab.winrm.areas import System
from lab.winrm.host import area
from lab.winrm.models import model

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lab.winrm.host import Host

_ALLOW: Final = ("daicho-isolation-allow-in", "daicho-isolation-allow-out")
_BLOCK: Final = ("daicho-isolation-block-in", "daicho-isolation-block-out")
_MINUTE: Final = 60.0


@area("firewall")
@dataclass
class Firewall:
    """Windows Firewall, as far as our rules go; what it blocks is blocked."""

    profiles: dict[str, bool] = field(
        default_factory=lambda: {"Domain": True, "Private": True, "Public": True}
    )
    merged: bool = True
    """Whether local rules count beside those of a group policy."""
    rules: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    blocked: list[str] = field(default_factory=list)
    trial_until: float = 0.0
    """Unix time at which a task takes it all back; 0: there is no task."""
    back_off: list[str] = field(default_factory=list)
    """Profiles that this task turns off."""
    minute: float = _MINUTE
    servers: list[str] = field(default_factory=lambda: ["192.0.2.53"])
    dhcp: list[str] = field(default_factory=list)
    reachable: list[str] = field(default_factory=lambda: ["192.0.2.53:53", "192.0.2.20:445"])
    """Places that answer unless they are blocked."""
    leaks: list[str] = field(default_factory=list)
    """Places that answer even so."""
    deaf: bool = False
    """Whether it blocks us, too, once it is cut off."""

    def settle(self) -> None:
        """What a task did meanwhile."""
        if self.trial_until and time.time() >= self.trial_until:
            self.rules, self.kept, self.blocked = [], [], []
            self.profiles |= dict.fromkeys(self.back_off, False)
            self.trial_until, self.back_off = 0.0, []

    def blocks(self, address: str) -> bool:
        """Whether packets from and to an address are dropped."""
        self.settle()
        if not set(self.rules) >= set(_BLOCK) or not all(self.profiles.values()):
            return False
        return self.deaf or any(_within(IPv4Address(address), each) for each in self.blocked)


@model("get_isolation")
def get_isolation(host: Host, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Profiles, our rules, who can be reached."""
    firewall = host.of(Firewall)
    firewall.settle()
    probes = list(arguments["probes"]) or [f"{server}:53" for server in firewall.servers]
    peers = {str(each.get_extra_info("peername")[0]) for each in host.connections}
    return {
        "profiles": dict(firewall.profiles),
        "merged": firewall.merged,
        "rules": sorted(firewall.rules),
        # Windows tells a network by its mask.
        "kept": [
            str(IPv4Network(each).with_netmask).removesuffix("/255.255.255.255") for each in firewall.kept
        ],
        "trial": bool(firewall.trial_until),
        "probes": probes,
        "reached": [each for each in probes if _reaches(firewall, each)],
        "dhcp": firewall.dhcp,
        "from": sorted(peers),
        "user": host.of(System).logged_on,
    }


@model("isolate")
def isolate(host: Host, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Rules that allow a few and block all others, and a task that takes them back."""
    firewall = host.of(Firewall)
    firewall.trial_until = time.time() + int(arguments["minutes"]) * firewall.minute
    firewall.back_off = list(arguments["profiles"])
    firewall.rules = [*_ALLOW, *_BLOCK]
    firewall.kept, firewall.blocked = list(arguments["keep"]), list(arguments["others"])
    firewall.profiles = dict.fromkeys(firewall.profiles, True)
    host.lets_in = lambda address: not firewall.blocks(address)
    return {"trial": True}


@model("end_isolation_trial")
def end_isolation_trial(host: Host, _arguments: Mapping[str, Any]) -> dict[str, Any]:
    """It stays."""
    firewall = host.of(Firewall)
    firewall.settle()
    firewall.trial_until, firewall.back_off = 0.0, []
    return {"trial": False}


@model("end_isolation")
def end_isolation(host: Host, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """All is as it was."""
    firewall = host.of(Firewall)
    firewall.rules, firewall.kept, firewall.blocked = [], [], []
    firewall.profiles |= {name: bool(on) for name, on in arguments["profiles"].items()}
    firewall.trial_until, firewall.back_off = 0.0, []
    return {"isolated": False}


def _reaches(firewall: Firewall, place: str) -> bool:
    address = place.rpartition(":")[0]
    return place in firewall.leaks or (place in firewall.reachable and not firewall.blocks(address))


def _within(address: IPv4Address, span: str) -> bool:
    first, _dash, last = span.partition("-")
    return "." in first and IPv4Address(first) <= address <= IPv4Address(last)
