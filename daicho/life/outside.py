"""What was changed in the directory without a run of ours: the directory as it is against the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from daicho import clock
from daicho.accounts.wishes import HOME, MANAGER
from daicho.directory import state as keys
from daicho.directory.names import common_name, same_key
from daicho.directory.outside import outside
from daicho.directory.polling import Mark, since
from daicho.directory.wrong import NotFound
from daicho.ledger.entry import Draft
from daicho.life.directories import looking
from daicho.life.planning import run_plan
from daicho.outcome import Outcome
from daicho.records.runs import run_record, run_records
from daicho.works import WORKS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from daicho.accounts.people_craft import Desk
    from daicho.directory.outside import Outside
    from daicho.directory.polling import Write
    from daicho.plan import Scalar, TargetState
    from daicho.site import Site

KIND: Final = "directory.looked"
_THEIRS: Final = frozenset({keys.MUST_CHANGE, keys.PASSWORD_NUMBER})
"""What the owner of an account changes by choosing a password."""
_SECOND: Final = timedelta(seconds=1)
_SURE: Final = frozenset({Outcome.CHANGED, Outcome.UNCHANGED})


@dataclass(frozen=True, kw_only=True)
class Look:
    """One look at the directory."""

    found: Sequence[Outside]
    """On accounts that a run of ours has touched, by employee number."""
    names: Mapping[str, str]
    """Number → name."""
    others: Sequence[Write]
    """What was written on other accounts and on groups since the last look."""
    first: bool
    """Whether there was no look before, so that only accounts of ours could be compared."""


def look_outside(site: Site) -> Look:
    """Compare, and record that it was done, so that the next look begins here.

    Raises:
        DirectoryError: The directory cannot be asked.
    """
    by = site.actor().name
    mark = _last_mark(site)
    recorded = _recorded(site)
    with looking(site) as desk:
        next_mark, writes = since(desk.reader.session, mark, clock.now())
        census = desk.census()
        desk.know_managers(census)
        accounts = census.snapshot.by_number
        present = {
            number: _comparable(desk.seen(accounts[number], {})) for number in recorded if number in accounts
        }
        found = outside(recorded, present, writes, partial(_place, desk))
    names = {
        number: common_name(str(state.get(keys.DN, ""))) for number, state in (recorded | present).items()
    }
    ours = {
        same_key(str(dn)) for state in (*recorded.values(), *present.values()) if (dn := state.get(keys.DN))
    }
    spans = _spans(site)
    others = [
        write
        for write in writes
        if same_key(write.dn) not in ours and not any(begin <= write.when <= end for begin, end in spans)
    ]
    body = {"mark": next_mark.as_json(), "differences": len(found), "others": len(others)}
    site.ledger.append(Draft(kind=KIND, of="directory", by=by, body=body))
    return Look(found=found, names=names, others=others, first=mark is None)


def _last_mark(site: Site) -> Mark | None:
    for entry in site.ledger.entries(of="directory", kind=KIND, limit=1, reverse=True):
        return Mark.from_json(entry.body["mark"])
    return None


def _recorded(site: Site) -> dict[str, TargetState]:
    """Employee number → the last state that a run of ours confirmed."""
    found: dict[str, dict[str, Scalar]] = {}
    for listed in run_records(site.ledger):
        record = run_record(site.ledger, listed.id)
        if record.work not in WORKS or WORKS[record.work].kinds != {"user"}:
            continue
        plan = run_plan(site, record.id)
        for result in record.targets:
            each = plan.of(result.target)
            if each is None or result.outcome not in _SURE:
                continue
            state = found.setdefault(result.target, {})
            for key in each.before:
                state.pop(key, None)
            state |= each.after
    return {number: _comparable(state) for number, state in found.items() if state.get(keys.DN)}


def _comparable(state: TargetState) -> dict[str, Scalar]:
    """A state without what is no concern of others; the superior under the attribute's own name."""
    found = {key: value for key, value in state.items() if key not in {*_THEIRS, HOME, MANAGER}}
    if superior := state.get(MANAGER):
        found[keys.attribute_key("manager")] = superior
    return found


def _place(desk: Desk, name: str) -> str:
    """The distinguished name of a group; of one that is gone its name."""
    try:
        return desk.reader.groups.place(name)
    except NotFound:
        return name


def _spans(site: Site) -> list[tuple[datetime, datetime]]:
    """When runs of ours were going on; directories tell moments to the second."""
    return [
        (
            datetime.fromisoformat(each.opened_at) - _SECOND,
            datetime.fromisoformat(each.closed_at) + _SECOND if each.closed_at else clock.now(),
        )
        for each in run_records(site.ledger)
    ]
