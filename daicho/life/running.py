"""A change runs: the gate decides, a run is opened, waves go out, and the run is always closed."""

from __future__ import annotations

import contextlib
import socket
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from daicho import clock
from daicho.archive import NotKept
from daicho.change import State
from daicho.errors import LedgerUnwritable, Refused
from daicho.gate import Refusal, decide
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.items.apart import apart
from daicho.ledger.entry import Draft
from daicho.life.asking import Would, question
from daicho.life.auditing import fix_head
from daicho.life.entering import entered
from daicho.life.execution import Errand, Execution, remaining, unrecorded
from daicho.life.keeping import keep_left
from daicho.life.knocking import absent
from daicho.life.orphans import close_orphans, free_run
from daicho.life.planning import joined, meant, plan_drafts, rehearse, resolve, told_beside
from daicho.life.rings import held
from daicho.life.workplace import Workplace, code_drafts, workplace
from daicho.outcome import Outcome
from daicho.plan import Plan
from daicho.records.changes import change_record, recorded_plan
from daicho.records.runs import next_run, run_record, run_records
from daicho.runners.engines import start_engine
from daicho.waves import split
from daicho.works import work_named

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from daicho.door import Watch
    from daicho.gate import Permit
    from daicho.records.changes import ChangeRecord
    from daicho.records.runs import RunRecord
    from daicho.rings import Wait
    from daicho.site import Site
    from daicho.works.work import Work


class GateRefused(Refused):
    """The gate said no; every cause is in the sentence."""

    sentence = "{causes}"

    def __init__(self, refusal: Refusal) -> None:
        """Carry the refusal for whoever wants its causes one by one."""
        super().__init__(causes=str(refusal))
        self.refusal = refusal


class RecordLost(LedgerUnwritable):
    """The record failed in the middle of a run, and even its end could not be written."""

    sentence = N_(
        "{run} was stopped: the ledger {path} cannot be written any more ({why}). {remedy} Then see what "
        "is unknown with `daicho show {change}` and go on: `daicho run {change} --resume`."
    )


@dataclass(frozen=True, kw_only=True)
class RunEnd:
    """How a run ended."""

    run: str
    change: str
    state: State
    outcomes: Mapping[str, Outcome]
    left_out: tuple[str, ...]
    """Targets that could not be rehearsed and are owed."""
    stopped: str | None
    held: Wait | None
    """The ring that waits for the one before it."""
    complete: bool
    """Everything that happened is on record."""


def run_change(
    site: Site, change: str, watch: Watch, *, resume: bool = False, only: frozenset[str] | None = None
) -> RunEnd:
    """Run an approved change, or go on with the run of it that is owing (or, with resume, interrupted).

    Args:
        site: Where.
        change: Which.
        watch: Who sees the progress.
        resume: Go on with a run that was interrupted, too.
        only: Of its targets, only these now; the others stay as they are.

    Raises:
        GateRefused: The gate said no; nothing was started, and the refusal is recorded.
        LedgerUnwritable: Nothing was started.
        RecordLost: Something was, and its end could not be recorded; the next command does it.
    """
    close_orphans(site)
    record = change_record(site.ledger, change)
    earlier = _to_continue(site, record, resume=resume)
    name = earlier.id if earlier else free_run(site.settings, next_run(site.ledger))
    with workplace(site, name) as place:
        plan = _plan(place, record, watch, earlier, only)
        permit = _permit(place, change_record(site.ledger, change), plan, earlier)
        attempt = Attempt(place=place, record=record, plan=plan, permit=permit, earlier=earlier, only=only)
        execution = attempt.open(watch)
        complete = False
        try:
            complete = attempt.waves(execution, watch)
        except (LedgerUnwritable, OSError) as fault:
            execution.stopped = execution.stopped or unrecorded(fault, site.settings.runs)
        finally:
            end = attempt.close(execution, complete=complete)
        attempt.keep_configurations()
    fix_head(site)
    return end


def _to_continue(site: Site, record: ChangeRecord, *, resume: bool) -> RunRecord | None:
    continues = record.state is State.OWING or (resume and record.state is State.INTERRUPTED)
    if not continues or record.document.kind == "standard":
        return None
    return run_record(site.ledger, run_records(site.ledger, record.id)[-1].id)


