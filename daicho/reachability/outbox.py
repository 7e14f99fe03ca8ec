"""What is known to whom, and what still has to go out: on disk, so that a restart forgets nothing."""

from __future__ import annotations

import json
import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Self

from daicho.clock import moment, stamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path
    from types import TracebackType

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS topic (
    key TEXT PRIMARY KEY, body TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS message (
    number INTEGER PRIMARY KEY, channel TEXT NOT NULL, sort TEXT NOT NULL, keys TEXT NOT NULL,
    subject TEXT NOT NULL, text TEXT NOT NULL, made_at TEXT NOT NULL, tries INTEGER NOT NULL DEFAULT 0,
    next_at TEXT NOT NULL, sent_at TEXT, error TEXT
);
CREATE INDEX IF NOT EXISTS message_waiting ON message (channel, number) WHERE sent_at IS NULL;
"""
FIRST_WAIT: Final = timedelta(seconds=15)
LONGEST_WAIT: Final = timedelta(minutes=5)


class Stage(StrEnum):
    """How far a topic has come."""

    SEEN = "seen"
    """Not told yet: it has to be seen again first."""
    OPEN = "open"
    FADING = "fading"
    """Told, and gone since; the recovery is not told yet."""
    CLOSED = "closed"


class Sort(StrEnum):
    """What a message says."""

    FOUND = "found"
    RECOVERED = "recovered"
    FLAPPING = "flapping"
    REMINDER = "reminder"


@dataclass
class Topic:
    """One cause and what people know of it."""

    key: str
    title: str
    text: str
    items: list[str]
    stage: Stage
    detected_at: datetime
    """When it was first seen this time."""
    looks: int = 0
    """How many looks running it was seen (or, when fading, gone)."""
    gone_at: datetime | None = None
    told: list[str] | None = None
    """The moments at which people were told of it within the last hour."""
    flapping: bool = False
    level: int = 0
    escalate_at: datetime | None = None
    acknowledged_by: str | None = None

    def as_text(self) -> str:
        """As the outbox keeps it."""
        return json.dumps(self.__dict__, default=_plain, ensure_ascii=False, sort_keys=True)

    @classmethod
    def of_text(cls, text: str) -> Self:
        """The topic that `as_text` wrote."""
        fields: dict[str, Any] = json.loads(text)
        for name in ("detected_at", "gone_at", "escalate_at"):
            fields[name] = moment(fields[name]) if fields[name] else None
        return cls(**fields | {"stage": Stage(fields["stage"])})


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return stamp(value)
    raise TypeError(f"{value!r} cannot be kept")


@dataclass(frozen=True)
class Waiting:
    """A message that has not gone out."""

    number: int
    channel: str
    sort: Sort
    keys: tuple[str, ...]
    subject: str
    text: str
    made_at: datetime
    tries: int


class Outbox:
    """Topics and messages in one SQLite file. Use it as a context manager."""

    def __init__(self, path: Path) -> None:
        """Open the file; it is made if there is none. Another process may acknowledge meanwhile."""
        self._database = sqlite3.connect(path, isolation_level=None, timeout=10)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = FULL")
        self._database.executescript(_SCHEMA)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    @contextmanager
    def together(self) -> Iterator[None]:
        """All of it or nothing."""
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    def topics(self) -> dict[str, Topic]:
        """Key → topic."""
        rows = self._database.execute("SELECT key, body FROM topic").fetchall()
        return {key: Topic.of_text(body) for key, body in rows}

    def keep(self, topic: Topic) -> None:
        """Remember a topic as it is now."""
        row = (topic.key, topic.as_text())
        self._database.execute("INSERT OR REPLACE INTO topic (key, body) VALUES (?, ?)", row)

    def forget(self, key: str) -> None:
        """Drop a topic that nobody was told of."""
        self._database.execute("DELETE FROM topic WHERE key = ?", (key,))

    def put(
        self, channels: Iterable[str], sort: Sort, topics: Sequence[Topic], words: tuple[str, str]
    ) -> None:
        """Queue a message of these topics; `words` are its subject and its text."""
        made = stamp(max(topic.gone_at or topic.detected_at for topic in topics))
        keys = json.dumps([topic.key for topic in topics], ensure_ascii=False)
        self._database.executemany(
            "INSERT INTO message (channel, sort, keys, subject, text, made_at, next_at)"
            " VALUES (?, ?, ?, ?, ?, ?, '')",
            [(channel, sort.value, keys, *words, made) for channel in channels],
        )

    def due(self, at: datetime) -> dict[str, list[Waiting]]:
        """Channel → its messages, oldest first, for the channels whose time to try has come."""
        rows = self._database.execute(
            "SELECT number, channel, sort, keys, subject, text, made_at, tries FROM message"
            " WHERE sent_at IS NULL AND channel IN"
            " (SELECT channel FROM message WHERE sent_at IS NULL GROUP BY channel HAVING max(next_at) <= ?)"
            " ORDER BY number",
            (stamp(at),),
        ).fetchall()
        found: dict[str, list[Waiting]] = {}
        for number, channel, sort, keys, subject, text, made_at, tries in rows:
            found.setdefault(channel, []).append(
                Waiting(
                    number,
                    channel,
                    Sort(sort),
                    tuple(json.loads(keys)),
                    subject,
                    text,
                    moment(made_at),
                    tries,
                )
            )
        return found

    def sent(self, messages: Sequence[Waiting], at: datetime) -> None:
        """These have gone out."""
        rows = [(stamp(at), message.number) for message in messages]
        self._database.executemany("UPDATE message SET sent_at = ?, error = NULL WHERE number = ?", rows)

    def failed(self, messages: Sequence[Waiting], at: datetime, error: str) -> None:
        """These have not; each further try waits twice as long, up to five minutes."""
        for message in messages:
            wait = min(FIRST_WAIT * 2 ** min(message.tries, 10), LONGEST_WAIT)
            row = (stamp(at + wait), error, message.number)
            self._database.execute(
                "UPDATE message SET tries = tries + 1, next_at = ?, error = ? WHERE number = ?", row
            )

    def unsent(self) -> int:
        """How many messages wait."""
        (count,) = self._database.execute("SELECT count(*) FROM message WHERE sent_at IS NULL").fetchone()
        return int(count)
