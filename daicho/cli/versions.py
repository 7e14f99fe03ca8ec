"""`daicho share versions` and `daicho share restore`: what was in folders of file servers before."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from daicho.cli.kit import Session, command, option, output_option, pass_session, put, talk
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.life.versions import Wish, look_versions, request_restore
from daicho.records.changes import change_record
from daicho.report.facts import Answer
from daicho.report.versions import VersionsReport
from daicho.times import aware

if TYPE_CHECKING:
    from daicho.report.present import Form


class VersionMoment(click.ParamType[datetime]):
    """`2026-11-20 12:00` in the site's time zone, or with a zone of its own."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The moment, still without a zone if none was given."""
        try:
            return datetime.fromisoformat(str(value).strip())
        except ValueError:
            said = _("{value!r} is no moment; write it like 2026-11-21 20:00").format(value=value)
            self.fail(said, param, ctx)


@command(
    "versions",
    N_("List the previous versions of a file or folder, and what is not there any more."),
    "daicho share versions //fs1.example.jp/dept/人事課\n"
    "daicho share versions //fs1.example.jp/dept/人事課/名簿.xlsx --output json",
)
@click.argument("path")
@output_option
@pass_session
def versions(session: Session, path: str, form: Form) -> None:
    """Look, record, show."""
    with session.site() as site:
        put(VersionsReport(found=look_versions(site, path), policy=site.policy), form)


@command(
    "restore",
    N_("Ask for files or folders to come back from a previous version; nothing is changed yet."),
    'daicho share restore //fs1.example.jp/dept/人事課/名簿.xlsx --reason "誤って削除"\n'
    'daicho share restore //fs1.example.jp/dept/人事課 --version "2026-11-20 12:00" --reason WHY',
)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@option(
    "--version",
    type=VersionMoment(),
    metavar="MOMENT",
    help=N_("Which version; else the newest that has it."),
)
@option("--overwrite", is_flag=True, help=N_("Files that are there now with another content are lost."))
@option("--reason", required=True, help=N_("Why they come back."))
@output_option
@pass_session
def restore(session: Session, /, form: Form, **how: Any) -> None:
    """Ask for the change."""
    with session.site() as site:
        moment = aware(how["version"], site.policy.zone) if how["version"] else None
        wish = Wish(paths=how["paths"], version=moment, overwrite=how["overwrite"], reason=how["reason"])
        change = request_restore(site, wish)
        title = change_record(site.ledger, change).document.title
    put(Answer(facts={"change": change, "title": title}, sentence=change), form)
    talk(_("{change} is asked for: {title}").format(change=change, title=title))
    talk(_("Next: `daicho plan {change}`").format(change=change))
