"""Headings and rows of text, whatever the file was; and the readers of CSV and TSV."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.items.problems import UnreadableFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

type Cells = Sequence[str]

MOST_ROWS: Final = 200_000
_HEADING_WITHIN: Final = 20
_QUOTED: Final = re.compile(r'"[^"]*"?')


@dataclass(frozen=True, slots=True)
class Table:
    """The text of a file in rows; nothing is interpreted yet."""

    document: str
    unit: str
    """What a row number counts: `row` of a sheet or `line` of a text."""
    headings: tuple[str, ...]
    rows: tuple[tuple[int, Cells], ...]


class Words(Protocol):
    """What the headings of a kind of file mean."""

    @property
    def key(self) -> str:
        """The attribute that every such file has: the row that names it holds the headings."""

    @property
    def absent(self) -> type[UnreadableFile]:
        """What to say where no row names it."""

    def attribute(self, heading: str) -> str | None:
        """The attribute that a heading means."""


class NoHeadings(UnreadableFile):
    """No row of the table names the column with the names."""

    sentence = N_(
        "{document} has no heading for the name of an item (such as name, 名称, ホスト名) in its first "
        "{rows} rows; it begins with: {first}. Name the heading with --map HEADING=name."
    )


def table_of(document: str, grid: Iterable[Cells], words: Words) -> Table:
    """The table in a grid: titles above the headings and empty rows are passed over.

    Raises:
        UnreadableFile: No row looks like headings (`words.absent`).
            Or there are more rows than an office has items.
    """
    found: tuple[str, ...] | None = None
    rows: list[tuple[int, Cells]] = []
    above: list[Cells] = []
    for number, cells in enumerate(grid, start=1):
        if found is not None:
            if any(cells):
                rows.append((number, cells))
        elif any(words.attribute(cell) == words.key for cell in cells if cell):
            found = tuple(cells)
        else:
            above.append(cells)
            if number >= _HEADING_WITHIN:
                break
        if len(rows) > MOST_ROWS:
            raise UnreadableFile(
                document=document,
                why=_("it has more than {most} rows. Split it.").format(most=MOST_ROWS),
            )
    if found is None:
        first = next((" | ".join(cells)[:120] for cells in above if any(cells)), "")
        if not first:
            raise UnreadableFile(document=document, why=_("it is empty. Have it sent again."))
        raise words.absent(document=document, rows=_HEADING_WITHIN, first=repr(first))
    return Table(document, "row", found, tuple(rows))


def read_separated(text: str, document: str, words: Words) -> Table:
    """The table in a CSV or TSV text; the separator is what stands there more often, quoted text aside.

    Raises:
        UnreadableFile: Quotes are not closed, or one of table_of's reasons.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    try:
        return table_of(document, reader, words)
    except csv.Error as error:
        raise UnreadableFile(
            document=document,
            why=_("line {line} is not CSV ({error}). Look for a quotation mark that is not closed.").format(
                line=reader.line_num, error=error
            ),
        ) from error


def _separator(text: str) -> str:
    sample = _QUOTED.sub("", text[:20_000])
    return "\t" if sample.count("\t") > sample.count(",") else ","
