"""Tables as one self-contained HTML page, every value escaped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from jinja2 import Environment, StrictUndefined

from daicho.i18n import current_language
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daicho.report.listing import Listing

_PAGE: Final = """\
<!doctype html>
<html lang="{{ language }}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title>
<style>
body { font-family: system-ui, "Noto Sans CJK JP", sans-serif; margin: 1.5rem; color: #1b1b1b }
table { border-collapse: collapse; margin-bottom: 2rem }
th, td { padding: .25rem .75rem; border-bottom: 1px solid #ccc; text-align: left; vertical-align: top }
th { position: sticky; top: 0; background: #f3f3f3 }
.right { text-align: right; font-variant-numeric: tabular-nums }
</style>
<h1>{{ title }}</h1>
{% for heading, columns, rows in parts %}
<h2>{{ heading }}</h2>
<table>
<thead>
<tr>{% for column in columns %}<th{{ column.style }}>{{ column.name }}</th>{% endfor %}</tr>
</thead>
<tbody>
{% for row in rows %}
<tr>{% for cell in row %}<td{{ columns[loop.index0].style }}>{{ cell }}</td>{% endfor %}</tr>
{% endfor %}</tbody>
</table>
{% endfor %}
</html>
"""


def webpage(title: str, parts: Sequence[tuple[str, Listing]]) -> str:
    """The page's text.

    Args:
        title: What it is.
        parts: Heading and rows of each table.
    """
    made = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True).from_string(_PAGE)
    return made.render(
        title=title,
        language=current_language(),
        parts=[(heading, _columns(listing), _rows(listing)) for heading, listing in parts],
    )


def _columns(listing: Listing) -> list[dict[str, object]]:
    return [
        {"name": _(column.heading), "style": " class=right" if column.right else ""}
        for column in listing.columns
    ]


def _rows(listing: Listing) -> list[list[str]]:
    return [[str(column.cell(row)) for column in listing.columns] for row in listing.rows]
