"""The scan sheet: a line for each thing that moves, with codes of it and of its outlet, floor by floor."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from daicho.errors import DaichoError
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.moves.rows import by_floor
from daicho.moves.scans import ITEM, OUTLET, code
from daicho.paper import japanese_font

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daicho.moves.rows import Row

_WIDTH, _HEIGHT = A4
_LEFT: Final = 15 * mm
_CODE: Final = 20 * mm
_ROW: Final = 24 * mm
_TOP: Final = _HEIGHT - 30 * mm
_BOTTOM: Final = 20 * mm


class NoFontForSheets(DaichoError):
    """Without a face with Japanese a sheet would show boxes instead of names."""

    sentence = N_("No Japanese font for the scan sheet was found. Install fonts-ipaexfont-gothic.")


def scan_sheet(change: str, title: str, rows: Sequence[Row]) -> bytes:
    """The sheet of a change as PDF; each floor begins on a page of its own.

    Raises:
        NoFontForSheets: No face with Japanese is installed.
    """
    font = japanese_font()
    if font is None:
        raise NoFontForSheets
    data = io.BytesIO()
    canvas = Canvas(data, pagesize=A4, invariant=1)
    canvas.setTitle(f"{change} {title}")
    for floor, (_leaving, coming) in by_floor(rows).items():
        _floor(canvas, font, f"{change}  {title}", floor, coming)
    canvas.save()
    return data.getvalue()


def _floor(canvas: Canvas, font: str, title: str, floor: str, rows: Sequence[Row]) -> None:
    height = 0.0
    for number, row in enumerate(rows):
        if number == 0 or height < _BOTTOM + _ROW:
            if number:
                canvas.showPage()
            _head(canvas, font, title, floor)
            height = _TOP
        height -= _ROW
        _line(canvas, font, height, row)
    if rows:
        canvas.showPage()


def _head(canvas: Canvas, font: str, title: str, floor: str) -> None:
    canvas.setFont(font, 16)
    canvas.drawString(_LEFT, _HEIGHT - 18 * mm, floor)
    canvas.setFont(font, 9)
    canvas.drawRightString(_WIDTH - _LEFT, _HEIGHT - 18 * mm, title[:80])
    heads = ((_LEFT, _("what moves")), (90 * mm, _("from → to")), (165 * mm, _("outlet")))
    for left, text in heads:
        canvas.drawString(left, _HEIGHT - 26 * mm, text)


def _line(canvas: Canvas, font: str, height: float, row: Row) -> None:
    canvas.setStrokeGray(0.7)
    canvas.line(_LEFT, height - 1 * mm, _WIDTH - _LEFT, height - 1 * mm)
    _code(canvas, _LEFT, height, code(ITEM, row.item))
    canvas.setFont(font, 12)
    canvas.drawString(_LEFT + _CODE + 2 * mm, height + 10 * mm, row.item)
    canvas.setFont(font, 9)
    canvas.drawString(90 * mm, height + 14 * mm, f"{row.old.text}  {row.old.plug}")
    canvas.drawString(90 * mm, height + 8 * mm, f"→ {row.new.text}  {row.new.plug}")
    canvas.rect(90 * mm, height + 1 * mm, 3.5 * mm, 3.5 * mm)
    canvas.drawString(95 * mm, height + 1.5 * mm, _("plugged in"))
    if row.new.outlet:
        _code(canvas, _WIDTH - _LEFT - _CODE, height, code(OUTLET, row.new.outlet))


def _code(canvas: Canvas, left: float, bottom: float, text: str) -> None:
    widget = QrCodeWidget(text, barLevel="M")
    x, y, right, top = widget.getBounds()
    drawing = Drawing(_CODE, _CODE, transform=[_CODE / (right - x), 0, 0, _CODE / (top - y), 0, 0])
    drawing.add(widget)
    renderPDF.draw(drawing, canvas, left, bottom)
