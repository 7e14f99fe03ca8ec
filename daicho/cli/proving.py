"""`daicho ledger verify`, `checkpoint` and `export`: what proves the record to others."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
from daicho.ledger.store import Ledger
from daicho.ledger.verify import verify
from daicho.life.auditing import unsound_signatures
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
    "daicho ledger verify\ndaicho ledger verify --against /mnt/auditor/export-2026-10\n"
    "daicho ledger verify copy-of-the-ledger.db",
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
    envvar="DAICHO_LEDGER_VERIFY_CHECKPOINT",
    multiple=True,
    metavar="FILE",
    help=N_("Hold it against this checkpoint, too (`-`: from standard input)."),
)
@option("--paper", is_flag=True, help=N_("The checkpoints given are typed in from paper."))
@option("--tables", is_flag=True, help=N_("Compare the tables beside the chain with it, too."))
@output_option
@pass_session
def verify_(session: Session, /, file: Path | None, form: Form, **options: Any) -> int:
    """Verify the ledger or a copy of it."""
    result = Proof(settings=session.settings, ledger=file or session.settings.ledger, **options).report()
    put(result, form)
    return ExitCode.DONE if result.sound else ExitCode.FAILED


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What a ledger is held against."""

    settings: Settings
    ledger: Path
    against: Path | None
    extra: tuple[str, ...]
    paper: bool
    tables: bool

    def report(self) -> VerifyReport:
        """What verification finds."""
        held = [*checkpoints.kept(self.settings.checkpoints), *(self._read(each) for each in self.extra)]
        report = verify(self.ledger, held, public_key=_public_key(self.settings), against=self.against)
        # Tables that are made from a broken chain prove nothing.
        found = differences(self.ledger, projections()) if self.tables and report.sound else []
        signatures = self._signatures() if report.sound else []
        return VerifyReport(report=report, ledger=str(self.ledger), tables=found, signatures=signatures)

    def _signatures(self) -> list[str]:
        with Ledger.open(self.ledger, read_only=True) as ledger:
            return unsound_signatures(ledger)

    def _read(self, source: str) -> Checkpoint | PaperCheckpoint:
        text = text_of(source)[0]
        return from_paper(text) if self.paper else checkpoints.parse(text)


@command(
    "checkpoint",
    N_("Sign how far the ledger has come; keep a copy where its owner is not alone."),
    "daicho ledger checkpoint --to /mnt/other-house\ndaicho ledger checkpoint --paper",
)
@option(
    "--to",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help=N_("Copy it there, too; DAICHO_CHECKPOINTS otherwise."),
)
@option(
    "--paper",
    "on_paper",
    envvar="DAICHO_LEDGER_CHECKPOINT_PAPER",
    is_flag=True,
    help=N_("Write it as eleven groups of letters, to be printed."),
)
@output_option
@pass_session
def checkpoint_(session: Session, to: Path | None, on_paper: bool, form: Form) -> None:
    """Make a checkpoint."""
    with session.site() as site:
        site.administrator("checkpoints")
        made = checkpoints.make(site.ledger, Keys.of(site.settings).ledger)
    second = to or session.settings.second
    kept = checkpoints.keep(made, session.settings.checkpoints, second)
    facts = {
        "size": made.size,
        "hash": made.hash,
        "origin": made.origin,
        "file": str(kept),
        "paper": paper(made),
    }
    put(Answer(facts=facts, sentence=paper(made) if on_paper else made.text.rstrip("\n")), form)
    talk(_("{count} entries are fixed; kept in {file}").format(count=made.size, file=kept))
    if second is not None:
        talk(_("and in {folder}").format(folder=second))


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
        checkpoints=settings.checkpoints,
        verifier=settings.content / "scripts" / "verify_ledger.py",
    )
    with session.site(read_only=True) as site:
        head = export(site.ledger, target, material)
    said = _("{count} entries are in {target}; the last has the hash {hash}.")
    facts = {"target": str(target), "entries": head.seq, "hash": head.hash}
    put(Answer(facts=facts, sentence=said.format(count=head.seq, target=target, hash=head.hash)), form)
    talk(_("To check it: `python3 {target}/verify_ledger.py {target}`").format(target=target))


def _public_key(settings: Settings) -> str | None:
    public = Keys.of(settings).ledger.with_suffix(".pub")
    if not public.exists():
        talk(_("The ledger's public key {path} is missing: no signature is checked.").format(path=public))
        return None
    return public.read_text(encoding="utf-8")
