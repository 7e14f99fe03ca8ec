"""A ledger held against a copy of it: where the two histories part is a fork."""

from __future__ import annotations

import hashlib
from contextlib import closing
from typing import TYPE_CHECKING

from daicho.errors import UsageError
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.ledger import database
from daicho.ledger.segment import Finding

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from pathlib import Path


def fork(connection: sqlite3.Connection, copy: Path) -> list[Finding]:
    """The first entry at which ledger and copy part, if they do; a copy may be shorter, never longer.

    Raises:
        UsageError: There is no copy at this path.
    """
    mine = (
        (row[0], row[1]) for row in connection.execute("SELECT seq, hash FROM entry NOT INDEXED ORDER BY seq")
    )
    facts: dict[str, object] = {"copy": str(copy)}
    for seq, (theirs, here) in enumerate(_beside(hashes(copy), mine), 1):
        if here is None:
            what = N_("it is missing: the copy {copy} goes on where the ledger ends: it was cut off")
            return [Finding(seq, "", "", what, facts)]
        if here != (seq, theirs):
            what = N_("it differs from the copy {copy}: from here on there are two histories")
            return [Finding(seq, "", "", what, facts)]
    return []


def hashes(copy: Path) -> Iterator[str]:
    """The entries' hashes of an export (computed from its texts) or of another ledger.

    Raises:
        UsageError: There is no copy at this path.
    """
    source = copy / "entries.jsonl" if copy.is_dir() else copy
    if not source.is_file():
        raise UsageError(why=_("There is no export or ledger at {path}.").format(path=copy))
    with source.open("rb") as file:
        is_database = file.read(16) == b"SQLite format 3\x00"
    if is_database:
        with closing(database.connect(source, write=False, timeout=30.0)) as connection:
            for row in connection.execute("SELECT hash FROM entry NOT INDEXED ORDER BY seq"):
                yield row[0]
        return
    with source.open("rb") as file:
        for line in file:
            yield hashlib.sha256(line.rstrip(b"\n")).hexdigest()


def _beside(
    theirs: Iterator[str], mine: Iterator[tuple[int, str]]
) -> Iterator[tuple[str, tuple[int, str] | None]]:
    for each in theirs:
        yield each, next(mine, None)
