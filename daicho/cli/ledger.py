"""`daicho ledger`: the record itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from daicho.cli.kit import Group, Session, command, option, output_option, pass_session, put, talk
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.report.book import EntryReport, log_listing
from daicho.report.facts import Answer

if TYPE_CHECKING:
    from daicho.ledger import Entry, Ledger
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
def log(session: Session, /, form: Form, **options: Any) -> None:
    """List entries."""
    with session.site(read_only=True) as site:
        put(log_listing(Page(**options).of_ledger(site.ledger), site.policy), form)


@dataclass(frozen=True, kw_only=True)
class Page:
    """Which entries are wanted."""

    of: str | None
    kind: str | None
    after: int | None
    limit: int

    def of_ledger(self, ledger: Ledger) -> list[Entry]:
        """The entries, oldest first: the newest ones, or those after a place."""
        newest = self.after is None
        # Changes and runs may be typed in small letters; an item's name stands as it is.
        name = self.of.upper() if self.of and re.fullmatch(r"[cr][1-9][0-9]*", self.of) else self.of
        found = list(
            ledger.entries(of=name, kind=self.kind, after=self.after or 0, limit=self.limit, reverse=newest)
        )
        return found[::-1] if newest else found


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
