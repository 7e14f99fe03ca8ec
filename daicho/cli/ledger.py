"""`daicho ledger`: the record itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from daicho.cli.kit import Group, Session, command, option, output_option, pass_session, put, talk
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.report.book import EntryReport, log_listing
from daicho.report.facts import Answer

if TYPE_CHECKING:
    from daicho.report.present import Form

ledger = Group(
    "ledger",
    help=N_("The record: read it, prove it whole, copy it for an auditor."),
    example="daicho ledger log --of R3\ndaicho ledger verify",
    commands_in={
        "log": "daicho.cli.ledger:log",
        "show": "daicho.cli.ledger:show",
        "verify": "daicho.cli.proving:verify_",
        "checkpoint": "daicho.cli.proving:checkpoint_",
        "export": "daicho.cli.proving:export_",
        "rebuild": "daicho.cli.ledger:rebuild",
    },
)


@command(
    "log",
    N_("List entries, the newest last."),
    "daicho ledger log --limit 20\ndaicho ledger log --of C7 --kind approval.",
)
@option("--of", metavar="NAME", help=N_("Only about this change, run or item."))
@option("--kind", metavar="KIND", help=N_("Only this kind; with a final dot all that begin so: `run.`."))
@option("--after", type=click.IntRange(min=0), metavar="SEQ", help=N_("Only after this entry, oldest first."))
@option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help=N_("At most so many."))
@output_option
@pass_session
def log(
    session: Session, of: str | None, kind: str | None, after: int | None, limit: int, form: Form
) -> None:
    """List entries."""
    with session.site(read_only=True) as site:
        newest = after is None
        subject = of.upper() if of and of[:1] in "cr" and of[1:].isdigit() else of
        found = list(
            site.ledger.entries(of=subject, kind=kind, after=after or 0, limit=limit, reverse=newest)
        )
        put(log_listing(list(reversed(found)) if newest else found, site.policy), form)


@command(
    "show", N_("Show one entry, whole."), "daicho ledger show 12\ndaicho ledger show 12 --text | sha256sum"
)
@click.argument("seq", type=click.IntRange(min=1))
@option(
    "--text", is_flag=True, help=N_("Write the entry's text only, byte for byte: its SHA-256 is its hash.")
)
@output_option
@pass_session
def show(session: Session, seq: int, text: bool, form: Form) -> None:
    """Show an entry."""
    with session.site(read_only=True) as site:
        entry = site.ledger.entry(seq)
        if text:
            click.echo(entry.text, nl=False)
            return
        put(EntryReport(entry=entry, policy=site.policy), form)


@command(
    "rebuild",
    N_("Make the tables beside the chain anew from it; the chain itself is never touched."),
    "daicho ledger rebuild",
)
@output_option
@pass_session
def rebuild(session: Session, form: Form) -> None:
    """Rebuild the projections."""
    with session.site() as site:
        site.ledger.rebuild()
        head = site.ledger.head()
    said = _("The tables are made anew from {count} entries.").format(count=head.seq)
    put(Answer(facts={"entries": head.seq, "hash": head.hash}, sentence=said), form)
    talk(_("Next: `daicho ledger verify --tables`"))
