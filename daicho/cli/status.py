"""`daicho status`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from daicho.cli.kit import Session, command, option, output_option, pass_session, put, talk
from daicho.i18n import N_
from daicho.life.orphans import Occupied, occupied
from daicho.records.runs import open_runs, run_records
from daicho.report.standing import OPEN, change_listing, run_listing, worries

if TYPE_CHECKING:
    from daicho.report.present import Form
    from daicho.site import Site


@command(
    "status",
    N_("List the changes (or runs) and how they stand, newest first."),
    "daicho status\ndaicho status --open\ndaicho status --runs --output csv",
)
@option("--runs", is_flag=True, help=N_("List runs instead of changes."))
@option(
    "--open",
    "only_open",
    envvar="DAICHO_STATUS_OPEN",
    is_flag=True,
    help=N_("Only changes that are not over."),
)
@option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help=N_("At most so many."))
@output_option
@pass_session
def status(session: Session, runs: bool, only_open: bool, limit: int, form: Form) -> None:
    """List what there is."""
    with session.site(read_only=True) as site:
        gone = lost_runs(site)
        states = OPEN if only_open else None
        put(run_listing(site, limit, gone) if runs else change_listing(site, limit, states), form)
        for line in worries(run_records(site.ledger), gone):
            talk(line)


def lost_runs(site: Site) -> frozenset[str]:
    """The open runs whose process is gone; the next `daicho run` closes them."""
    return frozenset(run.id for run in open_runs(site.ledger) if _is_free(site, run.id))


def _is_free(site: Site, run: str) -> bool:
    try:
        with occupied(site.settings.runs / run):
            return True
    except (Occupied, OSError):
        return False
