"""What a check after an outage found: what to do first, where to walk, and how everything stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from rich.console import Group
from rich.text import Text

from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.items.item import natural_key
from daicho.reachability.export import judgement_json
from daicho.reachability.matters import matters
from daicho.reachability.verdict import State
from daicho.reachability.walk import walk
from daicho.reachability.words import effect, place_words, reason, state_words, step, title
from daicho.report.facts import facts_block
from daicho.report.listing import Column, Listing, table
from daicho.report.words import CAREFUL, GOOD, RED, heading, person, when

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from daicho.ledger.entry import Entry
    from daicho.policy import Policy
    from daicho.reachability.matters import Matter
    from daicho.reachability.verdict import Judgement
    from daicho.records.checks import CauseRecord, CheckRecord
    from daicho.report.listing import Row

STYLES: Final = {
    State.BACK: GOOD,
    State.DIFFERENT: CAREFUL,
    State.LATE: "cyan",
    State.DEAD: RED,
    State.ALREADY_DEAD: "dim",
    State.UNREACHABLE: "magenta",
    State.COULD_NOT_TELL: CAREFUL,
}


@dataclass(frozen=True, kw_only=True)
class OutageReport:
    """The result of one check."""

    check: str
    baseline: str | None
    exit_code: int
    judgement: Judgement
    policy: Policy

    def as_json(self) -> object:
        """Everything."""
        found: dict[str, Any] = judgement_json(self.judgement)
        return {"check": self.check, "baseline": self.baseline, "exit": self.exit_code, **found}

    def listing(self) -> Listing:
        """One row per item."""
        nodes, verdicts = self.judgement.topology.nodes, self.judgement.verdicts
        columns = ("item", "kind", "address", "building", "floor", "room", "rack", "verdict", "cause", "what")
        rows: list[Row] = [
            {
                "item": name,
                "kind": nodes[name].kind,
                "address": nodes[name].address,
                **nodes[name].place._asdict(),
                "verdict": verdicts[name].state.value,
                "cause": list(verdicts[name].behind),
                "what": "; ".join(map(str, verdicts[name].differences)) or verdicts[name].why,
            }
            for name in sorted(verdicts, key=natural_key)
        ]
        return Listing(columns=[Column(key=key, heading=key) for key in columns], rows=rows)

    def screen(self) -> RenderableType:
        """What to do first, the walk, how everything stands."""
        found = matters(self.judgement)
        parts: list[RenderableType] = [self.title(), counts_line(self.judgement)]
        if found:
            parts.append(heading(_("What to do first")))
            parts += [part for number, each in enumerate(found, 1) for part in self._matter(number, each)]
            parts += self._walk()
        if self.judgement.notes:
            parts.append(heading(_("To be known")))
            parts += [Text(f"  {_(note)}", CAREFUL) for note in self.judgement.notes]
        return Group(*parts)

    def title(self) -> Text:
        """The check's name and what it was compared with."""
        line = Text(f"{self.check}  ", "bold")
        if self.exit_code == 0:
            line.append(_("Everything is back."), f"bold {GOOD}")
        else:
            line.append(_("Not everything is back."), RED)
        line.append(f"  {when(self.policy, self.judgement.at)}", "dim")
        if self.baseline:
            compared = _("compared with {baseline} of {at}").format(
                baseline=self.baseline, at=when(self.policy, self.judgement.baseline_at)
            )
            line.append(f"  {compared}", "dim")
        return line

    def _matter(self, number: int, matter: Matter) -> list[RenderableType]:
        line = Text(f"{number:3}. ", "bold").append(title(matter), "cyan" if matter.waits else RED)
        if words := place_words(matter.place):
            line.append(f"  {words}")
        said = [effect(matter), reason(matter), step(matter, self.policy.zone)]
        return [line, *(Text(f"     {each}") for each in said if each)]

    def _walk(self) -> list[RenderableType]:
        stops = walk(self.judgement)
        if not stops:
            return []
        lines: list[RenderableType] = [heading(_("Walk list"))]
        for stop in stops:
            lines.append(Text(f"  {place_words(stop.place, site=True) or _('nobody knows where')}", "bold"))
            for task in stop.tasks:
                part = f" ({task.part})" if task.part else ""
                lines.append(Text(f"    [ ] {task.item}{part}  → {task.place_in_list}"))
        return lines


