"""Cutting a machine off from all but a few addresses: ranges, its state, what speaks against it. Pure.

Rules that block win over rules that allow (Microsoft, "Windows Firewall rules", precedence): two rules that
block everybody else do it, and none that is there has to be touched.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, collapse_addresses, ip_address, ip_network
from typing import TYPE_CHECKING, Any, Final

from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from daicho.plan import Scalar, TargetState

NETWORK: Final = "network"
FIREWALL: Final = "firewall:"
"""`firewall:Domain` → whether this profile of the firewall is on."""
OPEN: Final = "connected"
_CUT_OFF: Final = "cut off but for "
_RULES: Final = {f"daicho-isolation-{what}" for what in ("allow-in", "allow-out", "block-in", "block-out")}
_HIGHEST: Final = int(IPv4Address("255.255.255.255"))
_IPV6: Final = "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
_BROADCAST: Final = IPv4Network("255.255.255.255/32")
"""Where a machine asks for its address again after a restart."""


def networks(texts: Iterable[str]) -> list[IPv4Network]:
    """Addresses and networks, the fewest that say the same.

    Raises:
        ValueError: One is none.
    """
    return list(collapse_addresses(IPv4Network(text, strict=False) for text in texts))


def others(keep: Iterable[IPv4Network]) -> list[str]:
    """Everybody else, as ranges; all of IPv6 is among them."""
    ranges, at = [], 0
    for network in sorted(keep):
        first, last = int(network.network_address), int(network.broadcast_address)
        if first > at:
            ranges.append(_range(at, first - 1))
        at = last + 1
    if at <= _HIGHEST:
        ranges.append(_range(at, _HIGHEST))
    return [*ranges, _IPV6]


def kept(management: Iterable[str], read: Mapping[str, Any]) -> list[IPv4Network]:
    """Who stays reachable: the management, and the server from which the machine has its address."""
    leased = [IPv4Network(each) for each in read["dhcp"]]
    return list(collapse_addresses([*networks(management), *leased, *([_BROADCAST] if leased else [])]))


def state_of(read: Mapping[str, Any]) -> dict[str, Scalar]:
    """How a machine stands. What goes back by itself is no isolation."""
    cut = set(read["rules"]) >= _RULES and not read["trial"]
    profiles = {FIREWALL + name: bool(on) for name, on in sorted(read["profiles"].items())}
    return {NETWORK: written(networks(read["kept"])) if cut else OPEN, **profiles}


def written(keep: Iterable[IPv4Network]) -> str:
    """The value of `network` for these addresses."""
    return _CUT_OFF + ", ".join(str(each).removesuffix("/32") for each in sorted(keep))


def addresses(value: str) -> list[IPv4Network] | None:
    """What a value of `network` keeps; null: it is connected."""
    return networks(value.removeprefix(_CUT_OFF).split(", ")) if value.startswith(_CUT_OFF) else None


def off(state: TargetState) -> list[str]:
    """The firewall profiles that are off."""
    return [key.removeprefix(FIREWALL) for key, on in state.items() if key.startswith(FIREWALL) and not on]


def dangers(keep: Iterable[IPv4Network], read: Mapping[str, Any]) -> Iterator[str]:
    """Why a machine must not be cut off like this, in words."""
    keep = list(keep)
    # Somebody else may be connected, too, and must not be able to prevent it: one of them is us.
    ours = [ip_address(str(each).partition("%")[0]) for each in read["from"]]
    if not any(address in network for address in ours for network in keep):
        said = _("we come from {address}, which would be blocked; add it to `management` (IPv4 only)")
        yield said.format(address=", ".join(map(str, ours)) or _("an address that the machine does not tell"))
    if not read["merged"]:
        yield _(
            "a group policy lets no rules of the machine's own firewall count; have it isolated at the switch"
        )
    if not outside(read["probes"], keep):
        said = _("no place tells whether it is cut off; name in `probes` one that must not be reachable")
        yield said


def outside(places: Iterable[str], keep: Iterable[IPv4Network]) -> list[str]:
    """Those of some places (`192.0.2.20:445`) that must not be reachable."""
    keep = list(keep)
    return [each for each in places if not any(ip_address(each.rpartition(":")[0]) in net for net in keep)]


def is_probe(text: str) -> bool:
    """Whether this is an address and a port."""
    host, _colon, port = text.rpartition(":")
    try:
        ip_network(host)
        return 1 <= int(port) <= 65535
    except ValueError:
        return False


def _range(first: int, last: int) -> str:
    return f"{IPv4Address(first)}-{IPv4Address(last)}"
