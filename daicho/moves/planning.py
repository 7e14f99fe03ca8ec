"""From a layout plan to moves: the old port by the network, the new one by the outlet, all that stands
in the way. Pure.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from daicho.i18n import gettext as _
from daicho.items.cells import fold
from daicho.moves.addresses import Addresses, Full
from daicho.moves.floors import read_floor
from daicho.moves.office import MOVING, macs
from daicho.moves.ordering import in_order
from daicho.moves.wish import Port, Spot

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from ipaddress import IPv4Address

    from daicho.items.item import Item
    from daicho.moves.office import Office
    from daicho.moves.ordering import Step
    from daicho.moves.rules import MoveRules, Network
    from daicho.moves.wish import Wish


@dataclass(frozen=True, kw_only=True)
class Move:
    """One thing that moves, and all that follows from where it goes."""

    item: Item
    wish: Wish
    mac: str
    old: Spot
    port: Port
    """Where it will hang."""
    new: Spot
    network: Network
    address: IPv4Address
    """In the new network; the one that it has, if it stays in it."""

    @property
    def name(self) -> str:
        """What moves."""
        return self.item.name

    @property
    def stays(self) -> bool:
        """Whether only its place in the office changes."""
        return self.old.port == self.new.port

    @property
    def facts(self) -> dict[str, str]:
        """What is known of it when it has moved, as the attributes of its item."""
        wish, new = self.wish, self.new
        told = {"building": new.building, "floor": new.floor, "room": new.room, "outlet": new.outlet}
        told |= {"section": wish.section, "owner": wish.owner}
        attributes = dict(self.item.attributes) | {name: text for name, text in told.items() if text}
        return {"name": self.name, "address": str(self.address), **attributes}


@dataclass(frozen=True, kw_only=True)
class Planned:
    """What can move, and why the others cannot."""

    moves: Mapping[str, Move] = field(default_factory=dict)
    problems: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def order(self) -> tuple[Step, ...]:
        """In which order people carry things, so that no two are ever on one port."""
        old = {name: move.old.port for name, move in self.moves.items() if move.old.port}
        return in_order(old, {name: move.port for name, move in self.moves.items()})

    @property
    def next_on(self) -> Mapping[Port, str]:
        """Who takes each port."""
        return {move.port: name for name, move in self.moves.items()}

    def without(self, failed: Mapping[str, str]) -> Planned:
        """The same when some cannot move after all: who wanted their places cannot, either."""
        problems = {**self.problems, **{name: (why,) for name, why in failed.items()}}
        moves = {name: move for name, move in self.moves.items() if name not in failed}
        held = {self.moves[name].old.port: name for name in failed if name in self.moves}
        waiting = {name: held[move.port] for name, move in moves.items() if move.port in held}
        if not waiting:
            return Planned(moves=moves, problems=problems)
        why = _("{port} stays taken: {other} cannot move")
        said = {
            name: why.format(port=moves[name].new.outlet or moves[name].port, other=other)
            for name, other in waiting.items()
        }
        return Planned(moves=moves, problems=problems).without(said)


def plan_moves(
    office: Office, rules: MoveRules, wishes: Iterable[Wish], taken: Mapping[IPv4Address, str]
) -> Planned:
    """What moves where.

    Args:
        office: All that the ledger knows.
        rules: The site's.
        wishes: What the layout plan says.
        taken: Addresses that others than the ledger know to be in use, and by whom.
    """
    wishes = list(wishes)
    found, problems = {}, {}
    used = Addresses({**taken, **office.addresses})
    wanted = Counter(_target(office, wish) for wish in wishes)
    for wish in wishes:
        judged = _Judged(office, rules, wish)
        move = judged.move(wanted, used)
        if move:
            found[move.name] = move
        else:
            problems[judged.item.name if judged.item else wish.item] = tuple(judged.problems)
    everything = Planned(moves=found, problems=problems)
    return everything.without(_occupied(office, found))


def _target(office: Office, wish: Wish) -> Port | None:
    outlet = office.outlet(wish.outlet) if wish.outlet else None
    if outlet:
        return office.wired(outlet)
    return office.port(wish.switch, wish.port) if wish.switch else None


def _occupied(office: Office, moves: Mapping[str, Move]) -> dict[str, str]:
    """Who goes to a port on which something stays."""
    said = _("{port} is taken by {others}, which stays there")
    found = {}
    for name, move in moves.items():
        there = [each for each in office.hanging.get(move.port, ()) if each != name and each not in moves]
        if there:
            found[name] = said.format(port=move.new.outlet or move.port, others=", ".join(there))
    return found


class _Judged:
    """One row against the office."""

    def __init__(self, office: Office, rules: MoveRules, wish: Wish) -> None:
        self.office, self.rules, self.wish = office, rules, wish
        self.problems: list[str] = []
        self.item = office.item(wish.item)
        self.outlet = office.outlet(wish.outlet) if wish.outlet else None
        self.port = _target(office, wish)

    def move(self, wanted: Mapping[Port | None, int], used: Addresses) -> Move | None:
        """The move, or None and every reason why it cannot be."""
        self.problems += self._of_item()
        self.problems += self._of_place()
        if self.port and wanted[self.port] > 1:
            said = _("{count} rows of the plan want {port}")
            self.problems.append(said.format(count=wanted[self.port], port=self.port))
        if self.problems or self.item is None or self.port is None:
            return None
        return self._settled(self.item, self.port, used)

    def _settled(self, item: Item, port: Port, used: Addresses) -> Move | None:
        """With its network and its address."""
        spot = self._spot()
        network = self._network(item, spot)
        address = self._address(item, network, used) if network else None
        if network is None or address is None:
            return None
        return Move(
            item=item,
            wish=self.wish,
            mac=macs(item)[0],
            old=self.office.spot(item),
            port=port,
            new=spot,
            network=network,
            address=address,
        )

    def _network(self, item: Item, spot: Spot) -> Network | None:
        section = self.wish.section or item.attributes.get("section", "")
        wired = self.outlet.attributes.get("vlan", "") if self.outlet else ""
        vlan = self.wish.vlan or (int(wired) if wired.isdecimal() else None)
        network = self.rules.network(item.kind, spot, section, vlan)
        if network is None and vlan:
            self.problems.append(_("moves.yml has no network with VLAN {vlan}").format(vlan=vlan))
        elif network is None:
            said = _("moves.yml has no network for {place}")
            self.problems.append(said.format(place=spot.text or self.port))
        return network

    def _of_item(self) -> Iterator[str]:
        item = self.item
        if item is None or item.kind not in MOVING:
            yield _("the ledger has no terminal and no printer {name}").format(name=self.wish.item)
            return
        mine = macs(item)
        if not mine:
            yield _("no hardware address is recorded of it; import it as `mac`")
        for mac in mine:
            if others := [name for name in self.office.by_mac.get(mac, ()) if name != item.name]:
                said = _("{others} has the same hardware address {mac}; one of the two is wrong")
                yield said.format(others=", ".join(others), mac=mac)
        yield from self._confirmed(item)

    def _confirmed(self, item: Item) -> Iterator[str]:
        """Where the plan believes it to be, against what the network says."""
        now = self.office.spot(item)
        if (said := self.wish.old_outlet) and now.outlet and said.casefold() != now.outlet.casefold():
            why = _("the plan has it at {said}, and it hangs at {now}. Look, and correct the plan")
            yield why.format(said=said, now=now.outlet)
        if said := self.wish.old_floor:
            believed, known = read_floor(said), read_floor(now.floor, now.building)
            if not believed.agrees(known):
                why = _("the plan has it on {said}, and the ledger on {now}. Look, and correct one of them")
                yield why.format(said=said, now=now.text)

    def _of_place(self) -> Iterator[str]:
        wish = self.wish
        if wish.outlet and self.outlet is None:
            why = _("the ledger has no outlet {name} (a location with `switch` and `switch_port`)")
            yield why.format(name=wish.outlet)
            return
        if self.port is None:
            return
        switch = self.office.item(self.port.switch)
        if switch is None or switch.kind != "network_device":
            yield _("the ledger has no switch {name}").format(name=self.port.switch)
            return
        if self.port in self.office.uplinks:
            yield _("{port} joins switches to each other").format(port=self.port)
        if self.outlet and wish.floor:
            there = self.outlet.attributes
            real = read_floor(there.get("floor", ""), there.get("building", ""))
            if not read_floor(wish.floor, wish.building).agrees(real):
                why = _("the outlet {outlet} is on {floor} and not on {said}")
                place = "".join((there.get("building", ""), there.get("floor", "")))
                yield why.format(outlet=self.outlet.name, floor=place, said=wish.building + wish.floor)

    def _spot(self) -> Spot:
        """Where it will be: the outlet's place in the ledger's spelling, before the plan's."""
        wish, known = self.wish, self.outlet.attributes if self.outlet else {}
        floor = read_floor(wish.floor, wish.building) if wish.floor else None
        building = known.get("building") or wish.building or (floor.building if floor else "")
        return Spot(
            self.port,
            self.outlet.name if self.outlet else "",
            building,
            # `本館3F` as the plan writes it is the floor `3F` of a building.
            known.get("floor") or fold(wish.floor).removeprefix(building).lstrip(" -_/"),
            wish.room or known.get("room", ""),
        )

    def _address(self, item: Item, network: Network, used: Addresses) -> IPv4Address | None:
        try:
            return used.choose(network, item.name, self.wish.address)
        except Full as error:
            self.problems.append(str(error))
            return None


def those_of(names: Collection[str], planned: Planned) -> dict[str, str]:
    """Why some of a change's targets cannot move, in one sentence each."""
    said = _("the layout plan does not say where it goes")
    return {
        name: "; ".join(planned.problems.get(name, (said,))) for name in names if name not in planned.moves
    }
