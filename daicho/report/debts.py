"""The debt queue as people read it: figures in words first, then who, by change, building, ring or update."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from rich.console import Group
from rich.text import Text

from daicho import clock
from daicho.clock import moment, stamp
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.items.item import natural_key
from daicho.life.owing import OFF, TO_COME, UNCOVERED, WORDS
from daicho.report.listing import Column, Listing, table
from daicho.report.words import CAREFUL, GOOD, share
from daicho.rings import ATTRIBUTE, ORDER
from daicho.times import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import RenderableType

    from daicho.life.owing import Owed
    from daicho.policy import Policy
    from daicho.report.listing import Row

type By = Literal["change", "building", "ring", "kb", "reason"]
BY: Final[tuple[By, ...]] = ("change", "building", "ring", "kb", "reason")
_MOST: Final = 100
_NAMED: Final = 8
"""Reasons that a sentence names one by one."""


@dataclass(frozen=True, kw_only=True)
class DebtsReport:
    """Who owes what."""

    owed: Sequence[Owed]
    policy: Policy
    by: By | None = None
    """None: a sentence per change, and the debtors one by one."""

    def as_json(self) -> object:
        """The sums by change, and every debtor."""
        return {
            "changes": {name: _sums(each) for name, each in self._grouped("change").items()},
            "groups": {name: _sums(each) for name, each in self._grouped(self.by or "change").items()},
            "debtors": [_row(each) for each in self._open()],
        }

    def listing(self) -> Listing:
        """One row per debtor, or per group."""
        return self._groups(self.by) if self.by else self._debtors(self._open())

    def screen(self) -> RenderableType:
        """A sentence per change, then the table."""
        changes = self._grouped("change")
        if not changes:
            return Text(_("Nobody owes anything."), GOOD)
        said = [self._sentence(name, each) for name, each in changes.items()]
        listing = self.listing() if self.by else self._debtors(self._telling())
        shown_ = Listing(columns=listing.columns, rows=listing.rows[:_MOST])
        more = len(listing.rows) - _MOST
        rest = [Text(_("and {count} more (`--output csv` names all)").format(count=more))] if more > 0 else []
        return Group(*said, *((Text(""), table(shown_)) if listing.rows else ()), *rest)

    def _sentence(self, name: str, owed: Sequence[Owed]) -> Text:
        sums, days = _sums(owed), (self.policy.due_days or {}).get(owed[0].debt.work)
        part = share(sum(each.in_time for each in owed), len(owed))
        line = Text(f"{name}  {owed[0].title}: ", "bold")
        if not sums["owing"]:
            return line.append(_("{share} have it, nobody owes").format(share=part), GOOD)
        within = _("{share} in {days} days").format(share=part, days=days) if days else part
        owing = _("{count} owing").format(count=sums["owing"])
        return line.append(f"{within}, {owing}: {self._reasons(owed)}", CAREFUL)

    def _reasons(self, owed: Sequence[Owed]) -> str:
        counts = Counter(each.reason for each in owed if each.open).most_common()
        parts = [self._reason(reason, count, owed) for reason, count in counts[:_NAMED]]
        rest = sum(count for _reason, count in counts[_NAMED:])
        return ", ".join([*parts, *([_("{count} for other reasons").format(count=rest)] if rest else [])])

    def _reason(self, reason: str, count: int, owed: Sequence[Owed]) -> str:
        if reason.startswith("0x"):
            return _("{count} failing with {code}").format(count=count, code=reason)
        said = f"{count} {_(WORDS[reason])}"
        if reason not in {OFF, UNCOVERED}:
            return said
        since = min(_gone_since(each) for each in owed if each.open and each.reason == reason)
        return _("{said} since {since}").format(said=said, since=self._day(since))

    def _groups(self, by: By) -> Listing:
        rows: list[Row] = [
            {"group": name, **_sums(each)}
            for name, each in sorted(self._grouped(by).items(), key=lambda pair: _place(pair[0]))
        ]
        columns = [
            Column(key="group", heading=_HEADINGS[by]),
            Column(key="total", heading=N_("machines"), right=True),
            Column(key="paid", heading=N_("have it"), right=True),
            Column(key="share", heading=N_("share"), right=True),
            Column(key="owing", heading=N_("owing"), right=True),
            Column(key="off", heading=N_("off"), right=True),
            Column(key="failed", heading=N_("failed"), right=True),
            Column(key="late", heading=N_("late"), right=True),
        ]
        return Listing(columns=columns, rows=rows, empty=_("Nobody owes anything."))

    def _debtors(self, debtors: Iterable[Owed]) -> Listing:
        columns = [
            Column(key="target", heading=N_("name")),
            Column(key="change", heading=N_("change")),
            Column(key="ring", heading=N_("ring"), optional=True),
            Column(key="building", heading=N_("building"), optional=True),
            Column(key="reason", heading=N_("why"), show=lambda row: _words(str(row["reason"]))),
            Column(key="since", heading=N_("owes since"), show=lambda row: self._day(row["since"])),
            Column(key="due_at", heading=N_("due"), show=lambda row: self._day(row["due_at"])),
            Column(key="tries", heading=N_("tries"), right=True),
            Column(key="seen_at", heading=N_("last seen"), show=lambda row: self._day(row["seen_at"])),
        ]
        rows = [_row(each) for each in debtors]
        return Listing(columns=columns, rows=rows, empty=_("Nobody owes anything."))

    def _telling(self) -> list[Owed]:
        """Those that do not just wait for their turn."""
        return [each for each in self._open() if each.reason != TO_COME]

    def _open(self) -> list[Owed]:
        still = (each for each in self.owed if each.open)
        return sorted(still, key=lambda each: (natural_key(each.debt.change), natural_key(each.debt.target)))

    def _grouped(self, by: By) -> dict[str, list[Owed]]:
        groups: dict[str, list[Owed]] = {}
        for each in self.owed:
            for name in _names(each, by):
                groups.setdefault(name, []).append(each)
        return groups

    def _day(self, value: object) -> str:
        return shown(moment(str(value)), self.policy.zone)[:16] if value else ""


_HEADINGS: Final[dict[By, str]] = {
    "change": N_("change"),
    "building": N_("building"),
    "ring": N_("ring"),
    "kb": N_("update"),
    "reason": N_("why"),
}


def _place(name: str) -> tuple[int, object]:
    return (ORDER.index(name) if name in ORDER else len(ORDER), natural_key(name))


def _names(each: Owed, by: By) -> Iterable[str]:
    match by:
        case "change":
            return (each.debt.change,)
        case "kb":
            return each.missing if each.open else ()
        case "reason":
            return (_words(each.reason),) if each.open else ()
    return (each.item.value(ATTRIBUTE if by == "ring" else by) or "-",)


def _sums(owed: Sequence[Owed]) -> dict[str, object]:
    paid = sum(not each.open for each in owed)
    return {
        "total": len(owed),
        "paid": paid,
        "in_time": sum(each.in_time for each in owed),
        "share": share(paid, len(owed)),
        "owing": len(owed) - paid,
        "off": sum(each.open and each.reason in {OFF, UNCOVERED} for each in owed),
        "failed": sum(each.open and not each.debt.retried for each in owed),
        "late": sum(not each.in_time and _late(each) for each in owed),
        "reasons": dict(Counter(each.reason for each in owed if each.open)),
    }


def _late(each: Owed) -> bool:
    return each.due_at is not None and stamp(clock.now()) > each.due_at


def _row(each: Owed) -> Row:
    debt = each.debt
    return {
        "target": debt.target,
        "change": debt.change,
        "work": debt.work,
        "ring": each.item.value(ATTRIBUTE) or "",
        "building": each.item.value("building") or "",
        "reason": each.reason,
        "why": debt.why,
        "since": debt.since,
        "due_at": each.due_at,
        "tries": debt.tries,
        "tried_at": debt.tried_at,
        "seen_at": each.seen.at if each.seen else None,
        "seen_by": each.seen.how if each.seen else None,
        "covered": debt.covered,
        "missing": list(each.missing),
    }


def _words(reason: str) -> str:
    return _(WORDS[reason]) if reason in WORDS else reason


def _gone_since(each: Owed) -> str:
    """When a terminal that is off was last seen; one that nobody ever saw, when it was first found off."""
    return each.seen.at if each.seen else each.debt.first_at or each.debt.since
