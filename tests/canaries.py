"""Canaries: texts that must be seen nowhere, and somebody who looks at processes and doors all the time.

with watching({"token": b"..."}) as watcher: ...
assert watcher.found == set()
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Watcher(threading.Thread):
    """Looks at new processes and at the rooms of doors, over and over."""

    def __init__(self, canaries: dict[str, bytes]) -> None:
        super().__init__(daemon=True)
        self.canaries = canaries
        self.found = set[str]()
        self.processes = set[str]()
        self.files = set[str]()
        self._old = {entry.name for entry in Path("/proc").iterdir()}
        self._over = threading.Event()

    def run(self) -> None:
        """Until it is over."""
        while not self._over.wait(0.003):
            for entry in Path("/proc").iterdir():
                if entry.name.isdigit() and entry.name not in self._old:
                    self._look(entry / "cmdline", self.processes)
                    self._look(entry / "environ", self.processes)
            for room in Path("/run").glob("daicho-*"):
                for file in room.rglob("*"):
                    if file.is_file():
                        self._look(file, self.files)

    def end(self) -> None:
        """Stop looking."""
        self._over.set()
        self.join()

    def _look(self, file: Path, seen: set[str]) -> None:
        try:
            data = file.read_bytes()
        except OSError:
            return
        seen.add(str(file))
        self.found |= {f"{name} in {file}: {data[:200]!r}" for name in names_in(data, self.canaries)}


@contextmanager
def watching(canaries: dict[str, bytes]) -> Iterator[Watcher]:
    """A watcher for the length of a block."""
    watcher = Watcher(canaries)
    watcher.start()
    try:
        yield watcher
    finally:
        watcher.end()


def names_in(data: bytes, canaries: dict[str, bytes]) -> list[str]:
    """The names of the canaries that are in it."""
    return [name for name, canary in canaries.items() if canary in data]
