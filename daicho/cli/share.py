"""`daicho share`: folders of file servers, who may do what in them, and what was in them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from daicho.cli.baseline import given_inputs
from daicho.cli.kit import Group, Session, command, option, output_option, pass_session, put, talk
from daicho.clock import now
from daicho.documents import load, read_file
from daicho.errors import ExitCode
from daicho.fileserver.importing import document
from daicho.i18n import N_, ngettext
from daicho.i18n import gettext as _
from daicho.life.share_audit import audit_shares
from daicho.life.shares import import_rights, look_reach, look_who_can
from daicho.report.share_page import share_page
from daicho.report.shares import AuditReport, ReachReport, WhoCanReport
from daicho.report.workbook import workbook

if TYPE_CHECKING:
    from daicho.report.present import Form, Readable

share = Group(
    "share",
    help=N_("Folders of file servers: who may do what in them, and what was in them. Nothing is changed."),
    example="daicho share import //fs1.example.jp/dept > shares.yml\n"
    "daicho share audit //fs1.example.jp/dept --policy shares.yml\n"
    "daicho share access //fs1.example.jp/dept/人事課",
    commands_in={
        "import": "daicho.cli.share:import_",
        "audit": "daicho.cli.share:audit",
        "access": "daicho.cli.share:access",
        "versions": "daicho.cli.versions:versions",
        "restore": "daicho.cli.versions:restore",
    },
)
_SHOWN = 10


@command(
    "import",
    N_("Write the rights that folders have now as a change document: a policy to begin with."),
    "daicho share import //fs1.example.jp/dept > shares.yml\n"
    'daicho share import //fs1.example.jp/dept/人事課 --title "人事課のアクセス権" > jinji.yml',
)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@option("--title", help=N_("The title of the change."))
@option("--reason", help=N_("The reason of the change."))
@pass_session
def import_(session: Session, paths: tuple[str, ...], title: str | None, reason: str | None) -> int:
    """Read, record, write."""
    with session.site() as site:
        found = import_rights(site, paths)
    title = title or _("Who may do what in {path}").format(path=", ".join(paths))
    click.echo(document(found.folders, title, reason or _("the rights as they are")), nl=False)
    said = ngettext(
        "{check}: {seen} files and folders, {count} folder with rights of its own.",
        "{check}: {seen} files and folders, {count} folders with rights of their own.",
        len(found.folders),
    )
    talk(said.format(check=found.check, seen=found.seen, count=len(found.folders)))
    exact = sum(bool(each.policy.sddl) for each in found.folders)
    if exact:
        said = _("{count} of them stand as SDDL, for words do not reach; the reason stands above each.")
        talk(said.format(count=exact))
    for way, why in found.refused[:_SHOWN]:
        talk(_("{path} could not be read: {why}").format(path=way, why=why))
    if len(found.refused) > _SHOWN:
        talk(_("{count} more could not be read.").format(count=len(found.refused) - _SHOWN))
    return ExitCode.FAILED if found.refused else ExitCode.DONE


@command(
    "audit",
    N_("Look at the rights of folders and all below: drift, orphans, Everyone, people, broken inheritance."),
    "daicho share audit //fs1.example.jp/dept\n"
    "daicho share audit //fs1.example.jp/dept --policy shares.yml --html 点検.html --xlsx 点検.xlsx",
)
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@option(
    "--policy",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    metavar="FILE",
    help=N_("Hold the folders against this change document of set_share_permissions, too."),
)
@option("--deepest", type=int, metavar="N", help=N_("Entries of their own deeper than this are told."))
@option(
    "--xlsx",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=N_("Write the findings, and who is named where, as a workbook, too."),
)
@option(
    "--html",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=N_("Write them as a page in both languages, too."),
)
@output_option
@pass_session
def audit(session: Session, /, form: Form, **how: Any) -> int:
    """Look, record, write, show."""
    folders = _folders(how["policy"]) if how["policy"] else None
    if not how["paths"] and not folders:
        raise click.UsageError(_("Name a folder, or a policy with --policy."))
    inputs = given_inputs(paths=how["paths"] or None, deepest=how["deepest"], folders=folders)
    with session.site() as site:
        report = AuditReport(audit=audit_shares(site, inputs))
        if how["xlsx"]:
            more = (report.named(), _("who is named"))
            how["xlsx"].write_bytes(workbook(report.listing(), _("findings"), more))
            talk(_("Written: {path}").format(path=how["xlsx"]))
        if how["html"]:
            how["html"].write_text(share_page(report, now(), site.policy.zone), encoding="utf-8")
            talk(_("Written: {path}").format(path=how["html"]))
        put(report, form)
    return ExitCode.FAILED if report.audit.findings else ExitCode.DONE


def _folders(path: Path) -> list[object]:
    """The folders of a change document, or of a bare policy."""
    found = load(read_file(path), path.name)
    inputs = found.get("inputs", found) if isinstance(found, dict) else {}
    folders = inputs.get("folders") if isinstance(inputs, dict) else None
    if not isinstance(folders, list):
        raise click.UsageError(_("{path} has no folders.").format(path=path))
    return folders


@command(
    "access",
    N_("Show who may do what in a folder, or what one person reaches below it; nested groups count."),
    "daicho share access //fs1.example.jp/dept/人事課\n"
    "daicho share access //fs1.example.jp/dept --person k.tanaka --output csv",
)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@option(
    "--person", "login", envvar="DAICHO_SHARE_ACCESS_PERSON", metavar="LOGIN",
    help=N_("What this person reaches below these folders."),
)  # fmt: skip
@output_option
@pass_session
def access(session: Session, paths: tuple[str, ...], login: str | None, form: Form) -> None:
    """Look, record, show."""
    if not login and len(paths) > 1:
        raise click.UsageError(_("Name one folder, or a person with --person."))
    report: Readable
    with session.site() as site:
        if login:
            report = ReachReport(found=look_reach(site, login, paths))
        else:
            report = WhoCanReport(found=look_who_can(site, paths[0]))
        put(report, form)
