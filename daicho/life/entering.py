"""What a run brings into being or takes out of the world enters the ledger's items as the run is closed."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from daicho.items.record import all_items, entering, one_item, retiring
from daicho.works import work_named

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from daicho.items.item import Item
    from daicho.ledger.entry import Draft
    from daicho.life.running import Attempt
    from daicho.outcome import Outcome
    from daicho.plan import TargetState


def entered(attempt: Attempt, outcomes: Mapping[str, Outcome]) -> list[Draft]:
    """The entries of the items that an attempt's work makes or ends; none for most works."""
    document, ledger = attempt.record.document, attempt.site.ledger
    work = work_named(document.work)
    if not (work.enters or work.updates or work.retires):
        return []
    done = {each.target: each.after for each in attempt.plan.taking_part if _is_done(outcomes, each.target)}
    by, source = attempt.permit.operator, attempt.run
    if work.updates:
        there = {item.name: item for item in all_items(ledger)}
        update: Callable[[Item, TargetState], Item] = _named(work.updates)
        return entering(
            ledger, [update(there[name], state) for name, state in done.items() if name in there], by, source
        )
    if work.retires and document.undo_of is not None:
        return entering(ledger, [one_item(ledger, name) for name in done], by, source)
    if work.retires or document.undo_of is not None:
        return retiring(ledger, done, by, source)
    items: list[Item] = _named(work.enters)(attempt.record.inputs, done)
    return entering(ledger, items, by, source)


def _named(place: str) -> Callable[..., Any]:
    module, _colon, name = place.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), name)
    return found


def _is_done(outcomes: Mapping[str, Outcome], target: str) -> bool:
    outcome = outcomes.get(target)
    return outcome is not None and outcome.settled
