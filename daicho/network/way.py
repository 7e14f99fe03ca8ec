"""The way from one recorded state to another: the commands to enter, and the lines to type.

It follows from the two states alone, so that what was approved is what is sent, and the way back is the
same question asked the other way round.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from daicho.errors import DaichoError, ExitCode
from daicho.i18n import N_
from daicho.network import vlans
from daicho.network.secrets import is_marked
from daicho.network.state import LINE, key_of, place_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from daicho.network.grammar import Grammar
    from daicho.network.secrets import Mask
    from daicho.network.tree import Path, Tree
    from daicho.plan import TargetState


class SecretNotKept(DaichoError):
    """A line holds a secret that is neither on the device nor given."""

    exit_code = ExitCode.FAILED
    sentence = N_(
        "`{line}` holds a secret that daicho does not keep. "
        "Enter the line with a new secret as a change of its own."
    )


class Kind(StrEnum):
    """What a typed line does to the conversation."""

    PLAIN = "plain"
    ENTER = "enter"
    """It opens a section: what follows means something else if it is refused."""
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class Line:
    """One line to type."""

    text: str
    """As it is typed; may hold a secret."""
    kind: Kind = Kind.PLAIN


@dataclass(frozen=True, kw_only=True)
class Guide:
    """What a way is found by, beside the two states."""

    grammar: Grammar
    clear: Mapping[str, str]
    """Shown line → the line itself, where they differ."""
    order: Mapping[str, int]
    """Key → its place in the text that people wrote: their order counts where it is known."""
    back: bool = False
    """The way back: their order reversed."""

    def known(self, line: str) -> str:
        """The line with its secret.

        Raises:
            SecretNotKept: Nobody knows it.
        """
        if not is_marked(line):
            return line
        negation = self.grammar.negation if line.startswith(self.grammar.negation) else ""
        body = line.removeprefix(negation)
        if body not in self.clear:
            raise SecretNotKept(line=line)
        return negation + self.clear[body]


@dataclass(frozen=True, slots=True)
class _Step:
    key: str
    path: Path
    old: str | None
    new: str | None


def way(before: TargetState, after: TargetState, guide: Guide) -> Tree:
    """The commands that lead from one state to the other, section by section.

    Raises:
        SecretNotKept: A line that is needed holds a secret that nobody knows.
    """
    steps = [
        _Step(key, place_of(key)[0], _line(before, key), _line(after, key))
        for key in sorted({*before, *after})
        if key.startswith(LINE)
    ]
    by_path: dict[Path, list[_Step]] = {}
    for step in steps:
        by_path.setdefault(step.path, []).append(step)
    return _section((), by_path, guide)


def typed(commands: Tree, grammar: Grammar) -> tuple[Line, ...]:
    """The lines to type for these commands, with those that leave each section again."""
    return tuple(_typed(commands, grammar))


def places(snippet: Tree, mask: Mask, path: Path = ()) -> dict[str, int]:
    """Each place that a snippet names, in its order; for `Guide.order`."""
    found: dict[str, int] = {}
    grammar = mask.grammar
    for line, below in snippet.items():
        body = line.removeprefix(grammar.negation)
        for each in (line, grammar.slot(body), grammar.negation + grammar.slot(body)):
            found.setdefault(key_of(path, mask(each)), len(found))
        for key in places(below, mask, (*path, mask(line))):
            found.setdefault(key, len(found))
    return found


def _typed(commands: Tree, grammar: Grammar) -> Iterator[Line]:
    for line, below in commands.items():
        if below or grammar.opens(line):
            yield Line(line, Kind.ENTER)
            yield from _typed(below, grammar)
            yield Line(grammar.leave, Kind.LEAVE)
        else:
            yield Line(line)


def _section(path: Path, by_path: Mapping[Path, Sequence[_Step]], guide: Guide) -> Tree:
    steps = [step for step in by_path.get(path, ()) if step.old != step.new]
    inside = _below(path, by_path, steps, guide)
    if path and guide.grammar.is_ordered(path[-1]):
        return {guide.known(line): {} for line in _ordered(by_path.get(path, ()), guide.grammar)}
    said = [(step, _commands(step, guide.grammar)) for step in steps if step.new not in inside]
    said = [(step, lines) for step, lines in said if lines]
    keys = (*(step.key for step, _lines in said), *(key_of(path, header) for header in inside))
    hinted = all(key in guide.order for key in keys)
    entries: list[tuple[tuple[int, int], list[str], Tree]] = [
        (_sort(step, guide, hinted=hinted), lines, {}) for step, lines in said
    ]
    for header, commands in inside.items():
        step = _Step(key_of(path, header), path, None, header)
        again = _rebuilt(by_path.get((*path, header), ()), guide.grammar) and header not in _new(steps)
        lines = [guide.grammar.negation + header] if again and guide.grammar.is_ordered(header) else []
        entries.append((_sort(step, guide, hinted=hinted), [*lines, header], commands))
    tree: Tree = {}
    for _place, lines, commands in sorted(entries, key=lambda entry: entry[0]):
        for line in lines:
            tree.setdefault(guide.known(line), commands if line == lines[-1] else {})
    return tree


def _below(
    path: Path, by_path: Mapping[Path, Sequence[_Step]], steps: Iterable[_Step], guide: Guide
) -> dict[str, Tree]:
    """The commands of each section below this one, unless the whole section goes."""
    gone = {step.old for step in steps if step.new is None}
    headers = {each[len(path)] for each in by_path if len(each) > len(path) and each[: len(path)] == path}
    found = {header: _section((*path, header), by_path, guide) for header in sorted(headers - gone)}
    return {header: commands for header, commands in found.items() if commands}


def _new(steps: Iterable[_Step]) -> set[str | None]:
    return {step.new for step in steps if step.old is None}


def _commands(step: _Step, grammar: Grammar) -> list[str]:
    old, new = step.old, step.new
    if new is None:
        return [grammar.negated(str(old))]
    if old is not None and grammar.is_list(new):
        return vlans.steps(grammar.slot(new), old, new)
    return [new]


def _sort(step: _Step, guide: Guide, *, hinted: bool) -> tuple[int, int]:
    if hinted:
        place = guide.order[step.key]
        return (0, -place if guide.back else place)
    line = str(step.new or step.old)
    rank = guide.grammar.rank(line)
    if step.new is not None:
        return (1, rank)
    if guide.grammar.opens(line):
        return (3, -rank)
    return (2 if guide.grammar.is_several(line) else 0, -rank)


def _ordered(steps: Sequence[_Step], grammar: Grammar) -> list[str]:
    """What leads from the lines of an ordered section to others: taking away, then adding at the end."""
    old, new = _columns(steps)
    if _rebuilt(steps, grammar):
        return new
    return [grammar.negated(line) for line in old if line not in new] + [
        line for line in new if line not in old
    ]


def _rebuilt(steps: Sequence[_Step], grammar: Grammar) -> bool:
    """Whether a new line has to stand before one that stays, so that the section is made anew."""
    if not steps or not grammar.is_ordered(steps[0].path[-1]):
        return False
    old, new = _columns(steps)
    return [line for line in old if line in new] + [line for line in new if line not in old] != new


def _columns(steps: Sequence[_Step]) -> tuple[list[str], list[str]]:
    in_place = sorted(steps, key=lambda step: step.key)
    return [step.old for step in in_place if step.old is not None], [
        step.new for step in in_place if step.new is not None
    ]


def _line(state: TargetState, key: str) -> str | None:
    line = state.get(key)
    return None if line is None else str(line)
