r"""Print queues as Active Directory lists them (printQueue objects), so that people find them by their place.

| key (after `listed:`) | value |
|---|---|
| `CN=pr-0001,OU=…` | the queue's network name: `\\print.example.jp\pr-0001` |
| `location of CN=pr-0001,OU=…` | the place that people search by |
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from daicho.craft import as_trouble, trouble_of
from daicho.directory.names import equals, every, joined
from daicho.directory.session import BASE, REPLACE, Edit, Query
from daicho.directory.wrong import DirectoryError
from daicho.i18n import N_
from daicho.moves.part import Change

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from daicho.craft import Trouble
    from daicho.directory.session import Session
    from daicho.moves.part import Goal
    from daicho.moves.planning import Planned
    from daicho.plan import Scalar, TargetState

_LOCATION: Final = "location of "
_CLASSES: Final = ("top", "leaf", "connectionPoint", "printQueue")
_READ: Final = ("uNCName", "location", "printerName")
_VERSION: Final = "4"
"""Of the printing system, as Windows writes it."""


class Listed:
    """The objects of print queues in one place of the directory."""

    prefix: ClassVar[str] = "listed:"
    title: ClassVar[str] = N_("directory")

    def __init__(self, session: Session, place: str) -> None:
        """Nothing is asked yet; `place` is where the objects are."""
        self._session, self._place = session, place

    def dn(self, queue: str) -> str:
        """The name of a queue's object."""
        return joined(("CN", queue), self._place)

    def plan(self, planned: Planned) -> Mapping[str, Change | Trouble]:
        """Printers that move are found by their new place."""
        found: dict[str, Change | Trouble] = {}
        for name, move in planned.moves.items():
            dn = self.dn(name)
            if move.item.kind != "printer" or (now := self.states([dn])[dn]) is None:
                continue
            key = _LOCATION + dn
            found[name] = Change(before={key: now[key]}, after={key: move.new.text or None})
        return found

    def read(self, goals: Mapping[str, Goal]) -> Mapping[str, TargetState | Trouble]:
        """What the directory says now."""
        found: dict[str, TargetState | Trouble] = {}
        for name, goal in goals.items():
            states: dict[str, Scalar] = {}
            for its in self.states({_dn(key) for key in goal.state}).values():
                states |= its or {}
            found[name] = {key: states.get(key) for key in goal.state}
        return found

    def bring(self, goals: Mapping[str, Goal]) -> Mapping[str, Trouble]:
        """Make, change and remove objects."""
        found: dict[str, Trouble] = {}
        for name, goal in goals.items():
            try:
                for dn in {_dn(key) for key in goal.state}:
                    self._brought(dn, goal.state)
            except DirectoryError as error:
                found[name] = trouble_of(error)
        return found

    def states(self, names: Iterable[str]) -> dict[str, dict[str, Scalar] | None]:
        """What the directory says of some objects; None: there is no such object.

        Raises:
            Trouble: It cannot be asked.
        """
        with as_trouble(DirectoryError):
            return {dn: self._state(dn) for dn in names}

    def _state(self, dn: str) -> dict[str, Scalar] | None:
        query = Query(dn, every(equals("objectClass", "printQueue")), _READ, BASE)
        for entry in self._session.search(query):
            return {dn: entry.text("uNCName") or None, _LOCATION + dn: entry.text("location") or None}
        return None

    def _brought(self, dn: str, state: TargetState) -> None:
        there = self._state(dn)
        unc = state.get(dn, there[dn] if there else None)
        location = state.get(_LOCATION + dn)
        if unc is None:
            if there is not None:
                self._session.delete(dn)
        elif there is None:
            self._session.add(dn, _CLASSES, _values(str(unc), str(location or "")))
        elif _LOCATION + dn in state and there[_LOCATION + dn] != location:
            self._session.modify(dn, [Edit(REPLACE, "location", [str(location)] if location else [])])


def _values(unc: str, location: str) -> dict[str, list[str]]:
    server, _sign, queue = unc.strip("\\").partition("\\")
    found = {
        "printerName": [queue],
        "serverName": [server],
        "shortServerName": [server.partition(".")[0]],
        "uNCName": [unc],
        "versionNumber": [_VERSION],
    }
    return found | ({"location": [location]} if location else {})


def listed(dn: str, server: str, queue: str, location: str | None) -> dict[str, Scalar]:
    """The state of an object that stands for a queue of a server."""
    return {dn: f"\\\\{server}\\{queue}", _LOCATION + dn: location}


def _dn(key: str) -> str:
    return key.removeprefix(_LOCATION)
