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
_ALAXALA: Final = {
    "geth": "gigabitethernet",
    "gigabitethernet": "gigabitethernet",
    "tengeth": "tengigabitethernet",
    "tengigabitethernet": "tengigabitethernet",
    "port-channel": "port-channel",
    "vlan": "vlan",
}
_APRESIA: Final = {"port": "port", "lag": "lag", "vlan": "vlan"}
_SHORTEST: Final = 2


def ios(name: str) -> str:
    """`Gi0/1` as `GigabitEthernet0/1`."""
    found = _SHORT.fullmatch(name.strip())
    return f"{_IOS[found[1].lower()]}{found[2]}" if found and found[1].lower() in _IOS else name


def _alaxala(name: str) -> str:
    """`0/3`, `geth0/3`, `Gi0/3` as `gigabitethernet 0/3`."""
    return _apart(name, _ALAXALA, "gigabitethernet")


def _apresia(name: str) -> str:
    """`1/3` of AEOS Ver. 8 and `3` of Ver. 7 as `port 1/3` and `port 3`."""
    return _apart(name, _APRESIA, "port")


def _apart(name: str, kinds: Mapping[str, str], usual: str) -> str:
    """The kind and the number with a space between; a number alone is one of the usual kind."""
    said = name.strip()
    if said[:1].isdigit():
        return f"{usual} {said}"
    found = _SHORT.fullmatch(said)
    short = found[1].lower() if found else ""
    meant = {kind for word, kind in kinds.items() if word.startswith(short)}
    return f"{meant.pop()} {found[2]}" if found and len(short) >= _SHORTEST and len(meant) == 1 else name


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
