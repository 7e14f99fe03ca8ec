"""Printers are asked for their counters; each reading goes on record, and monthly figures come of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from daicho import clock
from daicho.credentials import Keys
from daicho.errors import ExitCode
from daicho.i18n import gettext as _
from daicho.items.record import all_items
from daicho.ledger.entry import Draft
from daicho.life.checking import alone, close_check, close_orphans, grant, open_check
from daicho.printing.counters import Counted, CounterUnread, read_counters
from daicho.printing.figures import Figure, Reading, figure_of
from daicho.services import ServicesFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from daicho.door import Watch
    from daicho.items.item import Item
    from daicho.life.checking import Grant, Order
    from daicho.site import Site

WORK: Final = "read_page_counts"
COUNTED: Final = "pages.counted"


@dataclass(frozen=True, kw_only=True)
class CountEnd:
    """What a reading found."""

    check: str
    items: Sequence[Item]
    counted: Mapping[str, Counted]
    """Printer → what it said."""
    unread: Mapping[str, str]
    """Printer → why it could not be read."""
    since: Mapping[str, Figure]
    """Printer → what it has printed since the last reading; a printer's first reading has none."""
    month: Mapping[str, Figure]
    """Printer → what it has printed in this month so far."""
    low_percent: int

    @property
    def exit_code(self) -> ExitCode:
        """Whether every printer could be read."""
        return ExitCode.INCOMPLETE if self.unread else ExitCode.DONE


@dataclass(frozen=True, kw_only=True)
class Month:
    """What printers have printed in one month, by the readings on record."""

    begin: datetime
    items: Sequence[Item]
    figures: Mapping[str, Figure]
    """Printer → its figure; who is not in it was not read in that month."""


def count(site: Site, order: Order, watch: Watch) -> CountEnd:
    """Ask printers, record what they say, and compare it with what they said before.

    Raises:
        GateRefused, NotAllowed, NothingMatched: See `daicho.life.checking.grant`.
        AlreadyChecking: Another process is at it.
        DocumentError: services.yml cannot be used.
        NoSecret: `snmp-auth` or `snmp-priv` was never set.
    """
    given = grant(site, order)
    services = ServicesFile.read(site.settings.site_inventory)
    keys = Keys.of(site.settings)
    with alone(site, WORK):
        close_orphans(site, WORK)
        name = open_check(site, given, deadline=None, baseline=None)
        code, facts = ExitCode.INTERRUPTED, dict[str, object]()
        try:
            watch.phase(_("asking printers what they have printed"), len(given.items))
            asked = {item.name: item.address for item in given.items}
            found = read_counters(
                asked, services.counters, keys.secret, lambda printer: watch.target(printer, _("asked"), "")
            )
            end = _recorded(site, given, name, found, services.counters.low_percent)
            code = end.exit_code
            facts = {"counts": {"read": len(end.counted)}, "unread": dict(end.unread)}
        finally:
            close_check(site, name, given.operator, code, facts)
    return end


def month_of(site: Site, begin: datetime, end: datetime) -> Month:
    """What printers have printed in a month, by the readings on record; nobody is asked.

    Args:
        site: Whose ledger.
        begin: The month's first moment in the site's time.
        end: The next month's.
    """
    items = [item for item in all_items(site.ledger, include_retired=True) if item.kind == "printer"]
    figures = {item.name: figure_of(readings(site, item.name, begin), begin, end) for item in items}
    return Month(
        begin=begin,
        items=items,
        figures={name: figure for name, figure in figures.items() if figure is not None},
    )


def readings(site: Site, printer: str, begin: datetime) -> Iterator[Reading]:
    """The readings of a printer, the newest first, back to the last one before a moment."""
    for entry in site.ledger.entries(of=printer, kind=COUNTED, reverse=True):
        body = entry.body
        at = clock.moment(body["at"])
        yield Reading(at=at, serial=body["serial"], pages=body["pages"], check=body["check"])
        if at < begin:
            return


def _recorded(
    site: Site, given: Grant, check: str, found: Mapping[str, Counted | CounterUnread], low: int
) -> CountEnd:
    moment = clock.now()
    local = moment.astimezone(site.policy.zone)
    begin = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    counted = {name: each for name, each in found.items() if isinstance(each, Counted)}
    fresh = {name: _reading(each, moment, check) for name, each in counted.items()}
    before = {name: list(readings(site, name, begin)) for name in counted}
    site.ledger.append(*(_draft(name, counted[name], fresh[name], given.operator) for name in counted))
    since = {
        name: figure_of([its[0], fresh[name]], fresh[name].at, _after(moment))
        for name, its in before.items()
        if its
    }
    month = {name: figure_of([*its, fresh[name]], begin, _after(moment)) for name, its in before.items()}
    return CountEnd(
        check=check,
        items=given.items,
        counted=counted,
        unread={name: str(each) for name, each in found.items() if isinstance(each, CounterUnread)},
        since={name: each for name, each in since.items() if each},
        month={name: each for name, each in month.items() if each},
        low_percent=low,
    )


def _after(moment: datetime) -> datetime:
    return datetime.max.replace(tzinfo=moment.tzinfo)


def _reading(counted: Counted, moment: datetime, check: str) -> Reading:
    return Reading(at=moment, serial=counted.serial, pages=counted.pages, check=check)


def _draft(printer: str, counted: Counted, reading: Reading, by: str) -> Draft:
    body = {
        "at": clock.stamp(reading.at),
        "check": reading.check,
        "serial": counted.serial,
        "model": counted.model,
        "pages": counted.pages,
        "supplies": {each.name: each.percent for each in counted.supplies},
    }
    return Draft(kind=COUNTED, of=printer, by=by, body=body)
