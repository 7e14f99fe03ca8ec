"""`daicho review`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from daicho.cli.asking import confirm
from daicho.cli.kit import Session, command, option, output_option, pass_session, put, yes_option
from daicho.cli.names import RUN
from daicho.cli.reading import text_of
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
@option("--key", type=click.Path(path_type=Path), metavar="FILE", help=N_("The SSH key to sign with."))
@option(
    "--signature", metavar="FILE", help=N_("A signature made elsewhere over what `show --to-sign` writes.")
)
@yes_option
@output_option
@pass_session
def review(
    session: Session, run: str, key: Path | None, signature: str | None, yes: bool, form: Form
) -> None:
    """Show, ask, sign, record."""
    with session.site() as site:
        if not (key or signature):
            raise approving.NoKey
        approving.review_text(site, run)  # nothing to review: said before the question
        show(run_report(site, run).screen(), sys.stderr)
        if not yes:
            confirm(_("Have you looked at what was done, and do you answer for it? Type yes:"))
        armoured = text_of(signature)[0] if signature else None
        approving.review(site, run, key=key, signature=armoured)
        who = site.actor().name
    said = _("{run}: reviewed by {who}.").format(run=run, who=who)
    put(Answer(facts={"run": run, "reviewer": who}, sentence=said), form)
