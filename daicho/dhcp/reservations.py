"""The reservations in a configuration of Kea, and what becomes of them; nothing here speaks to a server.

Source: Kea Administrator Reference Manual 2.2, sections 8.3 and 8.6 (`subnet4`, `reservations`).
"""

from __future__ import annotations

import copy
import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_OWN: Final = frozenset({"hw-address", "ip-address", "hostname"})
_DEFAULTS: Final = {
    "boot-file-name": "",
    "client-classes": [],
    "next-server": "0.0.0.0",  # noqa: S104 -- Kea's word for none
    "option-data": [],
    "server-hostname": "",
}


@dataclass(frozen=True, kw_only=True)
class Reservation:
    """One address for one hardware address in one subnet."""

    subnet: int
    """The subnet's id in the configuration; 0: it holds for all subnets."""
    mac: str
    """Small letters with colons."""
    address: str
    hostname: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)
    """What else it gives (options, classes): it stays as it is."""

    def __str__(self) -> str:
        """`10.1.33.50 pc-0001`."""
        return f"{self.address} {self.hostname}".strip()

    def as_json(self) -> dict[str, Any]:
        """As Kea writes it."""
        own = {"hw-address": self.mac, "ip-address": self.address, "hostname": self.hostname}
        return {**self.more, **own}


@dataclass(frozen=True, kw_only=True)
class Edit:
    """What is to become of one reservation; both are of one hardware address."""

    before: Reservation | None
    """As it was looked at; None: there was none in that subnet."""
    after: Reservation | None
    """As it is to be; None: it is to go."""

    @property
    def mac(self) -> str:
        """Whose reservation it is."""
        return next(each.mac for each in (self.before, self.after) if each)


@dataclass(frozen=True, kw_only=True)
class Subnet:
    """One subnet that the server serves."""

    id: int
    network: IPv4Network
    pools: tuple[tuple[IPv4Address, IPv4Address], ...]
    """First and last address of what is given to whoever asks."""
    gateway: str = ""
    """The router that the server tells; it is nobody's to have."""

    def dynamic(self, address: IPv4Address) -> bool:
        """Whether anybody may get this address."""
        return any(first <= address <= last for first, last in self.pools)


@dataclass(frozen=True)
class Configuration:
    """One configuration of the server: what it serves, and for whom."""

    raw: Mapping[str, Any]
    """`Dhcp4` as the server gives it."""

    @cached_property
    def digest(self) -> str:
        """Of all that is configured: another one means that somebody changed something."""
        # Kea has fractions in its settings, for which the ledger's canonical form has no place.
        text = json.dumps(self.raw, sort_keys=True, separators=(",", ":"))
        return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"

    @cached_property
    def subnets(self) -> tuple[Subnet, ...]:
        """All subnets, those of shared networks too."""
        return tuple(_subnet(each) for each in _subnets(self.raw))

    @cached_property
    def reservations(self) -> tuple[Reservation, ...]:
        """All reservations by hardware address."""
        found = [_reservation(0, each) for each in self.raw.get("reservations", ()) if "hw-address" in each]
        for subnet in _subnets(self.raw):
            number = int(subnet["id"])
            found += [
                _reservation(number, each)
                for each in subnet.get("reservations", ())
                if "hw-address" in each and "ip-address" in each
            ]
        return tuple(found)

    @cached_property
    def _by_mac(self) -> Mapping[str, list[Reservation]]:
        found: dict[str, list[Reservation]] = {}
        for each in self.reservations:
            found.setdefault(each.mac, []).append(each)
        return found

    @cached_property
    def by_address(self) -> Mapping[str, Reservation]:
        """Who has an address."""
        return {each.address: each for each in self.reservations}

    def of(self, mac: str) -> tuple[Reservation, ...]:
        """The reservations of a hardware address, however it is written."""
        return tuple(self._by_mac.get(plain_mac(mac), ()))

    def at(self, mac: str, subnet: int) -> Reservation | None:
        """The reservation of a hardware address in a subnet."""
        return next((each for each in self.of(mac) if each.subnet == subnet), None)

    def subnet_of(self, address: str) -> Subnet | None:
        """The subnet that an address is in."""
        return next((each for each in self.subnets if IPv4Address(address) in each.network), None)

    def subnet(self, number: int) -> Subnet | None:
        """A subnet by its id."""
        return next((each for each in self.subnets if each.id == number), None)

    def free(self, subnet: Subnet, taken: Iterable[str] = ()) -> Iterator[str]:
        """The addresses of a subnet that nobody has and nobody may get, in order.

        Args:
            subnet: Which one.
            taken: Addresses that are somebody's although no reservation says so: leases, items.
        """
        used = {each.address for each in self.reservations if each.subnet in {0, subnet.id}}
        used |= {*taken, subnet.gateway}
        for address in subnet.network.hosts():
            if str(address) not in used and not subnet.dynamic(address):
                yield str(address)


def plain_mac(text: str) -> str:
    """A hardware address in small letters with colons, however it was written."""
    digits = "".join(each for each in text.lower() if each.isalnum())
    return ":".join(digits[at : at + 2] for at in range(0, len(digits), 2))


def edited(raw: Mapping[str, Any], edits: Iterable[Edit]) -> dict[str, Any]:
    """The configuration with these edits made; all that goes goes first, so that swaps are one step."""
    made: dict[str, Any] = copy.deepcopy(dict(raw))
    lists = {int(each["id"]): each.setdefault("reservations", []) for each in _subnets(made)}
    lists[0] = made.setdefault("reservations", [])
    edits = list(edits)
    for edit in edits:
        if edit.before:
            its = lists[edit.before.subnet]
            its[:] = [each for each in its if plain_mac(each.get("hw-address", "")) != edit.before.mac]
    for edit in edits:
        if edit.after:
            its = lists[edit.after.subnet]
            its[:] = [each for each in its if plain_mac(each.get("hw-address", "")) != edit.after.mac]
            its.append(edit.after.as_json())
    return made


def _subnets(raw: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield from raw.get("subnet4", ())
    for shared in raw.get("shared-networks", ()):
        yield from shared.get("subnet4", ())


def _subnet(raw: Mapping[str, Any]) -> Subnet:
    network = IPv4Network(raw["subnet"])
    options = {each.get("name"): str(each.get("data", "")) for each in raw.get("option-data", ())}
    pools = tuple(_pool(each["pool"]) for each in raw.get("pools", ()))
    gateway = options.get("routers", "").split(",")[0].strip()
    return Subnet(id=int(raw["id"]), network=network, pools=pools, gateway=gateway)


def _pool(text: str) -> tuple[IPv4Address, IPv4Address]:
    if "/" in text:
        network = IPv4Network(text.replace(" ", ""))
        return network[0], network[-1]
    first, _dash, last = text.partition("-")
    return IPv4Address(first.strip()), IPv4Address(last.strip())


def _reservation(subnet: int, raw: Mapping[str, Any]) -> Reservation:
    more = {key: value for key, value in raw.items() if key not in _OWN and _DEFAULTS.get(key) != value}
    return Reservation(
        subnet=subnet,
        mac=plain_mac(str(raw["hw-address"])),
        address=str(raw.get("ip-address", "")),
        hostname=str(raw.get("hostname", "")),
        more=more,
    )
