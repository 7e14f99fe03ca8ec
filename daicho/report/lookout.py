"""What a check shows and keeps while it goes on: the board, and a page that is always whole."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console

from daicho.reachability.board import Board
from daicho.reachability.page import page

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import TextIO

    from daicho.life.memory import Changes
    from daicho.policy import Policy
    from daicho.reachability.verdict import Judgement


class Lookout:
    """A live board on a terminal, a line per change elsewhere; and a page, if one is wanted."""

    def __init__(
        self, board: Board, stream: TextIO, policy: Policy, kept: tuple[Path, int | None] | None
    ) -> None:
        """Show on this board. `kept`: the page's file, and how many seconds a browser waits to reload it."""
        self._board, self._stream, self._policy, self._kept = board, stream, policy, kept
        self._looks = 0

    def phase(self, name: str, targets: int) -> None:
        """Steps are told at the first look only: a tired person wants to see that something happens."""
        if not self._looks:
            self._stream.write(f"{name}: {targets}\n")
            self._stream.flush()

    def task(self, name: str) -> None:
        """Checks have none."""

    def target(self, name: str, word: str, why: str) -> None:
        """A thousand devices would be too many lines."""

    def judged(self, check: str, judgement: Judgement, changes: Changes) -> None:  # noqa: ARG002 -- of the seam
        """Show it, and write the page."""
        self._looks += 1
        self._board.show(judgement)
        if self._kept:
            path, refresh = self._kept
            write_page(path, judgement, self._policy, refresh)


@contextmanager
def lookout(stream: TextIO, policy: Policy, kept: tuple[Path, int | None] | None = None) -> Iterator[Lookout]:
    """A lookout for the length of a block."""
    console = Console(file=stream, highlight=False, markup=False, emoji=False)
    with Board(console, policy.zone) as board:
        yield Lookout(board, stream, policy, kept)


def write_page(path: Path, judgement: Judgement, policy: Policy, refresh: int | None = None) -> None:
    """Put the page in its place in one step: whoever opens it sees a whole one, old or new."""
    new = path.with_name(f".{path.name}.new")
    new.write_text(page(judgement, policy.zone, refresh), encoding="utf-8")
    new.replace(path)
