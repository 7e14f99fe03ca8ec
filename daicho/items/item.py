"""A configuration item: one terminal, device, printer, server, share, user or location."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS: Final = ("endpoint", "network_device", "printer", "server", "share", "user", "location")
FIXED: Final = ("name", "kind", "address")
"""What every item has; all else is a free attribute."""

_DIGITS: Final = re.compile(r"(\d+)")

type ItemState = dict[str, str | dict[str, str]]
"""What the ledger keeps of an item: `{"kind": ..., "address": ..., "attributes": {...}}`."""


@dataclass(frozen=True, slots=True)
class Item:
    """One configuration item.

    `address` is an IP address, a host name or empty; `attributes` is flat text
    (os, platform, site, building, floor, room, rack, ring, serial, mac, owner ...).
    """

    name: str
    kind: str
    address: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)

    def value(self, attribute: str) -> str | None:
        """What the item has under an attribute; name, kind and address count as attributes."""
        if attribute in FIXED:
            return str(getattr(self, attribute)) or None
        return self.attributes.get(attribute)

    def state(self) -> ItemState:
        """The item as an entry of the ledger holds it."""
        return {"kind": self.kind, "address": self.address, "attributes": dict(self.attributes)}


def natural_key(name: str) -> tuple[list[str | int], str]:
    """Sort key that puts pc-2 before pc-10, whatever the case of the letters."""
    parts = _DIGITS.split(name.casefold())
    # re.split with one group alternates text and digits, so equal places compare equal types.
    return [int(part) if place % 2 else part for place, part in enumerate(parts)], name
