"""A plan about people, person by person: what becomes of each, not attribute by attribute."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.text import Text

from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.plan import Standing
from daicho.report.listing import Column, Listing, table
from daicho.report.nothing import nothing
from daicho.report.words import CAREFUL, heading, standing_text
from daicho.works import WORKS

if TYPE_CHECKING:
    from rich.console import RenderableType

    from daicho.plan import Plan, TargetPlan
    from daicho.report.listing import Row
    from daicho.report.nouns import Nouns

_MOST: Final = 100
"""People listed on a screen; JSON and CSV list all."""


def about_people(work: str) -> bool:
    """Whether a plan of this work is read person by person."""
    return work in WORKS and WORKS[work].kinds == {"user"} and bool(WORKS[work].items)


def persons(plan: Plan, nouns: Nouns) -> list[RenderableType]:
    """One row per person; those who are in order already are only counted."""
    shown = [target for target in plan.taking_part if target.standing is Standing.CHANGES]
    if not shown:
        return [heading(_("What will change")), nothing(plan, nouns)]
    columns = [
        Column(key="number", heading=N_("number")),
        Column(key="what", heading=N_("what happens")),
    ]
    listing = Listing(columns=columns, rows=[_row(target) for target in shown[:_MOST]])
    more = len(shown) - _MOST
    said = _("  ... and {more} more; `--output csv` lists all of them").format(more=more)
    tail: list[RenderableType] = [Text(said, CAREFUL)] if more > 0 else []
    hint = _("Every attribute of one person: `daicho show {change} --target NUMBER`")
    return [heading(_("What will change")), table(listing), *tail, Text(hint.format(change=plan.change))]


def _row(target: TargetPlan) -> Row:
    what = "\n".join(_(note) for note in target.notes) or standing_text(target.standing).plain
    return {"number": target.target, "what": what}
