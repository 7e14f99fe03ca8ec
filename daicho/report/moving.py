"""Moves as people read them: floor by floor, and whether they have come about."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.console import Group
from rich.text import Text

from daicho.i18n import N_, ngettext
from daicho.i18n import gettext as _
from daicho.moves.evidence import Proof, Standing
from daicho.moves.rows import by_floor
from daicho.report.listing import Column, Listing, table
from daicho.report.words import CAREFUL, GOOD, heading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from daicho.life.moving import Verified
    from daicho.moves.evidence import Verdict
    from daicho.moves.rows import Row

_SIGNS: Final = {
    Standing.PROVEN: ("✓", GOOD),
    Standing.NOT_YET: ("…", ""),
    Standing.WRONG: ("✕", CAREFUL),
    Standing.UNTOLD: ("?", CAREFUL),
}
_COLUMNS: Final = (
    Column(key="item", heading=N_("what moves")),
    Column(key="from", heading=N_("from")),
    Column(key="from_outlet", heading=N_("outlet")),
    Column(key="to", heading=N_("to")),
    Column(key="to_outlet", heading=N_("outlet")),
    Column(key="port", heading=N_("port")),
    Column(key="vlan", heading="VLAN", verbatim=True),
    Column(key="address", heading=N_("address")),
)


@dataclass(frozen=True)
class MovesReport:
    """The moves of a change, floor by floor."""

    change: str
    rows: Sequence[Row]

    def as_json(self) -> object:
        """All moves."""
        return {"change": self.change, "moves": [_row(row) for row in self.rows]}

    def listing(self) -> Listing:
        """One row per move."""
        return Listing(columns=_COLUMNS, rows=[_row(row) for row in self.rows])

    def screen(self) -> RenderableType:
        """Each floor: how many leave, how many come, and who comes."""
        parts: list[RenderableType] = []
        for floor, (leaving, coming) in by_floor(self.rows).items():
            gone = [row for row in leaving if row not in coming]
            said = _("{floor}: {coming} come, {leaving} leave")
            parts.append(heading(said.format(floor=floor or "?", coming=len(coming), leaving=len(gone))))
            if coming:
                parts.append(table(Listing(columns=_COLUMNS, rows=[_row(row) for row in coming])))
        return Group(*parts)


@dataclass(frozen=True)
class VerifiedReport:
    """Which moves are proven, and what has to be answered."""

    end: Verified

    def as_json(self) -> object:
        """Everything."""
        return {
            "change": self.end.change,
            "check": self.end.check,
            "moves": [_verdict(each) for each in self.end.verdicts],
            "unasked": dict(self.end.unasked),
        }

    def listing(self) -> Listing:
        """One row per move."""
        columns = [
            Column(key="item", heading=N_("what moves")),
            Column(key="standing", heading=N_("state")),
            *(Column(key=proof.value, heading=proof.label) for proof in Proof),
            Column(key="questions", heading=N_("questions")),
        ]
        return Listing(columns=columns, rows=[_verdict(each) for each in self.end.verdicts])

    def screen(self) -> RenderableType:
        """Numbers first, then the questions, then what is not proven."""
        counts = Counter(each.standing for each in self.end.verdicts)
        parts: list[RenderableType] = [
            Text(f"{self.end.change}  ", "bold").append(self._title(counts)),
            *(
                Text(f"  {_SIGNS[each][0]} {_(each.label)}: {counts[each]}", _SIGNS[each][1])
                for each in Standing
                if counts[each]
            ),
        ]
        if questions := [(each, asked) for each in self.end.verdicts for asked in each.questions]:
            parts.append(heading(_("Questions")))
            parts += [Text(f"  {each.row.item}: {asked}") for each, asked in questions]
        if left := [each for each in self.end.verdicts if each.standing is not Standing.PROVEN]:
            parts += [heading(_("Not proven")), table(_left(left))]
        if self.end.unasked:
            parts.append(heading(_("Not asked")))
            parts += [Text(f"  {name}: {why}") for name, why in self.end.unasked.items()]
        return Group(*parts)

    def _title(self, counts: Counter[Standing]) -> Text:
        total, proven = len(self.end.verdicts), counts[Standing.PROVEN]
        said = ngettext("{proven} of {count} move is proven", "{proven} of {count} moves are proven", total)
        return Text(said.format(proven=proven, count=total), GOOD if proven == total else CAREFUL)


def _left(verdicts: Sequence[Verdict]) -> Listing:
    rows = [
        {
            "item": each.row.item,
            "to": f"{each.row.new.text} {each.row.new.plug}".strip(),
            **{
                proof.value: f"{_SIGNS[standing][0]} {_(standing.label)}"
                for proof, standing in each.proofs.items()
            },
        }
        for each in verdicts
    ]
    columns = [
        Column(key="item", heading=N_("what moves")),
        Column(key="to", heading=N_("to")),
        *(Column(key=proof.value, heading=proof.label, optional=True) for proof in Proof),
    ]
    return Listing(columns=columns, rows=rows)


def _verdict(verdict: Verdict) -> dict[str, object]:
    return {
        "item": verdict.row.item,
        "standing": verdict.standing.value,
        **{proof.value: standing.value for proof, standing in verdict.proofs.items()},
        "questions": list(verdict.questions),
    }


def _row(row: Row) -> dict[str, object]:
    return {
        "item": row.item,
        "from": row.old.text,
        "from_outlet": row.old.plug,
        "to": row.new.text,
        "to_outlet": row.new.plug,
        "port": f"{row.new.switch} {row.new.port}",
        "vlan": row.new.vlan,
        "address": row.new.address,
    }
