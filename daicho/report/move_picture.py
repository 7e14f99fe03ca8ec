"""The moves of a change as one self-contained page: every floor as a picture, before and after, and a table.

A place that is left is hollow and one that is taken is filled, so that it reads without colour, too.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from daicho.i18n import gettext as _
from daicho.items.item import natural_key
from daicho.moves.rows import by_floor

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from daicho.moves.rows import Row, Where

_BOX: Final = (132, 40)
_GAP: Final = 8
_ACROSS: Final = 4
"""Places beside each other on one side of a floor."""
_SIDE: Final = _ACROSS * (_BOX[0] + _GAP)
_STYLE: Final = """\
body{font:15px/1.5 sans-serif;margin:2rem auto;max-width:78rem;padding:0 1rem;color:#1b2733}
h2{margin:2.2rem 0 .4rem;border-bottom:2px solid #1b2733}
table{border-collapse:collapse;width:100%;margin:.6rem 0}
td,th{border-bottom:1px solid #ccd;padding:.2rem .6rem;text-align:left}
svg{width:100%;height:auto} svg text{font:12px sans-serif;fill:#1b2733} svg .small{font-size:10px;fill:#556}
.left{fill:#fff;stroke:#b4541a;stroke-dasharray:4 3} .taken{fill:#d7ecd9;stroke:#1d6b35}
.kept{fill:#eef1f5;stroke:#667} @media print{h2{break-before:page} h2:first-of-type{break-before:avoid}}
"""


def floors_page(change: str, title: str, rows: Sequence[Row], language: str) -> str:
    """The page (HTML) of a change's moves."""
    floors = "".join(_floor(name, *sides) for name, sides in by_floor(rows).items())
    head = escape(f"{change} {title}")
    return (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8">'
        f"<title>{head}</title><style>{_STYLE}</style></head><body><h1>{head}</h1>{floors}</body></html>\n"
    )


def _floor(name: str, leaving: Sequence[Row], coming: Sequence[Row]) -> str:
    return f"<h2>{escape(name or '?')}</h2>{_picture(leaving, coming)}{_table(coming)}"


def _picture(leaving: Sequence[Row], coming: Sequence[Row]) -> str:
    """Both sides of a floor: who is where before, and after."""
    stays = {row.item for row in leaving} & {row.item for row in coming}
    before = [(row.item, row.old, "kept" if row.item in stays else "left") for row in leaving]
    after = [(row.item, row.new, "kept" if row.item in stays else "taken") for row in coming]
    lines = max(_lines(before), _lines(after))
    height = 26 + lines * (_BOX[1] + _GAP)
    width = 2 * _SIDE + 40
    heads = "".join(
        f'<text x="{x}" y="14">{escape(text)}</text>'
        for x, text in ((0, _("before")), (_SIDE + 40, _("after")))
    )
    arrow = f'<text x="{_SIDE + 8}" y="{26 + _BOX[1] // 2 + 5}">→</text>'
    boxes = _boxes(before, 0) + _boxes(after, _SIDE + 40)
    return f'<svg viewBox="0 0 {width} {height}" role="img">{heads}{arrow}{boxes}</svg>'


def _lines(places: Sequence[object]) -> int:
    return max(1, -(-len(places) // _ACROSS))


def _boxes(places: Iterable[tuple[str, Where, str]], left: int) -> str:
    ordered = sorted(places, key=lambda each: (each[1].room, natural_key(each[1].plug)))
    return "".join(_box(number, left, *each) for number, each in enumerate(ordered))


def _box(number: int, left: int, item: str, where: Where, kind: str) -> str:
    x = left + number % _ACROSS * (_BOX[0] + _GAP)
    y = 26 + number // _ACROSS * (_BOX[1] + _GAP)
    place = " ".join(filter(None, (where.room, where.plug)))
    return (
        f'<rect class="{kind}" x="{x}" y="{y}" width="{_BOX[0]}" height="{_BOX[1]}" rx="4"/>'
        f'<text x="{x + 8}" y="{y + 17}">{escape(item)}</text>'
        f'<text class="small" x="{x + 8}" y="{y + 32}">{escape(place[:24])}</text>'
    )


def _table(rows: Sequence[Row]) -> str:
    if not rows:
        return ""
    heads = (_("what moves"), _("from"), _("to"), _("port"), "VLAN", _("address"))
    head = "".join(f"<th>{escape(each)}</th>" for each in heads)
    body = "".join(_line(row) for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _line(row: Row) -> str:
    old, new = row.old, row.new
    cells = (
        row.item,
        f"{old.text} {old.plug}".strip(),
        f"{new.text} {new.plug}".strip(),
        f"{new.switch} {new.port}",
        new.vlan,
        f"{old.address} → {new.address}" if old.address != new.address else new.address,
    )
    return "<tr>" + "".join(f"<td>{escape(each)}</td>" for each in cells) + "</tr>"
