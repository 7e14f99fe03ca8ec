"""Page counts and supplies as people read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.console import Group
from rich.text import Text

from daicho.clock import moment, stamp
from daicho.i18n import N_, ngettext
from daicho.i18n import gettext as _
from daicho.report.listing import Column, Listing, table
from daicho.report.words import CAREFUL, GOOD, heading
from daicho.times import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import tzinfo

    from rich.console import RenderableType

    from daicho.items.item import Item
    from daicho.life.counting import CountEnd, Month
    from daicho.policy import Policy
    from daicho.printing.counters import Counted
    from daicho.printing.figures import Figure
    from daicho.report.listing import Row

_PLACE: Final = ("building", "floor", "room")
_EVENTS: Final = {
    "reset": N_("its counter began anew: at least so many"),
    "replaced": N_("another printer stands there (serial number {old} → {new}): at least so many"),
}


@dataclass(frozen=True, kw_only=True)
class CountReport:
    """What printers said just now."""

    end: CountEnd
    policy: Policy

    def as_json(self) -> object:
        """The check and every printer with all supplies."""
        return {"check": self.end.check, "printers": self._rows()}

    def listing(self) -> Listing:
        """One row per printer."""
        columns = [
            Column(key="name", heading=N_("printer")),
            Column(key="place", heading=N_("place"), optional=True),
            Column(key="model", heading=N_("model"), optional=True),
            Column(key="serial", heading=N_("serial number")),
            Column(key="pages", heading=N_("counter"), right=True),
            Column(key="since", heading=N_("since last reading"), right=True),
            Column(key="month", heading=N_("this month"), right=True),
            Column(key="order", heading=N_("to be ordered"), show=_order, optional=True),
            Column(key="remarks", heading=N_("remarks"), show=_remarks, optional=True),
        ]
        return Listing(columns=columns, rows=self._rows(), empty=_("There are no printers."))

    def screen(self) -> RenderableType:
        """The table; then what is to be ordered, all together."""
        end = self.end
        if end.unread:
            said = ngettext(
                "{count} printer could not be read", "{count} printers could not be read", len(end.unread)
            )
            title = Text(said.format(count=len(end.unread)), CAREFUL)
        else:
            title = Text(_("every printer was read"), GOOD)
        parts: list[RenderableType] = [Text(f"{end.check}  ", "bold").append(title), table(self.listing())]
        if orders := self._orders():
            lines = [Text(f"  {name}: {', '.join(printers)}") for name, printers in orders.items()]
            parts += [heading(_("To be ordered")), *lines]
        return Group(*parts)

    def _orders(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name, counted in self.end.counted.items():
            for supply in _low(counted, self.end.low_percent):
                found.setdefault(f"{counted.model} {supply}".strip(), []).append(name)
        return dict(sorted(found.items()))

    def _rows(self) -> list[Row]:
        return [self._row(item) for item in self.end.items]

    def _row(self, item: Item) -> Row:
        end, name = self.end, item.name
        counted = end.counted.get(name)
        remarks = [end.unread[name]] if name in end.unread else []
        if since := end.since.get(name):
            remarks += _events(since)
        return {
            "name": name,
            "place": _place(item),
            "model": counted.model if counted else item.attributes.get("model", ""),
            "serial": counted.serial if counted else item.attributes.get("serial", ""),
            "pages": counted.pages if counted else None,
            "since": since.pages if since else None,
            "month": end.month[name].pages if name in end.month else None,
            "supplies": {each.name: each.percent for each in counted.supplies} if counted else {},
            "order": _low(counted, end.low_percent) if counted else [],
            "remarks": remarks,
        }


@dataclass(frozen=True, kw_only=True)
class MonthReport:
    """What printers have printed in one month, by the readings on record."""

    month: Month
    policy: Policy

    def as_json(self) -> object:
        """The month, every printer and the sum."""
        rows = self._rows()
        return {"month": f"{self.month.begin:%Y-%m}", "printers": rows, "pages": self._sum()}

    def listing(self) -> Listing:
        """One row per printer."""
        columns = [
            Column(key="name", heading=N_("printer")),
            Column(key="place", heading=N_("place"), optional=True),
            Column(key="serial", heading=N_("serial number")),
            Column(key="pages", heading=N_("pages"), right=True),
            Column(key="first", heading=N_("counter before"), right=True),
            Column(key="first_at", heading=N_("read at"), show=_moment("first_at", self.policy.zone)),
            Column(key="last", heading=N_("counter after"), right=True),
            Column(key="last_at", heading=N_("read at"), show=_moment("last_at", self.policy.zone)),
            Column(key="remarks", heading=N_("remarks"), show=_remarks, optional=True),
        ]
        return Listing(columns=columns, rows=self._rows(), empty=_("No printer is or was in the ledger."))

    def screen(self) -> RenderableType:
        """The table and the sum."""
        rows = self._rows()
        if not rows:
            return Text(self.listing().empty)
        total = _("{month}: {pages} pages on {count} printers").format(
            month=f"{self.month.begin:%Y-%m}", pages=f"{self._sum():,}", count=len(self.month.figures)
        )
        return Group(table(self.listing()), Text(f"\n{total}", "bold"))

    def _sum(self) -> int:
        return sum(each.pages for each in self.month.figures.values())

    def _rows(self) -> list[Row]:
        return [self._row(item, self.month.figures.get(item.name)) for item in self.month.items]

    def _row(self, item: Item, figure: Figure | None) -> Row:
        remarks = _events(figure) if figure else [_("it was not read in this month")]
        if figure and not figure.covered:
            remarks.append(_("no reading before this month: counted from the first one in it"))
        return {
            "name": item.name,
            "place": _place(item),
            "serial": figure.last.serial if figure else item.attributes.get("serial", ""),
            "pages": figure.pages if figure else None,
            "first": figure.first.pages if figure else None,
            "first_at": stamp(figure.first.at) if figure else None,
            "last": figure.last.pages if figure else None,
            "last_at": stamp(figure.last.at) if figure else None,
            "remarks": remarks,
        }


def _low(counted: Counted, percent: int) -> list[str]:
    return [each.name for each in counted.supplies if each.percent is not None and each.percent <= percent]


def _events(figure: Figure) -> list[str]:
    return [
        _(_EVENTS[each.what]).format(old=each.before.serial, new=each.after.serial) for each in figure.events
    ]


def _place(item: Item) -> str:
    return " ".join(filter(None, (item.attributes.get(name) for name in _PLACE)))


def _order(row: Row) -> Text:
    return Text(", ".join(_texts(row["order"])), CAREFUL)


def _remarks(row: Row) -> str:
    return "; ".join(_texts(row["remarks"]))


def _texts(value: object) -> Iterable[str]:
    return [str(each) for each in value] if isinstance(value, list) else []


def _moment(key: str, zone: tzinfo) -> Callable[[Row], str]:
    return lambda row: shown(moment(str(row[key])), zone) if row[key] else ""
