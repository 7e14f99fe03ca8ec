"""`daicho debts`, `daicho retry`, `daicho compliance`: who has not got what, and trying again."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from daicho.cli.item import selector_of
from daicho.cli.kit import Session, command, option, output_option, pass_session, put, talk
from daicho.cli.names import CHANGE
from daicho.errors import ExitCode
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.life.compliance import compliance as look
from daicho.life.owing import owed
from daicho.life.retrying import due
from daicho.life.retrying import retry as try_again
from daicho.report.compliance import BY as BOARDS
from daicho.report.compliance import TITLES, ComplianceReport
from daicho.report.debts import BY, DebtsReport
from daicho.report.nouns import MACHINES
from daicho.report.progress import watching
from daicho.report.retried import DueReport, RetriedReport
from daicho.report.webpage import webpage
from daicho.report.workbook import workbook

if TYPE_CHECKING:
    from daicho.report.compliance import By as Board
    from daicho.report.debts import By
    from daicho.report.present import Form


@command(
    "debts",
    N_("Show who has not got what a change was to bring: how many, why, and since when."),
    "daicho debts\ndaicho debts C7\ndaicho debts --by building\ndaicho debts --xlsx 未適用端末.xlsx",
)
@click.argument("change", type=CHANGE, required=False)
@option("--by", type=click.Choice(BY), help=N_("Sums by this instead of every debtor."))
@option(
    "--xlsx",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=N_("Write the list as a workbook, too."),
)
@output_option
@pass_session
def debts(session: Session, change: str | None, by: By | None, xlsx: Path | None, form: Form) -> None:
    """Gather from the ledger, and show."""
    with session.site(read_only=True) as site:
        report = DebtsReport(owed=owed(site, change), policy=site.policy, by=by)
        if xlsx:
            xlsx.write_bytes(workbook(report.listing(), _("debts")))
            talk(_("Written: {path}").format(path=xlsx))
        put(report, form)


@command(
    "retry",
    N_("Try those again that owe something and have been seen since, under the approvals that they have."),
    "daicho retry --dry-run\ndaicho retry\ndaicho retry C7",
)
@click.argument("change", type=CHANGE, required=False)
@option("--dry-run", is_flag=True, help=N_("Show who would be tried and try nobody."))
@output_option
@pass_session
def retry(session: Session, change: str | None, dry_run: bool, form: Form) -> int:
    """See who is there, try them, tell."""
    with session.site() as site:
        waiting = due(site, change)
        if dry_run:
            put(DueReport(waiting), form)
            return ExitCode.DONE
        with watching(sys.stderr, MACHINES) as watch:
            done = try_again(site, waiting, watch)
        put(RetriedReport(done), form)
    return ExitCode.INCOMPLETE if any(each.refused for each in done) else ExitCode.DONE


@command(
    "compliance",
    N_("Show who has which updates and definitions: per update, ring, building and age."),
    "daicho compliance\ndaicho compliance --by kb --output csv\n"
    "daicho compliance --directory --html board.html",
)
@click.argument("selectors", nargs=-1, metavar="[SELECTOR]...")
@option(
    "--by",
    type=click.Choice(BOARDS),
    default="terminal",
    show_default=True,
    help=N_("One table of the board instead of all; with CSV and Excel a row for each."),
)
@option("--directory", is_flag=True, help=N_("Compare the ledger's terminals with the directory's, too."))
@option("--html", type=click.Path(path_type=Path), metavar="FILE", help=N_("Write the board as a page, too."))
@option(
    "--xlsx", type=click.Path(path_type=Path), metavar="FILE", help=N_("Write the list as a workbook, too.")
)
@output_option
@pass_session
def compliance(
    session: Session,
    /,
    selectors: tuple[str, ...],
    form: Form,
    **how: Any,
) -> None:
    """Gather from the ledger (and the directory), and show."""
    by: Board = how["by"]
    html: Path | None = how["html"]
    xlsx: Path | None = how["xlsx"]
    with session.site(read_only=not how["directory"]) as site:
        chosen = [selector_of(each) for each in selectors]
        found = look(site, chosen, directory=how["directory"])
        report = ComplianceReport(found=found, policy=site.policy, by=by)
        if html:
            parts = [(_(TITLES[each]), report.section(each)) for each in (*BOARDS[1:], BOARDS[0])]
            html.write_text(webpage(str(report.title()), parts), encoding="utf-8")
        if xlsx:
            xlsx.write_bytes(workbook(report.listing(), _(TITLES[by])))
        for path in filter(None, (html, xlsx)):
            talk(_("Written: {path}").format(path=path))
        put(report, form)
