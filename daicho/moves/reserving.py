"""The DHCP server's part in a move: the address in the new network, and none in the old one any more."""

from __future__ import annotations

import json
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING, ClassVar, Final

from daicho.craft import Trouble, as_trouble, trouble_of
from daicho.dhcp.reservations import Edit, Reservation
from daicho.dhcp.wrong import DhcpError
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.items.groups import ITEM_VARIABLE
from daicho.moves.office import first_mac
from daicho.moves.part import Change

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daicho.craft import Target
    from daicho.dhcp.kea import Kea
    from daicho.dhcp.reservations import Configuration
    from daicho.moves.part import Goal
    from daicho.moves.planning import Move, Planned
    from daicho.plan import Scalar, TargetState

_SEVERAL: Final = 2


class Reserving:
    """Reservations; all targets in one change of the server's configuration."""

    prefix: ClassVar[str] = "dhcp:"
    title: ClassVar[str] = N_("DHCP")

    def __init__(self, kea: Kea, *, prepare: bool) -> None:
        """Nothing is asked yet; `prepare`: the old reservation stays for now."""
        self._kea, self._prepare = kea, prepare

    def taken(self) -> dict[IPv4Address, str]:
        """Whose an address is, by reservations and by what is given out now; the holder is told by its MAC.

        Raises:
            Trouble: The server cannot be asked.
        """
        with as_trouble(DhcpError):
            leases = self._kea.leases()
            reservations = self._kea.configuration().reservations
        lease = _("{mac} (lease)")
        found = {IPv4Address(each.address): lease.format(mac=each.mac) for each in leases}
        return found | {IPv4Address(each.address): each.mac for each in reservations if each.address}

    def plan(self, planned: Planned) -> Mapping[str, Change | Trouble]:
        """The new reservation beside the old one, or in its place."""
        present = self._configuration()
        return {name: self._planned(present, move) for name, move in planned.moves.items()}

    def read(self, goals: Mapping[str, Goal]) -> Mapping[str, TargetState | Trouble]:
        """What is reserved now in the subnets that a state speaks of."""
        present = self._configuration()
        return {
            name: {key: told(_at(present, _mac(goal.target), key)) for key in goal.state}
            for name, goal in goals.items()
        }

    def bring(self, goals: Mapping[str, Goal]) -> Mapping[str, Trouble]:
        """Reserve, all in one step."""
        present = self._configuration()
        troubles: dict[str, Trouble] = {}
        edits: dict[str, list[Edit]] = {}
        for name, goal in goals.items():
            edits[name] = list(_edits(present, goal))
        with as_trouble(DhcpError):
            # Two edits of one hardware address are in two subnets.
            refused = self._kea.apply(each for some in edits.values() for each in some)
        for name, goal in goals.items():
            if edits[name] and (why := refused.get(_mac(goal.target))):
                troubles[name] = trouble_of(why)
        return troubles

    def _configuration(self) -> Configuration:
        with as_trouble(DhcpError):
            return self._kea.configuration()

    def _planned(self, present: Configuration, move: Move) -> Change | Trouble:
        subnet = str(move.network.subnet)
        if not any(each.network == move.network.subnet for each in present.subnets):
            said = _("the DHCP server has no subnet {subnet}, which moves.yml names")
            return Trouble(why=said.format(subnet=subnet))
        before: dict[str, Scalar] = {}
        old = [each for each in present.of(move.mac) if each.subnet]
        for each in old:
            its = present.subnet(each.subnet)
            before[str(its.network if its else each.subnet)] = told(each)
        if len(set(before) - {subnet}) >= _SEVERAL:
            said = _("the DHCP server has reservations of {mac} in {subnets}; which of them is right?")
            return Trouble(why=said.format(mac=move.mac, subnets=", ".join(sorted(before))))
        after: dict[str, Scalar] = dict(before) if self._prepare else dict.fromkeys(before)
        more = old[0].more if old else {}
        name = old[0].hostname if old and old[0].hostname else move.name.lower()
        wanted = Reservation(subnet=0, mac=move.mac, address=str(move.address), hostname=name, more=more)
        after[subnet] = told(wanted)
        return Change(before={key: before.get(key) for key in after}, after=after)


def _edits(present: Configuration, goal: Goal) -> list[Edit]:
    mac, found = _mac(goal.target), []
    for key, wanted in goal.state.items():
        number = next((each.id for each in present.subnets if str(each.network) == key), None)
        if number is None:
            continue
        now = goal.now.get(key)
        if now != wanted:
            found.append(Edit(before=_meant(number, mac, now), after=_meant(number, mac, wanted)))
    return found


def _at(present: Configuration, mac: str, network: str) -> Reservation | None:
    subnet = next((each for each in present.subnets if each.network == IPv4Network(network)), None)
    return present.at(mac, subnet.id) if subnet else None


def _mac(target: Target) -> str:
    known: Mapping[str, str] = target.facts.get(ITEM_VARIABLE, {})  # type: ignore[assignment]
    return first_mac(known.get("mac", ""))


def told(reservation: Reservation | None) -> str | None:
    """`10.1.20.50 pc-1`, and what else it gives: all that is needed to make it again."""
    if reservation is None:
        return None
    more = json.dumps(dict(reservation.more), sort_keys=True, ensure_ascii=False) if reservation.more else ""
    return f"{reservation.address} {reservation.hostname or '-'} {more}".strip()


def _meant(subnet: int, mac: str, text: Scalar) -> Reservation | None:
    if text is None:
        return None
    address, name, more = [*str(text).split(" ", 2), ""][:3]
    return Reservation(
        subnet=subnet,
        mac=mac,
        address=address,
        hostname="" if name == "-" else name,
        more=json.loads(more) if more else {},
    )
