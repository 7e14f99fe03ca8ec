"""Rows as a workbook, for people who go on with them in Excel."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from openpyxl.cell import Cell
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

    from daicho.report.listing import Listing


def workbook(listing: Listing, title: str) -> bytes:
    """One sheet with the headings and cells that people see; whatever a cell holds is text and no formula."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    sheet.append([_cell(sheet, _(column.heading), bold=True) for column in listing.columns])
    for row in listing.rows:
        sheet.append([_cell(sheet, str(column.cell(row))) for column in listing.columns])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _cell(sheet: WriteOnlyWorksheet, text: str, *, bold: bool = False) -> Cell:
    made = WriteOnlyCell(sheet, value=text)
    made.data_type = "s"
    if bold:
        made.font = Font(bold=True)
    return made
