"""A change as people read it: what is asked for, what would happen, who agreed, what is next."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from daicho.change import State
from daicho.clock import stamp
from daicho.errors import UnknownObject
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.report.facts import facts_block
from daicho.report.inputs import inputs_words, told_inputs
from daicho.report.listing import Column, Listing
from daicho.report.nouns import nouns_of
from daicho.report.planned import PlanScreen, plan_json
from daicho.report.ringed import rings_json, rings_part
from daicho.report.target import TargetReport
from daicho.report.words import (
    CAREFUL,
    GOOD,
    RED,
    heading,
    kind_text,
    person,
    state_text,
    when,
    window,
)
from daicho.selector import echo
from daicho.waves import Apart
from daicho.works import WORKS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import RenderableType

    from daicho.approval import Approval
    from daicho.plan import Plan
    from daicho.policy import Policy
    from daicho.records.changes import ChangeRecord
    from daicho.records.runs import RunRecord
    from daicho.rings import Ring, Wait


@dataclass(frozen=True, kw_only=True)
class ChangeReport:
    """One change with its plan and everything that was decided about it."""

    record: ChangeRecord
    plan: Plan | None
    policy: Policy
    runs: Sequence[RunRecord]
    """Oldest first; the newest with its targets."""
    faults: Mapping[int, str]
    """Approval entry → why its signature does not hold."""
    apart: Apart = field(default_factory=Apart)
    """Who is not in one wave with whom."""
    rings: Sequence[Ring] = ()
    """How its rings stand, once it has run."""
    wait: Wait | None = None
    """What the next of them waits for."""

    def as_json(self) -> object:
        """Everything; an approval counts for the plan in force or not."""
        record = self.record
        return {
            "change": record.id,
            "state": record.state.value,
            "requester": record.requester,
            "requested_at": stamp(record.requested_at),
            "document": record.document.as_json(),
            "inputs": record.inputs,
            "plan": plan_json(self.plan) if self.plan else None,
            "digest": record.subject.digest if record.subject else None,
            "approvals": [self._approval_json(each) for each in record.approvals],
            "approvers_needed": self.needed,
            "runs": [run.id for run in self.runs],
            **rings_json(self.rings, self.wait),
        }

    def listing(self) -> Listing:
        """One row per difference of each target of the plan."""
        if self.plan is None:
            return Listing(columns=[Column(key="target", heading="target")], rows=[])
        return self._planned(self.plan).listing()

    def screen(self) -> RenderableType:
        """The whole change."""
        parts: list[RenderableType] = [self.title(), self.facts()]
        if self.plan is not None:
            parts.append(self._planned(self.plan).screen())
        parts += [*self.agreement(), *self._runs(), *rings_part(self.rings, self.wait, self.policy)]
        return Group(*parts, Text(f"\n{self.next_step()}", "bold"))

    def short(self) -> RenderableType:
        """What is asked before a run: the change, its sum and its approvals, without every machine."""
        parts: list[RenderableType] = [self.title(), self.facts()]
        if self.plan is not None:
            parts.append(self._planned(self.plan, by_target=False).screen())
        return Group(*parts, *self.agreement(), Text(""))

    def only(self, name: str) -> TargetReport:
        """One target of the plan, in full.

        Raises:
            UnknownObject: It is not in the plan, or there is none.
        """
        target = self.plan.of(name) if self.plan else None
        if target is None:
            raise UnknownObject(kind=_("target"), name=name, listing=f"daicho show {self.record.id}")
        return TargetReport(target)

    @property
    def counting(self) -> tuple[str, ...]:
        """Whose approvals count for the plan in force, as far as signatures and plan go."""
        return tuple(sorted({each.approver for each in self.record.approvals if self._counts(each)}))

    @property
    def needed(self) -> int:
        """How many people must agree."""
        return self.policy.quorum_for(
            self.record.document.kind,
            irreversible=bool(self.plan and self.plan.irreversible),
            targets=len(self.plan.taking_part) if self.plan else 0,
        )

    def title(self) -> RenderableType:
        """The change's name, title and state; an emergency is red."""
        style = RED if self.record.document.kind == "emergency" else "bold"
        line = Text(f"{self.record.id}  {self.record.document.title}", style)
        return line.append("  [").append_text(state_text(self.record.state)).append("]\n")

    def facts(self) -> RenderableType:
        """Who asked for what, why and when it may run."""
        document, policy = self.record.document, self.policy
        work = WORKS.get(document.work)
        title = f"{_(work.title)} ({document.work})" if work else document.work
        pairs: list[tuple[str, RenderableType]] = [
            (_("work"), title),
            (_("why"), document.reason),
            (_("ticket"), document.ticket or "-"),
            (_("class"), kind_text(document.kind)),
            (
                _("asked by"),
                f"{person(policy, self.record.requester)}, {when(policy, self.record.requested_at)}",
            ),
            (_("window"), window(policy, document.window)),
            (_("targets"), self._targets_words()),
            (_("inputs"), inputs_words(told_inputs(self.record))),
        ]
        if document.expires:
            pairs.append((_("pre-approved until"), when(policy, document.expires)))
        if document.undo_of:
            pairs.append((_("takes back"), document.undo_of))
        return facts_block(pairs)

    def agreement(self) -> list[RenderableType]:
        """Who agreed, to this plan or to an older one."""
        if self.record.document.kind == "emergency":
            return [Text(_("\nEMERGENCY: it runs without approval and is reviewed afterwards."), RED)]
        lines: list[RenderableType] = [self._approval_line(each) for each in self.record.approvals]
        said = _("Approvals: {have} of {needed}").format(have=len(self.counting), needed=self.needed)
        return [heading(said), *lines, *self._closed()]

    def next_step(self) -> str:
        """What to type next."""
        state, name = self.record.state, self.record.id
        if self.record.document.kind == "emergency" and state in {State.DRAFT, State.PLANNED}:
            return _("Next: `daicho run {change}`").format(change=name)
        work = WORKS[self.record.document.work]
        template = _NEXT.get(state) if work.writes else _NEXT_OF_CHECKS.get(state)
        if state == State.OWING and work.writes:
            again = self.record.document.kind == "standard" and work.owes
            template = _TRY_OWED if again else nouns_of(work.name).next_try
        if state == State.PLANNED and self.plan and not self.plan.taking_part:
            template = _NOBODY
        if state == State.DONE and self.runs:
            template = self._after(self.runs[-1]) or template
        run = self.runs[-1].id if self.runs else "-"
        said = {"change": name, "run": run, "command": work.command, "work": work.name}
        return _(template).format(**said) if template else ""

    def _after(self, run: RunRecord) -> str | None:
        if not run.touched:
            return _NOTHING
        return _NO_WAY_BACK if self.plan and not self.plan.returnable(run.touched) else None

    def _planned(self, plan: Plan, *, by_target: bool = True) -> PlanScreen:
        return PlanScreen(
            plan=plan,
            document=self.record.document,
            policy=self.policy,
            by_target=by_target,
            apart=self.apart,
        )

    def _targets_words(self) -> str:
        document = self.record.document
        said = ", ".join(echo(each) for each in document.targets)
        if document.exclude:
            said += " " + _("except {names}").format(names=", ".join(echo(each) for each in document.exclude))
        return said

    def _counts(self, approval: Approval) -> bool:
        return approval.entry not in self.faults and approval.subject == self.record.subject

    def _approval_line(self, approval: Approval) -> Text:
        line = Text(f"  {person(self.policy, approval.approver)}, {when(self.policy, approval.at)}")
        if fault := self.faults.get(approval.entry):
            return line.append(" " + _("does not count: {fault}").format(fault=fault), RED)
        if approval.subject != self.record.subject:
            return line.append(" " + _("for an earlier plan; does not count"), CAREFUL)
        return line.append(" " + _("signed, entry {seq}").format(seq=approval.entry), GOOD)

    def _approval_json(self, approval: Approval) -> dict[str, object]:
        return {
            "approver": approval.approver,
            "at": stamp(approval.at),
            "entry": approval.entry,
            "digest": approval.subject.digest,
            "counts": self._counts(approval),
            "fault": self.faults.get(approval.entry),
        }

    def _closed(self) -> list[RenderableType]:
        words = {
            "change.rejected": _("rejected by {who}: {why}"),
            "change.withdrawn": _("withdrawn by {who}: {why}"),
        }
        return [
            Text(
                "  " + words[entry.kind].format(who=person(self.policy, entry.by), why=entry.body["why"]),
                CAREFUL,
            )
            for entry in self.record.entries
            if entry.kind in words
        ]

    def _runs(self) -> list[RenderableType]:
        if not self.runs:
            return []
        return [heading(_("Runs: {names}").format(names=", ".join(run.id for run in self.runs)))]


