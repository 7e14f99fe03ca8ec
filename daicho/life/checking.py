"""A check begins and ends: who may, under which standard change, one at a time, and always closed.

Reading needs no approval. A scheduled check runs under a standard change all the same, so that what a
timer does at night is bounded by what somebody has signed.
"""

from __future__ import annotations

import contextlib
import socket
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from daicho.clock import stamp
from daicho.code import read_code
from daicho.errors import ExitCode, LedgerUnwritable, NothingMatched, Refused
from daicho.gate import Refusal, decide
from daicho.i18n import N_
from daicho.items.record import all_items
from daicho.ledger.entry import Draft
from daicho.life.asking import Would, question
from daicho.life.looking import clock_behind
from daicho.life.orphans import KEEPER, Occupied, occupied
from daicho.life.running import GateRefused
from daicho.life.workplace import code_drafts
from daicho.records.changes import Taken, change_record
from daicho.records.checks import DONE, INTERRUPTED, check_records, next_check, open_checks
from daicho.selector import select
from daicho.works import work_named

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from daicho.code import Code
    from daicho.items.item import Item
    from daicho.records.changes import ChangeRecord
    from daicho.records.checks import CheckRecord
    from daicho.selector import Selector
    from daicho.site import Site
    from daicho.works.work import Work

_ATTEMPTS: Final = 5


class AlreadyChecking(Refused):
    """Two checks at once would see each other's packets and tell everything twice."""

    sentence = N_("A {work} is going on in another process. Wait for it: `daicho check list`.")


class OtherWork(Refused):
    """The change is for something else."""

    sentence = N_("{change} is for {work}, not for {wanted}. A schedule needs a standard change of its own.")


class MoreThanApproved(Refused):
    """A call under a standard change may ask for less than the change allows, never for more."""

    sentence = N_(
        "{change} allows {name} = {allowed}; {wanted} is more. Ask for less, or for another change."
    )


class NothingToCheck(NothingMatched):
    """There is nothing to look at: an empty check is never meant."""

    sentence = N_(
        "There is nothing to check: no item of the kinds {kinds}. `daicho item import` brings them in."
    )


@dataclass(frozen=True, kw_only=True)
class Order:
    """What somebody, or a timer, wants checked."""

    work: str
    change: str | None = None
    """The standard change of a schedule; None: by the acting person's right to operate."""
    selectors: Sequence[Selector] = ()
    """Which items; none: all that are on the network. A change brings its own."""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    """As the work's schema says; what is left out has its default, or what the change says."""


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What may be checked, by whom."""

    work: Work
    operator: str
    inputs: Mapping[str, Any]
    items: Sequence[Item]
    everything: Sequence[Item]
    """All items: the topology needs those that are not checked, too."""
    change: str | None
    permit: Mapping[str, object] | None
    code: Code


def grant(site: Site, order: Order) -> Grant:
    """Ask whether this may be checked now; a refusal of a schedule is recorded.

    Raises:
        GateRefused: The standard change does not allow it now.
        NotAllowed: Without a change: the acting person may not operate this work.
        NothingMatched: There is nothing to check.
    """
    work = work_named(order.work)
    items = all_items(site.ledger)
    code = read_code(site.settings)
    if order.change is None:
        operator = site.actor_who_may("operate", work.name)
        inputs = work.judge_inputs(order.inputs, work.name)
        chosen, permit = _chosen(items, work, order.selectors), None
    else:
        record = change_record(site.ledger, order.change)
        if record.document.work != work.name:
            raise OtherWork(change=record.id, work=record.document.work, wanted=work.name)
        chosen = _chosen(items, work, record.document.targets, record.document.exclude)
        operator, inputs = site.actor().name, _narrowed(record, order.inputs)
        permit = _permit(site, record, code, [item.name for item in chosen])
    return Grant(
        work=work,
        operator=operator,
        inputs=inputs,
        items=chosen,
        everything=items,
        change=order.change,
        permit=permit,
        code=code,
    )


def _narrowed(record: ChangeRecord, wanted: Mapping[str, Any]) -> dict[str, object]:
    allowed: dict[str, Any] = record.inputs
    for name, value in wanted.items():
        # Less is more often than not: longer pauses, and yes only where the change says yes.
        more = value < allowed[name] if name == "every" else value > allowed[name]
        if more:
            raise MoreThanApproved(change=record.id, name=name, allowed=allowed[name], wanted=value)
    return allowed | dict(wanted)


def _chosen(
    items: Sequence[Item], work: Work, selectors: Sequence[Selector], exclude: Sequence[Selector] = ()
) -> list[Item]:
    meant = select(items, selectors, exclude) if selectors else list(items)
    chosen = [item for item in meant if item.kind in work.kinds]
    if not chosen:
        raise NothingToCheck(kinds=", ".join(sorted(work.kinds)))
    return chosen


def _permit(site: Site, record: ChangeRecord, code: Code, names: Sequence[str]) -> dict[str, object]:
    asked = question(site, record, Would(code=code, plan=None, targets=tuple(names)))
    # What only reads collides with nobody and owes nobody a review. A clock that is not set after a power
    # cut must not stop the check: the newest entry's time is the least that it can be, and bounds the rest.
    known = max(asked.now, asked.last_entry or asked.now)
    answer = decide(replace(asked, now=known, locks={}, reviews_owed=()))
    if isinstance(answer, Refusal):
        causes = [{"reason": cause.reason.value, "facts": dict(cause.facts)} for cause in answer.causes]
        draft = Draft(kind="check.refused", of=record.id, by=site.actor().name, body={"causes": causes})
        with contextlib.suppress(LedgerUnwritable):
            site.ledger.append(draft)
        raise GateRefused(answer)
    return {"subject": answer.subject, "policy": answer.policy, "approvers": list(answer.approvers)}


@contextmanager
def alone(site: Site, work: str) -> Iterator[Path]:
    """Hold this work's folder for a block: two checks at once are impossible.

    Raises:
        AlreadyChecking: Another process holds it.
    """
    folder = folder_of(site, work)
    try:
        with occupied(folder):
            yield folder
    except Occupied as error:
        if error.facts.get("run") != folder.name:
            raise
        raise AlreadyChecking(work=work) from None


def folder_of(site: Site, work: str) -> Path:
    """Where the checks of a work keep their lock and what has not been sent yet."""
    return site.settings.state / "checks" / work


def close_orphans(site: Site, work: str) -> None:
    """Close the checks of this work whose process is gone. The caller holds the work's folder."""
    for record in open_checks(site.ledger):
        if record.work == work:
            body = _closing(INTERRUPTED, ExitCode.INTERRUPTED, {"why": "the process ended"})
            site.ledger.append(Draft(kind="check.closed", of=record.id, by=KEEPER, body=body))


