"""`daicho check declared`: the checks that a document declares."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from daicho.cli.kit import Session, command, output_option, pass_session, put
from daicho.i18n import N_
from daicho.life.declaring import carry_out_declared
from daicho.report.declared import DeclaredReport

if TYPE_CHECKING:
    from daicho.report.present import Form


@command(
    "declared",
    N_("Carry out the checks that a document declares: names, directories, shares, printers, time."),
    "daicho check declared checks.yml\ndaicho check declared checks.yml --output csv",
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@output_option
@pass_session
def declared(session: Session, file: Path, form: Form) -> int:
    """Carry out, record, tell."""
    with session.site() as site:
        done = carry_out_declared(site, file)
        put(DeclaredReport(done), form)
    return done.exit_code
