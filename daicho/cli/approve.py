"""`daicho approve`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from daicho.cli.kit import Session, command, output_option, pass_session, put, talk
from daicho.cli.names import CHANGE
from daicho.cli.signing import Signing, signing_options
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.life import approving
from daicho.records.changes import change_record
from daicho.report.facts import Answer
from daicho.report.gather import change_report
from daicho.report.present import show

if TYPE_CHECKING:
    from daicho.report.present import Form
    from daicho.site import Site


@command(
    "approve",
    N_("Show the plan, ask, and sign it with your SSH key (a .pub: the agent or card signs)."),
    "daicho approve C7 --key ~/.ssh/id_ed25519.pub\n"
    "daicho show C7 --to-sign | ssh-keygen -Y sign -n daicho-approval -f KEY > C7.sig\n"
    "daicho approve C7 --signature C7.sig",
)
@click.argument("change", type=CHANGE)
@signing_options
@output_option
@pass_session
def approve(session: Session, change: str, signing: Signing, form: Form) -> None:
    """Show, ask, sign, record."""
    with session.site() as site:
        signing.require()
        # An approval that cannot count is refused before the question.
        approving.approver(site, change_record(site.ledger, change))
        show(change_report(site, change).screen(), sys.stderr)
        signing.ask(_("Do you agree to exactly this? Type yes:"))
        approving.approve(site, change, key=signing.key, signature=signing.signature)
        put(_answer(site, change), form)


def _answer(site: Site, change: str) -> Answer:
    report = change_report(site, change)
    have = report.counting
    said = _("{change}: approved by {who} ({have} of {needed}).")
    talk(report.next_step())
    return Answer(
        facts={
            "change": change,
            "approver": site.actor().name,
            "approvers": list(have),
            "needed": report.needed,
            "state": report.record.state.value,
            "digest": report.record.subject.digest if report.record.subject else None,
        },
        sentence=said.format(change=change, who=site.actor().name, have=len(have), needed=report.needed),
    )
