"""`daicho plan`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from daicho.cli.kit import Session, command, output_option, pass_session, put, talk
from daicho.cli.names import CHANGE
from daicho.i18n import N_
from daicho.life.planning import plan_change
from daicho.records.changes import change_record
from daicho.report.gather import change_report
from daicho.report.nouns import nouns_of
from daicho.report.progress import quiet_hint, watching

if TYPE_CHECKING:
    from daicho.report.present import Form


@command(
    "plan",
    N_("Rehearse a change on every machine and record what would happen; nothing is changed."),
    "daicho plan C7",
)
@click.argument("change", type=CHANGE)
@output_option
@pass_session
def plan(session: Session, change: str, form: Form) -> None:
    """Make and show a plan."""
    with session.site() as site:
        nouns = nouns_of(change_record(site.ledger, change).document.work)
        talk(quiet_hint(change, nouns))
        with watching(sys.stderr, nouns) as watch:
            plan_change(site, change, watch)
        put(change_report(site, change), form)
