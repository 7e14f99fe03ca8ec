"""Does the ledger still say what it said? Finds edits, deletions, reordering, truncation and forks.

The chain alone shows any change that was not carried through to its end. A history that was cut
off or rewritten consistently is shown by what was kept elsewhere: checkpoints and exports.
"""

from __future__ import annotations

import os
import sqlite3
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from time import perf_counter
from typing import TYPE_CHECKING, Final

from daicho.i18n import N_
from daicho.ledger import database
from daicho.ledger.checkpoint import Checkpoint, check, origin
from daicho.ledger.copies import fork
from daicho.ledger.segment import Finding, Result, read_segment
from daicho.ledger.store import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from daicho.ledger.paper import PaperCheckpoint
    from daicho.ledger.projection import Progress

_SEGMENT: Final = 50_000
_WORTH_PROCESSES: Final = 150_000
"""Below this one process is done before a second has started (0.15 s)."""

_TABLES: Final = "SELECT type, name, sql FROM sqlite_schema WHERE tbl_name = 'entry' AND sql IS NOT NULL"


@dataclass(frozen=True)
class Report:
    """What verification saw."""

    entries: int
    seconds: float
    checkpoints: int
    """How many checkpoints the ledger was held against."""
    findings: tuple[Finding, ...]
    """What is wrong, in the order of the entries."""
    notes: tuple[Finding, ...]
    """What is worth knowing and proves nothing, such as a clock that went back."""

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings


def verify(
    ledger: Ledger | Path,
    checkpoints: Sequence[Checkpoint | PaperCheckpoint] = (),
    *,
    public_key: str | None = None,
    against: Path | None = None,
    progress: Progress | None = None,
) -> Report:
    """Read the whole ledger and name every entry that is not as it was recorded.

    Args:
        ledger: An open ledger, or its file. It may be in use: what comes after the start is left out.
        checkpoints: What it must still fit: signed ones, or typed in from paper.
        public_key: The ledger's public key line; with it the checkpoints' signatures are checked.
        against: A copy to compare with: an export's folder, its `entries.jsonl`, or a ledger's file.
        progress: Called with (entries read, entries in all).

    Raises:
        LedgerError: There is no ledger to read.
    """
    started = perf_counter()
    path = ledger.path if isinstance(ledger, Ledger) else ledger
    connection = database.connect(path, write=False, timeout=30.0)
    try:
        findings = list(_schema(connection))
        total = connection.execute("SELECT coalesce(max(seq), 0) FROM entry NOT INDEXED").fetchone()[0]
        results = _read(path, total, progress)
        findings += [finding for result in results for finding in result.findings]
        findings += _checkpoints(connection, total, checkpoints, public_key)
        if against is not None:
            findings += fork(connection, against)
    except sqlite3.DatabaseError as error:
        what = N_("The file is damaged and cannot be read: {why}")
        findings = [Finding(None, "", "", what, {"why": str(error)})]
        results = []
    finally:
        connection.close()
    return Report(
        entries=sum(result.entries for result in results),
        seconds=perf_counter() - started,
        checkpoints=len(checkpoints),
        findings=tuple(sorted(findings, key=lambda finding: finding.seq or 0)),
        notes=tuple(note for result in results for note in result.notes),
    )


def _read(path: Path, total: int, progress: Progress | None) -> list[Result]:
    lows = range(0, total, _SEGMENT)
    results = []
    with _mapping(total) as mapping:
        highs = [min(low + _SEGMENT, total) for low in lows]
        for high, result in zip(highs, mapping(partial(read_segment, path), lows, highs), strict=True):
            results.append(result)
            if progress:
                progress(high, total)
    return results


type _Mapping = "Callable[[Callable[[int, int], Result], Iterable[int], Iterable[int]], Iterable[Result]]"


@contextmanager
def _mapping(total: int) -> Iterator[_Mapping]:
    workers = min(len(os.sched_getaffinity(0)), 8)
    if total < _WORTH_PROCESSES or workers == 1:
        yield map
        return
    # Not by fork: the caller may have threads (the door's server).
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield pool.map


def _schema(connection: sqlite3.Connection) -> Iterator[Finding]:
    """The guards that refuse to change entries must stand as they were made."""
    pristine = sqlite3.connect(":memory:", autocommit=True)
    try:
        pristine.executescript(database.schema())
        wanted = {(row[0], row[1]): row[2] for row in pristine.execute(_TABLES)}
    finally:
        pristine.close()
    there = {(row["type"], row["name"]): row["sql"] for row in connection.execute(_TABLES)}
    for kind, name in sorted(wanted.keys() | there.keys()):
        facts: dict[str, object] = {"kind": kind, "name": name}
        if (kind, name) not in there:
            what = N_("The {kind} {name}, which guards the entries, is missing: somebody removed it.")
        elif (kind, name) not in wanted:
            what = N_("There is a {kind} {name} on the entries that daicho did not make.")
        elif there[kind, name] != wanted[kind, name]:
            what = N_("The {kind} {name}, which guards the entries, was changed.")
        else:
            continue
        yield Finding(None, "", "", what, facts)


def _checkpoints(
    connection: sqlite3.Connection,
    total: int,
    checkpoints: Sequence[Checkpoint | PaperCheckpoint],
    public_key: str | None,
) -> Iterator[Finding]:
    first = _hash_of(connection, 1)
    fits = 0  # the largest checkpoint that the ledger still fits
    for checkpoint in sorted(checkpoints, key=lambda each: each.size):
        facts: dict[str, object] = {"size": checkpoint.size, "fits": fits + 1, "total": total, "of": ""}
        if isinstance(checkpoint, Checkpoint):
            facts["of"] = f"{checkpoint.at:%Y-%m-%dT%H:%M:%SZ}"
            if public_key and (why := check(checkpoint, public_key)):
                what = N_(
                    "The checkpoint of {of} over {size} entries is not signed by the ledger's key: {why}"
                )
                yield Finding(None, "", "", what, facts | {"why": why})
                continue
        if checkpoint.size > total:
            what = N_(
                "it is missing: the checkpoint of {of} fixes {size} entries, the ledger ends at {total}: "
                "it was cut off"
            )
            yield Finding(total + 1, "", "", what, facts)
        elif not checkpoint.fixes(_hash_of(connection, checkpoint.size)):
            what = N_(
                "it is not the entry that the checkpoint of {of} fixes: the history was rewritten "
                "between entry {fits} and entry {size}"
            )
            yield Finding(checkpoint.size, "", "", what, facts)
        elif first and not checkpoint.is_of(origin(first)):
            what = N_("The checkpoint of {of} over {size} entries was made of another ledger.")
            yield Finding(None, "", "", what, facts)
        else:
            fits = checkpoint.size


def _hash_of(connection: sqlite3.Connection, seq: int) -> str:
    row = connection.execute("SELECT hash FROM entry NOT INDEXED WHERE seq = ?", (seq,)).fetchone()
    return str(row[0]) if row else ""
