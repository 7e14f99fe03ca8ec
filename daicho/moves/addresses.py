"""The address of something in its new network. Pure."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daicho.items.item import Item
    from daicho.moves.rules import Network


class Full(ValueError):
    """There is no address for it, in words."""


def choose(network: Network, item: Item, wanted: str, used: Mapping[IPv4Address, str]) -> IPv4Address:
    """The wanted address, else the one that it has if it stays in its network, else the first free one.

    Args:
        network: Where it goes.
        item: What goes.
        wanted: What the plan says; empty: nothing.
        used: Whose each address is that is in use.

    Raises:
        Full: The wanted one is another's or of another network, or there is none left.
    """
    if wanted:
        return _wanted(network, item, IPv4Address(wanted), used)
    has = _address(item.address)
    if has is not None and has in network.subnet:
        return has
    for number in range(int(network.first), int(network.last) + 1):
        if IPv4Address(number) not in used:
            return IPv4Address(number)
    said = _("no address of {subnet} between {first} and {last} is free")
    raise Full(said.format(subnet=network.subnet, first=network.first, last=network.last))


def _wanted(
    network: Network, item: Item, address: IPv4Address, used: Mapping[IPv4Address, str]
) -> IPv4Address:
    if address not in network.subnet:
        said = _("{address} is no address of VLAN {vlan} ({subnet})")
        raise Full(said.format(address=address, vlan=network.vlan, subnet=network.subnet))
    if (other := used.get(address)) and other != item.name:
        raise Full(_("the address {address} is used by {other}").format(address=address, other=other))
    return address


def _address(text: str) -> IPv4Address | None:
    try:
        return IPv4Address(text)
    except ValueError:
        return None
