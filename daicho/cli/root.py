"""The tree of commands."""

from __future__ import annotations

from importlib.metadata import version
from typing import Final

import click

from daicho.cli.kit import Group, Option, everywhere
from daicho.i18n import N_

COMMANDS: Final = {
    "init": "daicho.cli.init:init",
    "item": "daicho.cli.item:item",
    "people": "daicho.cli.people:people",
    "terminals": "daicho.cli.registers:terminals",
    "works": "daicho.cli.works:works",
    "request": "daicho.cli.request:request",
    "plan": "daicho.cli.plan:plan",
    "show": "daicho.cli.show:show",
    "approve": "daicho.cli.approve:approve",
    "reject": "daicho.cli.closing:reject",
    "withdraw": "daicho.cli.closing:withdraw",
    "run": "daicho.cli.run:run",
    "undo": "daicho.cli.undo:undo",
    "review": "daicho.cli.review:review",
    "status": "daicho.cli.status:status",
    "baseline": "daicho.cli.baseline:baseline",
    "check": "daicho.cli.check:check",
    "network": "daicho.cli.network:network",
    "share": "daicho.cli.share:share",
    "endpoints": "daicho.cli.endpoints:endpoints",
    "debts": "daicho.cli.owing:debts",
    "retry": "daicho.cli.owing:retry",
    "compliance": "daicho.cli.owing:compliance",
    "printers": "daicho.cli.printers:printers",
    "move": "daicho.cli.move:move",
    "loan": "daicho.cli.loan:loan",
    "schedule": "daicho.cli.schedule:schedule",
    "ledger": "daicho.cli.ledger:ledger",
    "policy": "daicho.cli.policy:policy",
    "secret": "daicho.cli.secret:secret",
    "passwords": "daicho.cli.passwords:passwords",
    "completion": "daicho.cli.completion:completion",
}


def _tell_version(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted:
        click.echo(version("daicho"))
        context.exit()


_VERSION: Final = Option(
    ["--version"],
    is_flag=True,
    is_eager=True,
    expose_value=False,
    allow_from_autoenv=False,
    callback=_tell_version,
    help=N_("Show the version and end."),
)

root = Group(
    "daicho",
    help=N_(
        "An approved change is exactly what runs, "
        "and what ran is on a record that nobody can quietly alter.\n\n"
        "Data goes to standard output, talk to standard error. The options below may also stand after "
        "the command."
    ),
    example="""
daicho request change.yml        a change is asked for: C1
daicho plan C1                   what would happen, to which machines; nothing is changed
daicho approve C1 --key FILE     another person signs it
daicho run C1                    exactly that happens
daicho show R1                   what was changed on which machine, under whose approval
""",
    commands_in=COMMANDS,
    params=[*everywhere(hidden=False), _VERSION],
    context_settings={
        "auto_envvar_prefix": "DAICHO",
        "help_option_names": ["-h", "--help"],
        "max_content_width": 110,
    },
)
