"""A change is rehearsed on every target and the result recorded as its plan."""

from __future__ import annotations

import secrets
from importlib import import_module
from typing import TYPE_CHECKING

from daicho import canonical
from daicho.approval import Subject
from daicho.errors import Refused, UnknownObject
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.items.record import all_items
from daicho.ledger.entry import Draft
from daicho.life.knocking import absent
from daicho.life.rehearsal import Rehearsal
from daicho.life.workplace import code_drafts, workplace
from daicho.plan import Plan, TargetPlan
from daicho.records.changes import change_record, recorded_plan
from daicho.records.runs import run_record
from daicho.runners.engines import start_engine
from daicho.selector import select
from daicho.works import work_named

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from daicho.door import Watch
    from daicho.items.item import Item
    from daicho.life.workplace import Workplace
    from daicho.records.changes import ChangeRecord
    from daicho.site import Site


class OnlyReads(Refused):
    """A check is neither planned nor run: it is started by its own command, under its standard change."""

    sentence = N_(
        "{work} only reads, so there is nothing to plan or run. Start it with `{command} --change {change}`."
    )


class WrongKind(Refused):
    """The work is not for items of this kind."""

    sentence = N_("{work} is not for {items}. It is for: {kinds}.")


def plan_change(site: Site, change: str, watch: Watch) -> Plan:
    """Rehearse a change and record its plan; nothing on a target is changed.

    Raises:
        NothingMatched: Its selectors match no item.
        NotAllowed: The acting person may neither request nor operate this work.
        IllegalMove: The change is not open any more.
    """
    record = change_record(site.ledger, change)
    by = _planner(site, record)
    items = resolve(site, record)
    with workplace(site, f"{change}-plan") as place:
        watch.phase(_("rehearsal"), len(items))
        targets = rehearse(place, record, items, watch)
        number = (record.planned or {}).get("plan", 0) + 1
        plan = Plan(change=change, number=number, code=place.code.digest, targets=targets)
        site.ledger.append(*code_drafts(site, place.code, by), *plan_drafts(record, plan, by))
    return plan


def resolve(site: Site, record: ChangeRecord) -> list[Item]:
    """The items that a change means, now.

    Raises:
        NothingMatched: None; the selector is echoed.
        OnlyReads: The work changes nothing.
        WrongKind: The work is not for one of them.
    """
    work = work_named(record.document.work)
    if not work.writes:
        raise OnlyReads(work=work.name, change=record.id, command=work.command)
    items = select(meant(site, record), record.document.targets, record.document.exclude)
    wrong = [item.name for item in items if item.kind not in work.kinds]
    if wrong:
        raise WrongKind(work=work.name, items=", ".join(wrong[:5]), kinds=", ".join(sorted(work.kinds)))
    return items


def meant(site: Site, record: ChangeRecord) -> list[Item]:
    """The items among which a change's targets are: the recorded ones, or those that its inputs name."""
    work = work_named(record.document.work)
    if not work.items:
        # What a run has retired is what its undo is about.
        back = work.retires and record.document.undo_of is not None
        return all_items(site.ledger, include_retired=back)
    module, _colon, name = work.items.partition(":")
    items: list[Item] = getattr(import_module(module), name)(record.inputs)
    return items


def rehearse(
    place: Workplace, record: ChangeRecord, items: Sequence[Item], watch: Watch
) -> tuple[TargetPlan, ...]:
    """What the work would do to each item."""
    door = Rehearsal(
        items,
        variables=joined(
            told_beside(place.site, record, [item.name for item in items]),
            _context(place.site, record, items),
            taken_back(place.site, record),
        ),
        release=place.release,
        secret=place.secret,
        watch=watch,
    )
    enters = work_named(record.document.work).enters_targets
    if not door.leave_out(absent(place.site, items) if enters else {}):
        return door.plans("")
    end = start_engine(place.job(record, check=True, targets=len(items)), door)
    return door.plans("" if end.code == 0 else end.said)


def told_beside(site: Site, record: ChangeRecord, names: Sequence[str]) -> dict[str, dict[str, object]]:
    """What a work is told about more than its targets, whatever it is about to do."""
    work = work_named(record.document.work)
    if not work.beside:
        return {}
    module, _colon, name = work.beside.partition(":")
    items = all_items(site.ledger)
    wanted = frozenset(names)
    targets = [item for item in items if item.name in wanted]
    told: dict[str, dict[str, object]] = getattr(import_module(module), name)(items, targets, record.inputs)
    return told


def joined(*several: Mapping[str, Mapping[str, object]]) -> dict[str, dict[str, object]]:
    """Variables of targets from several sources; the later ones win."""
    found: dict[str, dict[str, object]] = {}
    for variables in several:
        for name, values in variables.items():
            found[name] = {**found.get(name, {}), **values}
    return found


def _context(site: Site, record: ChangeRecord, items: Sequence[Item]) -> dict[str, dict[str, object]]:
    """What a work's rehearsal is told beside its targets' own items; an undo needs none of it."""
    work = work_named(record.document.work)
    if not work.context or record.document.undo_of is not None:
        return {}
    module, _colon, name = work.context.partition(":")
    told: dict[str, dict[str, object]] = getattr(import_module(module), name)(
        all_items(site.ledger), items, record.inputs
    )
    return told


def taken_back(site: Site, record: ChangeRecord) -> dict[str, dict[str, object]]:
    """For an undo: the state that each target goes back to, as its variable `daicho_wanted`."""
    if record.document.undo_of is None:
        return {}
    undone = run_plan(site, record.document.undo_of)
    return {each.target: {"daicho_wanted": dict(each.inverse)} for each in undone.targets if each.inverse}


def run_plan(site: Site, run: str) -> Plan:
    """The plan that a run carried out.

    Raises:
        UnknownObject: There is no such run.
    """
    change = change_record(site.ledger, run_record(site.ledger, run).change)
    opened = next(site.ledger.entries(of=run, kind="run.opened", limit=1))
    plan = recorded_plan(site.ledger, change, int(opened.body["plan"]))
    if plan is None:
        raise UnknownObject(kind=_("plan"), name=run, listing="daicho status")
    return plan


def plan_drafts(record: ChangeRecord, plan: Plan, by: str) -> list[Draft]:
    """The entries of a plan: one per target, then the plan itself with what an approval binds."""
    nonce = secrets.token_hex(16)
    subject = Subject.of_plan(record.document, record.inputs, plan, nonce)
    targets = [
        Draft(
            kind="target.planned",
            of=plan.change,
            by=by,
            body={"plan": plan.number, "target": target.target, "target_plan": target.as_json()},
        )
        for target in plan.targets
    ]
    body = {
        "plan": plan.number,
        "digest": plan.digest,
        "code": plan.code,
        "inputs": canonical.digest(record.inputs),
        "taking_part": len(plan.taking_part),
        "left_out": len(plan.left_out),
        "irreversible": len(plan.irreversible),
        "subject": subject.as_json(),
    }
    kind = "change.replanned" if record.document.kind == "standard" else "change.planned"
    return [*targets, Draft(kind=kind, of=plan.change, by=by, body=body)]


def _planner(site: Site, record: ChangeRecord) -> str:
    person, work = site.actor().name, record.document.work
    if site.policy.may(person, "request", work):
        return person
    return site.actor_who_may("operate", work)
