"""The ledger on SQLite: append, read, prove writable, rebuild what stands beside the chain."""

from __future__ import annotations

import errno
import os
import sqlite3
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Self

from daicho import clock
from daicho.errors import LedgerError, LedgerUnwritable, UnknownObject
from daicho.i18n import gettext as _
from daicho.ledger import database, reserve
from daicho.ledger.database import query
from daicho.ledger.differences import differences
from daicho.ledger.entry import ZEROS, Draft, Entry, Head, content, place
from daicho.ledger.projection import Projections
from daicho.ledger.queue import Queue, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path
    from types import TracebackType

    from daicho.ledger.projection import Progress, Projection

_FIRST_PAGE: Final = 500
_LARGEST_PAGE: Final = 50_000


class Ledger:
    """The record. Any thread may use it; one transaction is written at a time."""

    def __init__(self, path: Path, projections: Sequence[Projection], connections: Connections) -> None:
        """Use `Ledger.create` or `Ledger.open`."""
        self.path = path
        self._projections = Projections(projections)
        self._reader, self._writer = connections
        self._reading = Lock()
        self._writing = Lock()
        self._queue = Queue(self._write, self._writing)

    @classmethod
    def create(cls, path: Path, projections: Sequence[Projection] = (), *, timeout: float = 30.0) -> Ledger:
        """Make an empty ledger (file 0600, a new folder 0700) and open it.

        Raises:
            LedgerError: There is one already.
            LedgerUnwritable: The disk does not allow it.
        """
        database.make(path)
        return cls.open(path, projections, timeout=timeout)

    @classmethod
    def open(
        cls,
        path: Path,
        projections: Sequence[Projection] = (),
        *,
        read_only: bool = False,
        timeout: float = 30.0,
    ) -> Ledger:
        """Open an existing ledger; projections that are missing, old or behind are brought up first.

        Args:
            path: The ledger's file.
            projections: What to keep beside the chain, applied in this order.
            read_only: Neither write nor wait for those who do.
            timeout: Seconds to wait for another process that is writing.

        Raises:
            LedgerError: There is none, or a newer daicho wrote it.
            LedgerUnwritable: It cannot be opened, or not for writing.
        """
        writer = None if read_only else database.connect(path, write=True, timeout=timeout)
        try:
            reader = database.connect(path, write=False, timeout=timeout)
        except BaseException:
            if writer is not None:
                writer.close()
            raise
        ledger = cls(path, projections, (reader, writer))
        if writer is not None and projections:
            try:
                with ledger._transaction() as connection:
                    ledger._projections.catch_up(connection, _head(connection).seq)
            except BaseException:
                ledger.close()
                raise
        return ledger

    def close(self) -> None:
        """Close the file; what was appended is on disk already."""
        with self._writing, self._reading:
            self._reader.close()
            if self._writer is not None:
                self._writer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def append(
        self,
        *drafts: Draft,
        at: datetime | None = None,
        also: Callable[[sqlite3.Connection], object] | None = None,
    ) -> tuple[Entry, ...]:
        """Record the drafts, all or none, in order; they are on disk when this returns.

        Args:
            drafts: What to record.
            at: The time to record instead of now (for imports of what happened earlier).
            also: What else to write in the same transaction, beside the chain.

        Raises:
            ValueError: A draft has no canonical form; nothing was written.
            LedgerUnwritable: Nothing was written, and why; the ledger may be used again.
        """
        if not drafts:
            return ()
        return self._queue.submit(Request(tuple(content(draft) for draft in drafts), at, also))

    def head(self) -> Head:
        """The newest entry's seq, hash and time."""
        with self._read() as connection:
            return _head(connection)

    def entry(self, seq: int) -> Entry:
        """The entry with this sequence number.

        Raises:
            UnknownObject: There is none.
        """
        with self._read() as connection:
            row = connection.execute(query("entry"), (seq,)).fetchone()
        if row is None:
            raise UnknownObject(kind=_("entry"), name=str(seq), listing="daicho ledger log")
        return Entry(*row)

    def entries(
        self,
        *,
        of: str | None = None,
        kind: str | None = None,
        after: int = 0,
        limit: int | None = None,
        reverse: bool = False,
    ) -> Iterator[Entry]:
        """The entries after a sequence number, oldest first (or newest first), read page by page.

        Args:
            of: Only those about this subject.
            kind: Only this kind, or with a final dot all kinds that begin so (`run.`).
            after: Only those with a greater sequence number.
            limit: At most so many.
            reverse: Newest first.
        """
        given: dict[str, Any] = {"of": of, "kind": kind, "after": after, "before": None}
        statement = query("page").format(where=_where(of, kind, reverse), order="DESC" if reverse else "ASC")
        given["before"] = 2**63 - 1
        given["kind_end"] = kind[:-1] + "/" if kind else None  # "/" is the character after "."
        size, left = _FIRST_PAGE, limit
        while left is None or left > 0:
            given["limit"] = size if left is None else min(size, left)
            with self._read() as connection:
                page = [Entry(*row) for row in connection.execute(statement, given)]
            yield from page
            if len(page) < given["limit"]:
                return
            left = None if left is None else left - len(page)
            given["before" if reverse else "after"] = page[-1].seq
            size = min(size * 4, _LARGEST_PAGE)

    def query(self, sql: str, parameters: Sequence[object] | Mapping[str, object] = ()) -> list[sqlite3.Row]:
        """The rows that a question to the projections gives; a statement that writes is refused."""
        with self._read() as connection:
            return connection.execute(sql, parameters).fetchall()

    def check_writable(self) -> None:
        """Prove that an entry could be written now, by a synced write beside the chain.

        Raises:
            LedgerUnwritable: It could not; why, and what to do.
        """
        reserve.hold(self.path)
        with self._transaction() as connection:
            connection.execute(query("probe"), (clock.stamp(clock.now()),))

    def release_reserve(self) -> None:
        """Free the megabyte held back by `check_writable`, for a run's last entries on a full disk."""
        reserve.release(self.path)

    def flush(self) -> None:
        """Move everything out of the write-ahead log and overwrite it with nothing.

        Raises:
            LedgerUnwritable: Another process is reading or writing; the log remains for now.
        """
        with self._writing:
            connection = self._checked_writer()
            try:
                busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            except sqlite3.Error as error:
                raise database.unwritable(self.path, error) from error
        if busy:
            raise database.unwritable(self.path, BlockingIOError(errno.EBUSY, os.strerror(errno.EBUSY)))

    def rebuild(self, progress: Progress | None = None) -> None:
        """Drop all projections and make them again from the chain, in one transaction."""
        with self._transaction() as connection:
            self._projections.rebuild(connection, _head(connection).seq, progress)

    def projections_differ(self) -> list[str]:
        """What stands in the projections otherwise than the chain gives it, in words; empty if nothing."""
        return differences(self.path, tuple(self._projections))

    @contextmanager
    def _read(self) -> Iterator[sqlite3.Connection]:
        with self._reading:
            try:
                yield self._reader
            except sqlite3.DatabaseError as error:
                raise LedgerError(why=str(error)) from error

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """One writing transaction for tables that are not the chain (sealed.py)."""
        with self._transaction() as connection:
            yield connection

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._writing, self._begun() as connection:
            yield connection

    def _checked_writer(self) -> sqlite3.Connection:
        if self._writer is None:
            why, remedy = _("it was opened for reading"), _("Open it for writing.")
            raise LedgerUnwritable(path=self.path, why=why, remedy=remedy)
        return self._writer

    @contextmanager
    def _begun(self) -> Iterator[sqlite3.Connection]:
        """An open transaction that is committed, or rolled back and explained; `_writing` is held."""
        connection = self._checked_writer()
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        except BaseException as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error | OSError):
                raise database.unwritable(self.path, error) from error
            raise

    def _write(self, batch: Sequence[Request]) -> None:
        try:
            with self._begun() as connection:
                done = self._extend(connection, batch)
        except LedgerUnwritable as error:
            for request in batch:
                request.failure = type(error)(error.template, **error.facts)
        except BaseException:
            for request in batch:
                request.failure = LedgerUnwritable(
                    path=self.path, why=_("the command was interrupted"), remedy=_("Repeat it.")
                )
            raise
        else:
            for request, entries in done:
                request.entries = entries

    def _extend(
        self, connection: sqlite3.Connection, batch: Sequence[Request]
    ) -> list[tuple[Request, tuple[Entry, ...]]]:
        head = _head(connection)
        if self._projections:
            self._projections.catch_up(connection, head.seq)
        done = []
        for request in batch:
            connection.execute("SAVEPOINT request")
            try:
                entries = self._insert(connection, request, head)
            except (ValueError, LookupError, TypeError) as error:  # a projection's own refusal
                connection.execute("ROLLBACK TO request")
                request.failure = error
            else:
                done.append((request, entries))
                head = Head(entries[-1].seq, entries[-1].hash, None)
            connection.execute("RELEASE request")
        if self._projections:
            self._projections.reached(connection, head.seq)
        return done

    def _insert(self, connection: sqlite3.Connection, request: Request, head: Head) -> tuple[Entry, ...]:
        at, seq, prev = request.at or clock.now(), head.seq, head.hash
        entries = []
        for each in request.contents:
            seq += 1
            entry = place(each, seq, prev, at)
            connection.execute(query("append"), (seq, entry.hash, entry.text, each.kind, each.of))
            if self._projections:
                self._projections.apply(connection, entry)
            entries.append(entry)
            prev = entry.hash
        if request.also is not None:
            request.also(connection)
        return tuple(entries)


type Connections = tuple[sqlite3.Connection, sqlite3.Connection | None]
"""(reader, writer)"""


def _head(connection: sqlite3.Connection) -> Head:
    row = connection.execute(query("head")).fetchone()
    return Head(row["seq"], row["hash"], clock.moment(row["at"])) if row else Head(0, ZEROS, None)


def _where(of: str | None, kind: str | None, reverse: bool) -> str:
    conditions = ["seq > :after", "seq < :before"] if reverse else ["seq > :after"]
    if of is not None:
        conditions.append("of = :of")
    if kind is not None:
        conditions.append("kind > :kind AND kind < :kind_end" if kind.endswith(".") else "kind = :kind")
    return " AND ".join(conditions)
