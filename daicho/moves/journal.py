"""What a run has begun and done, on disk before it goes on: who resumes it knows what was there before."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    from daicho.plan import TargetState

FILE: Final = "moves.jsonl"


class Journal:
    """One run's, over all its attempts."""

    def __init__(self, folder: Path) -> None:
        """Read what earlier attempts wrote."""
        self._path = folder / FILE
        self._before: dict[str, dict[str, Any]] = {}
        self.moved: set[str] = set()
        """Those that are done, in this wave or before: their old places are free."""
        for row in self._rows():
            for name, state in row.get("begun", {}).items():
                self._before.setdefault(name, state)
            for name in row.get("taken back", ()):
                self._before.pop(name, None)
            self.moved.update(row.get("finished", ()))

    def before(self, name: str) -> TargetState | None:
        """The state of a target before the first attempt that began it; None: none has."""
        return self._before.get(name)

    def begin(self, states: Mapping[str, TargetState]) -> None:
        """Keep what is there before anything is done; on disk when this returns."""
        new = {name: dict(state) for name, state in states.items() if name not in self._before}
        self._before |= new
        if new:
            self._write({"begun": new})

    def passed(self, system: str, names: Collection[str]) -> None:
        """Some are done on a system."""
        if names:
            self._write({"done": system, "targets": sorted(names)})

    def finished(self, names: Collection[str]) -> None:
        """Some are done on every system."""
        self.moved.update(names)
        if names:
            self._write({"finished": sorted(names)})

    def taken_back(self, names: Collection[str]) -> None:
        """Some are as they were before, so that another attempt begins anew."""
        for name in names:
            self._before.pop(name, None)
        if names:
            self._write({"taken back": sorted(names)})

    def _write(self, row: Mapping[str, Any]) -> None:
        handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            # A line that was cut off by a death stays a line of its own.
            os.write(handle, b"\n" + json.dumps(row, ensure_ascii=False).encode() + b"\n")
            os.fsync(handle)
        finally:
            os.close(handle)

    def _rows(self) -> Iterator[dict[str, Any]]:
        if not self._path.exists():
            return
        for line in self._path.read_text(encoding="utf-8", errors="replace").splitlines():
            with suppress(json.JSONDecodeError):
                if line:
                    yield json.loads(line)
