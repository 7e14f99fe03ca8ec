"""The sign-off sheet: a PDF on A4 that is printed, walked with, filled in and signed."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from daicho.errors import DaichoError
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.items.item import natural_key
from daicho.paper import japanese_font
from daicho.reachability.headline import headline
from daicho.reachability.matters import matters
from daicho.reachability.page import about
from daicho.reachability.verdict import State
from daicho.reachability.walk import walk
from daicho.reachability.words import effect, place_words, state_words, step, title, where
from daicho.times import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import tzinfo

    from reportlab.pdfgen.canvas import Canvas

    from daicho.reachability.verdict import Judgement

MOST_ROWS: Final = 500
_LISTED: Final = (State.DIFFERENT, State.DEAD, State.LATE, State.COULD_NOT_TELL, State.ALREADY_DEAD)
_GREY: Final = colors.HexColor("#8a9097")
_PALE: Final = colors.HexColor("#eef0f2")


_GRID: Final = (
    ("GRID", (0, 0), (-1, -1), 0.4, _GREY),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
    ("LEFTPADDING", (0, 0), (-1, -1), 4),
    ("RIGHTPADDING", (0, 0), (-1, -1), 9),
)

type Sides = tuple[float, float]
"""Above and below, in points."""


class NoJapaneseFont(DaichoError):
    """Without a face of its own a PDF shows nothing in many viewers: better none than an empty one."""

    sentence = N_(
        "There is no sign-off sheet: this machine has no Japanese font. Install fonts-ipaexfont-gothic; "
        "everything else was written."
    )


@dataclass(frozen=True, kw_only=True)
class SheetFacts:
    """What the sheet says besides the result."""

    site: str
    check: str
    """The check's name in the ledger: `K7`."""
    operator: str
    zone: tzinfo
    witness: str = ""
    """The ledger's head at this moment, so that the paper fixes the record."""


def sheet(judgement: Judgement, facts: SheetFacts) -> bytes:
    """The PDF, in the language in force.

    Raises:
        NoJapaneseFont: None of the faces that we know is installed.
    """
    return _Sheet(judgement, facts).pdf()


def _font() -> str:
    if (font := japanese_font()) is None:
        raise NoJapaneseFont
    return font


