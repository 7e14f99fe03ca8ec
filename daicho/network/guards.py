"""Lines that could cut us off from the device that they configure: found before they are sent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv4Network, NetmaskValueError
from typing import TYPE_CHECKING, Final

from daicho.i18n import N_
from daicho.network import vlans
from daicho.network.state import LINE, place_of
from daicho.plan import differences

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from daicho.network.platform import Platform
    from daicho.network.tree import Path, Tree
    from daicho.plan import Difference, TargetState

LOGIN: Final = N_("it decides who is let in and how")
ADDRESS: Final = N_("it is where we reach the device")
UNKNOWN: Final = N_("the configuration does not say whether this interface is where we reach the device")
UPLINK: Final = N_("the device hangs on this port")
VLAN: Final = N_("we reach the device over this VLAN")
FILTER: Final = N_("this list decides whether we are let through")
ROUTE: Final = N_("the device finds the way back to us by it")

_ROUTE: Final = re.compile(
    r"(?:no )?ip (?:route (?:vrf \S+ )?(?P<net>\S+)(?: (?P<mask>\d+\.\d+\.\d+\.\d+))?"
    r"|default-(?:gateway|network))\b"
)
_NUMBER: Final = re.compile(r"(?i)vlan\s?(\d+)$")


@dataclass(frozen=True, kw_only=True)
class Reach:
    """How we reach a device."""

    address: str
    """Where it is spoken to."""
    ours: tuple[str, ...] = ()
    """The addresses that we come from."""
    uplinks: tuple[str, ...] = ()
    """Its interfaces towards us, as the item says; () : every port that bears the VLAN of its address."""


@dataclass(frozen=True, kw_only=True)
class Danger:
    """One change that could cut us off."""

    key: str
    line: str
    why: str
    """A message to translate."""


def dangers(
    before: TargetState, after: TargetState, running: Tree, platform: Platform, reach: Reach
) -> tuple[Danger, ...]:
    """What in a change could cut us off from the device.

    Args:
        before: The recorded state before.
        after: And after.
        running: The whole configuration before.
        platform: The device's.
        reach: How we reach it.
    """
    guard = _Guard(running, platform, reach)
    found: list[Danger] = []
    for difference in differences(before, after):
        if difference.key.startswith(LINE) and (why := guard.why(difference)):
            line = str(difference.after or difference.before)
            found.append(Danger(key=difference.key, line=line, why=why))
    return tuple(found)


class _Guard:
    def __init__(self, running: Tree, platform: Platform, reach: Reach) -> None:
        self._platform, self._reach = platform, reach
        self._login = [re.compile(rf"(?:no )?(?:{pattern})") for pattern in platform.management.lines]
        self._harmless = [re.compile(pattern) for pattern in platform.management.harmless]
        self._home = {header for header, below in running.items() if self._is_home(header, below)}
        found = (_NUMBER.search(header) for header in self._home)
        self._vlans = frozenset(int(number[1]) for number in found if number)
        self._ports = {header for header, below in running.items() if self._bears(header, below)}
        self._filters = frozenset(_filters(running, self._home))
        self._static = any(self._to_us(line) for line in running)

    def why(self, difference: Difference) -> str:
        """Why a change is dangerous; empty: it is not."""
        path, _place = place_of(difference.key)
        lines = [str(line) for line in (difference.before, difference.after) if line is not None]
        texts = [" | ".join((*path, line)) for line in lines]
        if any(pattern.match(text) for pattern in self._harmless for text in texts):
            return ""
        if self._keeps_our_vlan(difference):
            return ""
        return next((why for why in self._reasons(path, lines) if why), "")

    def _reasons(self, path: Path, lines: list[str]) -> Iterator[str]:
        top = path[0] if path else ""
        heads = [top] if top else lines
        yield LOGIN if any(pattern.match(head) for pattern in self._login for head in heads) else ""
        yield ADDRESS if any(self._names_address(line) for line in lines) else ""
        yield ADDRESS if any(_bare(head) in self._home for head in heads) else ""
        yield UNKNOWN if not self._home and top.startswith("interface ") and _cuts(lines) else ""
        yield UPLINK if any(_bare(head) in self._ports for head in heads) else ""
        yield VLAN if any(self._is_our_vlan(head) for head in heads) else ""
        yield FILTER if any(self._is_filter(head) for head in heads) else ""
        yield ROUTE if any(self._to_us(line) for line in lines) else ""
        yield ROUTE if top.startswith("router ") and not self._static else ""

    def _keeps_our_vlan(self, difference: Difference) -> bool:
        """Whether a port goes on bearing the VLAN by which we reach the device."""
        grammar = self._platform.grammar
        old, new = difference.before, difference.after
        if not (isinstance(old, str) and isinstance(new, str) and grammar.is_list(new)):
            return False
        slot = grammar.slot(new)
        had, has = vlans.numbers(old.removeprefix(slot)), vlans.numbers(new.removeprefix(slot))
        return had <= has or bool(self._vlans and self._vlans <= has)

    def _is_home(self, header: str, below: Mapping[str, object]) -> bool:
        return header.startswith("interface ") and any(self._names_address(line) for line in below)

    def _names_address(self, line: str) -> bool:
        return re.search(rf"(?<![\d.]){re.escape(self._reach.address)}(?![\d.]|\.\d)", line) is not None

    def _bears(self, header: str, below: Mapping[str, object]) -> bool:
        if not header.startswith("interface ") or header in self._home:
            return False
        if self._reach.uplinks:
            return header.removeprefix("interface ") in self._reach.uplinks
        return any(self._carries(line) for line in below) or (
            "switchport mode trunk" in below and not any(" allowed vlan" in line for line in below)
        )

    def _carries(self, line: str) -> bool:
        grammar = self._platform.grammar
        if grammar.is_list(line):
            return bool(self._vlans & vlans.numbers(line.removeprefix(grammar.slot(line))))
        return any(line == f"switchport access vlan {number}" for number in self._vlans)

    def _is_our_vlan(self, head: str) -> bool:
        found = re.fullmatch(r"(?:no )?vlan (\d+)", head)
        return found is not None and int(found[1]) in self._vlans

    def _is_filter(self, head: str) -> bool:
        words = head.split()
        return "access-list" in head and any(name in words for name in self._filters)

    def _to_us(self, line: str) -> bool:
        found = _ROUTE.match(line)
        if found is None:
            return False
        if found["net"] in {None, "default"}:
            return True
        try:
            network = IPv4Network(f"{found['net']}/{found['mask']}" if found["mask"] else found["net"])
            return any(IPv4Address(ours) in network for ours in self._reach.ours) or network.prefixlen == 0
        except (AddressValueError, NetmaskValueError, ValueError):
            return False


def _cuts(lines: list[str]) -> bool:
    return any(re.match(r"(no )?(shutdown|ip address|ipv6 address|vrf )", line) for line in lines)


def _bare(head: str) -> str:
    return head.removeprefix("no ")


def _filters(running: Tree, home: set[str]) -> Iterator[str]:
    """The access lists that stand at the login or at the interface of our address."""
    for header, below in running.items():
        if header.startswith("line ") or header in home:
            for line in below:
                if found := re.match(r"(?:ip )?access-(?:class|group) (\S+)", line):
                    yield found[1]
