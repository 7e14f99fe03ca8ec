"""`daicho schedule`: checks that run by themselves, under a standard change."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from daicho.change import State
from daicho.cli.asking import confirm
from daicho.cli.kit import Group, Session, command, option, output_option, pass_session, put, talk, yes_option
from daicho.cli.names import CHANGE
from daicho.errors import UsageError
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.life import scheduling
from daicho.report.facts import Answer
from daicho.schedule import FOLDERS, Timetable
from daicho.site import account_name
from daicho.works import WORKS, work_named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daicho.records.changes import ChangeRecord
    from daicho.report.present import Form
    from daicho.schedule import Scheduler

_CHECKS: Final = sorted(work.name for work in WORKS.values() if work.timed and not work.writes)
_SYSTEMD: Final = Path("/run/systemd/system")

schedule = Group(
    "schedule",
    help=N_("Checks that run by themselves, under a standard change that was agreed in advance."),
    example="daicho schedule install check_connectivity --change C9 --on-calendar 'Sun 06:00' --after-boot\n"
    "daicho schedule show",
    commands_in={
        "install": "daicho.cli.schedule:install",
        "show": "daicho.cli.schedule:show",
        "remove": "daicho.cli.schedule:remove",
    },
)

_to = option(
    "--to",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help=N_("Instead of /etc/systemd/system or /etc/cron.d."),
)


class BadCalendar(UsageError):
    """systemd does not understand the time."""

    sentence = N_("systemd does not understand the time {calendar!r}: {why}")


@command(
    "install",
    N_("Show the timer's files, ask, and put them in place."),
    "daicho schedule install check_connectivity --change C9 --on-calendar 'Sun 06:00'\n"
    "daicho schedule install check_connectivity --change C9 --after-boot --notify /etc/daicho/notify.yml",
)
@click.argument("work", type=click.Choice(_CHECKS))
@option("--change", type=CHANGE, required=True, help=N_("The standard change that it runs under."))
@option("--on-calendar", metavar="TIME", help=N_("When, as systemd writes it: 'Sun 06:00'."))
@option("--after-boot", is_flag=True, help=N_("At every start of this machine."))
@option("--scheduler", type=click.Choice(list(FOLDERS)), help=N_("Which; systemd where it runs."))
@option("--notify", type=click.Path(path_type=Path), metavar="FILE", help=N_("Who is told what (YAML)."))
@option(
    "--html", type=click.Path(path_type=Path), metavar="FILE", help=N_("Keep a page for telephones here.")
)
@option(
    "--plugged-into", multiple=True, metavar="ITEM", help=N_("The device that this machine is plugged into.")
)
@option("--user", help=N_("The account that it runs as; the one that calls this otherwise."))
@_to
@yes_option
@output_option
@pass_session
def install(session: Session, /, work: str, change: str, form: Form, **how: Any) -> None:
    """Show, ask, write, record."""
    with session.site() as site:
        record = scheduling.change_for(site, work, change)
        scheduler: Scheduler = how["scheduler"] or ("systemd" if _SYSTEMD.is_dir() else "cron")
        if scheduler == "systemd" and how["on_calendar"]:
            _check_calendar(how["on_calendar"])
        folder = how["to"] or FOLDERS[scheduler]
        made = _timetable(session, work, change, how).files(scheduler)
        files = {folder / name: text for name, text in made.items()}
        _show(files, record)
        if not how["yes"]:
            confirm(_("Put these files in place? Type yes:"))
        scheduling.install(site, work, change, files)
    names = [str(path) for path in files]
    said = _("{work} runs under {change} from now on: {files}.").format(
        work=work, change=change, files=", ".join(names)
    )
    put(Answer(facts={"work": work, "change": change, "files": names}, sentence=said), form)
    if scheduler == "systemd":
        timer = next(path.name for path in files if path.suffix == ".timer")
        talk(_("Next: `systemctl daemon-reload && systemctl enable --now {timer}`").format(timer=timer))


def _timetable(session: Session, work: str, change: str, how: Mapping[str, Any]) -> Timetable:
    settings = session.settings
    program = Path(sys.prefix) / "bin" / "daicho"
    words = [str(program), *work_named(work).command.split()[1:], "--change", change]
    for name in ("notify", "html"):
        if how[name]:
            words += [f"--{name}", str(how[name].absolute())]
    for item in how["plugged_into"]:
        words += ["--plugged-into", item]
    environment = {
        "DAICHO_STATE": str(settings.state.absolute()),
        "DAICHO_CONTENT": str(settings.content.absolute()),
        "DAICHO_LANG": settings.language,
    }
    if settings.person:
        environment["DAICHO_AS"] = settings.person
    writable = [settings.state.absolute(), *([how["html"].absolute().parent] if how["html"] else [])]
    return Timetable(
        work=work,
        change=change,
        command=words,
        user=how["user"] or account_name(),
        environment=environment,
        writable=writable,
        calendar=how["on_calendar"],
        after_boot=how["after_boot"],
    )


def _check_calendar(calendar: str) -> None:
    try:
        done = subprocess.run(
            ["systemd-analyze", "calendar", calendar], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return
    if done.returncode:
        raise BadCalendar(calendar=calendar, why=done.stderr.strip().splitlines()[-1])


def _show(files: Mapping[Path, str], record: ChangeRecord) -> None:
    for path, text in files.items():
        talk(f"--- {path}")
        talk(text)
    if record.state is State.DRAFT:
        said = _("{change} is not approved yet: until it is, every run is refused and recorded as such.")
        talk(said.format(change=record.id))


@command("show", N_("Show the timers' files that are in place."), "daicho schedule show")
@_to
@output_option
def show(to: Path | None, form: Form) -> None:
    """Show what is installed."""
    found = scheduling.installed(None, _folders(to))
    texts = {str(path): path.read_text(encoding="utf-8") for path in found}
    said = "\n".join(f"--- {path}\n{text}" for path, text in texts.items()) or _("No check is on a timer.")
    put(Answer(facts={"files": texts}, sentence=said), form)


@command(
    "remove",
    N_("Take a check off its timer and remove the files."),
    "daicho schedule remove check_connectivity",
)
@click.argument("work", type=click.Choice(_CHECKS))
@_to
@output_option
@pass_session
def remove(session: Session, work: str, to: Path | None, form: Form) -> None:
    """Remove the files and record it."""
    with session.site() as site:
        names = [str(path) for path in scheduling.remove(site, work, _folders(to))]
    put(
        Answer(
            facts={"work": work, "removed": names},
            sentence=_("Removed: {files}.").format(files=", ".join(names)),
        ),
        form,
    )
    if any(name.endswith(".timer") for name in names):
        talk(_("Next: `systemctl daemon-reload`"))


def _folders(to: Path | None) -> Mapping[str, Path]:
    return {"to": to} if to else FOLDERS
