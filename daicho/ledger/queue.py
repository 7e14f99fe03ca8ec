"""Group commit: appends that arrive while another is being synced to disk share the next sync."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from daicho.ledger.entry import Content, Entry


@dataclass(eq=False)
class Request:
    """One call of `append`: its contents, and in the end its entries or its failure."""

    contents: tuple[Content, ...]
    at: datetime | None
    also: Callable[[sqlite3.Connection], object] | None = None
    """What else to write in the same transaction, beside the chain."""
    entries: tuple[Entry, ...] | None = None
    failure: BaseException | None = None

    @property
    def answered(self) -> bool:
        """Whether somebody has written it, or failed to."""
        return self.entries is not None or self.failure is not None

    def result(self) -> tuple[Entry, ...]:
        """The entries, or the failure raised."""
        if self.failure is not None:
            raise self.failure
        assert self.entries is not None  # noqa: S101 -- answered by construction
        return self.entries


class Queue:
    """Whoever gets the writing lock writes for all who wait; the others find their answer ready."""

    def __init__(self, write: Callable[[Sequence[Request]], None], writing: Lock) -> None:
        """Write batches with `write`, which must answer every request, while holding `writing`."""
        self._write = write
        self._writing = writing
        self._arriving = Lock()
        self._waiting: list[Request] = []

    def submit(self, request: Request) -> tuple[Entry, ...]:
        """The request's entries, once they are on disk."""
        with self._arriving:
            self._waiting.append(request)
        with self._writing:
            if not request.answered:
                with self._arriving:
                    batch, self._waiting = self._waiting, []
                self._write(batch)
        return request.result()
