"""Which column of a table holds which attribute, and where problems are noted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from daicho.i18n import gettext as _
from daicho.items.headings import LEFT_OUT
from daicho.items.problems import Problem

if TYPE_CHECKING:
    from daicho.items.headings import Headings
    from daicho.items.table import Table


@dataclass
class Findings:
    """The problems of one table so far; row 0 is the table as a whole."""

    table: Table
    problems: list[Problem] = field(default_factory=list)

    def tell(self, number: int, column: str, why: str) -> None:
        """Note a problem of a row and column."""
        self.problems.append(Problem(self.place(number) if number else "", column, why))

    def place(self, number: int) -> str:
        """`row 7` of a sheet, `line 12` of a text."""
        sentence = _("row {number}") if self.table.unit == "row" else _("line {number}")
        return sentence.format(number=number)


def columns_of(table: Table, headings: Headings, findings: Findings) -> dict[str, int]:
    """Attribute → place of its column; unknown, doubled and missing headings are noted."""
    columns: dict[str, int] = {}
    for place, heading in enumerate(table.headings):
        attribute = headings.attribute(heading)
        if attribute is None:
            _unknown(table, place, findings)
        elif attribute in columns:
            other = table.headings[columns[attribute]]
            why = _("it means {attribute} as {other!r} does. Leave one of them out with --map '{heading}=-'.")
            findings.tell(0, heading, why.format(attribute=attribute, other=other, heading=heading))
        elif attribute != LEFT_OUT:
            columns[attribute] = place
    if "name" not in columns:
        findings.tell(0, "", _("no column holds the names. Name its heading with --map HEADING=name."))
    return columns


def _unknown(table: Table, place: int, findings: Findings) -> None:
    heading = table.headings[place]
    if heading.strip():
        why = _("no attribute is known for this heading. Add --map '{heading}=ATTRIBUTE' or '{heading}=-'.")
        findings.tell(0, heading, why.format(heading=heading))
        return
    for number, cells in table.rows:
        if place < len(cells) and cells[place].strip():
            why = _("{text!r} stands in column {column}, which has no heading. Give it one or delete it.")
            findings.tell(number, "", why.format(text=cells[place][:60], column=place + 1))
            return
