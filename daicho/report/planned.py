"""A plan as an approver reads it, who need not be an engineer: what, where, when, and is there a way back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from rich.console import Group
from rich.text import Text

from daicho.budget import allowance
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.life.execution import remaining
from daicho.outcome import Outcome
from daicho.plan import Standing
from daicho.report.listing import Column, Listing, table
from daicho.report.nothing import nothing
from daicho.report.nouns import nouns_of
from daicho.report.persons import about_people, persons
from daicho.report.summary import common_differences, other_notes
from daicho.report.target import difference_rows, target_json, target_row, way_back
from daicho.report.words import (
    CAREFUL,
    GOOD,
    RED,
    heading,
    key_words,
    reason_words,
    some,
    standing_text,
    value_words,
)
from daicho.waves import Apart, split

if TYPE_CHECKING:
    from rich.console import RenderableType

    from daicho.budget import Budget
    from daicho.change import ChangeDocument
    from daicho.plan import Plan
    from daicho.policy import Policy
    from daicho.report.listing import Row
    from daicho.report.nouns import Nouns

MOST: Final = 100
"""Targets listed one by one on a screen; JSON and CSV list all."""


@dataclass(frozen=True, kw_only=True)
class PlanScreen:
    """What a plan would do, in words and numbers."""

    plan: Plan
    document: ChangeDocument
    policy: Policy
    by_target: bool = True
    apart: Apart = field(default_factory=Apart)
    """Who is not in one wave with whom."""

    @property
    def nouns(self) -> Nouns:
        """What its targets are called."""
        return nouns_of(self.document.work)

    def screen(self) -> RenderableType:
        """The whole plan for people."""
        if about_people(self.document.work):
            return Group(*self.way(), *persons(self.plan, self.nouns), *self.noway_back(), *self.unanswered())
        parts = [*self.way(), *self.what(), *self.noway_back(), *self.unanswered(), *self.notes()]
        return Group(*parts, *(self.targets() if self.by_target else ()))

    def listing(self) -> Listing:
        """One row per difference of each target."""
        columns = ("target", "standing", "key", "before", "after", "reversible", "why")
        return Listing(
            columns=[Column(key=key, heading=key) for key in columns],
            rows=[row for target in self.plan.targets for row in difference_rows(target)],
        )

    def way(self) -> list[RenderableType]:
        """How many targets, in which waves, and when it stops by itself."""
        part, all_of_them = len(self.plan.taking_part), len(self.plan.targets)
        said = Text(
            self.nouns.count(part)
            if part == all_of_them
            else _("{part} of {all}").format(part=part, all=self.nouns.count(all_of_them))
        )
        unchanged = sum(target.standing is Standing.IN_ORDER for target in self.plan.targets)
        if unchanged:
            said.append(" " + _("({count} already in order)").format(count=unchanged))
        return [
            heading(_("How it goes")),
            Text(_("on:    ")).append_text(said),
            Text(_("waves: {waves}").format(waves=self.waves_words())),
            Text(_("stops: {budget}").format(budget=budget_words(self.budget(), part))),
        ]

    def budget(self) -> Budget:
        """The budget that will hold."""
        return self.document.budget or self.policy.budget

    def waves(self) -> list[list[str]]:
        """The waves as they would go out."""
        names = [target.target for target in remaining(self.plan, {})]
        return split(names, self.document.waves or self.policy.waves, self.apart) if names else []

    def waves_words(self) -> str:
        """`1 (ep01), then 2, then 9`."""
        waves = self.waves()
        first = (
            _("{size} first ({names})").format(size=len(waves[0]), names=some(waves[0], 3)) if waves else "-"
        )
        return ", ".join([first, *(_("then {size}").format(size=len(wave)) for wave in waves[1:6])]) + (
            _(" and so on, {count} waves").format(count=len(waves)) if len(waves) > 6 else ""
        )

    def what(self) -> list[RenderableType]:
        """Every difference with the number of targets that have it."""
        found, everywhere = common_differences(self.plan), len(self.plan.taking_part)
        if not found:
            return [heading(_("What will change")), nothing(self.plan, self.nouns)]
        rows: list[Row] = [
            {
                "what": key_words(each.key),
                "from": value_words(each.before),
                "to": value_words(each.after),
                "count": len(each.targets),
                "where": _("all") if len(each.targets) == everywhere else some(each.targets, 4),
                "note": each.note,
            }
            for each in found
        ]
        columns = [
            Column(key="what", heading=N_("what")),
            Column(key="from", heading=N_("from")),
            Column(key="to", heading=N_("to")),
            Column(key="count", heading=self.nouns.many, right=True),
            Column(key="where", heading=N_("which")),
            Column(key="note", heading=N_("kind, source"), optional=True),
        ]
        return [heading(_("What will change")), table(Listing(columns=columns, rows=rows))]

    def noway_back(self) -> list[RenderableType]:
        """What cannot be taken back, in red; else one line that everything can."""
        lost = self.plan.irreversible
        if not lost:
            back = any(target.standing is Standing.CHANGES for target in self.plan.targets)
            return [Text(_(self.nouns.way_back), GOOD)] if back else []
        title = _(self.nouns.no_way_back).format(machines=self.nouns.count(len(lost)))
        lines = [Text(f"  {each.target}: {each.irreversible or '-'}", RED) for each in lost[:MOST]]
        return [Text(f"\n{title}", f"{RED} underline"), *lines, *_more(len(lost))]

    def unanswered(self) -> list[RenderableType]:
        """Who is not part of it, and why."""
        left = self.plan.left_out
        if not left:
            return []
        title = _("Not part of it, and still owing: {machines} that could not be looked at").format(
            machines=self.nouns.count(len(left))
        )
        lines: list[RenderableType] = [
            Text(f"  {each.target}: ")
            .append_text(standing_text(each.standing))
            .append(f" ({reason_words(each.why)})")
            for each in left[:MOST]
        ]
        return [Text(f"\n{title}", CAREFUL), *lines, *_more(len(left))]

    def notes(self) -> list[RenderableType]:
        """Whatever else the work has to say, each sentence once."""
        found = other_notes(self.plan.taking_part)
        lines = [Text(note_words(_(note), self.nouns.count(count))) for note, count in found[:20]]
        return [heading(_("To know")), *lines] if lines else []

    def targets(self) -> list[RenderableType]:
        """One line per target."""
        shown = self.plan.targets[:MOST]
        columns = [
            Column(key="target", heading=self.nouns.one),
            Column(
                key="standing",
                heading=N_("would"),
                show=lambda row: standing_text(Standing(str(row["standing"]))),
            ),
            Column(key="what", heading=N_("what")),
            Column(key="back", heading=N_("way back"), show=way_back),
        ]
        rows = [target_row(target) for target in shown]
        return [
            heading(_(self.nouns.one_by_one)),
            table(Listing(columns=columns, rows=rows)),
            *_more(len(self.plan.targets)),
        ]


def note_words(note: str, counted: str) -> str:
    """A note with how many targets have it; of several lines the others stand below the first."""
    first, *others = note.splitlines()
    return "\n".join([f"  {first} ({counted})", *(f"  {line}" for line in others)])


def plan_json(plan: Plan) -> dict[str, object]:
    """A plan for programs."""
    return {
        "number": plan.number,
        "digest": plan.digest,
        "code": plan.code,
        "targets": [target_json(target) for target in plan.targets],
    }


def budget_words(budget: Budget, targets: int) -> str:
    """`when more than 0 failed, 3 unreachable, ... of 12 machines`."""
    parts = [
        _("{count} {outcome}").format(count=allowance(amount, targets), outcome=_(outcome.label))
        for outcome, amount in (
            (Outcome.FAILED, budget.failed),
            (Outcome.UNREACHABLE, budget.unreachable),
            (Outcome.DRIFTED, budget.drifted),
            (Outcome.UNKNOWN, budget.unverified),
        )
    ]
    return _("by itself when more than {parts}").format(parts=", ".join(parts))


def _more(count: int) -> list[RenderableType]:
    if count <= MOST:
        return []
    said = _("  ... and {more} more; `--output csv` lists all of them").format(more=count - MOST)
    return [Text(said, CAREFUL)]
