"""Rows of text into items, noting every problem on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daicho.i18n import gettext as _
from daicho.items.cells import clean
from daicho.items.columns import Findings, columns_of
from daicho.items.item import FIXED, Item
from daicho.items.problems import ItemsUnusable, Unfit
from daicho.items.repeats import Repeats

if TYPE_CHECKING:
    from daicho.items.headings import Headings
    from daicho.items.table import Cells, Table


def items_of(table: Table, headings: Headings, default_kind: str | None = None) -> list[Item]:
    """The items that a table describes.

    Raises:
        ItemsUnusable: Rows have problems; all of them are named with row, column and remedy.
        Unfit: The default kind is none.
    """
    rows = _Rows(table, headings, clean("kind", default_kind or ""))
    if rows.unreadable:
        raise ItemsUnusable(table.document, rows.findings.problems)
    items = [item for number, cells in table.rows if (item := rows.item(number, cells)) is not None]
    if not table.rows:
        rows.findings.tell(0, "", _("it holds no items."))
    if rows.findings.problems:
        raise ItemsUnusable(table.document, rows.findings.problems)
    return items


class _Rows:
    def __init__(self, table: Table, headings: Headings, default_kind: str) -> None:
        self.findings = Findings(table)
        self._width = len(table.headings)
        self._columns = columns_of(table, headings, self.findings)
        self._heading = {attribute: table.headings[place] for attribute, place in self._columns.items()}
        self._kind = default_kind
        self._repeats = Repeats(self.findings, self._heading)
        if not default_kind and "kind" not in self._columns:
            self.findings.tell(0, "", _("no column holds the kinds. Add one, or say it with --kind."))

    @property
    def unreadable(self) -> bool:
        """Whether judging the rows would only repeat what is wrong with the headings."""
        return (not self._kind and "kind" not in self._columns) or "name" not in self._columns

    def item(self, number: int, cells: Cells) -> Item | None:
        before = len(self.findings.problems)
        values = self._values(number, cells)
        if self._kind:
            values.setdefault("kind", self._kind)
        if len(self.findings.problems) == before:
            self._require(number, values)
        if len(self.findings.problems) > before:
            return None
        name, kind, address = (values.pop(attribute, "") for attribute in FIXED)
        item = Item(name, kind, address, values)
        self._repeats.compare(number, item)
        return item

    def _values(self, number: int, cells: Cells) -> dict[str, str]:
        values: dict[str, str] = {}
        for attribute, place in self._columns.items():
            if place < len(cells) and cells[place]:
                try:
                    value = clean(attribute, cells[place])
                except Unfit as unfit:
                    self.findings.tell(number, self._heading[attribute], str(unfit))
                else:
                    if value:
                        values[attribute] = value
        if any(cell.strip() for cell in cells[self._width :]):
            why = _("there are {cells} cells under {headings} headings. Look for a comma without quotes.")
            self.findings.tell(number, "", why.format(cells=len(cells), headings=self._width))
        return values

    def _require(self, number: int, values: dict[str, str]) -> None:
        if "name" not in values:
            self.findings.tell(
                number, self._heading["name"], _("the item has no name. Write one, or delete the row.")
            )
        elif "kind" not in values:
            why = _("the item has no kind. Write one, or say it for all with --kind.")
            self.findings.tell(number, self._heading["kind"], why)
