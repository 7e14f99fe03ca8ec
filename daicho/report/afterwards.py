"""What the operator types after a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from daicho.change import State
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.report.nouns import nouns_of

if TYPE_CHECKING:
    from daicho.plan import Plan
    from daicho.records.runs import RunRecord

_NEXT: Final = {
    State.DONE: N_("To take it back: `daicho undo {run} --reason WHY`."),
    State.FAILED: N_(
        "What is not there needs a new change; `daicho undo {run} --reason WHY` takes the rest back."
    ),
    State.INTERRUPTED: N_("Go on where it stopped: `daicho run {change} --resume`."),
    State.RUNNING: N_("It is running. `daicho status --runs` lists all runs."),
}  # fmt: skip
_SOME_STAY: Final = {
    State.DONE: N_(
        "There is no way back for {stay}; `daicho undo {run} --reason WHY` takes the others back."
    ),
    State.FAILED: N_(
        "What is not there needs a new change. There is no way back for {stay}; "
        "`daicho undo {run} --reason WHY` takes the others back."
    ),
}
_ALL_STAY: Final = {
    State.DONE: N_("What was changed cannot be taken back."),
    State.FAILED: N_(
        "What was changed cannot be taken back. What is not there needs a new change: `daicho request FILE`."
    ),
}
_UNTOUCHED: Final = {
    State.DONE: N_("Nothing had to be changed, so there is nothing to take back."),
    State.FAILED: N_("Nothing was changed. What is not there needs a new change: `daicho request FILE`."),
}
_REVIEW: Final = N_("Another person reviews it: `daicho review {run} --key FILE`.")


def next_step(run: RunRecord, plan: Plan) -> str:
    """What to type next; an undo is offered only for what has a way back."""
    stay = len(run.touched) - len(plan.returnable(run.touched))
    facts = {"run": run.id, "change": run.change, "stay": nouns_of(run.work).count(stay)}
    template = _template(run, plan, stay)
    return _(template).format(**facts) if template else ""


def _template(run: RunRecord, plan: Plan, stay: int) -> str:
    state = State(run.state)
    if state is State.OWING:
        return nouns_of(run.work).tried_again
    if state is State.DONE and run.kind == "emergency" and not run.reviewed:
        return _REVIEW
    if state is State.DONE and plan.left_out:
        return nouns_of(run.work).left_out
    words = _NEXT
    if not run.touched:
        words = _NEXT | _UNTOUCHED
    elif stay:
        words = _NEXT | (_SOME_STAY if stay < len(run.touched) else _ALL_STAY)
    return words.get(state, "")
