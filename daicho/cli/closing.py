"""`daicho reject` and `daicho withdraw`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import click

from daicho.cli.kit import Session, command, option, output_option, pass_session, put
from daicho.cli.names import CHANGE
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.life.requesting import close_change
from daicho.report.facts import Answer

if TYPE_CHECKING:
    from daicho.report.present import Form


@command(
    "reject",
    N_("Say no to a change, as one who may approve it."),
    'daicho reject C7 --why "The exam week is not over."',
)
@click.argument("change", type=CHANGE)
@option("--why", required=True, help=N_("The reason; it goes into the ledger."))
@output_option
@pass_session
def reject(session: Session, change: str, why: str, form: Form) -> None:
    """Reject a change."""
    _close(session, change, "rejected", why, form)


@command("withdraw", N_("Take back your own request."), 'daicho withdraw C7 --why "Asked for twice."')
@click.argument("change", type=CHANGE)
@option("--why", required=True, help=N_("The reason; it goes into the ledger."))
@output_option
@pass_session
def withdraw(session: Session, change: str, why: str, form: Form) -> None:
    """Withdraw a change."""
    _close(session, change, "withdrawn", why, form)


def _close(
    session: Session, change: str, act: Literal["rejected", "withdrawn"], why: str, form: Form
) -> None:
    with session.site() as site:
        close_change(site, change, act, why)
    said = {"rejected": _("{change} is rejected: {why}"), "withdrawn": _("{change} is withdrawn: {why}")}
    facts = {"change": change, "state": act, "why": why}
    put(Answer(facts=facts, sentence=said[act].format(change=change, why=why)), form)
