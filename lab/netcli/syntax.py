"""Which lines a command line takes, and what it says of others: a table of patterns, compiled to a tree.

A pattern is one line of a table, in words:

    hostname = <word>                   what stands before `=` names the line; the rest is its value
    interface <port> {interface}        opens the mode `interface`
    switchport mode = access|trunk      either word
    show version @version               runs the handler `version`
    permit <line> +                     its place among its like matters (access lists)

Keywords may be shortened as long as they stay unique.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field
from functools import cache
from ipaddress import AddressValueError, IPv4Address
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

type Reader = Callable[[Sequence[str]], tuple[str, int] | None]
"""From the words that are left: the value as the device writes it and how many words it took; or None."""

_WORD: Final = re.compile(r"\S+")
_RANGE: Final = re.compile(r"(\d+)-(\d+)")
_NUMBERED: Final = re.compile(r"([A-Za-z-]+)\s*(\d[\d/]*)")
_VLANS: Final = re.compile(r"\d+(-\d+)?(,\d+(-\d+)?)*")


@dataclass(frozen=True)
class Rule:
    """One pattern of a table."""

    words: tuple[str, ...]
    named_by: int
    """How many of the words name the line."""
    opens: str = ""
    does: str = ""
    keeps_order: bool = False
    rank: int = 0


@dataclass(frozen=True)
class Match:
    """A line that the table knows, its words written out in full."""

    rule: Rule
    words: tuple[str, ...]
    values: tuple[str, ...]

    @property
    def name(self) -> str:
        """What names the line among others: `hostname`, `interface GigabitEthernet0/1`."""
        return " ".join(self.words[: self.rule.named_by])

    @property
    def text(self) -> str:
        return " ".join(self.words)


@dataclass(frozen=True)
class Unknown:
    """A word at this column fits nothing."""

    column: int


@dataclass(frozen=True)
class Ambiguous:
    """A shortened word that could be several."""

    column: int


@dataclass(frozen=True)
class Incomplete:
    """More words are needed."""

    column: int


type Misreading = Unknown | Ambiguous | Incomplete
type Reading = Match | Misreading


@dataclass
class _Node:
    keywords: dict[str, _Node] = field(default_factory=dict)
    values: dict[str, _Node] = field(default_factory=dict)
    rule: Rule | None = None
    named: Rule | None = None
    """The rule whose name ends here: enough to take its line away."""


class Syntax:
    """A table of patterns, ready to read lines."""

    def __init__(self, table: str, readers: Mapping[str, Reader] | None = None) -> None:
        """Compile a table; `readers` adds kinds of values to the ones that every table has."""
        self._readers = {**_READERS, **(readers or {})}
        self._root = _Node()
        for rank, pattern in enumerate(line.strip() for line in table.strip().splitlines()):
            for rule in _rules(pattern, rank):
                self._add(rule)

    def read(self, line: str, *, naming: bool = False) -> Reading:
        """What the line means; with `naming` its name is enough, as after `no`."""
        found = [(m.group(), m.start()) for m in _WORD.finditer(line)]
        words = [word for word, _column in found]
        node, position = self._root, 0
        full: list[str] = []
        values: list[str] = []
        while position < len(words):
            step = self._step(node, words[position:])
            if not isinstance(step, tuple):
                return step(found[position][1])
            node, said, taken, is_value = step
            full.append(said)
            if is_value:
                values.append(said)
            position += taken
        rule = node.rule or (node.named if naming else None)
        if rule is None:
            return Incomplete(len(line))
        return Match(rule, tuple(full), tuple(values))

    def _step(
        self, node: _Node, words: Sequence[str]
    ) -> tuple[_Node, str, int, bool] | type[Unknown | Ambiguous]:
        word = words[0].lower()
        if word in node.keywords:
            return node.keywords[word], word, 1, False
        starting = [keyword for keyword in node.keywords if keyword.startswith(word)]
        if len(starting) == 1:
            return node.keywords[starting[0]], starting[0], 1, False
        for kind, after in node.values.items():
            if (value := self._value(kind, words)) is not None:
                return after, value[0], value[1], True
        return Ambiguous if starting else Unknown

    def _value(self, kind: str, words: Sequence[str]) -> tuple[str, int] | None:
        if reader := self._readers.get(kind):
            return reader(words)
        if limits := _RANGE.fullmatch(kind):
            low, high = int(limits[1]), int(limits[2])
            return (str(int(words[0])), 1) if words[0].isdecimal() and low <= int(words[0]) <= high else None
        raise KeyError(kind)

    def _add(self, rule: Rule) -> None:
        node = self._root
        for number, word in enumerate(rule.words):
            if number == rule.named_by:
                node.named = node.named or rule
            branch = node.values if word.startswith("<") else node.keywords
            node = branch.setdefault(word.strip("<>") if word.startswith("<") else word, _Node())
        if rule.named_by == len(rule.words):
            node.named = rule
        node.rule = rule


def _rules(pattern: str, rank: int) -> Iterator[Rule]:
    if not pattern or pattern.startswith("#"):
        return
    words: list[str] = []
    named_by: int | None = None
    opens = does = ""
    keeps_order = False
    for word in pattern.split():
        if word == "=":
            named_by = len(words)
        elif word == "+":
            keeps_order = True
        elif word.startswith("{"):
            opens = word.strip("{}")
        elif word.startswith("@"):
            does = word[1:]
        else:
            words.append(word)
    for chosen in itertools.product(*(_choices(word) for word in words)):
        yield Rule(chosen, len(words) if named_by is None else named_by, opens, does, keeps_order, rank)


def _choices(word: str) -> Iterable[str]:
    return (word,) if word.startswith("<") else word.split("|")


def _word(words: Sequence[str]) -> tuple[str, int]:
    return words[0], 1


def _line(words: Sequence[str]) -> tuple[str, int]:
    return " ".join(words), len(words)


def _ip(words: Sequence[str]) -> tuple[str, int] | None:
    try:
        return str(IPv4Address(words[0])), 1
    except AddressValueError:
        return None


def _prefix(words: Sequence[str]) -> tuple[str, int] | None:
    address, slash, length = words[0].partition("/")
    return (words[0], 1) if slash and length.isdecimal() and int(length) <= 32 and _ip([address]) else None


def _vlans(words: Sequence[str]) -> tuple[str, int] | None:
    if not _VLANS.fullmatch(words[0]):
        return None
    return (words[0], 1) if vlans(words[0]) <= set(range(1, 4095)) else None


def numbered(
    words: Sequence[str], kinds: Sequence[str], ports: Collection[str], between: str = ""
) -> tuple[str, int] | None:
    """An interface as the device writes it: one of `ports` (the first kind), or any of another kind."""
    for count in (1, 2):
        found = _NUMBERED.fullmatch(" ".join(words[:count]))
        if not found:
            continue
        chosen = [kind for kind in kinds if kind.lower().startswith(found[1].lower())]
        if len(chosen) != 1 or len(found[1]) < 2:
            return None
        name = f"{chosen[0]}{between}{found[2]}"
        known = name in ports if chosen[0] == kinds[0] else found[2].isdecimal()
        return (name, count) if known else None
    return None


@cache
def compiled(table: str) -> Syntax:
    """A table of operation commands, read once for all sessions."""
    return Syntax(table)


def vlans(text: str) -> set[int]:
    """`10,20,30-32` as numbers."""
    found: set[int] = set()
    for part in text.split(","):
        low, _, high = part.partition("-")
        found |= set(range(int(low), int(high or low) + 1))
    return found


def vlan_list(numbers: Iterable[int]) -> str:
    """Numbers as `10,20,30-32`, the way switches write them."""
    parts: list[str] = []
    for _, run in itertools.groupby(enumerate(sorted(numbers)), lambda pair: pair[1] - pair[0]):
        group = [number for _, number in run]
        parts += [f"{group[0]}-{group[-1]}"] if len(group) > 1 else [str(group[0])]
    return ",".join(parts)


_READERS: Final[dict[str, Reader]] = {
    "word": _word,
    "line": _line,
    "ip": _ip,
    "prefix": _prefix,
    "vlans": _vlans,
}
