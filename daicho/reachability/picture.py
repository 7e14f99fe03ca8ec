"""The topology as an inline SVG: a tree that reads from the checking machine down, one device a line.

Every state has its own sign besides its colour, for those who do not see the colour and for printing.
Branches in which everything is back are folded into one line, so that a ministry fits a telephone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Final

from daicho.i18n import gettext as _
from daicho.i18n import ngettext
from daicho.items.item import natural_key
from daicho.reachability.explanation import Certainty, Nature, Sort
from daicho.reachability.topology import Link
from daicho.reachability.verdict import Standing, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from daicho.reachability.verdict import Judgement

ROW: Final = 26
STEP: Final = 18
WIDTH: Final = 360
SMALL: Final = 40
"""Up to so many devices nothing is folded."""
MOST: Final = 160
"""More lines than this nobody reads; the rest is counted."""

SIGNS: Final = {
    State.BACK: ("✓", "back"),
    State.DIFFERENT: ("≠", "different"),
    State.LATE: ("…", "late"),
    State.DEAD: ("✕", "dead"),
    State.ALREADY_DEAD: ("†", "already"),
    State.UNREACHABLE: ("–", "unreachable"),
    State.COULD_NOT_TELL: ("?", "untold"),
}
"""State → its sign, and the class of its colour in the page's style."""


@dataclass(frozen=True)
class _Line:
    name: str
    depth: int
    parent: int
    """The place of the line that it hangs on; -1 for the first."""
    text: str = ""
    """What stands there instead of a device: a folded branch."""


@dataclass
class _Tree:
    judgement: Judgement
    lines: list[_Line] = field(default_factory=list)
    left: int = 0

    def __post_init__(self) -> None:
        topology = self.judgement.topology
        devices = [n for n in topology.depth if topology.nodes[n].passes or n == topology.controller]
        self.parents = {name: self._parent(name) for name in devices if name != topology.controller}
        self.children: dict[str, list[str]] = {name: [] for name in devices}
        for name, parent in self.parents.items():
            self.children[parent].append(name)
        self.fold = len(devices) > SMALL
        self.troubled = self._troubled()
        self._add(topology.controller)

    def _parent(self, name: str) -> str:
        topology = self.judgement.topology
        ends = [
            far
            for link in topology.around[name]
            if topology.depth.get(far := link.far(name)) == topology.depth[name] - 1
            and (topology.nodes[far].passes or far == topology.controller)
        ]
        return min(ends, key=natural_key)

    def _troubled(self) -> set[str]:
        """Devices that are not back or have a cause on them, with everything above them."""
        verdicts = self.judgement.verdicts
        marked = {name for name in self.parents if verdicts[name].state is not State.BACK}
        for finding in self.judgement.findings:
            if finding.cause.nature is Nature.CUT:
                marked |= {
                    end
                    for choice in finding.cause.candidates
                    for each in choice
                    for end in each.name.split(" -- ")
                    if end in self.parents
                }
        for name in list(marked):
            while (name := self.parents.get(name, "")) and name not in marked:
                marked.add(name)
        return marked

    def _add(self, start: str) -> None:
        waiting = [(start, 0, -1)]
        while waiting:
            name, depth, parent = waiting.pop()
            if len(self.lines) >= MOST:
                self.left += 1
                continue
            here = len(self.lines)
            self.lines.append(_Line(name, depth, parent))
            for kind, names in self._sorted(name):
                if kind == "shown":
                    waiting += [(each, depth + 1, here) for each in reversed(names)]
                elif names:
                    self.lines.append(_Line("", depth + 1, here, self._folded(names, kind)))

    def _sorted(self, name: str) -> Iterable[tuple[str, list[str]]]:
        """The devices below one: those that get a line each, and the branches folded into one line."""
        groups: dict[str, list[str]] = {"shown": [], "back": [], "dark": []}
        for child in sorted(self.children[name], key=natural_key):
            quiet = self.fold and child not in self.troubled
            groups["back" if quiet else "dark" if self.fold and self._dark(child) else "shown"].append(child)
        return groups.items()

    def _dark(self, name: str) -> bool:
        """Whether a branch is dark as a whole only because of what is above it."""
        verdicts = self.judgement.verdicts
        return verdicts[name].state is State.UNREACHABLE and all(map(self._dark, self.children[name]))

    def _folded(self, names: Sequence[str], kind: str) -> str:
        count, waiting = 0, list(names)
        while waiting:
            count += 1
            waiting += self.children[waiting.pop()]
        if kind == "dark":
            words = ngettext("{count} device behind it: dark", "{count} devices behind it: dark", count)
        else:
            words = ngettext("{count} more device: back", "{count} more devices: all back", count)
        return words.format(count=count)


