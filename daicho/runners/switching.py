"""The switches' part in a move: the new port for it, the old one for nobody; one session with each switch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Final

from daicho.craft import Target, Trouble
from daicho.errors import UsageError
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.items.groups import ITEM_VARIABLE, host_variables
from daicho.moves.part import Change
from daicho.moves.wish import Port
from daicho.network.ports import PortWish, lines_of, problems_of
from daicho.network.state import LINE, SAVED, place_of
from daicho.network.tree import commands
from daicho.people.template import fill
from daicho.runners.network import NetworkCraft

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from daicho.craft import Bench
    from daicho.door import Intention
    from daicho.moves.office import Office
    from daicho.moves.part import Goal
    from daicho.moves.planning import Move, Planned
    from daicho.moves.rules import MoveRules
    from daicho.network.platform import Platform
    from daicho.network.templates import Wanting
    from daicho.network.tree import Tree
    from daicho.plan import Scalar, TargetState

_INTERFACE: Final = "interface "
_TRUNK: Final = "switchport mode trunk"
type Wishes = Mapping[Port, tuple[str, PortWish]]
"""Port → who is responsible for it, and what is to become of it."""


class _Ports(NetworkCraft):
    """configure_network's craft for what moves want of ports; what is wrong with one port is kept apart."""

    def __init__(self, bench: Bench, wishes: Wishes, *, minutes: int, minute: float) -> None:
        inputs = {"keep": ["neighbours"], "minutes": minutes}
        super().__init__(replace(bench, inputs=inputs), minute=minute)
        self._wishes = wishes
        self.problems: dict[str, str] = {}
        """Who is responsible → what is wrong."""

    def wanted(self, wanting: Wanting, platform: Platform) -> Tree:
        """The lines of every port of a switch; none where a recorded state says what is wanted."""
        text = ""
        for port, (name, wish) in self._of(wanting.device):
            try:
                text += lines_of(wish, platform.name)
            except UsageError as error:
                self.problems[name] = f"{port.switch} {error}"
        return commands(text, platform.grammar) if text else {}

    def judge(self, target: Target, platform: Platform, running: Tree) -> None:
        """See that VLANs are there and that no port is a trunk."""
        for port, (name, wish) in self._of(target.name):
            found = list(problems_of(wish, running, platform.name, allow_trunks=True))
            if _TRUNK in running.get(_INTERFACE + port.name, {}):
                found.append(_("it is a trunk, which joins switches. Choose another outlet"))
            if found:
                self.problems[name] = f"{port}: {'; '.join(found)}"

    def _of(self, device: str) -> list[tuple[Port, tuple[str, PortWish]]]:
        return [(port, wish) for port, wish in self._wishes.items() if port.switch == device]


