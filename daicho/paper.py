"""What every PDF needs: a face with Japanese."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FONT_FILES: Final = tuple(
    Path("/usr/share/fonts") / name
    for name in (
        "opentype/ipaexfont-gothic/ipaexg.ttf",
        "truetype/fonts-japanese-gothic.ttf",
        "opentype/ipafont-gothic/ipag.ttf",
        "truetype/vlgothic/VL-Gothic-Regular.ttf",
    )
)
"""Faces with Japanese, the first that is there: embedded, so that the page looks the same everywhere."""


def japanese_font() -> str | None:
    """The name by which reportlab knows the face from now on; None if none is installed."""
    for path in FONT_FILES:
        if path.exists():
            if path.stem not in pdfmetrics.getRegisteredFontNames():
                pdfmetrics.registerFont(TTFont(path.stem, str(path)))
            return path.stem
    return None
