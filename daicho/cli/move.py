"""`daicho move`: layout plans, scan sheets, and whether what was to move has moved."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from daicho.cli.kit import Group, Session, command, option, output_option, pass_session, put, talk
from daicho.cli.names import CHANGE
from daicho.errors import ExitCode
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.items.headings import Headings
from daicho.items.reading import Reading
from daicho.life.moving import Look, Reason, moves_of, request_moves, verify_moves
from daicho.moves.evidence import Standing
from daicho.moves.layout import LayoutWords, read_layout
from daicho.moves.scans import read_scans
from daicho.moves.sheet import scan_sheet
from daicho.report.listing import Column, Listing
from daicho.report.lookout import lookout
from daicho.report.move_picture import floors_page
from daicho.report.moving import MovesReport, VerifiedReport

if TYPE_CHECKING:
    from daicho.report.present import Form

move = Group(
    "move",
    help=N_("Terminals and printers that change their places: plans, sheets for those who carry, proof."),
    example="daicho move request 移設計画.xlsx\ndaicho move sheet C5 --to C5.pdf\ndaicho move verify C5",
    commands_in={
        "request": "daicho.cli.move:request",
        "show": "daicho.cli.move:show",
        "sheet": "daicho.cli.move:sheet",
        "verify": "daicho.cli.move:verify",
    },
)


@command(
    "request",
    N_("Ask for the changes of a layout plan: one for its terminals, one for its printers."),
    "daicho move request 移設計画.xlsx --prepare\ndaicho move request 移設計画.xlsx --ticket REQ-12",
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@option(
    "--prepare",
    is_flag=True,
    help=N_("Only what is done before: reservations, names that expire soon."),
)
@option("--sheet", help=N_("The sheet of a workbook; the first one otherwise."))
@option("--encoding", help=N_("The encoding of a text, where it is not found out (cp932, utf-8)."))
@option(
    "--map",
    "maps",
    envvar="DAICHO_MOVE_REQUEST_MAP",
    multiple=True,
    metavar="HEADING=FACT",
    help=N_("What a heading means; `-`: leave it out."),
)
@option("--reason", default="", help=N_("Why; else the name of the plan."))
@option("--ticket", default="", help=N_("The number in the site's request system."))
@output_option
@pass_session
def request(session: Session, /, file: Path, form: Form, **how: Any) -> None:
    """Read the plan, ask for the changes."""
    words = LayoutWords(Headings.parse(how["maps"]).added)
    wishes = read_layout(file, Reading(encoding=how["encoding"], sheet=how["sheet"]), words)
    reason = how["reason"] or _("The layout plan {name}").format(name=file.name)
    with session.site() as site:
        made = request_moves(
            site, wishes, Reason(reason=reason, ticket=how["ticket"], prepare=how["prepare"])
        )
    columns = [Column(key="change", heading=N_("change")), Column(key="work", heading=N_("work"))]
    put(Listing(columns=columns, rows=[{"change": each, "work": work} for work, each in made.items()]), form)
    for change in made.values():
        talk(_("Next: `daicho plan {change}`").format(change=change))


@command(
    "show",
    N_("Show the moves of a planned change floor by floor, and write them as a page with a picture."),
    "daicho move show C5\ndaicho move show C5 --to C5.html",
)
@click.argument("change", type=CHANGE)
@option("--to", type=click.Path(path_type=Path, dir_okay=False), help=N_("The file of the page (HTML)."))
@output_option
@pass_session
def show(session: Session, change: str, to: Path | None, form: Form) -> None:
    """Show the floors."""
    with session.site() as site:
        title, rows = moves_of(site, change)
    put(MovesReport(change, rows), form)
    if to:
        to.write_text(floors_page(change, title, rows, session.settings.language), encoding="utf-8")
        talk(_("Written: {path}").format(path=to))


@command(
    "sheet",
    N_("Write the scan sheet of a planned change: codes of what moves and of its outlets, floor by floor."),
    "daicho move sheet C5 --to C5.pdf",
)
@click.argument("change", type=CHANGE)
@option("--to", required=True, type=click.Path(path_type=Path, dir_okay=False), help=N_("The file (PDF)."))
@pass_session
def sheet(session: Session, change: str, to: Path) -> None:
    """Write the sheet."""
    with session.site() as site:
        title, rows = moves_of(site, change)
    to.write_bytes(scan_sheet(change, title, rows))
    talk(_("Written: {path}").format(path=to))


@command(
    "verify",
    N_("Ask switches, DHCP and DNS whether everything has moved; differences become questions."),
    "daicho move verify C5\ndaicho move verify C5 --plugged 作業結果.csv",
)
@click.argument("change", type=CHANGE)
@option(
    "--plugged",
    type=click.Path(path_type=Path, dir_okay=False),
    help=N_("What was plugged where: a table, or what a scanner read from the scan sheet."),
)
@option("--test-page", is_flag=True, help=N_("Print a page on each printer, and see that it counts it."))
@output_option
@pass_session
def verify(session: Session, change: str, plugged: Path | None, *, test_page: bool, form: Form) -> int:
    """Ask, record, tell."""
    look = Look(plugged=read_scans(plugged) if plugged else None, test_pages=test_page)
    with session.site() as site, lookout(sys.stderr, site.policy) as watch:
        end = verify_moves(site, change, look, watch)
    put(VerifiedReport(end), form)
    found = {each.standing for each in end.verdicts}
    if Standing.WRONG in found:
        return ExitCode.FAILED
    return ExitCode.DONE if found == {Standing.PROVEN} else ExitCode.INCOMPLETE
