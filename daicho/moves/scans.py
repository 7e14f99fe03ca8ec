"""What technicians really plugged where: a table, or what a scanner read from the scan sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.items.cells import fold
from daicho.items.decoding import decode
from daicho.items.problems import ItemsUnusable, Problem
from daicho.items.reading import bytes_of
from daicho.moves.layout import read_layout

if TYPE_CHECKING:
    from pathlib import Path

ITEM: Final = "item"
OUTLET: Final = "outlet"


class ScansUnusable(ItemsUnusable):
    """A list of what was plugged has problems."""

    sentence = N_("{document} cannot be used; nothing was looked at. Problems: {count}\n{problems}")


def code(kind: str, name: str) -> str:
    """What a code on a scan sheet says."""
    return f"{kind} {name}"


def read_scans(path: Path) -> dict[str, str]:
    """Item → the outlet that it was plugged in to; an item that was plugged twice is where it was last.

    Raises:
        UnreadableFile: It is no table.
        ItemsUnusable: Rows have problems; all of them are named.
    """
    if path.suffix.lower() == ".xlsx":
        return {wish.item: wish.outlet for wish in read_layout(path)}
    lines = [fold(line).strip('"') for line in decode(bytes_of(path), path.name, None).splitlines()]
    if any(line.partition(" ")[0] in {ITEM, OUTLET} and "," not in line for line in lines):
        return _scanned(path.name, lines)
    return {wish.item: wish.outlet for wish in read_layout(path)}


def _scanned(document: str, lines: list[str]) -> dict[str, str]:
    """Pairs of an item and an outlet, whichever was scanned first."""
    found: dict[str, str] = {}
    problems: list[Problem] = []
    open_: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        kind, _space, name = line.partition(" ")
        place = _("line {line}").format(line=number)
        if not line:
            continue
        if kind not in {ITEM, OUTLET} or not name:
            problems.append(
                Problem(place, "", _("{text!r} is no code of a scan sheet.").format(text=line[:60]))
            )
            continue
        if kind in open_:
            why = _(
                "{name} was scanned and nothing with it. Scan the item and its outlet one after the other."
            )
            problems.append(Problem(place, "", why.format(name=open_[kind])))
            open_.clear()
        open_[kind] = name
        if len(open_) == len((ITEM, OUTLET)):
            found[open_[ITEM]] = open_[OUTLET]
            open_.clear()
    if open_:
        problems.append(Problem("", "", _alone(next(iter(open_.values())))))
    if problems:
        raise ScansUnusable(document, problems)
    return found


def _alone(name: str) -> str:
    why = _("{name} was scanned and nothing with it. Scan the item and its outlet one after the other.")
    return why.format(name=name)
