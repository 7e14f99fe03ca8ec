"""A check and a baseline as people read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from daicho.clock import stamp
from daicho.i18n import N_, few, ngettext
from daicho.i18n import gettext as _
from daicho.reachability.baseline import Seen
from daicho.report.facts import facts_block
from daicho.report.listing import Column, Listing
from daicho.report.words import CAREFUL, GOOD, RED, heading, people, person, when

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from daicho.life.baselines import Recorded
    from daicho.policy import Policy
    from daicho.records.checks import CheckRecord
    from daicho.report.listing import Row


@dataclass(frozen=True, kw_only=True)
class BaselineReport:
    """The state before an outage, and whether the power may be switched off."""

    recorded: Recorded
    policy: Policy

    def as_json(self) -> object:
        """Everything but the topology, which `daicho ledger show` has."""
        found = self.recorded
        look = found.baseline.look
        return {
            "baseline": found.check,
            "at": stamp(look.at),
            "operator": found.operator,
            "go": found.go,
            "objections": [{"kind": each.kind, "names": list(each.names)} for each in found.objections],
            "counts": self.counts,
            "dead_since": {name: stamp(at) for name, at in found.baseline.dead_since.items()},
            "topology": found.baseline.topology.digest,
            "boot_seconds": found.baseline.boot.as_json(),
            "signers": list(found.signers),
            "entry": found.entry.seq,
            "notes": list(found.notes),
        }

    def listing(self) -> Listing:
        """One row per item."""
        look = self.recorded.baseline.look
        columns = ("item", "answer", "why", "services", "saved", "dead_since")
        rows: list[Row] = []
        for name, reply in look.answers.items():
            state = look.devices.get(name)
            dead = self.recorded.baseline.dead_since.get(name)
            rows.append(
                {
                    "item": name,
                    "answer": reply.seen.value,
                    "why": reply.why or look.silent_login.get(name, ""),
                    "services": sorted(look.services.get(name, ())),
                    "saved": state.saved if state else None,
                    "dead_since": stamp(dead) if dead else None,
                }
            )
        return Listing(columns=[Column(key=key, heading=key) for key in columns], rows=rows)

    def screen(self) -> RenderableType:
        """Go or no-go first, then why, then what there is."""
        return Group(self._title(), self._facts(), *self._objections(), *self._notes(), *self._dead())

    @property
    def counts(self) -> dict[str, int]:
        """What was seen → how many items."""
        replies = [reply.seen for reply in self.recorded.baseline.look.answers.values()]
        return {seen.value: replies.count(seen) for seen in Seen if seen in replies}

    def _title(self) -> RenderableType:
        line = Text(f"{self.recorded.check}  ", "bold")
        if self.recorded.go:
            return line.append(_("GO: the power may be switched off"), f"bold {GOOD}")
        return line.append(_("NO-GO: do not switch the power off yet"), f"{RED} reverse")

    def _facts(self) -> RenderableType:
        found, baseline = self.recorded, self.recorded.baseline
        look, counts = baseline.look, self.counts
        saved = [state.saved for state in look.devices.values()]
        answering = _("{alive} of {total} items answer").format(
            alive=counts.get("alive", 0), total=sum(counts.values())
        )
        asked = _("{saved} of {total} are saved").format(saved=saved.count(True), total=len(saved))
        return facts_block(
            [
                (_("recorded"), when(self.policy, look.at)),
                (_("by"), person(self.policy, found.operator)),
                (_("reachability"), answering),
                (_("configurations"), asked),
                (_("links"), str(len(baseline.topology.links))),
                (_("signed by"), people(self.policy, found.signers)),
            ]
        )

    def _objections(self) -> list[RenderableType]:
        if not self.recorded.objections:
            return []
        lines: list[RenderableType] = [heading(_("Before the power goes off"))]
        for each in self.recorded.objections:
            style = RED if each.kind in ("unsaved", "unread") else CAREFUL
            lines.append(Text("  ").append(", ".join(each.names), style).append(f"\n    {each.words()}"))
        return lines

    def _notes(self) -> list[RenderableType]:
        if not self.recorded.notes:
            return []
        return [heading(_("To be known")), *(Text(f"  {_(note)}", CAREFUL) for note in self.recorded.notes)]

    def _dead(self) -> list[RenderableType]:
        dead = self.recorded.baseline.dead_since
        if not dead:
            return []
        days: dict[str, list[str]] = {}
        for name, since in sorted(dead.items(), key=lambda each: each[1]):
            days.setdefault(when(self.policy, since), []).append(name)
        said = ngettext(
            "{count} item does not answer even now", "{count} items do not answer even now", len(dead)
        )
        lines = [
            Text(f"  {_('since {day}').format(day=day)}: {few(names, 10)}") for day, names in days.items()
        ]
        return [heading(said.format(count=len(dead))), *lines]


def check_listing(records: Sequence[CheckRecord], policy: Policy) -> Listing:
    """The checks and baselines, one row each."""
    columns = [
        Column(key="check", heading=N_("check")),
        Column(key="work", heading=N_("work")),
        Column(key="state", heading=N_("state"), show=lambda row: _state(str(row["state"]))),
        Column(key="exit", heading=N_("exit"), right=True),
        Column(
            key="opened_at",
            heading=N_("begun"),
            show=lambda row: when(policy, datetime.fromisoformat(str(row["opened_at"]))),
        ),
        Column(key="operator", heading=N_("by"), show=lambda row: person(policy, str(row["operator"]))),
        Column(key="change", heading=N_("change")),
        Column(key="baseline", heading=N_("compared with")),
        Column(key="signers", heading=N_("signed by")),
    ]
    rows: list[Row] = [
        {
            "check": each.id,
            "work": each.work,
            "state": each.state,
            "exit": each.exit,
            "opened_at": each.opened_at,
            "closed_at": each.closed_at,
            "operator": each.operator,
            "change": each.change,
            "baseline": each.baseline,
            "signers": each.signers,
        }
        for each in records
    ]
    empty = _("There is no check yet. Before an outage: `daicho baseline record`.")
    return Listing(columns=columns, rows=rows, empty=empty)


def _state(state: str) -> Text:
    styles = {"running": "cyan", "interrupted": RED, "done": GOOD}
    words = {"running": _("running"), "interrupted": _("interrupted"), "done": _("done")}
    return Text(words.get(state, state), styles.get(state, ""))
