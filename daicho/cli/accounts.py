"""`daicho people restore` and `daicho people outside`: accounts against the record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from daicho.cli.kit import Session, command, option, output_option, pass_session, put, talk
from daicho.cli.names import RUN
from daicho.errors import ExitCode
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.life.outside import look_outside
from daicho.life.restoring import request_restoring
from daicho.records.changes import change_record
from daicho.report.facts import Answer
from daicho.report.outside import OutsideReport

if TYPE_CHECKING:
    from daicho.report.present import Form


@command(
    "restore",
    N_("Ask for people's accounts to come back as they were before a run, as the record has them."),
    'daicho people restore R3 11000030 --reason "left by mistake"\ndaicho people restore R3 --reason WHY',
)
@click.argument("run", type=RUN)
@click.argument("numbers", nargs=-1, metavar="[NUMBER]...")
@option("--reason", required=True, help=N_("Why they come back."))
@output_option
@pass_session
def restore(session: Session, run: str, numbers: tuple[str, ...], reason: str, form: Form) -> None:
    """Ask for the change."""
    with session.site() as site:
        change = request_restoring(site, run, numbers, reason)
        document = change_record(site.ledger, change).document
    facts = {"change": change, "run": run, "title": document.title}
    put(Answer(facts=facts, sentence=change), form)
    talk(_("{change} is asked for: {title}").format(change=change, title=document.title))
    talk(_("Next: `daicho plan {change}`").format(change=change))


@command(
    "outside",
    N_("Show what was changed on accounts without daicho: what, when, and who as far as it is kept."),
    "daicho people outside",
)
@output_option
@pass_session
def outside(session: Session, form: Form) -> int:
    """Look, record that it was looked, and tell."""
    with session.site() as site:
        look = look_outside(site)
        put(OutsideReport(look=look, policy=site.policy), form)
    return ExitCode.FAILED if look.found else ExitCode.DONE
