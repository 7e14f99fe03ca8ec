"""Which printers are at a place: those in its room, else those on its floor. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daicho.moves.floors import Floor, read_floor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daicho.moves.wish import Spot


def floor_of(spot: Spot) -> Floor | None:
    """The floor of a place, to compare; None: nobody has said on which it is."""
    found = read_floor(spot.floor, spot.building)
    if found.level is None:
        return None
    return Floor(found.building.casefold(), found.level, found.part.casefold())


class Nearest:
    """Printers by where they are."""

    def __init__(self, printers: Mapping[str, Spot]) -> None:
        """Take the places of printers by name."""
        self._rooms: dict[tuple[Floor, str], list[str]] = {}
        self._floors: dict[Floor, list[str]] = {}
        for name, spot in printers.items():
            if floor := floor_of(spot):
                self._floors.setdefault(floor, []).append(name)
                self._rooms.setdefault((floor, spot.room), []).append(name)

    def to(self, spot: Spot) -> tuple[str, ...]:
        """Those that a place has; several are a question for people."""
        if (floor := floor_of(spot)) is None:
            return ()
        room = self._rooms.get((floor, spot.room), ()) if spot.room else ()
        return tuple(room or self._floors.get(floor, ()))
