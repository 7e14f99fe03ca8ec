"""The door of a run: every effect is on disk before it happens, every outcome after.

It holds what is known of each target and decides, target by target, whether the engine goes on:
as planned, drifted, outside the approval, or the budget is used up.
"""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from daicho.door import Answer, Verdict
from daicho.errors import LedgerUnwritable, Refused
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.ledger.database import unwritable
from daicho.ledger.entry import Draft
from daicho.life.rehearsal import served
from daicho.outcome import Outcome
from daicho.plan import drift, missed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from daicho.budget import Budget
    from daicho.door import Intention, TaskResult, Watch
    from daicho.items.item import Item
    from daicho.life.workplace import Workplace
    from daicho.plan import Plan, TargetPlan, TargetState
    from daicho.rings import Wait


class NotARehearsal(Refused):
    """The engine says that it only rehearses, in a run that is meant in earnest."""

    sentence = N_("This run is in earnest; check mode belongs to `daicho plan`.")


@dataclass(frozen=True, kw_only=True)
class Errand:
    """What one run has to do."""

    run: str
    operator: str
    plan: Plan
    budget: Budget
    total: int
    """All targets of the run: shares of the budget are of these."""
    begun_before: frozenset[str] = frozenset()
    """Targets that an earlier attempt of this run may have changed in part."""


