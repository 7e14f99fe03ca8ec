"""The reader of Excel workbooks (.xlsx): the cells of one sheet as people see them."""

from __future__ import annotations

import io
import warnings
import zipfile
from typing import TYPE_CHECKING, Any, Final

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.items.problems import UnreadableFile
from daicho.items.seen import as_seen
from daicho.items.table import Table, table_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from openpyxl.workbook import Workbook

    from daicho.items.seen import CellValue
    from daicho.items.table import Words

_LARGEST_UNPACKED: Final = 512 * 2**20
_MOST_COLUMNS: Final = 200


class NoSuchSheet(UnreadableFile):
    """The workbook has no sheet of that name."""

    sentence = N_("{document} has no visible sheet {sheet!r}. It has: {sheets}.")


def read_sheet(
    data: bytes,
    document: str,
    words: Words,
    sheet: str | None = None,
    seen: Callable[[CellValue, str], str] = as_seen,
) -> Table:
    """The table in a workbook's sheet (the first visible one if none is named).

    Args:
        data: The whole file.
        document: Its name, for messages.
        words: What its headings mean.
        sheet: Which sheet.
        seen: The text of a value under its number format.

    Raises:
        UnreadableFile: Not a workbook, damaged, or unpacking to more than half a gigabyte.
        NoSuchSheet: There is no visible sheet of that name.
    """
    _refuse_bombs(data, document)
    try:
        # openpyxl warns of decorations that it leaves out (validation lists, headers); no data is lost.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            try:
                return table_of(document, _cells(_chosen(book, document, sheet), document, seen), words)
            finally:
                book.close()
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, SyntaxError, OSError) as error:
        raise UnreadableFile(document=document, why=_damaged(error)) from error


def _damaged(error: Exception) -> str:
    return _("the workbook is damaged ({error}). Open it in Excel and save it again as .xlsx.").format(
        error=error
    )


def _refuse_bombs(data: bytes, document: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
    except zipfile.BadZipFile as error:
        raise UnreadableFile(
            document=document,
            why=_(
                "it is not an .xlsx workbook. An old .xls or a protected file must be saved as .xlsx first."
            ),
        ) from error
    if unpacked > _LARGEST_UNPACKED:
        raise UnreadableFile(
            document=document,
            why=_("it unpacks to {size} MB; the most is {most} MB.").format(
                size=unpacked >> 20, most=_LARGEST_UNPACKED >> 20
            ),
        )


def _chosen(book: Workbook, document: str, sheet: str | None) -> Any:
    visible = {page.title: page for page in book.worksheets if page.sheet_state == "visible"}
    title = sheet if sheet is not None else next(iter(visible), "")
    if title not in visible:
        raise NoSuchSheet(document=document, sheet=title, sheets=", ".join(visible))
    page = visible[title]
    # Some writers note a wrong extent, which would silently cut rows off.
    page.reset_dimensions()
    return page


def _cells(page: Any, document: str, seen: Callable[[CellValue, str], str]) -> Iterator[list[str]]:
    for number, row in enumerate(page.iter_rows(), start=1):
        cells = [_text(cell, seen) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if len(cells) > _MOST_COLUMNS:
            why = _("row {number} has {cells} columns; the most is {most}.")
            raise UnreadableFile(
                document=document, why=why.format(number=number, cells=len(cells), most=_MOST_COLUMNS)
            )
        yield cells


def _text(cell: Any, seen: Callable[[CellValue, str], str]) -> str:
    value = cell.value
    if value is None or isinstance(value, str):
        return value or ""
    # To look the format up costs more than to read the cell, and a text has none.
    return seen(value, cell.number_format)
