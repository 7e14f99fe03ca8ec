"""`daicho ledger verify`, `checkpoint` and `export`: what proves the record to others."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from daicho.cli.kit import Session, command, option, output_option, pass_session, put, talk
from daicho.cli.reading import text_of
from daicho.credentials import Keys
from daicho.errors import ExitCode
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.ledger import checkpoint as checkpoints
from daicho.ledger.differences import differences
from daicho.ledger.export import Material, export
from daicho.ledger.paper import from_paper, paper
from daicho.ledger.verify import verify
from daicho.report.book import VerifyReport
from daicho.report.facts import Answer
from daicho.site import projections

if TYPE_CHECKING:
    from daicho.ledger.checkpoint import Checkpoint
    from daicho.ledger.paper import PaperCheckpoint
    from daicho.report.present import Form
    from daicho.settings import Settings


@command(
    "verify",
    N_("Read the whole ledger and name every entry that is not as it was recorded."),
    "daicho ledger verify\ndaicho ledger verify --against /mnt/auditor/export-2026-10\ndaicho ledger verify copy.db",
)
@click.argument("file", required=False, type=click.Path(path_type=Path))
@option(
    "--against",
    type=click.Path(path_type=Path),
    metavar="COPY",
    help=N_("Hold it against an export or another ledger."),
)
@option(
    "--checkpoint",
    "extra",
    multiple=True,
    metavar="FILE",
    help=N_("Hold it against this checkpoint, too (`-`: from standard input)."),
)
@option("--paper", is_flag=True, help=N_("The checkpoints given are typed in from paper."))
@option("--tables", is_flag=True, help=N_("Compare the tables beside the chain with it, too."))
@output_option
@pass_session
def verify_(session: Session, *, file: Path | None, against: Path | None, extra: tuple[str, ...], paper: bool, tables: bool, form: Form) -> int:  # fmt: skip
    """Verify the ledger or a copy of it."""
    settings = session.settings
    path = file or settings.ledger
    held = [*checkpoints.kept(kept_in(settings)), *(_read(each, typed=paper) for each in extra)]
    report = verify(path, held, public_key=_public_key(settings), against=against)
    found = differences(path, projections()) if tables and report.sound else []
    result = VerifyReport(report=report, ledger=str(path), tables=found)
    put(result, form)
    return ExitCode.DONE if result.sound else ExitCode.FAILED


@command(
    "checkpoint",
    N_("Sign how far the ledger has come; keep a copy where its owner is not alone."),
    "daicho ledger checkpoint --to /mnt/other-house\ndaicho ledger checkpoint --paper",
)
@option("--to", type=click.Path(path_type=Path), metavar="DIR", help=N_("Copy it there, too."))
@option("--paper", "on_paper", is_flag=True, help=N_("Write it as eleven groups of letters, to be printed."))
@output_option
@pass_session
def checkpoint_(session: Session, to: Path | None, on_paper: bool, form: Form) -> None:
    """Make a checkpoint."""
    with session.site() as site:
        site.administrator("checkpoints")
        made = checkpoints.make(site.ledger, Keys.of(site.settings).ledger)
    kept = checkpoints.keep(made, kept_in(session.settings), to)
    facts = {
        "size": made.size,
        "hash": made.hash,
        "origin": made.origin,
        "file": str(kept),
        "paper": paper(made),
    }
    put(Answer(facts=facts, sentence=paper(made) if on_paper else made.text.rstrip("\n")), form)
    talk(_("{count} entries are fixed; kept in {file}").format(count=made.size, file=kept))
    if to is not None:
        talk(_("and in {folder}").format(folder=to))


@command(
    "export",
    N_("Copy the whole ledger for an auditor, with what is needed to check it without daicho."),
    "daicho ledger export /mnt/auditor/ledger-2026-11\ndaicho ledger export ledger-2026-11.tar",
)
@click.argument("target", type=click.Path(path_type=Path))
@output_option
@pass_session
def export_(session: Session, target: Path, form: Form) -> None:
    """Export the ledger."""
    settings = session.settings
    material = Material(
        public_key=Keys.of(settings).ledger.with_suffix(".pub"),
        checkpoints=kept_in(settings),
        verifier=settings.content / "scripts" / "verify_ledger.py",
    )
    with session.site(read_only=True) as site:
        head = export(site.ledger, target, material)
    said = _("{count} entries are in {target}; the last has the hash {hash}.")
    facts = {"target": str(target), "entries": head.seq, "hash": head.hash}
    put(Answer(facts=facts, sentence=said.format(count=head.seq, target=target, hash=head.hash)), form)
    talk(_("To check it: `python3 {target}/verify_ledger.py {target}`").format(target=target))


def kept_in(settings: Settings) -> Path:
    """Where checkpoints are kept."""
    return settings.state / "checkpoints"


def _read(source: str, *, typed: bool) -> Checkpoint | PaperCheckpoint:
    text = text_of(source)[0]
    return from_paper(text) if typed else checkpoints.parse(text)


def _public_key(settings: Settings) -> str | None:
    public = Keys.of(settings).ledger.with_suffix(".pub")
    if not public.exists():
        click.echo(
            _("The ledger's public key {path} is missing: no signature is checked.").format(path=public),
            file=sys.stderr,
        )
        return None
    return public.read_text(encoding="utf-8")
