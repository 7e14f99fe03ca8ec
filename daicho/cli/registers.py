"""What the directory holds, as lists: `daicho people list`, `daicho terminals compare`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from daicho.accounts.user_list import Finding
from daicho.cli.baseline import given_inputs
from daicho.cli.kit import Group, Session, command, option, output_option, pass_session, put, talk
from daicho.errors import ExitCode
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.life.registers import compare_terminals, read_users
from daicho.report.registers import TerminalsReport, UsersReport
from daicho.report.workbook import workbook

if TYPE_CHECKING:
    from daicho.report.present import Form

terminals = Group(
    "terminals",
    help=N_("Terminals as the ledger has them and as the directory has them."),
    example="daicho terminals compare\ndaicho terminals compare --output csv",
    commands_in={"compare": "daicho.cli.registers:compare"},
)


@command(
    "list",
    N_("List the users of the domain and what is worth a look about them: unused, ending, privileged."),
    "daicho people list --only stale --only never\ndaicho people list --only privileged --xlsx 特権.xlsx",
)
@option(
    "--only",
    multiple=True,
    type=click.Choice([each.value for each in Finding]),
    help=N_("Only accounts like that; several times: like one of these."),
)
@option("--stale-days", type=int, metavar="N", help=N_("Days without a logon that count as long."))
@option("--expiring-days", type=int, metavar="N", help=N_("Days before its end that count as soon."))
@option(
    "--xlsx",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=N_("Write the list as a workbook, too."),
)
@output_option
@pass_session
def list_(session: Session, /, form: Form, **how: Any) -> None:
    """Read, record, show."""
    inputs = given_inputs(stale_days=how["stale_days"], expiring_days=how["expiring_days"])
    with session.site() as site:
        report = UsersReport(
            found=read_users(site, inputs), policy=site.policy, only=[Finding(each) for each in how["only"]]
        )
        if how["xlsx"]:
            how["xlsx"].write_bytes(workbook(report.listing(), _("users")))
            talk(_("Written: {path}").format(path=how["xlsx"]))
        put(report, form)


@command(
    "compare",
    N_("Show the terminals about which the ledger and the directory differ."),
    "daicho terminals compare",
)
@output_option
@pass_session
def compare(session: Session, form: Form) -> int:
    """Read, compare, record, show."""
    with session.site() as site:
        found = compare_terminals(site)
        put(TerminalsReport(found=found), form)
    return ExitCode.FAILED if found.differences else ExitCode.DONE
