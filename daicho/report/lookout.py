"""What a check shows while it goes on where nobody can draw: one line per change."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from daicho.i18n import gettext as _
from daicho.reachability.page import page
from daicho.reachability.verdict import State
from daicho.reachability.wiring import few
from daicho.reachability.words import state_words, title
from daicho.report.outage import counts_line
from daicho.report.words import when

if TYPE_CHECKING:
    from typing import TextIO

    from daicho.life.memory import Changes
    from daicho.life.watching import Board
    from daicho.policy import Policy
    from daicho.reachability.verdict import Judgement

_QUIET: Final = frozenset({State.BACK, State.ALREADY_DEAD, State.UNREACHABLE})


class Lookout:
    """Lines for logs, pipes and schedulers."""

    def __init__(self, stream: TextIO, policy: Policy) -> None:
        """Write to this stream, with times of this site."""
        self._stream, self._policy = stream, policy
        self._looks = 0

    def phase(self, name: str, targets: int) -> None:
        """Steps are told at the first look only."""
        if not self._looks:
            self._say(f"{name}: {targets}")

    def task(self, name: str) -> None:
        """Checks have none."""

    def target(self, name: str, word: str, why: str) -> None:
        """A thousand devices would be too many lines."""

    def judged(self, check: str, judgement: Judgement, changes: Changes) -> None:
        """Say what changed."""
        self._looks += 1
        if not changes:
            return
        at = when(self._policy, judgement.at)[11:19]
        self._say(f"{at} {check}: {counts_line(judgement).plain}")
        for matter in changes.appeared:
            self._say(f"{at}   + {title(matter)}")
        for cause in changes.recovered:
            self._say(f"{at}   - {_('no longer')}: {cause}")
        self._say_items(at, changes)

    def _say_items(self, at: str, changes: Changes) -> None:
        for state in State:
            # At the first look everything is new; then only what is wrong is worth a line.
            names = [
                name
                for name, found in changes.items.items()
                if found is state and (name in changes.before or state not in _QUIET)
            ]
            if names:
                self._say(f"{at}     {state_words(state)}: {few(names, 10)}")

    def _say(self, line: str) -> None:
        self._stream.write(line + "\n")
        self._stream.flush()


class WithPage:
    """A board that also keeps a page up to date: whoever opens it sees a whole one, old or new."""

    def __init__(self, board: Board, path: Path, policy: Policy, refresh: int | None) -> None:
        """Write the page to this file at every look; a browser loads it again after `refresh` seconds."""
        self._board, self._path, self._policy, self._refresh = board, path, policy, refresh

    def phase(self, name: str, targets: int) -> None:
        """Hand on."""
        self._board.phase(name, targets)

    def task(self, name: str) -> None:
        """Hand on."""
        self._board.task(name)

    def target(self, name: str, word: str, why: str) -> None:
        """Hand on."""
        self._board.target(name, word, why)

    def judged(self, check: str, judgement: Judgement, changes: Changes) -> None:
        """Hand on, and write the page."""
        self._board.judged(check, judgement, changes)
        write_page(self._path, judgement, self._policy, self._refresh)


def write_page(path: Path, judgement: Judgement, policy: Policy, refresh: int | None = None) -> None:
    """Put the page in its place in one step."""
    new = path.with_name(f".{path.name}.new")
    new.write_text(page(judgement, policy.zone, refresh), encoding="utf-8")
    os.replace(new, path)
