"""The name server's part in a move: the same name, the new address, and the way back from it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, Final

from daicho.craft import Trouble, as_trouble, trouble_of
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.moves.part import Change
from daicho.nameservice.names import NameEdit, Standing
from daicho.nameservice.wrong import NamesError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from daicho.moves.part import Goal
    from daicho.moves.planning import Move, Planned
    from daicho.nameservice.names import Looked
    from daicho.nameservice.server import NameServer
    from daicho.plan import Scalar, TargetState

_STANDING: Final = re.compile(r"(?P<address>\S+) ttl (?P<ttl>\d+)(?P<one_way> one way)?")


class Naming:
    """Names; all targets in a few signed messages."""

    prefix: ClassVar[str] = "dns:"
    title: ClassVar[str] = N_("DNS")

    def __init__(self, server: NameServer, *, prepare: bool) -> None:
        """Nothing is asked yet; `prepare`: only the time to live is lowered."""
        self._server, self._prepare = server, prepare

    def plan(self, planned: Planned) -> Mapping[str, Change | Trouble]:
        """The new address, or a short time to live before it."""
        moves = planned.moves
        looked = self._look(
            (self._server.name(name) for name in moves), (str(move.address) for move in moves.values())
        )
        ours = {self._server.name(name) for name in moves}
        return {name: self._planned(looked, move, ours) for name, move in moves.items()}

    def read(self, goals: Mapping[str, Goal]) -> Mapping[str, TargetState | Trouble]:
        """What stands about the names now."""
        looked = self._look(name for goal in goals.values() for name in goal.state)
        return {name: {key: told(looked.standing(key)) for key in goal.state} for name, goal in goals.items()}

    def bring(self, goals: Mapping[str, Goal]) -> Mapping[str, Trouble]:
        """Change names and what their addresses give."""
        edits = {
            key: NameEdit(name=key, before=_meant(goal.now.get(key)), after=_meant(wanted))
            for goal in goals.values()
            for key, wanted in goal.state.items()
            if goal.now.get(key) != wanted
        }
        with as_trouble(NamesError):
            refused = self._server.apply(edits.values())
        return {
            name: trouble_of(refused[key])
            for name, goal in goals.items()
            for key in goal.state
            if key in refused
        }

    def _look(self, names: Iterable[str], addresses: Iterable[str] = ()) -> Looked:
        with as_trouble(NamesError):
            return self._server.look(names, addresses)

    def _planned(self, looked: Looked, move: Move, ours: set[str]) -> Change | Trouble:
        name, settings = self._server.name(move.name), self._server.settings
        if looked.several(name):
            said = _("the name {name} has several addresses: {addresses}")
            return Trouble(why=said.format(name=name, addresses=", ".join(looked.addresses[name])))
        address = str(move.address)
        if others := {*looked.names.get(address, ())} - ours:
            said = _("the address {address} gives the name of another, {names}")
            return Trouble(why=said.format(address=address, names=", ".join(sorted(others))))
        now = looked.standing(name)
        if not self._prepare:
            after: str | None = told(Standing(address=address, ttl=settings.ttl))
        elif now:
            after = told(Standing(address=now.address, ttl=settings.moving_ttl, back=now.back))
        else:
            after = None
        return Change(before={name: told(now)}, after={name: after})


def told(standing: Standing | None) -> str | None:
    """What a name stands for, as a target's state has it."""
    if standing is None:
        return None
    return f"{standing.address} ttl {standing.ttl}{'' if standing.back else ' one way'}"


def _meant(text: Scalar) -> Standing | None:
    found = _STANDING.fullmatch(str(text)) if text is not None else None
    if found is None:
        return None
    return Standing(address=found["address"], ttl=int(found["ttl"]), back=not found["one_way"])
