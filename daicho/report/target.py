"""The plan of one machine as people read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.report.listing import Column, Listing, table
from daicho.report.summary import bare, other_notes, remarks_of
from daicho.report.words import CAREFUL, GOOD, RED, heading, key_words, some, standing_text, value_words

if TYPE_CHECKING:
    from rich.console import RenderableType

    from daicho.plan import TargetPlan
    from daicho.report.listing import Row


@dataclass(frozen=True)
class TargetReport:
    """What would become of one machine."""

    target: TargetPlan

    def as_json(self) -> object:
        """Everything."""
        return target_json(self.target)

    def listing(self) -> Listing:
        """One row per difference."""
        columns = ("target", "standing", "key", "before", "after", "reversible", "why")
        return Listing(
            columns=[Column(key=key, heading=key) for key in columns], rows=difference_rows(self.target)
        )

    def screen(self) -> RenderableType:
        """Everything about it in words."""
        target, row = self.target, target_row(self.target)
        others = [Text(f"  {note}") for note, _count in other_notes([target])]
        return Group(
            Text(f"{target.target}: ", "bold").append_text(standing_text(target.standing)),
            *([Text(target.why, CAREFUL)] if target.why else []),
            *([heading(_("What will change")), table(self._differences())] if target.differences else []),
            *([heading(_("To know")), *others] if others else []),
            *([Text(_("\nWay back: ")).append_text(way_back(row))] if target.differences else []),
        )

    def _differences(self) -> Listing:
        notes = remarks_of(self.target)
        columns = [
            Column(key="key", heading=N_("what"), show=lambda row: key_words(str(row["key"]))),
            Column(key="before", heading=N_("from"), show=lambda row: value_words(row["before"])),
            Column(key="after", heading=N_("to"), show=lambda row: value_words(row["after"])),
            Column(key="note", heading=N_("kind, source"), optional=True),
        ]
        rows: list[Row] = [
            {"key": each.key, "before": each.before, "after": each.after, "note": notes[each.key]}
            for each in self.target.differences
        ]
        return Listing(columns=columns, rows=rows)


def target_json(target: TargetPlan) -> dict[str, object]:
    """The plan of one target for programs."""
    return {
        **target.as_json(),
        "fingerprint": target.fingerprint,
        "reversible": target.reversible,
        "differences": [
            {"key": each.key, "before": each.before, "after": each.after} for each in target.differences
        ],
    }


def difference_rows(target: TargetPlan) -> list[Row]:
    """One row per difference; one row without a difference for a target that has none."""
    common: Row = {
        "target": target.target,
        "standing": target.standing.value,
        "reversible": target.reversible,
        "why": target.why or target.irreversible,
    }
    return [
        {**common, "key": each.key, "before": each.before, "after": each.after} for each in target.differences
    ] or [common]


def target_row(target: TargetPlan) -> Row:
    """The line of a machine in a plan."""
    names = [bare(each.key) for each in target.differences]
    return {
        "target": target.target,
        "standing": target.standing.value,
        "what": some(names, 6),
        "changes": len(names),
        "back": target.reversible,
        "irreversible": target.irreversible,
    }


def way_back(row: Row) -> Text:
    """Whether a machine can be taken back; in red when not."""
    if not row["changes"]:
        return Text("-", "dim")
    if row["back"]:
        return Text(_("yes"), GOOD)
    return Text(_("NO: {why}").format(why=row["irreversible"] or "-"), RED)
