"""A configuration: lines under lines, in the order in which the device writes them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lab.netcli.syntax import Match

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from lab.netcli.syntax import Syntax

type Path = tuple[str, ...]
"""The names of the sections that lead to a place."""

_NUMBERS: Final = re.compile(r"(\d+)")


@dataclass(slots=True)
class Entry:
    """One line; a section has further lines below it."""

    text: str
    rank: tuple[object, ...]
    below: dict[str, Entry] | None = None


class LanguageError(ValueError):
    """A stored line that the device itself would not take."""


class Configuration:
    """What a device is configured to do."""

    __slots__ = ("_counter", "top")

    def __init__(self) -> None:
        """Start with nothing."""
        self.top: dict[str, Entry] = {}
        self._counter = 0

    def put(self, path: Path, match: Match) -> None:
        """Enter a line; another line of the same name gives way."""
        self._counter += 1
        section, rule = self._below(path), match.rule
        order: tuple[object, ...] = (self._counter,) if rule.keeps_order else natural(match.name)
        there = section.get(match.name)
        if there is not None and rule.opens:
            return
        if there is not None and rule.keeps_order:
            order = there.rank[1:]
        section[match.name] = Entry(match.text, (rule.rank, *order), {} if rule.opens else None)

    def remove(self, path: Path, name: str) -> bool:
        """Take the line of this name away; whether there was one."""
        return self._below(path).pop(name, None) is not None

    def section(self, *path: str) -> list[str] | None:
        """The lines of a section as they are shown; None if it is not there."""
        below: dict[str, Entry] | None = self.top
        for name in path:
            entry = (below or {}).get(name)
            if entry is None:
                return None
            below = entry.below
        return [entry.text for entry in ordered(below or {})]

    def value(self, *path: str) -> str | None:
        """What stands after a line's name, `""` for a line without a value; None if there is no line."""
        *above, name = path
        below: dict[str, Entry] | None = self.top
        for step in above:
            entry = (below or {}).get(step)
            below = entry.below if entry else None
        line = (below or {}).get(name)
        return None if line is None else line.text[len(name) :].strip()

    def has(self, *path: str) -> bool:
        """Whether the line of this name is there."""
        return self.value(*path) is not None

    def names(self, beginning: str = "", *path: str) -> list[str]:
        """The names of the lines in a section that begin so, in the order in which they are shown."""
        below: dict[str, Entry] | None = self.top
        for step in path:
            entry = (below or {}).get(step)
            below = entry.below if entry else None
        chosen = {name: entry for name, entry in (below or {}).items() if name.startswith(beginning)}
        return sorted(chosen, key=lambda name: chosen[name].rank)

    def _below(self, path: Path) -> dict[str, Entry]:
        below = self.top
        for name in path:
            found = below[name].below
            if found is None:
                raise KeyError(name)
            below = found
        return below


def ordered(entries: Mapping[str, Entry]) -> list[Entry]:
    """Entries as they are shown."""
    return sorted(entries.values(), key=lambda entry: entry.rank)


def natural(text: str) -> tuple[object, ...]:
    """A sort key that puts 0/2 before 0/10."""
    parts = _NUMBERS.split(text)
    return tuple((int(part), "") if part.isdecimal() else (-1, part) for part in parts)


def load(text: str, syntaxes: Mapping[str, Syntax]) -> Configuration:
    """Read a configuration as the device has written it.

    Raises:
        LanguageError: A line is not of this device's language.
    """
    found = Configuration()
    stack: list[tuple[int, str, Path]] = [(-1, "", ())]
    for line in text.splitlines():
        bare = line.strip()
        if not bare or bare[0] in "!#" or bare == "end":
            continue
        depth = len(line) - len(line.lstrip())
        while stack[-1][0] >= depth:
            stack.pop()
        _, mode, path = stack[-1]
        match = syntaxes[mode].read(bare)
        if not isinstance(match, Match):
            raise LanguageError(f"not of this device's language: {line!r}")
        found.put(path, match)
        if match.rule.opens:
            stack.append((depth, match.rule.opens, (*path, match.name)))
    return found


def written(entries: Mapping[str, Entry], indent: str, depth: int = 0) -> Iterator[tuple[int, str, bool]]:
    """Depth, line and whether it is a section, from the top down."""
    for entry in ordered(entries):
        yield depth, indent * depth + entry.text, entry.below is not None
        if entry.below:
            yield from written(entry.below, indent, depth + 1)


def plain(lines: Iterable[tuple[int, str, bool]], between: str = "!") -> list[str]:
    """Lines with a separator around every section at the top, as IOS and its like write them."""
    found: list[str] = []
    in_section = False
    for depth, line, section in lines:
        if depth == 0:
            if (section or in_section) and found and found[-1] != between:
                found.append(between)
            in_section = section
        found.append(line)
    return [*found, between] if found and found[-1] != between else found


def spaced(lines: Iterable[tuple[int, str, bool]], between: str = "!") -> list[str]:
    """Lines with a separator before every section at the top and after the last."""
    found: list[str] = []
    inside = False
    for depth, line, section in lines:
        if depth == 0 and found and (section or inside):
            found.append(between)
        inside = depth > 0
        found.append(line)
    return [*found, between]
