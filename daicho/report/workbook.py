"""Rows as a workbook, for people who go on with them in Excel."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from openpyxl.cell import Cell
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

    from daicho.report.listing import Listing

_MEASURED: Final = 1000
_WIDEST: Final = 70


def workbook(listing: Listing, title: str, *more: tuple[Listing, str]) -> bytes:
    """A sheet with the headings and cells that people see; whatever a cell holds is text and no formula.

    Args:
        listing: What is on the first sheet.
        title: What it is called.
        more: Further sheets.
    """
    book = Workbook(write_only=True)
    for each, name in ((listing, title), *more):
        _fill(book.create_sheet(name[:31]), each)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _fill(sheet: WriteOnlyWorksheet, listing: Listing) -> None:
    sheet.freeze_panes = "A2"
    # Wide enough for most of what is in it: nobody wants to drag every column first.
    for number, column in enumerate(listing.columns):
        longest = max((len(str(column.cell(row))) for row in listing.rows[:_MEASURED]), default=0)
        width = min(max(longest * 1.6, 10), _WIDEST)
        dimensions = sheet.column_dimensions  # type: ignore[attr-defined]  # the stubs forget it
        dimensions[get_column_letter(number + 1)].width = width
    sheet.append([_cell(sheet, _(column.heading), bold=True) for column in listing.columns])
    for row in listing.rows:
        sheet.append([_cell(sheet, str(column.cell(row))) for column in listing.columns])


def _cell(sheet: WriteOnlyWorksheet, text: str, *, bold: bool = False) -> Cell:
    made = WriteOnlyCell(sheet, value=text)
    made.data_type = "s"
    if bold:
        made.font = Font(bold=True)
    return made
