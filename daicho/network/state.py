"""A configuration as the ledger keeps it of one device: flat, only what a change touches, no secrets.

`line:interface Vlan20 | description` holds the line that stands there, or nothing. Of every section in
which something changes all lines are kept, so that whoever changes something beside it between plan and run
is noticed; the rest of the device may change as it likes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from daicho.network.secrets import given, is_given, is_marked
from daicho.network.tree import walk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daicho.network.grammar import Grammar
    from daicho.network.secrets import Mask
    from daicho.network.tree import Path, Tree
    from daicho.plan import Scalar, TargetState

LINE: Final = "line:"
SAVED: Final = "configuration saved"
"""The other key of a device's state: whether a restart brings the same configuration back."""

_BETWEEN: Final = " | "
_ESCAPED: Final = " \\| "


@dataclass(frozen=True, slots=True)
class Leaf:
    """One line in its place."""

    path: Path
    clear: str
    """The line itself; never leaves the memory when it holds a secret."""
    shown: str


def key_of(path: Path, place: str) -> str:
    """The key of a place: the sections down to it, and what the line there is replaced by."""
    return LINE + _BETWEEN.join(step.replace(_BETWEEN, _ESCAPED) for step in (*path, place))


def place_of(key: str) -> tuple[Path, str]:
    """The sections and the place of a key."""
    steps = [step.replace(_ESCAPED, _BETWEEN) for step in key.removeprefix(LINE).split(_BETWEEN)]
    return tuple(steps[:-1]), steps[-1]


def flat(tree: Tree, grammar: Grammar, mask: Mask) -> dict[str, Leaf]:
    """Every line of a configuration by its key."""
    found: dict[str, Leaf] = {}
    counts: dict[Path, int] = {}
    for path, line, _below in walk(tree):
        if grammar.is_fleeting(line):
            continue
        if path and grammar.is_ordered(path[-1]):
            counts[path] = counts.get(path, 0) + 1
            place = f"#{counts[path]:03}"
        else:
            place = mask(grammar.slot(line))
        shown_path = tuple(map(mask, path))
        found[key_of(shown_path, place)] = Leaf(path, line, mask(line))
    return found


def sections_between(before: Mapping[str, Leaf], after: Mapping[str, Leaf]) -> frozenset[Path]:
    """The sections in which something changes."""
    keys = {*before, *after}
    return frozenset(place_of(key)[0] for key in keys if _shown(before, key) != _shown(after, key))


def states(
    before: Mapping[str, Leaf], after: Mapping[str, Leaf]
) -> tuple[dict[str, str | None], dict[str, str | None]]:
    """What the ledger keeps of a device before and after a change."""
    sections = sections_between(before, after) - {()}
    kept = sorted(
        key
        for key in {*before, *after}
        if _shown(before, key) != _shown(after, key) or place_of(key)[0] in sections
    )
    return {key: _shown(before, key) for key in kept}, {key: _shown(after, key) for key in kept}


def promised(before: Mapping[str, Leaf], after: Mapping[str, Leaf]) -> dict[str, Leaf]:
    """The same lines; a secret that we give may be shown in another way, often hashed: it is marked so."""
    return {
        key: replace(leaf, shown=given(leaf.shown)) if _is_new_secret(key, before, leaf) else leaf
        for key, leaf in after.items()
    }


def present(
    found: Mapping[str, Leaf], before: TargetState | None, after: TargetState
) -> dict[str, str | None]:
    """The state now, of the places of a plan and of everything else in the sections that it touches.

    Args:
        found: Every line that is there.
        before: The state before; where it differs, a secret that we gave counts as the one that was
            wanted. None: nothing was given yet.
        after: The state that is wanted.
    """
    asked = {key for key in {*(before or {}), *after} if key.startswith(LINE)}
    sections = {place_of(key)[0] for key in asked} - {()}
    beside = {key for key in found if place_of(key)[0] in sections}
    state = {key: _shown(found, key) for key in sorted(asked | beside)}
    if before is None:
        return state
    return {key: _as_wanted(line, before.get(key), after.get(key)) for key, line in state.items()}


def _is_new_secret(key: str, before: Mapping[str, Leaf], leaf: Leaf) -> bool:
    return is_marked(leaf.shown) and not is_marked(key) and _shown(before, key) != leaf.shown


def _as_wanted(line: str | None, before: Scalar, after: Scalar) -> str | None:
    if line is not None and line != before and is_given(line, str(after)):
        return str(after)
    return line


def _shown(leaves: Mapping[str, Leaf], key: str) -> str | None:
    leaf = leaves.get(key)
    return leaf.shown if leaf else None