_NEXT = {
    State.DRAFT: N_("Next: `daicho plan {change}`"),
    State.PLANNED: N_("Next: another person approves it: `daicho approve {change} --key FILE`"),
    State.APPROVED: N_("Next: `daicho run {change}`"),
    State.RUNNING: N_("It is running: `daicho show {run}`"),
    State.INTERRUPTED: N_("Next: `daicho run {change} --resume`"),
    State.DONE: N_(
        "Done. What was done: `daicho show {run}`; to take it back: `daicho undo {run} --reason WHY`"
    ),
    State.FAILED: N_("Over, with failures. What happened where: `daicho show {run}`"),
}
_TRY_OWED = N_("Next: `daicho retry {change}` tries those again that owe it and have been seen since")
_NOBODY = N_("Next: see to what could not be read, then `daicho plan {change}` again")
_NO_WAY_BACK = N_("Done, and it cannot be taken back. What was done: `daicho show {run}`")
_NOTHING = N_("Done; nothing had to be changed. What was looked at: `daicho show {run}`")
_NEXT_OF_CHECKS = {
    State.DRAFT: _NEXT[State.PLANNED],
    State.APPROVED: N_(
        "Next: `{command} --change {change}`; by itself: `daicho schedule install {work} --change {change}`"
    ),
}
"""What only reads is neither planned nor run."""
