"""A configuration as a tree: each line holds the lines of its section, in their order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from daicho.network import vlans

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from daicho.network.grammar import Grammar

type Tree = dict[str, Tree]
type Path = tuple[str, ...]

_BANNER: Final = re.compile(r"banner \S+ (\^C|\S)")


def parse(text: str, grammar: Grammar) -> Tree:
    """The configuration that a device shows, without what says nothing or changes by itself.

    The indentation tells which section a line belongs to. A banner is one line, with its line ends.
    """
    return _parsed(text, grammar, put)


def commands(text: str, grammar: Grammar) -> Tree:
    """The lines to enter that people wrote, in the sections that their indentation tells."""
    return _parsed(text, grammar, lambda section, line, _grammar: section.setdefault(line, {}))


def _parsed(text: str, grammar: Grammar, place: Callable[[Tree, str, Grammar], Tree]) -> Tree:
    top: Tree = {}
    open_sections: list[tuple[int, Tree]] = []
    for indent, line in _lines(text, grammar.as_shown):
        if line != "" and grammar.is_noise(line):
            continue
        while open_sections and open_sections[-1][0] >= indent:
            open_sections.pop()
        section = open_sections[-1][1] if open_sections else top
        open_sections.append((indent, place(section, line, grammar)))
    return top


def put(section: Tree, line: str, grammar: Grammar) -> Tree:
    """Have a line stand in a section as the device would show it; what hangs below the line."""
    line = _continued(section, line, grammar)
    return section.setdefault(line, {})


def text_of(tree: Tree, indent: str = "") -> str:
    """The tree as text, a line per line, one blank of indentation per level."""
    return "".join(f"{indent}{line}\n{text_of(below, indent + ' ')}" for line, below in tree.items())


def walk(tree: Tree, path: Path = ()) -> Iterator[tuple[Path, str, Tree]]:
    """Every line with the path of its section and what hangs below it, from the top down."""
    for line, below in tree.items():
        yield path, line, below
        yield from walk(below, (*path, line))


def at(tree: Tree, path: Path) -> Tree | None:
    """The section at a path, or None."""
    for step in path:
        if step not in tree:
            return None
        tree = tree[step]
    return tree


def copied(tree: Tree) -> Tree:
    """The same tree, free to change."""
    return {line: copied(below) for line, below in tree.items()}


def _lines(text: str, as_shown: Callable[[str], str]) -> Iterator[tuple[int, str]]:
    rows = iter(text.replace("\r", "").split("\n"))
    for row in rows:
        line = row.strip()
        if not line:
            continue
        if found := _BANNER.match(line):
            yield 0, _banner(line, found, rows)
        else:
            yield len(row) - len(row.lstrip()), as_shown(line)


def _banner(first: str, found: re.Match[str], rows: Iterator[str]) -> str:
    said = [first]
    end = found[1]
    if end in first[found.end() :]:
        return first
    for row in rows:
        said.append(row.rstrip())
        if end in row:
            break
    return "\n".join(said)


def _continued(section: Tree, line: str, grammar: Grammar) -> str:
    """A VLAN list that goes on over several lines is one line."""
    if not grammar.is_list(line):
        return line
    slot = grammar.slot(line)
    earlier = next((known for known in section if grammar.slot(known) == slot), None)
    joined = vlans.applied(slot, earlier, line, grammar.unlisted)
    if earlier is not None and joined != earlier:
        del section[earlier]
    return joined