def to_continue(site: Site, work: str, now: datetime) -> CheckRecord | None:
    """The watch that goes on: the newest check, if it was interrupted and its time is not over."""
    newest = next(iter(check_records(site.ledger, work, limit=1)), None)
    if newest is None or newest.state != INTERRUPTED or newest.deadline is None:
        return None
    return newest if stamp(now) < newest.deadline else None


def open_check(site: Site, given: Grant, *, deadline: datetime | None, baseline: str | None) -> str:
    """Record that a check begins; its name."""
    behind = clock_behind(site)
    body: dict[str, object] = {
        "work": given.work.name,
        "change": given.change,
        "permit": dict(given.permit) if given.permit else None,
        "inputs": dict(given.inputs),
        "items": len(given.items),
        "deadline": stamp(deadline) if deadline else None,
        "baseline": baseline,
        "code": given.code.digest,
        "host": socket.gethostname(),
        "clock_behind_seconds": round(behind.total_seconds()) if behind else 0,
    }
    return begin(site, given.operator, body, *code_drafts(site, given.code, given.operator))


def begin(site: Site, by: str, body: Mapping[str, object], *before: Draft) -> str:
    """Record that a check of any kind begins; its name."""
    for attempt in range(_ATTEMPTS):
        name = next_check(site.ledger)
        try:
            site.ledger.append(*before, Draft(kind="check.opened", of=name, by=by, body=body))
        except Taken:
            if attempt == _ATTEMPTS - 1:
                raise
        else:
            return name
    raise AssertionError("unreachable")


def close_check(
    site: Site, name: str, by: str, exit_code: ExitCode, facts: Mapping[str, object] | None = None
) -> None:
    """Record how a check ended, whatever happened; a full disk gives up its reserve for it."""
    state = INTERRUPTED if exit_code is ExitCode.INTERRUPTED else DONE
    draft = Draft(kind="check.closed", of=name, by=by, body=_closing(state, exit_code, facts or {}))
    try:
        site.ledger.append(draft)
    except LedgerUnwritable:
        site.ledger.release_reserve()
        site.ledger.append(draft)


def _closing(state: str, exit_code: ExitCode, facts: Mapping[str, object]) -> dict[str, object]:
    return {"state": state, "exit": int(exit_code), "counts": {}, "causes": [], **facts}


@contextmanager
def recorded(site: Site, work: str, inputs: Mapping[str, object]) -> Iterator[tuple[str, dict[str, int]]]:
    """A check around a block that counts what it finds; its name, and where to count.

    Raises:
        NotAllowed: The acting person may not operate this work.
    """
    by = site.actor_who_may("operate", work)
    body = {"work": work, "change": None, "deadline": None, "baseline": None, "inputs": dict(inputs)}
    check, counts, code = begin(site, by, body), dict[str, int](), ExitCode.INTERRUPTED
    try:
        yield check, counts
        code = ExitCode.DONE
    finally:
        close_check(site, check, by, code, {"counts": counts})
