"""`daicho people cards` and `daicho people reset`: what the service desk asks for in one command."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from daicho.accounts.card_list import read_cards
from daicho.change import ChangeDocument
from daicho.cli.kit import Session, command, option, output_option, pass_session, put, talk
from daicho.i18n import N_, ngettext
from daicho.i18n import gettext as _
from daicho.life.carding import Why, request_cards
from daicho.life.requesting import request_change
from daicho.report.listing import Column, Listing
from daicho.works.reset_passwords import Identified

if TYPE_CHECKING:
    from datetime import date

    from daicho.report.present import Form

_HOW = get_args(Identified.model_fields["how"].annotation)


@command(
    "cards",
    N_("Ask for the registration of the cards in a list, and for the end of the temporary ones."),
    "daicho people cards カード.csv --certificates 証明書/\ndaicho people cards 臨時カード.csv --reason 忘れ",
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@option(
    "--certificates",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help=N_("The folder of the certificates, each named after the employee number."),
)
@option("--encoding", help=N_("The encoding of a text, where it is not found out (cp932, utf-8)."))
@option("--reason", default="", help=N_("Why; else the name of the list."))
@option("--ticket", default="", help=N_("The number in the site's request system."))
@output_option
@pass_session
def cards(session: Session, /, file: Path, form: Form, **how: Any) -> None:
    """Read the list, ask for the changes."""
    rows = read_cards(file, how["certificates"], how["encoding"])
    reason = how["reason"] or _("The list of cards {name}").format(name=file.name)
    with session.site() as site:
        made = request_cards(site, rows, Why(reason=reason, ticket=how["ticket"]))
    asked: list[tuple[str, str, date | None]] = [(made.register, "register", None)]
    asked += [(change, "remove", day) for day, change in made.ends.items()]
    columns = [
        Column(key="change", heading=N_("change")),
        Column(key="act", heading=N_("act")),
        Column(key="after", heading=N_("after"), optional=True),
    ]
    found = [{"change": each, "act": act, "after": day and day.isoformat()} for each, act, day in asked]
    put(Listing(columns=columns, rows=found), form)
    talk(_("Next: `daicho plan {change}`").format(change=made.register))


@command(
    "reset",
    N_("Ask for new passwords of people who were identified; nobody else gets one."),
    "daicho people reset 11000001 --how staff_card --by suzuki --note 職員証A-1",
)
@click.argument("people", nargs=-1, required=True, metavar="PERSON...")
@option("--how", required=True, type=click.Choice(_HOW), help=N_("How they were identified."))
@option("--by", required=True, metavar="NAME", help=N_("Who made sure of it."))
@option("--note", default="", help=N_("The card's number, the number called back, the letter's date."))
@option("--reason", default="", help=N_("Why; else that they asked for it."))
@option("--ticket", default="", help=N_("The number in the site's request system."))
@pass_session
def reset(session: Session, /, people: tuple[str, ...], **how: Any) -> None:
    """Ask for the change."""
    witness = {"how": how["how"], "by": how["by"], "note": how["note"]}
    count = len(people)
    document = ChangeDocument(
        work="reset_passwords",
        title=ngettext("Reset {count} password", "Reset {count} passwords", count).format(count=count),
        reason=how["reason"] or _("Asked for by the people themselves"),
        ticket=how["ticket"],
        targets=({"kind": "user"},),
        inputs={"people": [{"person": person, "identified": witness} for person in people]},
    )
    with session.site() as site:
        change = request_change(site, document)
    click.echo(change)
    talk(_("Next: `daicho plan {change}`").format(change=change))