def picture(judgement: Judgement) -> str:
    """The SVG text; its classes are coloured by the page's style."""
    tree = _Tree(judgement)
    marks = _Marks(judgement)
    rows = len(tree.lines) + bool(tree.left)
    height = ROW * rows + 8
    drawn = [marks.joint(tree, place) for place in range(1, len(tree.lines))]
    drawn += [marks.line(tree, place) for place in range(len(tree.lines))]
    if tree.left:
        words = ngettext("and {count} more device", "and {count} more devices", tree.left)
        drawn.append(_text(STEP, len(tree.lines), words.format(count=tree.left), "folded"))
    label = escape(_("The network from the checking machine down"))
    return (
        f'<svg class="tree" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{label}" '
        f'xmlns="http://www.w3.org/2000/svg">{"".join(drawn)}</svg>'
    )


class _Marks:
    def __init__(self, judgement: Judgement) -> None:
        self.judgement = judgement
        self.cut: dict[str, str] = {}
        """Link → `cut` or `maybe`."""
        for finding in judgement.findings:
            if finding.standing is Standing.NEW:
                sure = finding.cause.certainty is not Certainty.OPEN
                for choice in finding.cause.candidates:
                    for suspect in choice:
                        if suspect.sort is Sort.LINK:
                            self.cut[suspect.name] = "cut" if sure else "maybe"

    def joint(self, tree: _Tree, place: int) -> str:
        line = tree.lines[place]
        above = tree.lines[line.parent].name
        x, middle = 12 + STEP * (line.depth - 1), _middle(place)
        end = x + STEP - 9
        mark = self.cut.get(Link.between(line.name, above).name, "")
        drawn = f'<path class="joint" d="M{x} {_middle(line.parent) + 9}V{middle}H{end}"/>'
        if mark:
            # Only the last stretch is this link's own: the trunk is shared with its sisters.
            top = middle - ROW + 9 if line.parent == place - 1 else middle - ROW // 2
            drawn += f'<path class="joint {mark}" d="M{x} {top}V{middle}H{end}"/>'
        return drawn

    def line(self, tree: _Tree, place: int) -> str:
        line = tree.lines[place]
        x = 12 + STEP * line.depth
        if line.text:
            return _text(x - 4, place, line.text, "folded")
        topology, verdict = self.judgement.topology, self.judgement.verdicts.get(line.name)
        sign, colour = SIGNS[verdict.state] if verdict else ("◉", "self")
        y = _middle(place)
        dot = (
            f'<circle class="{colour}" cx="{x}" cy="{y}" r="9"/>'
            f'<text class="sign" x="{x}" y="{y + 4}">{sign}</text>'
        )
        text = _text(x + 15, place, line.name, "name")
        note = self._note(line, tree.lines[line.parent].name if line.parent >= 0 else "")
        right = f'<text class="note" x="{WIDTH - 4}" y="{y + 4}">{note}</text>' if note else ""
        assert line.name in topology.nodes  # noqa: S101 -- only devices of the topology have lines
        return dot + text + right

    def _note(self, line: _Line, parent: str) -> str:
        """The second way, then the terminals: `⇄ sw-core-2  12/14`."""
        topology = self.judgement.topology
        second = [
            link
            for link in topology.around[line.name]
            if (far := link.far(line.name)) != parent
            and topology.nodes[far].passes
            and topology.depth.get(far, 0) <= topology.depth[line.name]
        ]
        parts = [self._second(link, line.name) for link in second[:2]]
        terminals = [far for far in topology.far_ends(line.name) if not topology.nodes[far].passes]
        asked = [each for each in terminals if each in self.judgement.verdicts]
        if asked and line.name in self.judgement.verdicts:
            good = (State.BACK, State.DIFFERENT)
            back = sum(self.judgement.verdicts[each].state in good for each in asked)
            parts.append(f"{back}/{len(asked)}")
        return " ".join(parts)

    def _second(self, link: Link, name: str) -> str:
        mark = self.cut.get(link.name, "")
        sign = "✕" if mark else "⇄"
        return f'<tspan class="{mark}">{sign} {escape(link.far(name))}</tspan>'


def _middle(place: int) -> int:
    return ROW * place + 15


def _text(x: int, place: int, text: str, kind: str) -> str:
    return f'<text class="{kind}" x="{x}" y="{_middle(place) + 4}">{escape(text)}</text>'
