"""Rows with columns: one object that becomes a table for people, JSON or CSV for programs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from rich.text import Text

from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from rich.console import RenderableType

type Row = Mapping[str, object]
"""Machine values: what JSON and CSV show. Moments are stamps in UTC, words are not translated."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: its key for programs, its heading and its cell for people."""

    key: str
    heading: str
    """A message to translate."""
    show: Callable[[Row], str | Text] | None = None
    """The cell for people; None: the value as it stands."""
    right: bool = False
    verbatim: bool = False
    """The heading is a name that people type, in every language the same."""
    optional: bool = False
    """Left out of a screen on which every row would be empty."""

    def cell(self, row: Row) -> str | Text:
        """What people see of a row here."""
        if self.show is not None:
            return self.show(row)
        value = row.get(self.key)
        return "" if value is None else str(value)


@dataclass(frozen=True, kw_only=True)
class Listing:
    """Rows of one kind."""

    columns: Sequence[Column]
    rows: Sequence[Row]
    empty: str = ""
    """What to say when there are no rows."""
    style: Callable[[Row], str] = field(default=lambda _row: "")

    def as_json(self) -> object:
        """All rows with all their values."""
        return [dict(row) for row in self.rows]

    def listing(self) -> Listing:
        """Itself."""
        return self

    def screen(self) -> RenderableType:
        """The table for people."""
        return Text(self.empty) if not self.rows and self.empty else table(self)


def table(listing: Listing) -> Table:
    """The rows as a table with translated headings."""
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    columns = [
        column
        for column in listing.columns
        if not column.optional or any(str(column.cell(row)) for row in listing.rows)
    ]
    for column in columns:
        # Folded, never cut: a name that is half shown is worse than one on two lines.
        made.add_column(
            column.heading if column.verbatim else _(column.heading),
            justify="right" if column.right else "left",
            overflow="fold",
            no_wrap=False,
        )
    for row in listing.rows:
        made.add_row(*(column.cell(row) for column in columns), style=listing.style(row))
    return made
