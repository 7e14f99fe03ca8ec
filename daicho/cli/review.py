"""`daicho review`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from daicho.cli.kit import Session, command, output_option, pass_session, put
from daicho.cli.names import RUN
from daicho.cli.signing import Signing, signing_options
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.life import approving
from daicho.report.facts import Answer
from daicho.report.gather import run_report
from daicho.report.present import show

if TYPE_CHECKING:
    from daicho.report.present import Form


@command(
    "review",
    N_("Show what an emergency run did, ask, and sign that you have looked at it."),
    "daicho review R5 --key ~/.ssh/id_ed25519.pub",
)
@click.argument("run", type=RUN)
@signing_options
@output_option
@pass_session
def review(session: Session, run: str, signing: Signing, form: Form) -> None:
    """Show, ask, sign, record."""
    with session.site() as site:
        signing.require()
        approving.review_text(site, run)  # nothing to review: said before the question
        show(run_report(site, run).screen(), sys.stderr)
        signing.ask(_("Have you looked at what was done, and do you answer for it? Type yes:"))
        approving.review(site, run, key=signing.key, signature=signing.signature)
        who = site.actor().name
    said = _("{run}: reviewed by {who}.").format(run=run, who=who)
    put(Answer(facts={"run": run, "reviewer": who}, sentence=said), form)
