"""The ports of the simulated Catalyst: 24 for the office, 4 upwards of which the first is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lab.netcli.syntax import numbered

if TYPE_CHECKING:
    from collections.abc import Sequence

ACCESS_PORTS: Final = 24
UPLINK: Final = "GigabitEthernet0/25"
PORTS: Final = tuple(f"GigabitEthernet0/{number}" for number in range(1, 29))
MANAGEMENT: Final = 99
_KINDS: Final = ("GigabitEthernet", "Vlan", "Port-channel", "Loopback")


def port(words: Sequence[str]) -> tuple[str, int] | None:
    """`gi0/1`, `GigabitEthernet 0/1`, `vlan 99` as IOS writes them."""
    return numbered(words, _KINDS, PORTS)