def _plan(
    place: Workplace,
    record: ChangeRecord,
    watch: Watch,
    earlier: RunRecord | None,
    only: frozenset[str] | None,
) -> Plan:
    """The plan to run: the recorded one, or for a standard or emergency change one made now."""
    kind, site = record.document.kind, place.site
    recorded = recorded_plan(site.ledger, record)
    if kind == "normal" or earlier or (kind == "emergency" and recorded):
        if recorded is None:
            raise _refused(site, record, _decide(place, record, None, ()))
        return recorded
    items = [item for item in resolve(site, record) if only is None or item.name in only]
    answer = _decide(place, record, None, tuple(item.name for item in items))
    if isinstance(answer, Refusal):
        raise _refused(site, record, answer)
    watch.phase(_("rehearsal"), len(items))
    number = (record.planned or {}).get("plan", 0) + 1
    targets = rehearse(place, record, items, watch)
    plan = Plan(change=record.id, number=number, code=place.code.digest, targets=targets)
    by = site.actor().name
    site.ledger.append(*code_drafts(site, place.code, by), *plan_drafts(record, plan, by))
    return plan


def _permit(place: Workplace, record: ChangeRecord, plan: Plan, earlier: RunRecord | None) -> Permit:
    names = tuple(target.target for target in plan.taking_part)
    answer = _decide(place, record, plan, names, earlier.id if earlier else None)
    if isinstance(answer, Refusal):
        raise _refused(place.site, record, answer)
    return answer


def _decide(
    place: Workplace,
    record: ChangeRecord,
    plan: Plan | None,
    targets: tuple[str, ...],
    resumes: str | None = None,
) -> Permit | Refusal:
    would = Would(code=place.code, plan=plan, targets=targets)
    return decide(question(place.site, record, would, resumes=resumes))


