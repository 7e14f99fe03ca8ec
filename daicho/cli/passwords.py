"""`daicho passwords`: the sealed passwords of the machines' administrators."""

from __future__ import annotations

from base64 import encodebytes
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from daicho.cli.kit import Group, Session, command, option, output_option, pass_session, put, talk
from daicho.documents import MAX_BYTES
from daicho.endpoints.escrow import Escrow
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.life.disclosing import Wish, disclosed, opened
from daicho.report.cells import moment
from daicho.report.facts import Answer
from daicho.report.listing import Column, Listing
from daicho.report.words import when

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daicho.endpoints.escrow import Kept
    from daicho.policy import Policy
    from daicho.report.listing import Row
    from daicho.report.present import Form

passwords = Group(
    "passwords",
    help=N_(
        "The passwords of the machines' administrators, sealed. Who opens one says why, and it is on record "
        "before it is opened."
    ),
    example='daicho passwords list\ndaicho passwords show pc-0001 --why "INC-4711" --key safe.key',
    commands_in={
        "show": "daicho.cli.passwords:show",
        "list": "daicho.cli.passwords:list_",
    },
)
_SHOWN: Final = ("machine", "account", "number", "at", "run", "proven")


@command(
    "show",
    N_(
        "Open the password of a machine with the private key of a recipient, or write it out sealed, for a "
        "card. That you asked, and why, is in the ledger first."
    ),
    'daicho passwords show pc-0001 --why "INC-4711, no network" --key safe.key\n'
    'daicho passwords show pc-0001 --why "INC-4711" --sealed | openssl cms -decrypt -inform PEM -inkey K',
)
@click.argument("machine")
@option("--why", required=True, help=N_("Why it is needed; it stands in the ledger."))
@option(
    "--key",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help=N_("The private key of a recipient (PEM); its passphrase is asked for."),
)
@option("--sealed", is_flag=True, help=N_("Write it out as it is kept (CMS, PEM)."))
@option("--account", default="", help=N_("Of several accounts, the one that is meant."))
@option("--number", type=click.IntRange(min=1), help=N_("An earlier one; the newest without it."))
@output_option
@pass_session
def show(
    session: Session,
    *,
    machine: str,
    why: str,
    key: Path | None,
    sealed: bool,
    account: str,
    number: int | None,
    form: Form,
) -> None:
    """Record, then open."""
    if sealed == (key is not None):
        raise click.UsageError(_("Give either --key FILE or --sealed."))
    wish = Wish(machine=machine, why=why, account=account, number=number)
    with session.site() as site:
        kept = disclosed(site, wish)
        if key is None:
            click.echo(_pem(kept.envelope), nl=False)
            return
        password = opened(site, kept, *_unlocked(key))
    put(Answer(facts=_row(kept) | {"password": password}, sentence=password), form)
    talk(_about(kept))


@command(
    "list",
    N_("Which passwords are kept: their numbers, and since when each is proven; never what they are."),
    "daicho passwords list\ndaicho passwords list pc-0001",
)
@click.argument("machine", required=False, default="")
@output_option
@pass_session
def list_(session: Session, machine: str, form: Form) -> None:
    """List them: the newest of each machine, or all of one."""
    with session.site(read_only=True) as site:
        escrow = Escrow(site.settings.escrow)
        kept = escrow.of(machine) if machine else list(escrow.all_latest())
        rows = [_row(each) for each in kept]
        put(Listing(columns=_columns(site.policy), rows=rows, empty=_("No password is kept yet.")), form)


def _columns(policy: Policy) -> Sequence[Column]:
    def told(row: Row, key: str) -> str:
        text = str(row[key])
        return when(policy, moment(text)) if text else _("not proven")

    return (
        Column(key="machine", heading=N_("machine")),
        Column(key="account", heading=N_("account")),
        Column(key="number", heading=N_("number"), right=True),
        Column(key="run", heading=N_("run")),
        Column(key="at", heading=N_("kept since"), show=partial(told, key="at")),
        Column(key="proven", heading=N_("proven"), show=partial(told, key="proven")),
    )


def _row(kept: Kept) -> dict[str, object]:
    body = asdict(kept)
    return {name: body[name] for name in _SHOWN}


def _about(kept: Kept) -> str:
    said = _("Password {number} of {account} on {machine}, set by {run}.").format(
        number=kept.number, account=kept.account, machine=kept.machine, run=kept.run
    )
    if kept.proven:
        return said
    more = _("It was never proven: the one before may be in force (`daicho passwords list {machine}`).")
    return f"{said} {more.format(machine=kept.machine)}"


def _pem(envelope: bytes) -> str:
    return f"-----BEGIN CMS-----\n{encodebytes(envelope).decode('ascii')}-----END CMS-----\n"


def _unlocked(key: Path) -> tuple[bytes, bytes | None]:
    """A key and, where it has one, its passphrase."""
    with key.open("rb") as file:
        data = file.read(MAX_BYTES)
    if b"ENCRYPTED" not in data:
        return data, None
    asked = click.prompt(_("The passphrase of {key}").format(key=key.name), hide_input=True, err=True)
    return data, str(asked).encode()
