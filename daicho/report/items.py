"""Items as people read them: lists, one item with what was done to it, its history, an import."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.text import Text

from daicho.clock import stamp
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.outcome import Outcome
from daicho.report.facts import facts_block
from daicho.report.listing import Column, Listing, table
from daicho.report.words import heading, outcome_text, person, reason_words, when

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from rich.console import RenderableType

    from daicho.items.item import Item
    from daicho.items.record import ImportPlan
    from daicho.ledger.entry import Entry
    from daicho.policy import Policy
    from daicho.report.listing import Row

_USUAL = ("site", "building", "floor", "room", "os", "ring", "owner")


def item_row(item: Item) -> Row:
    """An item as one flat row."""
    return {"name": item.name, "kind": item.kind, "address": item.address, **item.attributes}


@dataclass(frozen=True)
class ItemsReport:
    """Many items. A screen shows the usual attributes, CSV all that any of them has."""

    items: Sequence[Item]

    def as_json(self) -> object:
        """Each item with all its attributes."""
        return [{"name": item.name, **item.state()} for item in self.items]

    def listing(self) -> Listing:
        """One row per item."""
        return Listing(
            columns=self._columns(sorted(self._attributes())), rows=[item_row(each) for each in self.items]
        )

    def screen(self) -> RenderableType:
        """The items that there are."""
        there = self._attributes()
        return Listing(
            columns=self._columns([name for name in _USUAL if name in there]),
            rows=[item_row(each) for each in self.items],
            empty=_("There are no items. `daicho item import FILE` brings them in."),
        ).screen()

    def _attributes(self) -> set[str]:
        return {name for item in self.items for name in item.attributes}

    def _columns(self, attributes: Sequence[str]) -> list[Column]:
        fixed = [
            Column(key="name", heading=N_("name")),
            Column(key="kind", heading=N_("kind")),
            Column(key="address", heading=N_("address")),
        ]
        return fixed + [Column(key=name, heading=name, verbatim=True) for name in attributes]


@dataclass(frozen=True, kw_only=True)
class ItemReport:
    """One item with every run that had it."""

    item: Item
    runs: Sequence[sqlite3.Row]
    policy: Policy

    def as_json(self) -> object:
        """Everything."""
        return {"name": self.item.name, **self.item.state(), "runs": [dict(row) for row in self.runs]}

    def listing(self) -> Listing:
        """The item as one row."""
        return ItemsReport([self.item]).listing()

    def screen(self) -> RenderableType:
        """Its attributes, then its runs."""
        row = item_row(self.item)
        columns = [
            Column(key="run", heading=N_("run")),
            Column(key="change", heading=N_("change")),
            Column(key="work", heading=N_("work")),
            Column(key="outcome", heading=N_("outcome"), show=_outcome),
            Column(
                key="operator",
                heading=N_("run by"),
                show=lambda row: person(self.policy, str(row["operator"])),
            ),
            Column(
                key="why", heading=N_("why"), show=lambda row: reason_words(str(row["why"])), optional=True
            ),
        ]
        runs = table(Listing(columns=columns, rows=[dict(each) for each in self.runs]))
        done = [heading(_("What was done to it")), runs] if self.runs else [Text(_("\nNo run had it yet."))]
        return Group(facts_block((key, str(value)) for key, value in row.items()), *done)


def history_listing(entries: Sequence[Entry], policy: Policy) -> Listing:
    """What became of an item, oldest first: one row per attribute that changed."""
    columns = [
        Column(key="entry", heading=N_("entry"), right=True),
        Column(key="at", heading=N_("when"), show=lambda row: str(row["shown"])),
        Column(key="by", heading=N_("by"), show=lambda row: person(policy, str(row["by"]))),
        Column(key="attribute", heading=N_("attribute")),
        Column(key="before", heading=N_("before")),
        Column(key="after", heading=N_("after")),
        Column(key="source", heading=N_("source")),
    ]
    rows = [
        {
            "entry": entry.seq,
            "at": stamp(entry.at),
            "shown": when(policy, entry.at),
            "by": entry.by,
            "source": entry.body["source"],
            **change,
        }
        for entry in entries
        for change in _changes(entry.body)
    ]
    return Listing(columns=columns, rows=rows)


@dataclass(frozen=True, kw_only=True)
class ImportReport:
    """What an import changes, or would."""

    plan: ImportPlan
    dry: bool

    def as_json(self) -> object:
        """The numbers, and whether anything was recorded."""
        return dict(self._facts())

    def listing(self) -> Listing:
        """The numbers as one row."""
        facts = self._facts()
        return Listing(columns=[Column(key=key, heading=key) for key in facts], rows=[facts])

    def screen(self) -> RenderableType:
        """The numbers; for a dry run what would change, item by item."""
        summary = self.plan.summary
        said = _("Items: {added} new, {changed} changed, {unchanged} as recorded, {retired} retired.").format(
            added=summary.added, changed=summary.changed, unchanged=summary.unchanged, retired=summary.retired
        )
        if not self.dry:
            return Text(said)
        rows = [
            {"name": draft.of, **change}
            for draft in self.plan.drafts[:100]
            for change in _changes(dict(draft.body))
        ]
        columns = [
            Column(key="name", heading=N_("name")),
            Column(key="attribute", heading=N_("attribute")),
            Column(key="before", heading=N_("before")),
            Column(key="after", heading=N_("after")),
        ]
        return Group(
            table(Listing(columns=columns, rows=rows)), Text(f"\n{said} " + _("Nothing was recorded."))
        )

    def _facts(self) -> Row:
        summary = self.plan.summary
        return {
            "added": summary.added,
            "changed": summary.changed,
            "unchanged": summary.unchanged,
            "retired": summary.retired,
            "recorded": not self.dry,
        }


def _changes(body: dict[str, Any]) -> list[dict[str, str]]:
    before, after = _flat(body.get("before")), _flat(body.get("after"))
    if not after:
        return [{"attribute": _("retired"), "before": "", "after": ""}]
    return [
        {"attribute": key, "before": before.get(key, ""), "after": after.get(key, "")}
        for key in [*after, *(key for key in before if key not in after)]
        if before.get(key, "") != after.get(key, "")
    ]


def _flat(state: dict[str, Any] | None) -> dict[str, str]:
    if not state:
        return {}
    return {"kind": state["kind"], "address": state["address"], **state["attributes"]}


def _outcome(row: Row) -> Text:
    return outcome_text(Outcome(str(row["outcome"])) if row["outcome"] else None)
