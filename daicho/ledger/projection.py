"""Tables beside the chain, made from it alone: they answer questions fast and may always be made again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Protocol

from daicho.canonical import text_digest
from daicho.ledger.database import query
from daicho.ledger.entry import Entry

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Sequence


class Projection(Protocol):
    """One set of tables, kept by applying entries in their order and nothing else."""

    @property
    def name(self) -> str:
        """A word, unique among projections."""

    @property
    def schema(self) -> str:
        """SQL that makes its tables and their indexes."""

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of entries it wants: exact (`run.opened`), or all that begin so (`run.`)."""

    def apply(self, connection: sqlite3.Connection, entry: Entry) -> None:
        """Bring the tables up to this entry, inside the transaction that is open."""


class Projections:
    """The projections of one open ledger. Every method runs inside the caller's transaction."""

    def __init__(self, projections: Sequence[Projection]) -> None:
        """Take the projections in the order in which entries are applied to them."""
        self._all = tuple(projections)
        self._wanting: dict[str, tuple[Projection, ...]] = {}

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self._all)

    def __iter__(self) -> Iterator[Projection]:
        """In the order of application."""
        return iter(self._all)

    def apply(self, connection: sqlite3.Connection, entry: Entry) -> None:
        """Apply one entry to every projection that wants its kind."""
        kind = entry.kind
        if kind not in self._wanting:
            self._wanting[kind] = tuple(each for each in self._all if wants(each, kind))
        for projection in self._wanting[kind]:
            projection.apply(connection, entry)

    def reached(self, connection: sqlite3.Connection, seq: int) -> None:
        """Note that all are up to this entry."""
        connection.executemany(query("projection_reached"), [(seq, each.name) for each in self._all])

    def catch_up(self, connection: sqlite3.Connection, head: int) -> None:
        """Make what is missing or was made by another schema; apply what another process appended."""
        standing = {row["name"]: row for row in connection.execute(query("projections"))}
        for projection in self._all:
            row = standing.get(projection.name)
            if row is None or row["digest"] != text_digest(projection.schema):
                make(connection, projection, json.loads(row["objects"]) if row else [])
                seq = 0
            else:
                seq = row["seq"]
            if seq < head:
                replay(connection, [projection], (seq, head))
        self.reached(connection, head)

    def rebuild(self, connection: sqlite3.Connection, head: int, progress: Progress | None) -> None:
        """Drop all and make them again from the chain."""
        for row in connection.execute(query("projections")).fetchall():
            drop(connection, json.loads(row["objects"]))
        connection.execute("DELETE FROM projection")
        for projection in self._all:
            make(connection, projection, [])
        replay(connection, self._all, (0, head), progress=progress)
        self.reached(connection, head)


type Progress = "Callable[[int, int], None]"
"""Called with (entries done, entries in all)."""


def wants(projection: Projection, kind: str) -> bool:
    """Whether the projection lists this kind or a beginning of it."""
    return kind in projection.kinds or any(
        kind.startswith(prefix) for prefix in projection.kinds if prefix.endswith(".")
    )


def make(connection: sqlite3.Connection, projection: Projection, old: list[list[str]]) -> None:
    """Make a projection's empty tables in place of its old ones."""
    drop(connection, old)
    before = set(objects(connection))
    connection.executescript(projection.schema)
    made = [list(each) for each in objects(connection) if each not in before]
    row = (projection.name, text_digest(projection.schema), json.dumps(made), 0)
    connection.execute(query("projection_made"), row)


def drop(connection: sqlite3.Connection, made: list[list[str]]) -> None:
    """Drop a projection's tables and views; their indexes go with them."""
    for kind, name in made:
        connection.execute(f'DROP {"VIEW" if kind == "view" else "TABLE"} IF EXISTS "{name}"')


def objects(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """The tables and views that stand in the file."""
    return [(row[0], row[1]) for row in connection.execute(query("objects"))]


def replay(
    connection: sqlite3.Connection,
    projections: Sequence[Projection],
    span: tuple[int, int],
    *,
    schema: str = "",
    progress: Progress | None = None,
) -> None:
    """Apply the entries after span[0] up to span[1] to these projections."""
    chosen = Projections(projections)
    after, head = span
    rows = connection.execute(query("range").format(schema=schema), (after, head))
    for row in rows:
        chosen.apply(connection, Entry(row[0], row[1], row[2]))
        if progress and row[0] % 1000 == 0:
            progress(row[0], head)
    if progress:
        progress(head, head)
