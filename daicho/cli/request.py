"""`daicho request`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from daicho.change import State
from daicho.cli.kit import Session, command, output_option, pass_session, put, talk
from daicho.cli.reading import text_of
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.life.requesting import read_change, request_change
from daicho.report.facts import Answer
from daicho.report.gather import change_report

if TYPE_CHECKING:
    from daicho.report.present import Form


@command(
    "request",
    N_("Ask for a change: a document (YAML) goes into the ledger; its name is printed."),
    "daicho request change.yml\ndaicho request - < change.yml",
)
@click.argument("file")
@output_option
@pass_session
def request(session: Session, file: str, form: Form) -> None:
    """Record a change as asked for."""
    text, name = text_of(file)
    with session.site() as site:
        document = read_change(site, text, name)
        change = request_change(site, document)
        following = change_report(site, change).next_step()
    facts = {
        "change": change,
        "state": State.DRAFT.value,
        "class": document.kind,
        "work": document.work,
        "title": document.title,
    }
    put(Answer(facts=facts, sentence=change), form)
    talk(_("{change} is asked for: {title}").format(change=change, title=document.title))
    if document.kind == "emergency":
        talk(_("EMERGENCY: it can run at once and must be reviewed by another person afterwards."))
    talk(following)
