"""A run as people read it the next morning: what was changed on which machine, under whose approval."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.text import Text

from daicho.change import State
from daicho.craft import SLIPS
from daicho.errors import UnknownObject
from daicho.i18n import N_, ngettext
from daicho.i18n import gettext as _
from daicho.outcome import Outcome
from daicho.plan import TargetPlan
from daicho.report.afterwards import next_step
from daicho.report.cells import after_cell, before_cell, grouped, moment, outcome_cell, tells_of_change
from daicho.report.facts import facts_block
from daicho.report.listing import Column, Listing, table
from daicho.report.nouns import nouns_of
from daicho.report.summary import bare
from daicho.report.words import (
    CAREFUL,
    GOOD,
    RED,
    heading,
    iso_stamp,
    key_words,
    kind_text,
    outcome_text,
    people,
    person,
    reason_words,
    share,
    some,
    state_text,
    when,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from rich.console import RenderableType

    from daicho.ledger.entry import Entry
    from daicho.plan import Difference, Plan
    from daicho.policy import Policy
    from daicho.records.changes import ChangeRecord
    from daicho.records.runs import RunRecord, TargetResult
    from daicho.report.carried import Carried
    from daicho.report.listing import Row
    from daicho.report.nouns import Nouns

NAMED = 20
"""Targets named with their reason in the compliance sentence's list."""


