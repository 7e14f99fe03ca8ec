"""People's accounts are asked to come back as the record of a run has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daicho import clock
from daicho.change import ChangeDocument
from daicho.errors import Refused, UnknownObject
from daicho.i18n import N_, ngettext
from daicho.i18n import gettext as _
from daicho.life.planning import run_plan
from daicho.life.requesting import request_change
from daicho.outcome import Outcome
from daicho.records.changes import change_record
from daicho.records.runs import run_record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from daicho.site import Site

WORK = "restore_users"
_ON_PEOPLE = frozenset({"onboard_users", "transfer_users", "offboard_users", WORK})


class NoRestoring(Refused):
    """The run has nothing that could be brought back."""

    sentence = N_("{run} has no record of how accounts were before: it did {work}.")


def request_restoring(site: Site, run: str, numbers: Sequence[str], reason: str) -> str:
    """Ask for accounts to come back as they were before a run; the change.

    Args:
        site: The site.
        run: The run whose record tells how they were.
        numbers: Employee numbers; empty: all whom the run changed.
        reason: Why.

    Raises:
        NoRestoring: It was no run on people's accounts.
        UnknownObject: The run did not change one of them.
    """
    record = run_record(site.ledger, run)
    original = change_record(site.ledger, record.change)
    if original.document.work not in _ON_PEOPLE:
        raise NoRestoring(run=run, work=original.document.work)
    states = _states(site, run)
    for number in numbers:
        if number not in states:
            raise UnknownObject(
                kind=_("person in {run}").format(run=run), name=number, listing=f"daicho show {run}"
            )
    wanted = [number for number in states if not numbers or number in numbers]
    names = _names(original.inputs)
    people = [{"number": each, "name": names.get(each, ""), "state": states[each]} for each in wanted]
    counted = ngettext("{count} person comes back", "{count} people come back", len(wanted))
    today = clock.now().astimezone(site.policy.zone).date()
    document = ChangeDocument(
        work=WORK,
        title=_("As before {run}: {counted}").format(run=run, counted=counted.format(count=len(wanted))),
        reason=reason,
        ticket=original.document.ticket,
        targets=({"kind": "user"},),
        inputs={"as_of": today.isoformat(), "run": run, "people": people},
    )
    return request_change(site, document)


def _states(site: Site, run: str) -> dict[str, Mapping[str, object]]:
    touched = {
        each.target
        for each in run_record(site.ledger, run).targets
        if each.intended and each.outcome is not Outcome.UNCHANGED
    }
    plan = run_plan(site, run)
    return {each.target: each.inverse for each in plan.targets if each.target in touched and each.inverse}


def _names(inputs: Mapping[str, object]) -> dict[str, str]:
    rows: Sequence[Mapping[str, str]] = inputs.get("rows", inputs.get("people", ()))  # type: ignore[assignment]
    return {
        row["number"]: row.get("name") or f"{row.get('family', '')} {row.get('given', '')}".strip()
        for row in rows
    }
