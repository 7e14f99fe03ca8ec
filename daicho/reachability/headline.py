"""The whole result in one line, and its colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daicho.i18n import gettext as _
from daicho.i18n import ngettext
from daicho.reachability.matters import Kind, Matter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daicho.reachability.verdict import Judgement


def headline(judgement: Judgement, todo: Sequence[Matter]) -> str:
    """The whole result in one line."""
    urgent = [matter for matter in todo if not matter.waits]
    if judgement.all_back:
        return _("Everything is back")
    if not urgent:
        until = max(matter.waiting_until for matter in todo if matter.waiting_until) if todo else None
        return (
            _("Not everything is back yet, but nothing is overdue")
            if until
            else _("Almost everything is back")
        )
    words = ngettext("{count} thing to do", "{count} things to do", len(urgent))
    return words.format(count=len(urgent))


def mood(judgement: Judgement, todo: Sequence[Matter]) -> str:
    """`good`, `waiting`, `unsure` or `bad`."""
    if judgement.all_back:
        return "good"
    urgent = [matter for matter in todo if not matter.waits]
    if not urgent:
        return "waiting"
    if all(matter.kind in (Kind.UNTOLD, Kind.FOREIGN) for matter in urgent):
        return "unsure"
    return "bad"
