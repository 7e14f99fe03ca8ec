"""What a device makes of lines that are entered: the model on which plan, diff and inverse rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daicho.network import vlans
from daicho.network.tree import copied

if TYPE_CHECKING:
    from daicho.network.grammar import Grammar
    from daicho.network.tree import Tree


def entered(running: Tree, snippet: Tree, grammar: Grammar) -> Tree:
    """The configuration after a snippet was entered on top of it; neither is changed.

    Raises:
        VlanListUnread: A line that holds VLAN numbers cannot be read.
    """
    result = copied(running)
    _enter(result, snippet, grammar)
    return result


def replaced(running: Tree, wanted: Tree, grammar: Grammar) -> Tree:
    """The configuration after each section of `wanted` was made exactly what stands there.

    What stands outside of sections, and sections that `wanted` does not name, stay as they are.
    """
    result = entered(running, {line: {} for line in wanted}, grammar)
    for line, below in wanted.items():
        if below and not grammar.takes_away(line):
            result[line] = entered({}, below, grammar)
    return result


def enter_line(section: Tree, line: str, grammar: Grammar) -> Tree | None:
    """Enter one line into a section; the section that it opens, or None when it took something away."""
    if grammar.takes_away(line):
        _take_away(section, line, grammar)
        return None
    section.pop(grammar.negation + line, None)
    present = _present(section, line, grammar)
    if grammar.is_list(line):
        _enter_list(section, present, line, grammar)
        return None
    if present is None:
        if grammar.shows_negation(line):
            return None
        section[line] = {}
    elif present != line:
        _exchange(section, present, line)
    return section.get(line)


def _enter_list(section: Tree, present: str | None, line: str, grammar: Grammar) -> None:
    slot = grammar.slot(line)
    adds = line.removeprefix(slot).strip().startswith("add ")
    if present is None and adds and grammar.unlisted == "all":
        return
    joined = vlans.applied(slot, present, line, grammar.unlisted)
    if present is None:
        section[joined] = {}
    else:
        _exchange(section, present, joined)
    if grammar.unlisted == "none" and not vlans.numbers(joined.removeprefix(slot)):
        del section[joined]


def _enter(section: Tree, snippet: Tree, grammar: Grammar) -> None:
    for line, below in snippet.items():
        opened = enter_line(section, line, grammar)
        if opened is not None:
            _enter(opened, below, grammar)
            if not opened and grammar.is_fleeting(line):
                del section[line]


def _present(section: Tree, line: str, grammar: Grammar) -> str | None:
    if line in section:
        return line
    slot = grammar.slot(line)
    return next((known for known in section if grammar.slot(known) == slot), None)


def _exchange(section: Tree, old: str, new: str) -> None:
    kept = {(new if line == old else line): below for line, below in section.items()}
    section.clear()
    section.update(kept)


def _take_away(section: Tree, line: str, grammar: Grammar) -> None:
    body = line.removeprefix(grammar.negation)
    gone = [known for known in section if known == body or known.startswith(body + " ")]
    gone += [known for known in section if known not in gone and _stands_for(known, body, grammar)]
    for known in gone:
        del section[known]
    if grammar.shows_negation(body):
        section[line] = {}


def _stands_for(known: str, body: str, grammar: Grammar) -> bool:
    """`no switchport access vlan 10` takes away the VLAN, whichever it is."""
    slot = grammar.slot(known)
    return slot != known and body.startswith(slot + " ")