@dataclass(frozen=True, kw_only=True)
class RunReport:
    """One run with the change and the plan that it carried out."""

    run: RunRecord
    change: ChangeRecord
    plan: Plan
    policy: Policy
    entries: Sequence[Entry]
    """`run.` entries, oldest first."""
    folder: Path
    """The run's folder: its log lies there."""
    carried: Mapping[str, Carried] = field(default_factory=dict)
    """Key of a state that holds a rule → what was done for it."""

    def as_json(self) -> object:
        """Everything."""
        run = self.run
        return {
            "run": run.id,
            "change": run.change,
            "work": run.work,
            "class": run.kind,
            "state": run.state,
            "operator": run.operator,
            "opened_at": iso_stamp(run.opened_at),
            "closed_at": iso_stamp(run.closed_at),
            "reviewed": run.reviewed,
            "approvers": self.permit.get("approvers", []),
            "permit": self.permit,
            "code": self.opening.get("code"),
            "waves": [list(wave) for wave in self.waves],
            "stopped": self.stopped,
            "held": self.closing.get("held"),
            "compliance": {"total": self.total, "as_approved": len(self.there)},
            "outcomes": {outcome.value: count for outcome, count in run.counts().items()},
            "left_out": [target.target for target in self.plan.left_out],
            "log": str(self.log) if self.log else None,
            "slips": str(self.slips_folder) if self.slips else None,
            "targets": [self._target_json(each) for each in self.results],
        }

    def listing(self) -> Listing:
        """One row per difference of each target."""
        columns = ("run", "target", "outcome", "why", "key", "before", "after", "done")
        rows = [row for each in self.results for row in self._rows(each)]
        return Listing(columns=[Column(key=key, heading=key) for key in columns], rows=rows)

    def screen(self) -> RenderableType:
        """The whole account."""
        return Group(
            self.title(),
            self.facts(),
            *self._waves_lines(),
            heading(_("What was done")),
            self._changes(),
            *self.verdict(),
        )

    def brief(self) -> RenderableType:
        """What the operator sees when the run is over."""
        account = _(self.nouns.account).format(run=self.run.id)
        return Group(self.title(), self.outcomes(), *self.verdict(), Text(account, "bold"))

    def only(self, name: str) -> RunReport:
        """The same run with one target only.

        Raises:
            UnknownObject: It was not in this run.
        """
        chosen = tuple(each for each in self.run.targets if each.target == name)
        if not chosen:
            raise UnknownObject(kind=_("target"), name=name, listing=f"daicho show {self.run.id}")
        plan = replace(self.plan, targets=tuple(each for each in self.plan.targets if each.target == name))
        return replace(self, run=replace(self.run, targets=chosen), plan=plan)

    @cached_property
    def results(self) -> tuple[TargetResult, ...]:
        """The targets in the plan's order."""
        place = {target.target: number for number, target in enumerate(self.plan.targets)}
        return tuple(sorted(self.run.targets, key=lambda each: place.get(each.target, len(place))))

    @cached_property
    def opening(self) -> dict[str, Any]:
        """The body of the entry that opened the run."""
        return next((entry.body for entry in self.entries if entry.kind == "run.opened"), {})

    @property
    def permit(self) -> dict[str, Any]:
        """What the gate permitted."""
        permit: dict[str, Any] = self.opening.get("permit", {})
        return permit

    @property
    def closing(self) -> dict[str, Any]:
        """The body of the entry that closed it last; empty while it is open."""
        bodies = [entry.body for entry in self.entries if entry.kind == "run.closed"]
        return bodies[-1] if bodies and not self.run.open else {}

    @property
    def stopped(self) -> str | None:
        """Why it stopped by itself."""
        return self.closing.get("stopped")

    @property
    def log(self) -> Path | None:
        """The engine's own log; None: it has none, or it is gone."""
        log = self.folder / "ansible.log"
        return log if log.is_file() else None

    @property
    def waves(self) -> list[list[str]]:
        """The targets wave by wave, over all attempts."""
        return [list(entry.body["targets"]) for entry in self.entries if entry.kind == "run.wave"]

    @cached_property
    def slips(self) -> int:
        """How many slips with passwords lie in the run's folder."""
        return sum(not path.name.startswith(".") for path in self.slips_folder.glob("*"))

    @property
    def slips_folder(self) -> Path:
        """Where the run's slips are, if it made any."""
        return self.folder / SLIPS

    @property
    def nouns(self) -> Nouns:
        """What its targets are called."""
        return nouns_of(self.run.work)

    @property
    def total(self) -> int:
        """All targets that the change meant."""
        return len(self.plan.targets)

    @property
    def there(self) -> list[TargetResult]:
        """The targets that are as approved."""
        return [each for each in self.run.targets if each.outcome and each.outcome.settled]

    def title(self) -> RenderableType:
        """The run's name and how it ended; an emergency is red."""
        style = RED if self.run.kind == "emergency" else "bold"
        line = Text(f"{self.run.id}  {self.change.document.title}", style)
        line.append("  [").append_text(state_text(State(self.run.state))).append("]\n")
        if self.run.kind == "emergency":
            line.append_text(self._emergency())
        return line

    def facts(self) -> RenderableType:
        """Under whose approval, by whom, when, and where its log is."""
        document, policy = self.change.document, self.policy
        ended = when(policy, moment(self.run.closed_at)) if self.run.closed_at else _("not over")
        pairs: list[tuple[str, RenderableType]] = [
            (_("change"), f"{self.run.change} ({document.work})"),
            (_("why"), document.reason),
            (_("ticket"), document.ticket or "-"),
            (_("class"), kind_text(self.run.kind)),
            (_("asked by"), person(policy, self.change.requester)),
            (_("approved by"), self._approvers()),
            (_("run by"), person(policy, self.run.operator)),
            (_("begun"), when(policy, moment(self.run.opened_at))),
            (_("ended"), ended),
            (_("permit"), self._permit_words()),
        ]
        if self.log:
            pairs.append((_("log"), str(self.log)))
        return facts_block(pairs)

    def outcomes(self) -> RenderableType:
        """One line per target; why one is not there is said below it."""
        columns = [
            Column(key="target", heading=self.nouns.one),
            Column(key="outcome", heading=N_("outcome"), show=outcome_cell),
            Column(key="what", heading=N_("what"), optional=True),
        ]
        rows: list[Row] = [
            {"target": each.target, "outcome": each.outcome, "what": self._what(each)}
            for each in self.results
        ]
        rows += [{"target": each.target, "standing": each.standing} for each in self.plan.left_out]
        return table(Listing(columns=columns, rows=rows))

    def verdict(self) -> list[RenderableType]:
        """The compliance figure, who is not there and why, and the next step."""
        complete = len(self.there) == self.total
        said = self.nouns.as_approved(self.total).format(
            part=len(self.there), total=self.total, share=share(len(self.there), self.total)
        )
        lines: list[RenderableType] = [Text(f"\n{said}", f"bold {GOOD if complete else CAREFUL}")]
        missing = self._missing()
        if missing:
            lines.append(Text(_("not there:")))
            lines += [Text("  ").append_text(each) for each in missing[:NAMED]]
        if len(missing) > NAMED:
            lines.append(Text(_("  ... and {more} more").format(more=len(missing) - NAMED)))
        if held := self.closing.get("held"):
            lines.append(Text(_("It goes on later: {why}").format(why=held), CAREFUL))
        if self.stopped:
            lines.append(Text(_("It stopped by itself: {why}").format(why=self.stopped), RED))
        return [*lines, *self._slips_line(), Text(f"\n{self.next_step()}", "bold")]

    def next_step(self) -> str:
        """What to type next."""
        return next_step(self.run, self.plan)

    def _slips_line(self) -> list[RenderableType]:
        if not self.slips:
            return []
        said = ngettext(
            "{count} slip with a password, for its owner alone: {folder}",
            "{count} slips with passwords, each for its owner alone: {folder}",
            self.slips,
        )
        return [Text("\n" + said.format(count=self.slips, folder=self.slips_folder))]

    def _missing(self) -> list[Text]:
        absent = [each for each in self.results if not (each.outcome and each.outcome.settled)]
        said = [
            Text(f"{each.target}: ")
            .append_text(outcome_text(each.outcome))
            .append(f" {reason_words(each.why)}".rstrip())
            for each in absent
        ]
        return said + [
            Text(f"{each.target}: ").append(
                _("not part of the plan: {why}").format(why=reason_words(each.why)), CAREFUL
            )
            for each in self.plan.left_out
        ]

    def _approvers(self) -> RenderableType:
        if self.run.kind == "emergency":
            return Text(_("nobody: it was an emergency"), RED)
        return people(self.policy, list(self.permit.get("approvers", [])))

    def _emergency(self) -> Text:
        if self.run.reviewed:
            who = person(self.policy, self.run.reviewed)
            return Text(_("EMERGENCY: reviewed by {who}\n").format(who=who), RED)
        return Text(_("EMERGENCY: run without approval; the review is owed\n"), f"{RED} reverse")

    def _permit_words(self) -> str:
        seq = next((entry.seq for entry in self.entries if entry.kind == "run.opened"), 0)
        digest = self.permit.get("subject") or "-"
        return _("entry {seq}, digest {digest}").format(seq=seq, digest=digest)

    def _waves_lines(self) -> list[RenderableType]:
        lines = [
            Text("  " + _("wave {number}: {names}").format(number=number, names=some(names, 8)))
            for number, names in enumerate(self.waves, start=1)
        ]
        resumes = sum(entry.kind == "run.resumed" for entry in self.entries)
        title = _("Waves")
        if resumes:
            said = ngettext("Waves (continued {count} time)", "Waves (continued {count} times)", resumes)
            title = said.format(count=resumes)
        return [heading(title), *lines] if lines else []

    def _changes(self) -> RenderableType:
        rows = [row for each in self.results for row in self._rows(each)]
        columns = [
            Column(key="target", heading=self.nouns.one),
            Column(key="outcome", heading=N_("outcome"), show=outcome_cell),
            Column(
                key="key",
                heading=N_("what"),
                show=lambda row: key_words(str(row["key"])) if row["key"] else "",
            ),
            Column(key="before", heading=N_("before"), show=before_cell),
            Column(key="after", heading=N_("after"), show=after_cell),
            Column(
                key="why",
                heading=N_("why"),
                show=lambda row: reason_words(str(row.get("why") or "")),
                optional=True,
            ),
        ]
        return table(Listing(columns=columns, rows=grouped(rows)))

    def _rows(self, result: TargetResult) -> list[Row]:
        plan = self.plan.of(result.target)
        base: Row = {
            "run": self.run.id,
            "target": result.target,
            "outcome": result.outcome.value if result.outcome else None,
            "why": result.why,
            "key": None,
        }
        if plan is None or not tells_of_change(result):
            return [base]
        return [{**base, **self._difference(result, each)} for each in plan.differences] or [base]

    def _difference(self, result: TargetResult, each: Difference) -> dict[str, object]:
        found: dict[str, object] = {"key": each.key, "before": each.before, "after": each.after}
        if each.key in self.carried and result.outcome is Outcome.CHANGED:
            found["done"] = self.carried[each.key].out(result.target)
        return found

    def _what(self, result: TargetResult) -> str:
        plan = self.plan.of(result.target)
        if plan is None or not tells_of_change(result):
            return ""
        return some([bare(each.key) for each in plan.differences], 5)

    def _target_json(self, result: TargetResult) -> dict[str, object]:
        plan = self.plan.of(result.target) or TargetPlan.from_json(
            {"target": result.target, "standing": "failed"}
        )
        return {
            "target": result.target,
            "outcome": result.outcome.value if result.outcome else None,
            "why": result.why,
            "intended": result.intended,
            "planned": [self._difference(result, each) for each in plan.differences],
        }
