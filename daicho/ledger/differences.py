"""Projections compared with the chain: a row that somebody edited is named."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Final

from daicho.i18n import gettext as _
from daicho.i18n import ngettext
from daicho.ledger.projection import objects, replay

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from daicho.ledger.projection import Projection

_SHOWN: Final = 20
"""Rows named per table and direction; whoever edits more has been found by then."""


def differences(path: Path, projections: Sequence[Projection]) -> list[str]:
    """What stands in the file's projections otherwise than a fresh rebuild in memory gives it.

    Chain and tables are read in one snapshot, so a ledger in use gives no false alarm.
    """
    fresh = sqlite3.connect(":memory:", autocommit=True, uri=True)
    fresh.row_factory = sqlite3.Row
    try:
        fresh.execute("ATTACH ? AS kept", (f"{path.absolute().as_uri()}?mode=ro",))
        fresh.execute("BEGIN")
        head = fresh.execute("SELECT coalesce(max(seq), 0) FROM kept.entry").fetchone()[0]
        found: list[str] = []
        tables = _build(fresh, projections)
        replay(fresh, projections, (0, head), schema="kept.")
        for name in tables:
            found.extend(_compare(fresh, name))
    finally:
        fresh.close()
    return found


def _build(fresh: sqlite3.Connection, projections: Sequence[Projection]) -> list[str]:
    for projection in projections:
        fresh.executescript(projection.schema)
    return [name for kind, name in objects(fresh) if kind == "table"]


def _compare(fresh: sqlite3.Connection, table: str) -> Iterator[str]:
    there = fresh.execute("SELECT 1 FROM kept.sqlite_schema WHERE name = ?", (table,)).fetchone()
    if there is None:
        yield _("Table {table} is missing. `daicho ledger rebuild` makes it again.").format(table=table)
        return
    only = 'SELECT * FROM {0}."{2}" EXCEPT SELECT * FROM {1}."{2}" LIMIT {3}'
    try:
        for row in fresh.execute(only.format("kept", "main", table, _SHOWN)):
            yield _("Table {table} has the row {row}, which the chain does not give.").format(
                table=table, row=_words(row)
            )
        for row in fresh.execute(only.format("main", "kept", table, _SHOWN)):
            yield _("Table {table} lacks the row {row}, which the chain gives.").format(
                table=table, row=_words(row)
            )
    except sqlite3.OperationalError:  # another number of columns
        yield _("Table {table} has other columns than its schema.").format(table=table)
        return
    count = 'SELECT (SELECT count(*) FROM kept."{0}") - (SELECT count(*) FROM main."{0}")'
    surplus = fresh.execute(count.format(table)).fetchone()[0]
    if surplus > 0:
        said = ngettext(
            "Table {table} has {count} row more than the chain gives.",
            "Table {table} has {count} rows more than the chain gives.",
            surplus,
        )
        yield said.format(table=table, count=surplus)


def _words(row: sqlite3.Row) -> str:
    return ", ".join(f"{name} {row[name]!r}" for name in row.keys())  # noqa: SIM118 -- a Row iterates values
