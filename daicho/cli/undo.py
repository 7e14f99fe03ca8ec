"""`daicho undo`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from daicho.cli.kit import Session, command, option, output_option, pass_session, put, talk
from daicho.cli.names import RUN
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.life.undoing import undo_run
from daicho.records.changes import change_record
from daicho.report.facts import Answer

if TYPE_CHECKING:
    from daicho.report.present import Form


@command(
    "undo",
    N_("Ask for the change that takes a run back; it is planned and approved like any other."),
    'daicho undo R3 --reason "The mail client does not start."',
)
@click.argument("run", type=RUN)
@option("--reason", required=True, help=N_("Why it is taken back."))
@output_option
@pass_session
def undo(session: Session, run: str, reason: str, form: Form) -> None:
    """Request the way back."""
    with session.site() as site:
        change = undo_run(site, run, reason)
        document = change_record(site.ledger, change).document
    facts = {"change": change, "undo_of": run, "targets": [str(each) for each in document.targets]}
    put(Answer(facts=facts, sentence=change), form)
    talk(_("{change} is asked for: {title}").format(change=change, title=document.title))
    talk(_("Next: `daicho plan {change}`").format(change=change))
