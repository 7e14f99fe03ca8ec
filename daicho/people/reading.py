"""Movements out of personnel's file: CSV, TSV or Excel, all problems at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Final

from daicho.i18n import gettext as _
from daicho.items.decoding import decode
from daicho.items.problems import UnreadableFile
from daicho.items.reading import bytes_of
from daicho.items.seen import as_seen
from daicho.items.sheet import read_sheet
from daicho.items.table import Table, read_separated
from daicho.people.headings import Words
from daicho.people.rows import movements_of

if TYPE_CHECKING:
    from pathlib import Path

    from daicho.items.seen import CellValue
    from daicho.people.movement import Movement
    from daicho.people.policy import People

_SEPARATED: Final = (".csv", ".tsv", ".txt")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How a file is to be read, where the file does not say it itself."""

    encoding: str | None = None
    sheet: str | None = None
    effective: date | None = None
    """The effective date (発令日) of rows that name none."""


def read_movements(path: Path, policy: People, how: Reading | None = None) -> list[Movement]:
    """The movements in a file, in its order.

    Raises:
        UnreadableFile: The file is not a table (or not text: the byte is named).
        ItemsUnusable: Rows have problems; all of them are named with row, column and remedy.
    """
    return movements_from(bytes_of(path), path.name, policy, how)


def movements_from(data: bytes, document: str, policy: People, how: Reading | None = None) -> list[Movement]:
    """The movements in the bytes of a file of this name; see `read_movements`."""
    how = how or Reading()
    return movements_of(_table(data, document, Words.of(policy), how), policy, how.effective)


def _table(data: bytes, document: str, words: Words, how: Reading) -> Table:
    suffix = "." + document.rpartition(".")[2].lower()
    if suffix == ".xlsx":
        return read_sheet(data, document, words, how.sheet, _in_full)
    if suffix in _SEPARATED:
        return read_separated(decode(data, document, how.encoding), document, words)
    why = _("{suffix!r} files are not known. Save it as .csv, .tsv or .xlsx.")
    raise UnreadableFile(document=document, why=why.format(suffix=suffix))


def _in_full(value: CellValue, number_format: str) -> str:
    """A day with its year, whatever the sheet shows of it (4月1日)."""
    if isinstance(value, datetime) and value.time() == time(0):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return as_seen(value, number_format)
