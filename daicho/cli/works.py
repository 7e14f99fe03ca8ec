"""`daicho works`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from daicho.cli.kit import command, output_option, put
from daicho.i18n import N_
from daicho.report.works import WorksReport
from daicho.works import WORKS, work_named

if TYPE_CHECKING:
    from daicho.report.present import Form


@command("works", N_("List the kinds of change and what each needs to know."), "daicho works patch_endpoints")
@click.argument("work", required=False)
@output_option
def works(work: str | None, form: Form) -> None:
    """List works."""
    chosen = [work_named(work)] if work else [WORKS[name] for name in sorted(WORKS)]
    put(WorksReport(chosen), form)