class Execution:
    """Answers the engine of one run, over all its waves."""

    def __init__(
        self,
        errand: Errand,
        place: Workplace,
        watch: Watch,
        *,
        settled: Mapping[str, Outcome],
        variables: Mapping[str, Mapping[str, object]],
    ) -> None:
        """Begin with what earlier attempts of the same run left behind."""
        self._errand = errand
        self._place = place
        self._ledger = place.site.ledger
        self._watch = watch
        self._variables = variables
        self._outcomes: dict[str, Outcome] = dict(settled)
        self._intended = set[str]()
        self._troubles: dict[str, tuple[Outcome, str]] = {}
        self._unrecorded = set[str]()
        self._wave: dict[str, Item] = {}
        self._counts = Counter(settled.values())
        self._lock = Lock()
        self.stopped: str | None = None
        """Why no further target is begun."""
        self.held: Wait | None = None
        """The ring that is not begun yet: nothing is wrong, it is not its turn."""
        self._check_budget()

    @property
    def outcomes(self) -> Mapping[str, Outcome]:
        """How each target has ended so far."""
        return dict(self._outcomes)

    def begin_wave(self, items: Sequence[Item], number: int) -> None:
        """Record a wave and let the engine have these targets."""
        self._wave = {item.name: item for item in items}
        self._record("run.wave", {"wave": number, "targets": list(self._wave)})

    def leave_out(self, silent: Mapping[str, str]) -> int:
        """Settle the targets of the wave that do not answer; how many are left for the engine."""
        self._settle([(name, Outcome.UNREACHABLE, why) for name, why in silent.items()])
        return len(self._wave) - len(silent)

    def settle_wave(self, said: str) -> None:
        """Give every target of the wave that has no outcome the one that fits what is known."""
        open_ones = [name for name in self._wave if name not in self._outcomes]
        self._settle([(name, *self._left_open(name, said)) for name in open_ones])

    def leave(self, why: str) -> list[Draft]:
        """The entries that say of each target that may have been touched how it was left."""
        left = [
            (name, *self._left_open(name, why))
            for name in self._wave
            if name not in self._outcomes and (name in self._intended or name in self._troubles)
        ]
        self._outcomes |= {name: outcome for name, outcome, _why in left}
        return self._outcome_drafts(left)

    def hold(self, wait: Wait) -> None:
        """Record that a ring waits; its targets stay owing without an outcome of their own."""
        self.held = wait
        self._record("run.held", {"ring": wait.ring, "before": wait.before.name, "why": str(wait)})

    def skip(self, names: Sequence[str], why: str) -> None:
        """Record that targets were not begun."""
        self._settle([(name, Outcome.SKIPPED, why) for name in names])

    # What the engine asks

    def may_start(self, *, check: bool) -> str | None:
        """Only in earnest, and not after the run was stopped."""
        return str(NotARehearsal()) if check else self.stopped

    def inventory(self) -> Answer:
        """The targets of this wave."""
        going = [item for name, item in self._wave.items() if name not in self._outcomes]
        return served(going, self._variables)

    def alive(self) -> None:
        """Release the credentials."""
        self._place.release()

    def secret(self, name: str) -> str:
        """A secret by name."""
        return self._place.secret(name)

    def task_starts(self, task: str, path: str) -> None:
        """Write a task ahead."""
        self._record("task.started", {"task": task, "path": path})
        self._watch.task(task)

    def task_ended(self, task: str, results: Sequence[TaskResult]) -> None:
        """Record how a task ended, and settle the targets that can go no further."""
        ends: dict[str, object] = {"task": task, "ok": sum(result.status == "ok" for result in results)}
        for status in ("changed", "skipped"):
            if named := sorted(result.target for result in results if result.status == status):
                ends[status] = named
        for status in ("failed", "unreachable"):
            if told := {result.target: result.message for result in results if result.status == status}:
                ends[status] = told
        self._record("task.ended", ends)
        for result in results:
            if result.status in {"failed", "unreachable"}:
                self._note_trouble(task, result)

    def intend(self, intention: Intention) -> Verdict:
        """Compare a target with its approved plan, and record the intent before it is touched."""
        plan = self._errand.plan.of(intention.target)
        if plan is None or not plan.takes_part or intention.target not in self._wave:
            return Verdict(
                verdict="stop",
                why=_("{target} is not part of what was approved").format(target=intention.target),
            )
        if self.stopped:
            self._settle([(plan.target, Outcome.SKIPPED, self.stopped)])
            return Verdict(verdict="stop", why=self.stopped)
        found = drift(plan, intention.before, resumed=plan.target in self._errand.begun_before)
        if found:
            why = "; ".join(str(each) for each in found)
            self._settle([(plan.target, Outcome.DRIFTED, why)])
            return Verdict(verdict="drifted", why=why)
        with self._recording(plan.target):
            self._record("target.intended", {"target": plan.target, "fingerprint": plan.fingerprint})
        with self._lock:
            self._intended.add(plan.target)
        approved = {"before": dict(plan.before), "after": dict(plan.after), "inputs": {}}
        return Verdict(verdict="go", approved=approved)

    def confirm(self, target: str, now: TargetState, *, lost: str = "", said: str = "") -> Answer:
        """Compare a target with what was wanted, and record its outcome."""
        plan = self._errand.plan.of(target)
        if plan is None or target not in self._intended:
            return {"outcome": "unknown", "why": _("{target} was never begun").format(target=target)}
        lacking = missed(plan, now)
        why = lost or "; ".join(str(each) for each in lacking) or said
        reached = Outcome.CHANGED if plan.differences else Outcome.UNCHANGED
        outcome = Outcome.UNKNOWN if lacking or lost else reached
        with self._recording(target):
            self._settle([(target, outcome, why)])
        return {"outcome": outcome.value, "why": why}

    # What follows from it

    def _note_trouble(self, task: str, result: TaskResult) -> None:
        if result.target in self._outcomes:
            return
        began = result.target in self._intended
        if result.target in self._unrecorded:
            # It is our record that failed, not the target.
            outcome = Outcome.UNKNOWN if began else Outcome.SKIPPED
        elif result.status == "unreachable":
            # An effect may have happened and nobody can look: that is "could not tell", not "failed".
            outcome = Outcome.UNKNOWN if began else Outcome.UNREACHABLE
        else:
            outcome = Outcome.FAILED
        with self._lock:
            self._forget_trouble(result.target)
            self._troubles[result.target] = (outcome, f"{task}: {result.message}")
            self._counts[outcome] += 1
        self._check_budget()

    def _left_open(self, target: str, said: str) -> tuple[Outcome, str]:
        if target in self._troubles:
            return self._troubles[target]
        if target in self._intended:
            return Outcome.UNKNOWN, said or _("the engine ended before it was confirmed")
        return Outcome.SKIPPED, said or _("the engine ended before it was begun")

    def _settle(self, ends: Sequence[tuple[str, Outcome, str]]) -> None:
        """Record the outcomes of targets, all on disk together."""
        self._append(*self._outcome_drafts(ends))
        with self._lock:
            for target, outcome, _why in ends:
                self._forget_trouble(target)
                self._outcomes[target] = outcome
                self._counts[outcome] += 1
        for target, outcome, why in ends:
            self._watch.target(target, outcome.label, why)
        self._check_budget()

    def _forget_trouble(self, target: str) -> None:
        if target in self._troubles:
            self._counts[self._troubles.pop(target)[0]] -= 1

    def _check_budget(self) -> None:
        exceeded = self._errand.budget.exceeded(self._counts, self._errand.total)
        if exceeded and not self.stopped:
            self.stopped = _("the failure budget is used up: {why}").format(why=exceeded)

    def _record(self, kind: str, body: Mapping[str, object]) -> None:
        self._append(self._draft(kind, body))

    def _append(self, *drafts: Draft) -> None:
        try:
            self._ledger.append(*drafts)
        except LedgerUnwritable as fault:
            self.stopped = self.stopped or unrecorded(fault, self._ledger.path)
            raise

    @contextmanager
    def _recording(self, target: str) -> Iterator[None]:
        """Keep in mind that a target fails only because its entry could not be written."""
        try:
            yield
        except LedgerUnwritable:
            with self._lock:
                self._unrecorded.add(target)
            raise

    def _outcome_drafts(self, ends: Sequence[tuple[str, Outcome, str]]) -> list[Draft]:
        return [
            self._draft("target.outcome", {"target": target, "outcome": outcome.value, "why": why[:1000]})
            for target, outcome, why in ends
        ]

    def _draft(self, kind: str, body: Mapping[str, object]) -> Draft:
        return Draft(kind=kind, of=self._errand.run, by=self._errand.operator, body=body)


def unrecorded(fault: LedgerUnwritable | OSError, path: Path) -> str:
    """Why a run stops that cannot be recorded, or cannot write its log and inputs under `path`."""
    facts = fault.facts if isinstance(fault, LedgerUnwritable) else unwritable(path, fault).facts
    return _("{path} could not be written ({why})").format(path=facts["path"], why=facts["why"])


def remaining(plan: Plan, outcomes: Mapping[str, Outcome]) -> list[TargetPlan]:
    """The targets of a plan that an earlier attempt did not bring to their end, in going order."""
    return [target for target in plan.in_going_order if not _over(outcomes.get(target.target))]


def _over(outcome: Outcome | None) -> bool:
    return outcome is not None and not outcome.owed