def counts_line(judgement: Judgement) -> Text:
    """`12 back, 3 dead`: in the order of worry."""
    line = Text()
    for state in STYLES:
        if count := judgement.counts[state]:
            line.append(", " if line.plain else "").append(f"{count} {state_words(state)}", STYLES[state])
    return line


@dataclass(frozen=True, kw_only=True)
class CheckStory:
    """A check as its entries tell it: who, when, which causes, who was told how fast."""

    record: CheckRecord
    verdicts: dict[str, str]
    causes: Sequence[CauseRecord]
    entries: Sequence[Entry]
    policy: Policy

    def as_json(self) -> object:
        """Everything, with the facts of each entry."""
        return {
            **{name: getattr(self.record, name) for name in self.record.__dataclass_fields__},
            "counts": self.counts,
            "causes": [self._cause(each) for each in self.causes],
            "entries": [{"seq": each.seq, "kind": each.kind, "by": each.by} for each in self.entries],
            "items": self.verdicts,
        }

    def listing(self) -> Listing:
        """One row per item."""
        columns = [Column(key=key, heading=key) for key in ("item", "verdict")]
        rows: list[Row] = [
            {"item": name, "verdict": self.verdicts[name]} for name in sorted(self.verdicts, key=natural_key)
        ]
        return Listing(columns=columns, rows=rows)

    def screen(self) -> RenderableType:
        """The facts, then each cause with its times."""
        record = self.record
        counts = ", ".join(f"{count} {state_words(State(state))}" for state, count in self.counts.items())
        facts = facts_block(
            [
                (_("check"), f"{record.id} ({record.work})"),
                (_("state"), f"{record.state}" + ("" if record.exit is None else f" (exit {record.exit})")),
                (_("by"), person(self.policy, record.operator)),
                (_("change"), record.change or _("none: by right to operate")),
                (_("begun"), self._when(record.opened_at)),
                (_("ended"), self._when(record.closed_at) if record.closed_at else _("not over")),
                (_("compared with"), record.baseline or "-"),
                (_("items"), counts),
            ]
        )
        if not self.causes:
            return facts
        return Group(facts, heading(_("Causes")), table(self._cause_listing()))

    @property
    def counts(self) -> dict[str, int]:
        """Verdict → how many items."""
        found = list(self.verdicts.values())
        return {state.value: found.count(state.value) for state in State if state.value in found}

    def _cause(self, cause: CauseRecord) -> dict[str, object]:
        told = {
            entry.body["recovery"]: entry.body["seconds"]
            for entry in reversed(self.entries)
            if entry.kind == "check.notified" and entry.body["cause"] == cause.cause and entry.body["sent"]
        }
        facts = {name: getattr(cause, name) for name in cause.__dataclass_fields__}
        return {**facts, "seconds_to_notify": told.get(False), "seconds_to_tell_recovery": told.get(True)}

    def _cause_listing(self) -> Listing:
        columns = [
            Column(key="cause", heading=N_("cause")),
            Column(
                key="detected_at", heading=N_("detected"), show=lambda row: self._time(row["detected_at"])
            ),
            Column(key="seconds_to_notify", heading=N_("told after (s)"), right=True),
            Column(key="acknowledged_by", heading=N_("acknowledged by")),
            Column(
                key="recovered_at", heading=N_("recovered"), show=lambda row: self._time(row["recovered_at"])
            ),
            Column(key="seconds_to_tell_recovery", heading=N_("told after (s)"), right=True),
        ]
        return Listing(columns=columns, rows=[self._cause(each) for each in self.causes])

    def _when(self, text: str) -> str:
        return when(self.policy, datetime.fromisoformat(text))

    def _time(self, value: object) -> str:
        return self._when(str(value))[11:19] if value else "-"
