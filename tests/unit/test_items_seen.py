"""Cells of a sheet as people see them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

import pytest

from daicho.items.seen import as_seen

if TYPE_CHECKING:
    from daicho.items.seen import CellValue

_DAY = datetime(2026, 11, 2, 9, 5, 7)  # noqa: DTZ001 -- a sheet's dates have no zone


@pytest.mark.parametrize(
    ("value", "number_format", "seen"),
    [
        (301, "General", "301"),
        (301.0, "General", "301"),
        (0.1, "General", "0.1"),
        (123456789012, "General", "123456789012"),
        (301, "0000", "0301"),
        (301, '0000"号室"', "0301号室"),
        (3, '0"階"', "3階"),
        (-3, '0"階"', "-3階"),
        (3, '"B"0', "B3"),
        (1234567, "#,##0", "1,234,567"),
        (1234.5, "#,##0.00", "1,234.50"),
        (0.25, "0%", "25%"),
        (2.5, "0", "2.5"),
        (1500, "#,##0,", "1500"),
        (90312345678, "00-0000-0000", "90312345678"),
        (True, "General", "TRUE"),
        (None, "General", ""),
        ("  x ", "@", "  x "),
        (_DAY, "yyyy/m/d", "2026/11/2"),
        (_DAY, "mm-dd-yy", "2026/11/2"),
        (_DAY, 'yyyy"年"m"月"d"日"', "2026年11月2日"),
        (_DAY, '[$-411]ggge"年"m"月"d"日"', "令和8年11月2日"),
        (_DAY, "ge.mm.dd", "R8.11.02"),
        (_DAY, "yyyy-mm-dd hh:mm:ss", "2026-11-02 09:05:07"),
        (_DAY, "h:mm", "9:05"),
        (_DAY, "mm:ss", "05:07"),
        (_DAY, "d-mmm-yy", "2026-11-02 09:05:07"),
        (datetime(2026, 11, 2), "mmm", "2026-11-02"),  # noqa: DTZ001
        (date(1989, 1, 7), "ggge", "昭和64"),
        (date(1989, 1, 8), "gge", "平1"),
        (time(9, 5), "hh:mm", "09:05"),
        (timedelta(hours=30), "[h]:mm", "30:00"),
        (timedelta(hours=30, seconds=5), "[h]:mm:ss", "30:00:05"),
        (_DAY, "h:mm AM/PM", "2026-11-02 09:05:07"),
    ],
)
def test_as_seen(value: CellValue, number_format: str, seen: str) -> None:
    assert as_seen(value, number_format) == seen
