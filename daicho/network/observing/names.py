"""Ports by the name that they have in the configuration; tables write them shorter."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_SHORT: Final = re.compile(r"([A-Za-z-]+)\s*(\d\S*)")
_IOS: Final = {
    "fa": "FastEthernet",
    "gi": "GigabitEthernet",
    "gig": "GigabitEthernet",
    "tw": "TwoGigabitEthernet",
    "te": "TenGigabitEthernet",
    "ten": "TenGigabitEthernet",
    "twe": "TwentyFiveGigE",
    "fo": "FortyGigabitEthernet",
    "hu": "HundredGigE",
    "po": "Port-channel",
    "vl": "Vlan",
}
_ALAXALA: Final = {"geth": "gigabitethernet", "tengeth": "tengigabitethernet"}


def ios(name: str) -> str:
    """`Gi0/1` as `GigabitEthernet0/1`."""
    found = _SHORT.fullmatch(name.strip())
    return f"{_IOS[found[1].lower()]}{found[2]}" if found and found[1].lower() in _IOS else name


def _alaxala(name: str) -> str:
    if name[:1].isdigit():
        return f"gigabitethernet {name}"
    found = _SHORT.fullmatch(name)
    return f"{_ALAXALA[found[1]]} {found[2]}" if found and found[1] in _ALAXALA else name


def _apresia(name: str) -> str:
    return f"port {name}" if name.isdecimal() else name


def _yamaha(name: str) -> str:
    return name.lower().partition("(")[0]


_READERS: Final[Mapping[str, Callable[[str], str]]] = {
    "cisco_ios": ios,
    "alaxala_ax36s": _alaxala,
    "apresia_aeos": _apresia,
    "yamaha": _yamaha,
}


def in_configuration(platform: str, name: str) -> str:
    """A port of a table as the platform's configuration calls it."""
    reader = _READERS.get(platform)
    return reader(name) if reader else name
