"""The ports of the simulated Catalyst: 24 for the office, 4 upwards of which the first is used."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

ACCESS_PORTS: Final = 24
UPLINK: Final = "GigabitEthernet0/25"
PORTS: Final = tuple(f"GigabitEthernet0/{number}" for number in range(1, 29))
MANAGEMENT: Final = 99
_PORT: Final = re.compile(r"([A-Za-z-]+)\s*(\d[\d/]*)$")
_KINDS: Final = ("GigabitEthernet", "Vlan", "Port-channel", "Loopback")


def port(words: Sequence[str]) -> tuple[str, int] | None:
    """`gi0/1`, `GigabitEthernet 0/1`, `vlan 99` as IOS writes them."""
    for count in (1, 2):
        found = _PORT.fullmatch(" ".join(words[:count]))
        if not found:
            continue
        kinds = [kind for kind in _KINDS if kind.lower().startswith(found[1].lower())]
        if len(kinds) != 1 or len(found[1]) < 2:
            return None
        name = f"{kinds[0]}{found[2]}"
        known = name in PORTS if kinds[0] == "GigabitEthernet" else found[2].isdecimal()
        return (name, count) if known else None
    return None