def _refused(site: Site, record: ChangeRecord, answer: Permit | Refusal) -> GateRefused:
    """Record a refusal, where the ledger still takes it, and make it an error."""
    refusal = answer if isinstance(answer, Refusal) else Refusal(causes=())
    causes = [{"reason": cause.reason.value, "facts": dict(cause.facts)} for cause in refusal.causes]
    draft = Draft(kind="run.refused", of=record.id, by=site.actor().name, body={"causes": causes})
    with contextlib.suppress(LedgerUnwritable):
        site.ledger.append(draft)
    return GateRefused(refusal)


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One start of a run: its first, or one that goes on where an earlier one stopped."""

    place: Workplace
    record: ChangeRecord
    plan: Plan
    permit: Permit
    earlier: RunRecord | None
    only: frozenset[str] | None = None
    """Of the targets, only these now."""

    @property
    def run(self) -> str:
        """The run's name."""
        return self.place.name

    @property
    def site(self) -> Site:
        """Where it runs."""
        return self.place.site

    @property
    def _work(self) -> Work:
        return work_named(self.record.document.work)

    def open(self, watch: Watch) -> Execution:
        """Record that the run opens (which burns the approval) or goes on; its door."""
        earlier = self.earlier.targets if self.earlier else ()
        settled = {each.target: each.outcome for each in earlier if each.outcome and not each.outcome.owed}
        names = self._remaining(settled)
        errand = Errand(
            run=self.run,
            operator=self.permit.operator,
            plan=self.plan,
            budget=self.record.document.budget or self.site.policy.budget,
            total=len(self.plan.taking_part),
            begun_before=frozenset(each.target for each in earlier if each.intended),
        )
        kind = "run.resumed" if self.earlier else "run.opened"
        self.site.ledger.append(
            *code_drafts(self.site, self.place.code, self.permit.operator),
            Draft(kind=kind, of=self.run, by=self.permit.operator, body=self._opening(names)),
        )
        return Execution(
            errand,
            self.place,
            watch,
            settled=settled,
            variables=joined(
                told_beside(self.site, self.record, names),
                {
                    each.target: {"daicho_wanted": dict(each.after), "daicho_run": self.run}
                    for each in self.plan.taking_part
                },
            ),
        )

    def waves(self, execution: Execution, watch: Watch) -> bool:
        """Send out wave after wave; whether everything that happened came through to the record."""
        document = self.record.document
        names = self._remaining(execution.outcomes)
        items = {item.name: item for item in meant(self.site, self.record)}
        rings = self.site.policy.rings
        rule = apart(items.values(), self._work.in_turn, rings.order if rings else ())
        waves = split(names, document.waves or self.site.policy.waves, rule)
        enters = self._work.enters_targets
        for number, wave in enumerate(waves, start=1):
            if why := execution.stopped or self._out_of_time():
                execution.skip(wave, why)
                continue
            if wait := held(self.site, self.record, wave, items):
                execution.hold(wait)
                break
            execution.skip([name for name in wave if name not in items], _("it is no longer an item"))
            chosen = [items[name] for name in wave if name in items]
            if not chosen:
                continue
            watch.phase(_("wave {number} of {count}").format(number=number, count=len(waves)), len(chosen))
            execution.begin_wave(chosen, number)
            if not execution.leave_out(absent(self.site, chosen) if enters else {}):
                continue
            end = start_engine(self.place.job(self.record, check=False, targets=len(chosen)), execution)
            execution.settle_wave("" if end.recorded else end.said)
            if not end.recorded:
                return False
        return True

    def close(self, execution: Execution, *, complete: bool) -> RunEnd:
        """Record how the run ended, whatever happened; a full disk gives up its reserve for it."""
        left = execution.leave(_("the run was interrupted"))
        outcomes = execution.outcomes
        state = closing_state(
            outcomes, [target.target for target in self.plan.taking_part], complete=complete
        )
        counts = Counter(outcome.value for outcome in outcomes.values())
        body: dict[str, object] = {
            "change": self.record.id,
            "state": state.value,
            "complete": complete,
            "counts": dict(counts),
            "left_out": len(self.plan.left_out),
            "stopped": execution.stopped,
            "held": str(execution.held) if execution.held else None,
        }
        closed = Draft(kind="run.closed", of=self.run, by=self.permit.operator, body=body)
        self._append_at_the_end(*left, *entered(self, outcomes), closed)
        return RunEnd(
            run=self.run,
            change=self.record.id,
            state=state,
            outcomes=outcomes,
            left_out=tuple(target.target for target in self.plan.left_out),
            stopped=execution.stopped,
            held=execution.held,
            complete=complete,
        )

    def _remaining(self, outcomes: Mapping[str, Outcome]) -> list[str]:
        left = [target.target for target in remaining(self.plan, outcomes)]
        return [name for name in left if self.only is None or name in self.only]

    def keep_configurations(self) -> None:
        """Keep what the engine left of devices' configurations; what fails here, the next backup does."""
        with contextlib.suppress(NotKept, LedgerUnwritable):
            keep_left(self.site, self.run, self.record.id, self.record.document.title, self.permit.operator)

    def _append_at_the_end(self, *drafts: Draft) -> None:
        ledger = self.site.ledger
        try:
            ledger.append(*drafts)
        except LedgerUnwritable:
            ledger.release_reserve()
            try:
                ledger.append(*drafts)
            except LedgerUnwritable as fault:
                raise RecordLost(None, **fault.facts, run=self.run, change=self.record.id) from fault

    def _opening(self, names: list[str]) -> dict[str, object]:
        subject = self.record.subject
        return {
            "change": self.record.id,
            "work": self.record.document.work,
            "kind": self.record.document.kind,
            "plan": self.plan.number,
            "targets": names,
            "permit": {
                "subject": self.permit.subject,
                "policy": self.permit.policy,
                "approvers": list(self.permit.approvers),
            },
            "nonce": subject.nonce if subject else "",
            "code": self.place.code.digest,
            "host": socket.gethostname(),
        }

    def _out_of_time(self) -> str | None:
        if self.record.document.kind == "emergency":
            return None
        now, window = clock.now(), self.record.document.window
        if window and now >= window.end:
            return _("the window has closed")
        if freeze := self.site.policy.freeze_at(self.record.document.work, now):
            return _("{freeze} has begun").format(freeze=freeze.name)
        return None


def closing_state(outcomes: Mapping[str, Outcome], targets: Sequence[str], *, complete: bool) -> State:
    """What a change is after a run with these outcomes."""
    if not complete:
        return State.INTERRUPTED
    found = [outcomes.get(target, Outcome.SKIPPED) for target in targets]
    if any(outcome.owed for outcome in found):
        return State.OWING
    return State.DONE if all(outcome.settled for outcome in found) else State.FAILED
