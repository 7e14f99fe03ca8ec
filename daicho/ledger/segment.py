"""A stretch of the chain, read from its first entry to its last; runs in a process of its own if need be.

Nothing but seq, hash and text is believed, and the columns `kind` and `of` are held against the text.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.ledger import database
from daicho.ledger.entry import ZEROS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

LIMIT: Final = 20
"""Findings named per segment; whoever altered more has been found by then."""

_ROWS: Final = (
    "SELECT seq, hash, text, kind, of FROM entry NOT INDEXED WHERE seq > ? AND seq <= ? ORDER BY seq"
)

type Row = tuple[int, bytes, bytes, bytes, bytes]


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, at the entry where it is wrong."""

    seq: int | None
    """None when it is about the ledger as a whole."""
    kind: str
    at: str
    template: str
    facts: dict[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the sentence in the language in force."""
        what = _(self.template).format(**self.facts)
        if self.seq is None:
            return what
        if not self.kind:
            return _("Entry {seq}: {what}").format(seq=self.seq, what=what)
        place = _("Entry {seq} ({kind}, {at}): {what}")
        return place.format(seq=self.seq, kind=self.kind, at=self.at, what=what)


@dataclass
class Result:
    """What reading a segment gave."""

    entries: int = 0
    findings: list[Finding] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)


class Segment:
    """The entries after `low` up to `high`; entry `low` itself is answered for by the segment before."""

    def __init__(self, low: int, high: int) -> None:
        """Expect entries low + 1 to high."""
        self.result = Result()
        self._low = low
        self._high = high
        self._stored: bytes | None = ZEROS.encode() if low == 0 else None
        self._computed: bytes | None = None
        self._before: tuple[bytes, bytes] = (b"", b"")  # kind and time of the entry before

    def start_after(self, row: Row) -> None:
        """Begin behind this entry."""
        _seq, self._stored, text, kind, _of = row
        self._computed = _hash(text)
        self._before = (kind, text[7:34])

    def read(self, rows: Iterable[Row]) -> None:
        """Check every entry; what does not fit becomes a finding, and reading goes on behind it."""
        sha256 = hashlib.sha256
        seq, prev, last, kind = self._low, self._stored, self._before[1], self._before[0]
        for row in rows:
            number, stored, text, kind, of = row
            seq += 1
            at = text[7:34]
            if (
                number != seq
                or sha256(text).hexdigest().encode() != stored
                or prev is None
                or not text.endswith(b'","kind":"%b","of":"%b","prev":"%b","seq":%d}' % (kind, of, prev, seq))
                or b"\n" in text
            ):
                self._stored = prev
                self._explain(row, seq)
                seq, prev = number, stored
            else:
                prev, self._computed = stored, None
            if at < last:
                self._note_clock(number, kind, last, at)
            last, self._before = at, (kind, at)
            self.result.entries += 1
        if seq < self._high:
            self._missing(seq + 1, self._high)

    def _explain(self, row: Row, expected: int) -> None:
        number, stored, text, _kind, _of = row
        computed = _hash(text)
        before = {self._stored, self._computed} - {None}
        if number != expected:
            self._missing(expected, number - 1)
            before = set()
        own = computed == stored
        if not own:
            self._find(row, N_("its text and its hash do not belong together: one of them was changed"))
        else:
            self._explain_place(row, before)
        self._computed = None if own else computed

    def _explain_place(self, row: Row, before: set[bytes | None]) -> None:
        number, _stored, text, kind, of = row
        fields = _fields(text)
        if fields is None:
            self._find(row, N_("its text is not the canonical text of an entry"))
        elif fields.get("seq") != number:
            self._find(
                row,
                N_("it stands in the place of another: its own text says that it is entry {own}"),
                own=fields.get("seq"),
            )
        elif before and str(fields.get("prev")).encode() not in before:
            self._replaced(number - 1, number)
        elif (fields.get("kind"), fields.get("of")) != (_text(kind), _text(of)):
            self._find(
                row,
                N_("its columns say {kind} of {of}, its text says otherwise"),
                kind=_text(kind),
                of=_text(of),
            )

    def _replaced(self, seq: int, after: int) -> None:
        if seq == 0:
            what = N_("it does not begin the chain: an entry before it was removed")
            self._add(Finding(after, "", "", what))
            return
        kind, at = self._before
        what = N_("it was replaced: entry {after}, which follows it, names the hash of another entry")
        self._add(Finding(seq, _text(kind), _text(at), what, {"after": after}))

    def _missing(self, first: int, last: int) -> None:
        if first == last:
            self._add(Finding(first, "", "", N_("it is missing: it was deleted")))
        elif first < last:
            what = N_("it and all entries up to {last} are missing: they were deleted")
            self._add(Finding(first, "", "", what, {"last": last}))

    def _find(self, row: Row, template: str, **facts: object) -> None:
        self._add(Finding(row[0], _text(row[3]), _text(row[2][7:34]), template, facts))

    def _add(self, finding: Finding) -> None:
        if len(self.result.findings) < LIMIT:
            self.result.findings.append(finding)

    def _note_clock(self, seq: int, kind: bytes, before: bytes, at: bytes) -> None:
        if len(self.result.notes) < LIMIT:
            what = N_("the clock went back: the entry before was recorded at {before}")
            self.result.notes.append(Finding(seq, _text(kind), _text(at), what, {"before": _text(before)}))


def read_segment(path: Path, low: int, high: int) -> Result:
    """Check the entries after `low` up to `high` of a ledger's file."""
    segment = Segment(low, high)
    connection = database.connect(path, write=False, timeout=30.0)
    connection.row_factory = None
    connection.text_factory = bytes
    try:
        for row in connection.execute(_ROWS, (low - 1, low)):
            segment.start_after(row)
        segment.read(connection.execute(_ROWS, (low, high)))
    except sqlite3.DatabaseError as error:
        what = N_("the file is damaged from here on and cannot be read: {why}")
        segment.result.findings.append(
            Finding(low + segment.result.entries + 1, "", "", what, {"why": str(error)})
        )
    finally:
        connection.close()
    return segment.result


def _hash(text: bytes) -> bytes:
    return hashlib.sha256(text).hexdigest().encode()


def _fields(text: bytes) -> dict[str, object] | None:
    try:
        fields = json.loads(text)
    except ValueError:
        return None
    if not isinstance(fields, dict) or b"\n" in text:
        return None
    return fields


def _text(value: bytes) -> str:
    return value.decode(errors="replace")
