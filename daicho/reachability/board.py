"""The live board on a terminal; one line per change where there is no terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self

from rich.console import Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from daicho.i18n import few, ngettext
from daicho.i18n import gettext as _
from daicho.items.item import natural_key
from daicho.reachability.headline import headline, mood
from daicho.reachability.matters import LEAVES, Matter, matters
from daicho.reachability.picture import SIGNS
from daicho.reachability.verdict import State
from daicho.reachability.words import effect, state_words, step, title, where

if TYPE_CHECKING:
    from datetime import tzinfo
    from types import TracebackType

    from rich.console import Console, RenderableType

    from daicho.reachability.verdict import Judgement

_STYLES: Final = {
    State.BACK: "green",
    State.DIFFERENT: "magenta",
    State.LATE: "yellow",
    State.DEAD: "bold red",
    State.ALREADY_DEAD: "dim",
    State.UNREACHABLE: "bright_black",
    State.COULD_NOT_TELL: "cyan",
}
_MOODS: Final = {"good": "bold green", "waiting": "bold yellow", "bad": "bold red", "unsure": "bold cyan"}
SHOWN: Final = 12
"""Matters on the board; the page has them all."""


def board(judgement: Judgement, zone: tzinfo) -> RenderableType:
    """The whole state on one screen."""
    todo = matters(judgement)
    head = Text()
    head.append(f"{judgement.at.astimezone(zone):%H:%M:%S}  ", "dim")
    head.append(headline(judgement, todo), _MOODS[mood(judgement, todo)])
    parts: list[RenderableType] = [head, _counts(judgement)]
    parts += [Text(_(note), "cyan") for note in judgement.notes]
    if todo:
        parts.append(_table(todo, zone))
    if len(todo) > SHOWN:
        more = len(todo) - SHOWN
        parts.append(Text(ngettext("and {count} more", "and {count} more", more).format(count=more), "dim"))
    return Group(*parts)


def _counts(judgement: Judgement) -> Text:
    line = Text()
    for state in State:
        if count := judgement.counts[state]:
            line.append(f"{SIGNS[state][0]} {count} {state_words(state)}   ", _STYLES[state])
    return line


def _table(todo: tuple[Matter, ...], zone: tzinfo) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False)
    table.add_column("", justify="right")
    # Japanese has no spaces to break at: fold, where rich would cut off.
    table.add_column(_("What"), ratio=3, overflow="fold")
    table.add_column(_("Where"), ratio=2, overflow="fold")
    table.add_column(_("What to do first"), ratio=5, overflow="fold")
    for number, matter in enumerate(todo[:SHOWN], 1):
        style = "yellow" if matter.waits else ""
        what = Text(title(matter), "bold")
        if said := effect(matter):
            what.append(f"\n{said}", "dim not bold")
        table.add_row(str(number), what, where(matter), step(matter, zone), style=style)
    return table


class Board:
    """Shows each judgement: live on a terminal, as lines of what changed elsewhere."""

    def __init__(self, console: Console, zone: tzinfo) -> None:
        """Show on this console, with times in this zone."""
        self._console = console
        self._zone = zone
        self._last: Judgement | None = None
        self._live = Live(console=console, auto_refresh=False) if console.is_terminal else None

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.stop()

    def show(self, judgement: Judgement) -> None:
        """Show this judgement in place of the last one."""
        if self._live:
            self._live.update(board(judgement, self._zone), refresh=True)
        else:
            for line in changes(self._last, judgement, self._zone):
                self._console.print(line, highlight=False, markup=False, soft_wrap=True)
        self._last = judgement


def changes(before: Judgement | None, now: Judgement, zone: tzinfo) -> list[str]:
    """What is new since the last judgement, one line each; terminals of one new state share a line."""
    clock = f"{now.at.astimezone(zone):%H:%M:%S}"
    was = before.verdicts if before else {}
    alone: list[str] = []
    together: dict[tuple[str, str], list[str]] = {}
    for name in sorted(now.verdicts, key=natural_key):
        state = now.verdicts[name].state
        old = was[name].state if name in was else None
        if old is state or (old is None and state in (State.BACK, State.ALREADY_DEAD)):
            continue
        sign, words = SIGNS[state][0], state_words(state)
        if now.topology.nodes[name].kind in LEAVES or state is State.UNREACHABLE:
            together.setdefault((sign, words), []).append(name)
        else:
            alone.append(f"{clock} {sign} {name}: {words}")
    lines = [
        f"{clock} {sign} {len(names)} {words}: {few(names)}" for (sign, words), names in together.items()
    ]
    known = {matter.id for matter in matters(before)} if before else set()
    new = [matter for matter in matters(now) if matter.id not in known]
    lines += [f"{clock} ! {title(matter)}. {step(matter, zone)}" for matter in new]
    if before and now.all_back and not before.all_back:
        lines.append(f"{clock} ✓ {_('Everything is back')}")
    return alone + lines
