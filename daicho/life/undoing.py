"""A run is taken back: a new change from its recorded inverses, with the same plan, approval and checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daicho.change import ChangeDocument
from daicho.errors import Refused
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.life.planning import run_plan
from daicho.life.requesting import request_change
from daicho.records.changes import change_record
from daicho.records.runs import run_record

if TYPE_CHECKING:
    from daicho.site import Site


class NothingToUndo(Refused):
    """The run changed nothing that could be taken back."""

    sentence = N_("{run} left nothing that can be taken back: {why}.")


def undo_run(site: Site, run: str, reason: str) -> str:
    """Request the change that takes a run back; its name.

    Only what the run changed, or may have changed, is taken back; what has changed since is found
    by the new change's own plan.

    Raises:
        NothingToUndo: The run is not over, changed nothing, or what it changed has no way back.
    """
    record = run_record(site.ledger, run)
    if record.open:
        raise NothingToUndo(run=run, why=_("it is not over"))
    plan = run_plan(site, run)
    touched = set(record.touched)
    back = [each.target for each in plan.returnable(touched)]
    if not back:
        why = _("what it changed has no way back") if touched else _("it changed nothing")
        raise NothingToUndo(run=run, why=why)
    original = change_record(site.ledger, record.change).document
    document = ChangeDocument(
        work=original.work,
        title=_("Take back {run}: {title}").format(run=run, title=original.title)[:200].strip(),
        reason=_with_what_stays(reason, sorted(touched - set(back))),
        ticket=original.ticket,
        targets=tuple(back),
        inputs=original.inputs,
        waves=original.waves,
        budget=original.budget,
        undo_of=run,
    )
    return request_change(site, document)


def _with_what_stays(reason: str, stays: list[str]) -> str:
    if not stays:
        return reason
    said = _("There is no way back for {count} of its targets: {names}.")
    return f"{reason}\n{said.format(count=len(stays), names=', '.join(stays))}"[:4000]