class _Sheet:
    def __init__(self, judgement: Judgement, facts: SheetFacts) -> None:
        self.judgement = judgement
        self.facts = facts
        self.todo = matters(judgement)
        self.nodes = judgement.topology.nodes
        self.font = _font()
        self.text = self._style("text", 9, 13)
        self.small = self._style("small", 8, 11)
        self.bold = self._style("bold", 10.5, 15)
        self.title = self._style("title", 17, 24)
        self.head = self._style("head", 11.5, 16, around=(10, 4))

    def _style(self, name: str, size: float, leading: float, around: Sides = (0, 0)) -> ParagraphStyle:
        style = ParagraphStyle(name, fontName=self.font, fontSize=size, leading=leading)
        style.spaceBefore, style.spaceAfter = around
        # Breaks between any two characters, but keeps 、。 off the beginning of a line.
        style.wordWrap = "CJK"
        return style

    def pdf(self) -> bytes:
        file = io.BytesIO()
        document = SimpleDocTemplate(
            file,
            pagesize=A4,
            leftMargin=16 * mm,
            rightMargin=16 * mm,
            topMargin=14 * mm,
            bottomMargin=16 * mm,
            title=_("Result of the check after the planned power outage"),
            author=self.facts.site,
            subject=self.facts.check,
        )
        document.build(list(self._story()), onFirstPage=self._foot, onLaterPages=self._foot)
        return file.getvalue()

    def _foot(self, canvas: Canvas, _document: object) -> None:
        canvas.setFont(self.font, 7)
        canvas.setFillColor(_GREY)
        canvas.drawString(16 * mm, 9 * mm, f"{self.facts.site}  {self.facts.check}  {self.facts.witness}")
        canvas.drawRightString(A4[0] - 16 * mm, 9 * mm, str(canvas.getPageNumber()))

    def _story(self) -> Iterable[Flowable]:
        yield Paragraph(escape(_("Result of the check after the planned power outage")), self.title)
        yield Spacer(0, 2 * mm)
        yield self._facts()
        yield Spacer(0, 3 * mm)
        yield self._counts()
        yield from self._causes()
        yield from self._walk()
        yield from self._items()
        yield KeepTogether([Paragraph(escape(_("Confirmation")), self.head), self._signatures()])

    def _facts(self) -> Table:
        zone, judgement = self.facts.zone, self.judgement
        rows = [
            (_("Site"), self.facts.site, _("Check"), self.facts.check),
            (_("Judged at"), shown(judgement.at, zone), _("Baseline of"), shown(judgement.baseline_at, zone)),
            (_("Operator"), self.facts.operator, _("Result"), headline(judgement, self.todo)),
        ]
        return self._table(rows, (24, 65, 24, 65), labels=(0, 2))

    def _counts(self) -> Table:
        states = [state for state in State if self.judgement.counts[state]]
        width = 178 / max(len(states), 1)
        cells = [
            [self._cell(state_words(state), self.small) for state in states],
            [self._cell(str(self.judgement.counts[state]), self.bold) for state in states],
        ]
        table = Table(cells, colWidths=[width * mm] * len(states))
        style = TableStyle([("GRID", (0, 0), (-1, -1), 0.4, _GREY)])
        style.add("BACKGROUND", (0, 0), (-1, 0), _PALE)
        table.setStyle(style)
        return table

    def _causes(self) -> Iterable[Flowable]:
        yield Paragraph(escape(_("Causes and what to do")), self.head)
        if not self.todo:
            yield Paragraph(
                escape(_("None. Everything answers and is as it was before the outage.")), self.text
            )
            return
        rows = [("", _("What"), _("Where"), _("What to do first"), _("Done at"), _("By"))]
        for number, matter in enumerate(self.todo, 1):
            what = "\n".join(part for part in (title(matter), effect(matter)) if part)
            todo = step(matter, self.facts.zone)
            rows.append((str(number), what, where(matter), todo, "", ""))
        yield self._table(rows, (8, 49, 33, 58, 16, 14), heading=True)

    def _walk(self) -> Iterable[Flowable]:
        stops = walk(self.judgement)
        if not stops:
            return
        yield Paragraph(escape(_("Walk list")), self.head)
        rows = [("", _("Where"), _("Item"), _("No."), _("What was found and done"))]
        for stop in stops:
            place = place_words(stop.place) or _("place not known")
            for count, task in enumerate(stop.tasks):
                rows.append(("□", "" if count else place, task.item, str(task.place_in_list), ""))
        yield self._table(rows[: MOST_ROWS + 1], (8, 58, 38, 13, 61), heading=True)

    def _items(self) -> Iterable[Flowable]:
        verdicts = self.judgement.verdicts.values()
        listed = [each for each in verdicts if each.state in _LISTED]
        if not listed:
            return
        listed.sort(key=lambda each: (_LISTED.index(each.state), natural_key(each.name)))
        yield Paragraph(escape(_("Items that are not as before")), self.head)
        rows = [(_("Item"), _("Verdict"), _("Where"), _("Details"))]
        for each in listed[:MOST_ROWS]:
            place = place_words(self.nodes[each.name].place)
            details = about(each, self.judgement, self.facts.zone)
            rows.append((each.name, state_words(each.state), place, details))
        yield self._table(rows, (34, 36, 50, 58), heading=True)
        if len(listed) > MOST_ROWS:
            more = _("{count} more are in the CSV file.").format(count=len(listed) - MOST_ROWS)
            yield Paragraph(escape(more), self.small)

    def _signatures(self) -> Table:
        rows = [
            (_("Checked by"), _("Confirmed by (responsible division)"), _("Remarks")),
            ("\n\n\n", "", ""),
            (_("Date and time"), _("Date and time"), ""),
        ]
        return self._table(rows, (50, 60, 68), heading=True)

    def _table(
        self,
        rows: Sequence[Sequence[str]],
        widths: Sequence[float],
        *,
        heading: bool = False,
        labels: Sequence[int] = (),
    ) -> Table:
        cells = [
            [self._cell(cell, self.small if heading and not place else self.text) for cell in row]
            for place, row in enumerate(rows)
        ]
        table = Table(cells, colWidths=[width * mm for width in widths], repeatRows=int(heading))
        style = TableStyle(_GRID)
        if heading:
            style.add("BACKGROUND", (0, 0), (-1, 0), _PALE)
        for column in labels:
            style.add("BACKGROUND", (column, 0), (column, -1), _PALE)
        table.setStyle(style)
        return table

    def _cell(self, text: str, style: ParagraphStyle) -> Paragraph:
        return Paragraph(escape(text).replace("\n", "<br/>"), style)
