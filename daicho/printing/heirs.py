"""Which printer becomes whose default when terminals or printers move: plain where one is near, else a
question. Pure.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from daicho.craft import Trouble
from daicho.i18n import few, ngettext
from daicho.i18n import gettext as _
from daicho.moves.part import Change
from daicho.printing.nearest import Nearest, floor_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from daicho.items.item import Item
    from daicho.moves.floors import Floor
    from daicho.moves.office import Office
    from daicho.moves.planning import Move, Planned
    from daicho.moves.wish import Spot
    from daicho.plan import Scalar

type Printers = tuple[str, ...]


class Heirs:
    """What moves, against all printers as they stand afterwards."""

    def __init__(self, office: Office, planned: Planned, grouped: Collection[str]) -> None:
        """Take what is known before any terminal is asked.

        Args:
            office: All items.
            planned: What moves.
            grouped: The printers that can be somebody's default: those with a group.
        """
        self._office, self._planned, self._grouped = office, planned, grouped
        printers = {item.name: office.spot(item) for item in office.items if item.kind == "printer"}
        moved = {move.name: move.new for move in planned.moves.values() if move.item.kind == "printer"}
        self._places = printers | moved
        self._nearest = Nearest({name: spot for name, spot in self._places.items() if name in grouped})

    def concerned(self, users: Mapping[str, Collection[str]]) -> set[str]:
        """The terminals whose default has to be known.

        Args:
            users: Printer that moves → the terminals in its group.
        """
        found = set[str]()
        for move in self._planned.moves.values():
            if move.item.kind == "endpoint":
                found.add(move.name)
            else:
                found |= {item.name for item in (*self._left(move, users), *self._met(move))}
        return found

    def changes(
        self, users: Mapping[str, Collection[str]], now: Mapping[str, Printers]
    ) -> dict[str, Change | Trouble]:
        """What becomes of default queues, by what moves; who has nothing to do with them is left out.

        Args:
            users: Printer that moves → the terminals in its group.
            now: Terminal → whose groups it is in; who has no account is not there.
        """
        found: dict[str, Change | Trouble] = {}
        for move in self._planned.moves.values():
            try:
                is_terminal = move.item.kind == "endpoint"
                change = self._of_terminal(move, now) if is_terminal else self._of_printer(move, users, now)
            except Trouble as trouble:
                found[move.name] = trouble
                continue
            if change.after or change.notes:
                found[move.name] = change
        return found

    def _of_terminal(self, move: Move, now: Mapping[str, Printers]) -> Change:
        named, has = self._named(move), now.get(move.name)
        if has is None:
            if named:
                raise Trouble(why=_("the directory has no terminal {name}").format(name=move.name))
            return Change()
        if not named and any(self._is_on(printer, move.new) for printer in has):
            return Change()
        near = (named,) if named else self._nearest.to(move.new)
        if len(near) == 1:
            return _change({move.name: (has, near[0])})
        return Change(notes=tuple(_open(has, near, move.new)))

    def _of_printer(
        self, move: Move, users: Mapping[str, Collection[str]], now: Mapping[str, Printers]
    ) -> Change:
        """Who stays behind gets another; who had none where it comes to gets this one."""
        named = self._named(move)
        given: dict[str, tuple[Printers, str]] = {}
        kept: dict[Printers, list[str]] = {}
        for item in self._left(move, users):
            near = (named,) if named else self._nearest.to(self._office.spot(item))
            if len(near) == 1:
                given[item.name] = now.get(item.name, ()), near[0]
            else:
                kept.setdefault(near, []).append(item.name)
        for item in self._met(move):
            if now.get(item.name) == () and self._nearest.to(self._office.spot(item)) == (move.name,):
                given[item.name] = (), move.name
        notes = tuple(_kept(move.name, names, near) for near, names in kept.items())
        return _change(given, notes)

    def _left(self, move: Move, users: Mapping[str, Collection[str]]) -> Iterator[Item]:
        """The terminals on the floor that a printer leaves, whose default it is."""
        floor = floor_of(move.old)
        if floor is None or floor == floor_of(move.new):
            return
        for name in users.get(move.name, ()):
            item = self._office.item(name)
            if item and item.kind == "endpoint" and floor_of(self._office.spot(item)) == floor:
                yield item

    def _met(self, move: Move) -> Sequence[Item]:
        """The terminals on the floor to which a printer comes."""
        floor = floor_of(move.new)
        if floor is None or floor == floor_of(move.old) or move.name not in self._grouped:
            return ()
        return self._terminals.get(floor, ())

    @cached_property
    def _terminals(self) -> Mapping[Floor, Sequence[Item]]:
        found: dict[Floor, list[Item]] = {}
        for item in self._office.items:
            if item.kind == "endpoint" and (floor := floor_of(self._office.spot(item))):
                found.setdefault(floor, []).append(item)
        return found

    def _is_on(self, printer: str, spot: Spot) -> bool:
        item = self._office.item(printer)
        if item is None or item.name not in self._places:
            return False
        return floor_of(self._places[item.name]) == floor_of(spot)

    def _named(self, move: Move) -> str:
        """The printer that the plan names; empty: it names none.

        Raises:
            Trouble: It cannot be anybody's default.
        """
        if not (said := move.wish.default_printer):
            return ""
        item = self._office.item(said)
        if item is None or item.kind != "printer" or item.name == move.name:
            raise Trouble(why=_("the ledger has no other printer {name}").format(name=said))
        if item.name not in self._grouped:
            why = _("the directory has no group for the printer {name}: make it, or name another one")
            raise Trouble(why=why.format(name=item.name))
        return item.name


def said(printers: Iterable[str]) -> Scalar:
    """Printers as a state has them; none is null."""
    return ", ".join(printers) or None


def told(value: Scalar) -> Printers:
    """The printers that stand in a state."""
    return tuple(str(value).split(", ")) if value else ()


def _change(given: Mapping[str, tuple[Printers, str]], notes: tuple[str, ...] = ()) -> Change:
    new = {name: (said(has), heir) for name, (has, heir) in given.items() if not _is_just(heir, has)}
    return Change(
        before={name: has for name, (has, _heir) in new.items()},
        after={name: heir for name, (_has, heir) in new.items()},
        notes=notes,
    )


def _is_just(heir: str, has: Printers) -> bool:
    return [printer.casefold() for printer in has] == [heir.casefold()]


def _open(has: Printers, near: Printers, spot: Spot) -> Iterator[str]:
    """What is asked about a terminal."""
    if near:
        why = _("Which printer is to be its default? At {place} there are {printers}: say `default_printer:`")
        yield why.format(place=spot.text, printers=few(near))
    elif has:
        why = _("{printer} stays its default, for none is known at {place}: say `default_printer:`")
        yield why.format(printer=said(has), place=spot.text)


def _kept(printer: str, names: Sequence[str], near: Printers) -> str:
    """What is asked about those who stay behind."""
    if near:
        why = ngettext(
            "{count} terminal keeps {printer} as its default: {names}. {printers} are near; say "
            "`default_printer:`",
            "{count} terminals keep {printer} as their default: {names}. {printers} are near; say "
            "`default_printer:`",
            len(names),
        )
    else:
        why = ngettext(
            "{count} terminal keeps {printer} as its default though it goes: {names}. None else is near; say "
            "`default_printer:`",
            "{count} terminals keep {printer} as their default though it goes: {names}. None else is near; "
            "say `default_printer:`",
            len(names),
        )
    return why.format(count=len(names), printer=printer, names=few(names), printers=few(near))
