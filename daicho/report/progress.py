"""What a run shows while it goes on: a bar with counts on a terminal, a line per target elsewhere."""

from __future__ import annotations

import contextlib
from collections import Counter
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from daicho.i18n import N_, current_language, language
from daicho.i18n import gettext as _
from daicho.report.nouns import MACHINES
from daicho.report.words import reason_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TextIO

    from daicho.door import Watch
    from daicho.report.nouns import Nouns


class Lines:
    """A line per target: for logs, pipes and schedulers."""

    def __init__(self, stream: TextIO, nouns: Nouns) -> None:
        """Write to this stream, and call the targets so."""
        self._stream = stream
        self._nouns = nouns
        self._lock = Lock()
        self._translate = translator()

    def phase(self, name: str, targets: int) -> None:
        """Say what begins."""
        self._say(f"{name}: {self._nouns.count(targets)}")

    def task(self, name: str) -> None:
        """Tasks would be too many lines."""

    def target(self, name: str, word: str, why: str) -> None:
        """Say how a target ended."""
        self._say(f"  {name}: {self._translate(word)}" + (f" ({reason_words(why)})" if why else ""))

    def _say(self, line: str) -> None:
        # Nobody may be reading any more; the run goes on, and the ledger has it all.
        with self._lock, contextlib.suppress(OSError):
            self._stream.write(line + "\n")
            self._stream.flush()


class Bar:
    """One line that moves: phase, bar, counts of each outcome, present task."""

    def __init__(self, progress: Progress) -> None:
        """Draw with this."""
        self._progress = progress
        self._lock = Lock()
        self._translate = translator()
        self._bar = progress.add_task("", total=None, visible=False, counts="", step="")
        self._phase = ""
        self._words: dict[str, str] = {}

    def phase(self, name: str, targets: int) -> None:
        """A new bar; the finished one stays as a line."""
        with self._lock:
            if self._phase:
                self._progress.console.print(f"{self._phase}: {self._counts()}", style="dim")
            self._phase, self._words = name, {}
            self._progress.reset(self._bar, total=targets, visible=True, description=name, counts="", step="")

    def task(self, name: str) -> None:
        """The present task."""
        # `role : Part | What it does`: on one line only the last of it has room.
        self._progress.update(self._bar, step=name.rpartition(" : ")[2].rpartition(" | ")[2])

    def target(self, name: str, word: str, why: str) -> None:
        """Count a target; say at once why one did not come through."""
        with self._lock:
            self._words[name] = word = self._translate(word)
            self._progress.update(self._bar, completed=len(self._words), counts=self._counts())
            if why:
                self._progress.console.print(f"  {name}: {word} ({reason_words(why)})", style="yellow")

    def _counts(self) -> str:
        return ", ".join(
            self._translate(N_("{count} {outcome}")).format(count=count, outcome=word)
            for word, count in Counter(self._words.values()).items()
        )


def translator() -> Callable[[str], str]:
    """What speaks the present language in other threads, too: the door's do not know it."""
    spoken = current_language()

    def translate(message: str) -> str:
        with language(spoken):
            return _(message)

    return translate


@contextmanager
def watching(stream: TextIO, nouns: Nouns = MACHINES) -> Iterator[Watch]:
    """Whatever suits this stream; the targets are called so."""
    if not stream.isatty():
        yield Lines(stream, nouns)
        return
    console = Console(file=stream, highlight=False, markup=False, emoji=False)
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("{task.fields[counts]}", markup=False),
        TextColumn("{task.fields[step]}", style="dim", markup=False),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        yield Bar(progress)


def quiet_hint(name: str, nouns: Nouns) -> str:
    """What a person is told before something that takes a while."""
    return _(nouns.looking).format(change=name)
