"""That a plan would change nothing, and whether anybody could tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from daicho.i18n import gettext as _
from daicho.report.words import CAREFUL, GOOD

if TYPE_CHECKING:
    from daicho.plan import Plan
    from daicho.report.nouns import Nouns


def nothing(plan: Plan, nouns: Nouns) -> Text:
    """Why a plan without a difference has none: who could not be looked at is not in order."""
    left = len(plan.left_out)
    if not left:
        return Text(_(nouns.nothing), GOOD)
    if not plan.taking_part:
        return Text(_("Nothing could be planned: no target could be read."), CAREFUL)
    said = _("Nothing: what could be read is already in order; {count} could not be read.")
    return Text(said.format(count=nouns.count(left)), CAREFUL)
