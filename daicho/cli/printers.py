"""`daicho printers`: what printers have printed, and what they run out of."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from daicho import clock
from daicho.cli.item import selector_of
from daicho.cli.kit import Group, Session, command, option, output_option, pass_session, put, talk
from daicho.cli.names import CHANGE
from daicho.errors import UsageError
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.life.checking import Order
from daicho.life.counting import WORK, month_of
from daicho.life.counting import count as count_pages
from daicho.report.lookout import lookout
from daicho.report.pages import CountReport, MonthReport
from daicho.report.workbook import workbook

if TYPE_CHECKING:
    from daicho.report.present import Form
    from daicho.site import Site

printers = Group(
    "printers",
    help=N_("What printers have printed, and what they run out of. Nothing is changed on them."),
    example="daicho printers count\ndaicho printers pages --month 2026-10 --xlsx 印刷枚数.xlsx",
    commands_in={"count": "daicho.cli.printers:count", "pages": "daicho.cli.printers:pages"},
)


class NoMonth(UsageError):
    """This is no month."""

    sentence = N_("{text!r} is no month. Write it like 2026-10.")


_XLSX = option(
    "--xlsx",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=N_("Write the list as a workbook, too."),
)


@command(
    "count",
    N_("Read the page counters and supplies of printers; each reading goes on record."),
    "daicho printers count\ndaicho printers count building=本館 --output csv\n"
    "daicho printers count --change C9 --xlsx 印刷枚数.xlsx",
)
@click.argument("selectors", nargs=-1, metavar="[SELECTOR]...")
@option("--change", type=CHANGE, help=N_("Under this standard change (for a schedule)."))
@_XLSX
@output_option
@pass_session
def count(
    session: Session, selectors: tuple[str, ...], change: str | None, xlsx: Path | None, form: Form
) -> int:
    """Ask, record, tell."""
    order = Order(work=WORK, change=change, selectors=[selector_of(each) for each in selectors])
    with session.site() as site:
        with lookout(sys.stderr, site.policy) as watch:
            end = count_pages(site, order, watch)
        report = CountReport(end=end, policy=site.policy)
        _write(report, xlsx)
        put(report, form)
    return end.exit_code


@command(
    "pages",
    N_("Show what printers have printed in a month, by the readings on record."),
    "daicho printers pages\ndaicho printers pages --month 2026-10 --output csv",
)
@option("--month", metavar="YYYY-MM", help=N_("Which month; else this one."))
@_XLSX
@output_option
@pass_session
def pages(session: Session, month: str | None, xlsx: Path | None, form: Form) -> None:
    """Compute, show."""
    with session.site() as site:
        begin, end = _span(site, month)
        report = MonthReport(month=month_of(site, begin, end), policy=site.policy)
        _write(report, xlsx)
        put(report, form)


def _span(site: Site, month: str | None) -> tuple[datetime, datetime]:
    text = month or f"{clock.now().astimezone(site.policy.zone):%Y-%m}"
    try:
        begin = datetime.strptime(text, "%Y-%m").replace(tzinfo=site.policy.zone)
    except ValueError as error:
        raise NoMonth(text=text) from error
    return begin, begin.replace(year=begin.year + begin.month // 12, month=begin.month % 12 + 1)


def _write(report: CountReport | MonthReport, path: Path | None) -> None:
    if path is not None:
        path.write_bytes(workbook(report.listing(), _("printers")))
        talk(_("Written: {path}").format(path=path))
