"""The address of something in its new network. Pure."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daicho.moves.rules import Network


class Full(ValueError):
    """There is no address for it, in words."""


class Addresses:
    """Whose each address is, while a plan gives out more."""

    def __init__(self, used: Mapping[IPv4Address, str]) -> None:
        """Know those that are in use, and by whom."""
        self._used = dict(used)
        self._own: dict[str, list[IPv4Address]] = {}
        for address, holder in used.items():
            self._own.setdefault(holder, []).append(address)

    def choose(self, network: Network, name: str, wanted: str) -> IPv4Address:
        """The wanted address, else one that it has in that network, else the first free one.

        Args:
            network: Where it goes.
            name: What goes.
            wanted: What the plan says; empty: nothing.

        Raises:
            Full: The wanted one is another's or of another network, or there is none left.
        """
        own = [address for address in self._own.get(name, ()) if address in network.subnet]
        if wanted:
            found = _wanted(network, name, IPv4Address(wanted), self._used)
        else:
            found = min(own) if own else _free(network, self._used)
        self._used[found] = name
        return found


def _free(network: Network, used: Mapping[IPv4Address, str]) -> IPv4Address:
    for number in range(int(network.first), int(network.last) + 1):
        if IPv4Address(number) not in used:
            return IPv4Address(number)
    said = _("no address of {subnet} between {first} and {last} is free")
    raise Full(said.format(subnet=network.subnet, first=network.first, last=network.last))


def _wanted(
    network: Network, name: str, address: IPv4Address, used: Mapping[IPv4Address, str]
) -> IPv4Address:
    if address not in network.subnet:
        said = _("{address} is no address of VLAN {vlan} ({subnet})")
        raise Full(said.format(address=address, vlan=network.vlan, subnet=network.subnet))
    if (other := used.get(address)) and other != name:
        raise Full(_("the address {address} is used by {other}").format(address=address, other=other))
    return address
