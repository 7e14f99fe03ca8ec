"""`daicho run`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from daicho.change import State
from daicho.cli.asking import confirm
from daicho.cli.kit import Session, command, option, output_option, pass_session, put, talk, yes_option
from daicho.cli.names import CHANGE
from daicho.errors import ExitCode
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.life.running import run_change
from daicho.outcome import Outcome
from daicho.records.changes import change_record
from daicho.records.runs import run_records
from daicho.report.gather import change_report, run_report
from daicho.report.nouns import nouns_of
from daicho.report.present import show
from daicho.report.progress import watching
from daicho.report.result import RunResult

if TYPE_CHECKING:
    from daicho.life.running import RunEnd
    from daicho.records.changes import ChangeRecord
    from daicho.report.present import Form
    from daicho.site import Site


@command(
    "run",
    N_("Run an approved change, exactly as approved; or go on with one that is owing."),
    "daicho run C7\ndaicho run C7 --resume",
)
@click.argument("change", type=CHANGE)
@option("--resume", is_flag=True, help=N_("Go on with a run that was interrupted."))
@yes_option
@output_option
@pass_session
def run(session: Session, change: str, resume: bool, yes: bool, form: Form) -> int:
    """Ask, run, tell how it ended."""
    with session.site() as site:
        _before(site, change, yes=yes)
        nouns = nouns_of(change_record(site.ledger, change).document.work)
        try:
            with watching(sys.stderr, nouns) as watch:
                end = run_change(site, change, watch, resume=resume)
        except KeyboardInterrupt:
            _after_interrupt(site, change)
            raise
        put(RunResult(run_report(site, end.run)), form)
    return exit_code(end)


def exit_code(end: RunEnd) -> ExitCode:
    """What a scheduler is told: failed before owing, because it is certain."""
    found = set(end.outcomes.values())
    if end.complete and found & {Outcome.FAILED, Outcome.DRIFTED}:
        return ExitCode.FAILED
    if end.state is not State.DONE or end.left_out:
        return ExitCode.INCOMPLETE
    return ExitCode.DONE


def _before(site: Site, change: str, *, yes: bool) -> None:
    record = change_record(site.ledger, change)
    if record.document.kind == "emergency":
        talk(
            _("EMERGENCY: {change} runs without approval. Another person has to review it.").format(
                change=change
            )
        )
    # What the gate is certain to refuse is not worth a question.
    if yes or _hopeless(record):
        return
    show(change_report(site, change).short(), sys.stderr)
    confirm(_("Run {change} now? Type yes:").format(change=change))


def _hopeless(record: ChangeRecord) -> bool:
    if record.document.kind == "normal" and not record.approvals:
        return True
    return record.state in {State.REJECTED, State.WITHDRAWN, State.RUNNING}


def _after_interrupt(site: Site, change: str) -> None:
    runs = run_records(site.ledger, change)
    if runs and runs[-1].state == State.INTERRUPTED:
        said = _("{run} was interrupted and is closed as such. Go on with it: `daicho run {change} --resume`")
        talk(said.format(run=runs[-1].id, change=change))
