"""`daicho show`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from daicho.cli.kit import Session, command, option, output_option, pass_session, put
from daicho.cli.names import CHANGE_OR_RUN
from daicho.i18n import N_
from daicho.life.approving import review_text
from daicho.life.approving import to_sign as signed_text
from daicho.records.changes import change_record
from daicho.report.gather import change_report, run_report

if TYPE_CHECKING:
    from daicho.report.present import Form, Readable
    from daicho.site import Site


@command(
    "show",
    N_("Show a change with its plan and approvals, or a run with what it did on which machine."),
    "daicho show C7\ndaicho show R3 --target pc-0012\n"
    "daicho show C7 --to-sign | ssh-keygen -Y sign -n daicho-approval -f KEY > C7.sig",
)
@click.argument("name", type=CHANGE_OR_RUN)
@option("--target", metavar="NAME", help=N_("Only this machine, in full."))
@option("--to-sign", is_flag=True, help=N_("Write exactly the text that an approver (or reviewer) signs."))
@output_option
@pass_session
def show(session: Session, name: str, target: str | None, to_sign: bool, form: Form) -> None:
    """Show what is known of a name."""
    with session.site(read_only=True) as site:
        if to_sign:
            sys.stdout.write(_signed_text(site, name))
            return
        report = change_report(site, name) if name.startswith("C") else run_report(site, name)
        found: Readable = report.only(target) if target else report
        put(found, form)


def _signed_text(site: Site, name: str) -> str:
    return signed_text(change_record(site.ledger, name)) if name.startswith("C") else review_text(site, name)