@dataclass(frozen=True, kw_only=True)
class Switching:
    """Ports of switches."""

    prefix: ClassVar[str] = "port:"
    title: ClassVar[str] = N_("switch ports")

    bench: Bench
    rules: MoveRules
    office: Office
    minute: float = 60.0
    """Seconds in a minute of the switches' timers; less in a laboratory."""

    def plan(self, planned: Planned) -> Mapping[str, Change | Trouble]:
        """The lines of the new port and of the old one, if nobody takes it."""
        wishes = self._wishes(planned)
        craft = self._craft(wishes)
        plans = dict(craft.rehearse(self._targets(port.switch for port in wishes)))
        if craft.problems:
            # A port that will not do stands in the way of the others on its switch: these are asked anew.
            again = {port.switch for port, (name, _wish) in wishes.items() if name in craft.problems}
            wishes = {port: each for port, each in wishes.items() if each[0] not in craft.problems}
            left = [port.switch for port in wishes if port.switch in again]
            plans |= dict(self._craft(wishes).rehearse(self._targets(left)))
        return self._by_item(plans, wishes) | {name: Trouble(why=why) for name, why in craft.problems.items()}

    def _by_item(
        self, plans: Mapping[str, Intention | Trouble], wishes: Wishes
    ) -> dict[str, Change | Trouble]:
        """What the plans of switches mean for what moves."""
        found: dict[str, Change | Trouble] = {}
        for switch, each in plans.items():
            concerned = [name for port, (name, _wish) in wishes.items() if port.switch == switch]
            if isinstance(each, Trouble):
                found |= dict.fromkeys(concerned, each)
                continue
            for name, change in self._split(switch, each, wishes).items():
                found[name] = _together(found.get(name), change)
        return found

    def read(self, goals: Mapping[str, Goal]) -> Mapping[str, TargetState | Trouble]:
        """What stands at the ports that states speak of; a session with each switch."""
        owners, wanted = _by_switch(goals)
        found: dict[str, dict[str, Scalar] | Trouble] = {name: {} for name in goals}
        for switch, each in self._craft({}).rehearse(self._targets(wanted, wanted)):
            if isinstance(each, Trouble):
                found |= dict.fromkeys({name for port, name in owners.items() if port.switch == switch}, each)
                continue
            for key, value in each.before.items():
                name = owners.get(_port_of(switch, key)) if key != SAVED else None
                state = found.get(name) if name else None
                if isinstance(state, dict):
                    state[_key(switch, key)] = value
        return found

    def bring(self, goals: Mapping[str, Goal]) -> Mapping[str, Trouble]:
        """Change the ports; all of one switch in one session, which goes back if anything is wrong."""
        owners, wanted = _by_switch(goals)
        allowed: dict[str, dict[str, set[Scalar]]] = {}
        for goal in goals.values():
            for key in goal.state:
                switch, line = _line(key)
                allowed.setdefault(switch, {})[line] = {goal.state[key], goal.now.get(key)}

        def as_found(switch: str, state: TargetState) -> bool:
            return all(state.get(line) in those for line, those in allowed[switch].items())

        done = dict(self._craft({}).carry_out(self._targets(wanted, wanted), as_found))
        troubles: dict[str, Trouble] = {}
        changed = _("somebody else changed its ports in this very moment. Plan anew")
        for port, name in owners.items():
            outcome = done.get(port.switch)
            if outcome is None:
                troubles[name] = Trouble(why=f"{port.switch}: {changed}")
            elif isinstance(outcome, Trouble):
                troubles[name] = outcome
        return troubles

    def _craft(self, wishes: Wishes) -> _Ports:
        return _Ports(self.bench, wishes, minutes=self.rules.ports.minutes, minute=self.minute)

    def _wishes(self, planned: Planned) -> dict[Port, tuple[str, PortWish]]:
        """One wish for each port that is left or taken: by who takes it, else by who leaves it."""
        wishes = {move.port: (name, self._taken(move)) for name, move in planned.moves.items()}
        for name, move in planned.moves.items():
            old = move.old.port
            if old and old not in wishes and self.rules.ports.unused == "shutdown" and self._alone(move, old):
                wish = PortWish(switch=old.switch, port=old.name, description="", shutdown=True)
                wishes[old] = (name, wish)
        return wishes

    def _alone(self, move: Move, port: Port) -> bool:
        # A telephone or a small switch may be on it, too: then it stays open.
        return self.office.hanging.get(port, ()) == (move.name,)

    def _taken(self, move: Move) -> PortWish:
        rules, facts = self.rules.ports, move.facts
        said = dict.fromkeys(("section", "owner", "building", "floor", "room", "outlet", "asset"), "") | facts
        switch = self.office.item(move.port.switch)
        platform = switch.attributes.get("platform", "") if switch else ""
        return PortWish(
            switch=move.port.switch,
            port=move.port.name,
            mode="access",
            vlan=move.network.vlan,
            description=fill(rules.description, said),
            authentication=rules.let_in(move.item.kind, platform) or None,
            shutdown=False,
        )

    def _targets(
        self, switches: Iterable[str], wanted: Mapping[str, TargetState] | None = None
    ) -> list[Target]:
        """Switches as targets of their craft."""
        found = []
        for switch in dict.fromkeys(switches):
            item = self.office.item(switch)
            facts = dict(host_variables(item)) if item else {ITEM_VARIABLE: {}}
            state = None if wanted is None else {**wanted[switch], SAVED: True}
            found.append(Target(name=switch, facts=facts, wanted=state))
        return found

    def _split(self, switch: str, planned: Intention, wishes: Wishes) -> dict[str, Change]:
        """What a plan of a whole switch means for each who is responsible for one of its ports."""
        parts: dict[str, tuple[dict[str, Scalar], dict[str, Scalar]]] = {}
        for key in (key for key in planned.after if key != SAVED):
            owner = wishes.get(_port_of(switch, key))
            if owner:
                before, after = parts.setdefault(owner[0], ({}, {}))
                before[_key(switch, key)] = planned.before.get(key)
                after[_key(switch, key)] = planned.after[key]
        return {name: Change(before=before, after=after) for name, (before, after) in parts.items()}


def _by_switch(goals: Mapping[str, Goal]) -> tuple[dict[Port, str], dict[str, dict[str, Scalar]]]:
    """Who is responsible for each port, and what is wanted of each switch."""
    owners: dict[Port, str] = {}
    wanted: dict[str, dict[str, Scalar]] = {}
    for name, goal in goals.items():
        for key, value in goal.state.items():
            switch, line = _line(key)
            owners[_port_of(switch, line)] = name
            wanted.setdefault(switch, {})[line] = value
    return owners, wanted


def _together(one: Change | Trouble | None, other: Change) -> Change | Trouble:
    if isinstance(one, Trouble):
        return one
    if one is None:
        return other
    return Change(before={**one.before, **other.before}, after={**one.after, **other.after})


def _key(switch: str, line: str) -> str:
    """`sw-1 interface Gi0/3 | description`."""
    return f"{switch} {line.removeprefix(LINE)}"


def _line(key: str) -> tuple[str, str]:
    switch, _space, rest = key.partition(" ")
    return switch, LINE + rest


def _port_of(switch: str, line: str) -> Port:
    sections: Sequence[str] = place_of(line)[0]
    return Port(switch, sections[0].removeprefix(_INTERFACE) if sections else "")
