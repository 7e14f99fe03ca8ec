"""`daicho people`: personnel's files and people's accounts."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from daicho.accounts.purposes import ACTS
from daicho.cli.edge import main
from daicho.cli.kit import Group, Session, command, option, output_option, pass_session, put, talk
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.items.problems import Unfit
from daicho.life.personnel import PersonnelFile, asked_before, look_ahead, request_people
from daicho.life.planning import plan_change
from daicho.people.dates import read_date
from daicho.people.reading import Reading
from daicho.report.gather import change_report
from daicho.report.nouns import PEOPLE
from daicho.report.personnel import ForecastReport
from daicho.report.progress import watching

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from daicho.accounts.forecast import Forecast
    from daicho.report.present import Form

people = Group(
    "people",
    help=N_("People who join, move and leave: personnel's files, and the accounts that follow from them."),
    example="daicho people request 人事異動.csv --dry-run\ndaicho people request 人事異動.csv",
    commands_in={
        "request": "daicho.cli.people:request",
        "restore": "daicho.cli.accounts:restore",
        "outside": "daicho.cli.accounts:outside",
        "list": "daicho.cli.registers:list_",
        "reset": "daicho.cli.handing:reset",
        "cards": "daicho.cli.handing:cards",
    },
)


class Day(click.ParamType[date]):
    """A day as people write it."""

    name = "DAY"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The day."""
        if isinstance(value, date):
            return value
        try:
            return read_date(str(value))
        except Unfit as error:
            self.fail(str(error), param, ctx)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The options of a request."""

    on: date | None
    effective: date | None
    sheet: str | None
    encoding: str | None
    ticket: str
    only: tuple[str, ...]
    plans: bool
    dry_run: bool

    def of(self, file: Path) -> PersonnelFile:
        """The file, as it is to be taken."""
        how = Reading(encoding=self.encoding, sheet=self.sheet, effective=self.effective)
        return PersonnelFile(
            path=file, on=self.on, how=how, ticket=self.ticket, only=self.only or tuple(ACTS)
        )


@command(
    "request",
    N_("Ask for the changes that are due by a personnel file: who joins, moves, leaves, comes back."),
    "daicho people request 人事異動.csv --dry-run\ndaicho people request 人事異動.xlsx --on 2027/4/1",
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@option("--on", type=Day(), metavar="DAY", help=N_("The day that counts as today; else today."))
@option("--effective", type=Day(), metavar="DAY", help=N_("The effective date of rows that name none."))
@option("--sheet", help=N_("The sheet of a workbook; the first one otherwise."))
@option("--encoding", help=N_("The encoding of a text, where it is not found out (cp932, utf-8)."))
@option("--ticket", default="", help=N_("The number in the site's request system."))
@option("--only", "only", multiple=True, type=click.Choice(tuple(ACTS)), help=N_("Only what this work does."))
@option(
    "--plan",
    "plans",
    is_flag=True,
    envvar="DAICHO_PEOPLE_REQUEST_PLAN",
    help=N_("Plan each change at once, and show its plan."),
)
@option("--dry-run", is_flag=True, help=N_("Show what would be asked for and record nothing."))
@output_option
@pass_session
def request(session: Session, /, file: Path, form: Form, **options: Any) -> None:
    """Show what is due, and ask for it."""
    wanted = Wanted(**options)
    with session.site() as site:
        taken = wanted.of(file)
        found = look_ahead(site, taken)
        before = asked_before(site, taken)
        changes = {} if wanted.dry_run else request_people(site, taken, found).changes
        put(ForecastReport(forecast=found, changes=changes), form)
        for change in changes.values():
            if wanted.plans:
                with watching(sys.stderr, PEOPLE) as watch:
                    plan_change(site, change, watch)
                put(change_report(site, change), form)
            else:
                talk(_("Next: `daicho plan {change}`").format(change=change))
        for line in remarks(wanted, found, changes, before):
            talk(line)


def remarks(
    wanted: Wanted, found: Forecast, changes: Mapping[str, str], before: Sequence[str]
) -> Iterator[str]:
    """What was not asked for and why, and what waits already because of the same file."""
    if before:
        yield _(
            "{changes} came of the same file and waits still. What is not wanted twice is taken back: "
            "`daicho withdraw {change} --why WHY`"
        ).format(changes=", ".join(before), change=before[-1])
    if wanted.dry_run and found.works:
        yield _("Nothing was recorded. Without --dry-run this is asked for.")
    elif found.works and not changes:
        yield _("Nothing was asked for: what is due is none of {works}.").format(works=", ".join(wanted.only))


def errand(work: str, words: Sequence[str]) -> int:
    """What an engineer's script does: request and plan what a file says, or run what was approved.

    Args:
        work: Its work.
        words: A file with the options of `daicho people request`, or the name of an approved change with
            those of `daicho run`.
    """
    if words and re.fullmatch(r"C[1-9]\d*", words[0]):
        return main(["run", *words])
    return main(["people", "request", "--only", work, "--plan", *words])
