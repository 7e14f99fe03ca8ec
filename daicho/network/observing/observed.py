"""What one network device said: itself, its ports, whom it hears, who hangs on it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, NamedTuple

_HEX: Final = re.compile(r"[0-9a-f]{12}")


class Port(NamedTuple):
    """One port as the device sees it now."""

    name: str
    """As it stands in the configuration."""
    up: bool
    vlan: str = ""
    description: str = ""


class Heard(NamedTuple):
    """A neighbour that speaks LLDP or CDP."""

    port: str
    name: str
    their_port: str


class Station(NamedTuple):
    """A hardware address that was learnt on a port."""

    mac: str
    port: str
    vlan: str


class Binding(NamedTuple):
    """A row of the ARP table."""

    address: str
    mac: str


@dataclass(frozen=True, kw_only=True)
class Observed:
    """All that one device said; an empty field: it said nothing of it."""

    version: str = ""
    model: str = ""
    serial: str = ""
    ports: tuple[Port, ...] = ()
    heard: tuple[Heard, ...] | None = field(default=None)
    """None: it does not listen."""
    stations: tuple[Station, ...] = ()
    bindings: tuple[Binding, ...] = ()
    routes: tuple[str, ...] = ()


def hardware(text: str) -> str:
    """A hardware address in one spelling, `02:00:5e:00:53:01`; empty if it is none."""
    digits = re.sub(r"[-:. ]", "", text).lower()
    if not _HEX.fullmatch(digits):
        return ""
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))
