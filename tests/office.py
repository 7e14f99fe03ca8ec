"""An office of any size: the rows of its list as Excel holds them, and its items."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

from daicho.items.headings import Headings
from daicho.items.rows import items_of
from daicho.items.table import read_separated

if TYPE_CHECKING:
    from daicho.items.item import Item

HEADINGS: Final = [
    "名称",
    "種別",
    "アドレス",
    "MACアドレス",
    "基本ソフト",
    "拠点",
    "建物",
    "階",
    "部屋",
    "ラック",
    "配布リング",
    "シリアル番号",
    "所属",
]


def rows(count: int) -> list[list[str]]:
    """The headings and one terminal a row, thirteen columns."""
    return [HEADINGS, *(_row(number) for number in range(1, count + 1))]


def separated(count: int) -> str:
    """The rows as CSV text."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows(count))
    return text.getvalue()


def items(count: int) -> list[Item]:
    """The rows as items."""
    headings = Headings()
    return items_of(read_separated(separated(count), "office.csv", headings), headings)


def _row(number: int) -> list[str]:
    high, low = divmod(number, 250)
    return [
        f"pc-{number:05d}",
        "端末",
        f"10.1.{high}.{low + 1}",
        f"00:16:3e:00:{high:02x}:{low:02x}",
        "windows 11" if number % 3 else "debian 12",
        f"拠点{number % 7}",
        f"{number % 9 + 1}号館",
        f"{number % 12 + 1}階",
        f"{number % 400:04d}",
        "",
        f"ring{number % 5}",
        f"SN{number:08d}",
        f"第{number % 60 + 1}課",
    ]
