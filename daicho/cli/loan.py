"""`daicho loan`: terminals that are lent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from daicho.cli.kit import Group, Session, command, option, output_option, pass_session, put, talk
from daicho.cli.people import Day
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.life.lending import Loan, pool, request_loan, request_return, today
from daicho.loans.choosing import overdue
from daicho.report.listing import Column, Listing

if TYPE_CHECKING:
    from datetime import date

    from daicho.loans.choosing import Candidate
    from daicho.report.present import Form

loan = Group(
    "loan",
    help=N_("Terminals that are lent: which are free and fit, who has one, and until when."),
    example="daicho loan list\ndaicho loan lend --to 佐藤花子 --until 2026-12-20\ndaicho loan return lt-003",
    commands_in={
        "list": "daicho.cli.loan:list_",
        "lend": "daicho.cli.loan:lend",
        "return": "daicho.cli.loan:give_back",
    },
)
_COLUMNS = (
    Column(key="name", heading=N_("name")),
    Column(key="lent_to", heading=N_("lent to"), optional=True),
    Column(key="until", heading=N_("until"), optional=True),
    Column(
        key="overdue", heading=N_("overdue"), optional=True, show=lambda row: "!" if row["overdue"] else ""
    ),
    Column(key="patched", heading=N_("patched")),
    Column(key="reasons", heading=N_("why it cannot be lent"), show=lambda row: _texts(row["reasons"])),
)


def _texts(value: object) -> str:
    return "; ".join(map(str, value)) if isinstance(value, list) else ""


def _pairs(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    found = dict(each.partition("=")[::2] for each in given)
    if wrong := [name for name, value in found.items() if not value]:
        raise click.BadParameter(_("{name} needs a value: os=windows11").format(name=wrong[0]))
    return found


def _rows(found: tuple[Candidate, ...], day: date) -> Listing:
    rows = [
        {
            "name": each.item.name,
            "lent_to": each.lent_to,
            "until": each.until,
            "overdue": overdue(each, day),
            "patched": each.patched.isoformat() if each.patched else None,
            "reasons": list(each.reasons),
        }
        for each in found
    ]
    return Listing(columns=_COLUMNS, rows=rows, empty=_("There are no loan terminals (`pool=loan`)."))


_WITH = option(
    "--with",
    "attributes",
    envvar="DAICHO_WITH",
    multiple=True,
    callback=_pairs,
    metavar="NAME=VALUE",
    help=N_("What it has to be."),
)
_PATCHED = option(
    "--patched-within", type=click.IntRange(0), default=31, help=N_("Days since its last patches; 0: any.")
)


@command(
    "list",
    N_("Show the loan terminals: free and fit first, then who has one until when, or what is against it."),
    "daicho loan list\ndaicho loan list --with os=windows11 --output csv",
)
@_WITH
@_PATCHED
@output_option
@pass_session
def list_(session: Session, /, attributes: dict[str, str], patched_within: int, form: Form) -> None:
    """Show the pool."""
    with session.site() as site:
        found = pool(site, attributes, patched_within)
        put(_rows(found, today(site)), form)


@command(
    "lend",
    N_("Choose terminals that are free, patched and suitable, and ask for the change that lends them."),
    "daicho loan lend --to 佐藤花子 --until 2026-12-20 --count 2 --with os=windows11",
)
@option("--to", required=True, metavar="WHO", help=N_("Who gets them."))
@option("--until", required=True, type=Day(), metavar="DAY", help=N_("The last day."))
@option("--on", type=Day(), metavar="DAY", help=N_("The day on which they are handed over; else today."))
@option("--count", type=click.IntRange(1, 500), default=1, help=N_("How many."))
@_WITH
@_PATCHED
@option("--reason", default="", help=N_("Why."))
@option("--ticket", default="", help=N_("The number in the site's request system."))
@output_option
@pass_session
def lend(session: Session, /, form: Form, **wanted: Any) -> None:
    """Choose, and ask."""
    with session.site() as site:
        lent = request_loan(site, Loan(**wanted))
        put(_rows(lent.chosen, today(site)), form)
    talk(_("Next: `daicho plan {change}`").format(change=lent.change))


@command(
    "return",
    N_("Ask for the change by which lent terminals come back."),
    "daicho loan return lt-003 lt-004",
)
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@option("--reason", default="", help=N_("Why."))
@option("--ticket", default="", help=N_("The number in the site's request system."))
@pass_session
def give_back(session: Session, /, names: tuple[str, ...], reason: str, ticket: str) -> None:
    """Ask for it."""
    with session.site() as site:
        change = request_return(site, names, reason, ticket)
    click.echo(change)
    talk(_("Next: `daicho plan {change}`").format(change=change))
