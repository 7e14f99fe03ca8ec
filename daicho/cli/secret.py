"""`daicho secret`: what the works need to log in to directories, devices and servers."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from daicho.cli.asking import confirm
from daicho.cli.kit import Group, Session, command, output_option, pass_session, put, talk, yes_option
from daicho.credentials import Keys
from daicho.errors import UsageError
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.life.secrets import forget_secret, keep_secret
from daicho.report.listing import Column, Listing

if TYPE_CHECKING:
    from daicho.report.present import Form


class NotTyped(UsageError):
    """No secret came in."""

    sentence = N_("Nothing was kept: {why}.")


secret = Group(
    "secret",
    help=N_(
        "The passwords that works and checks need. Works get them from the door, in an approved run only; "
        "checks those whose names begin with `check-`."
    ),
    example="daicho secret set directory\ndaicho secret list",
    commands_in={
        "set": "daicho.cli.secret:set_",
        "list": "daicho.cli.secret:list_",
        "forget": "daicho.cli.secret:forget",
    },
)


@command(
    "set",
    N_("Keep a secret: typed twice on a terminal, or the first line of standard input."),
    "daicho secret set directory\npass show ad/daicho | daicho secret set directory",
)
@click.argument("name")
@pass_session
def set_(session: Session, name: str) -> None:
    """Ask and keep."""
    with session.site() as site:
        site.administrator("secret")
        Keys.of(site.settings).check_secret_name(name)
        keep_secret(site, name, _typed(name))
    talk(_("The secret {name} is kept.").format(name=name))


@command("list", N_("The names of the secrets; their values are never shown."), "daicho secret list")
@output_option
@pass_session
def list_(session: Session, form: Form) -> None:
    """List the names."""
    columns = [Column(key="secret", heading=N_("secret"))]
    rows = [{"secret": name} for name in Keys.of(session.settings).secret_names]
    put(Listing(columns=columns, rows=rows, empty=_("There is no secret yet.")), form)


@command("forget", N_("Remove a secret."), "daicho secret forget directory")
@click.argument("name")
@yes_option
@pass_session
def forget(session: Session, name: str, yes: bool) -> None:
    """Ask and remove."""
    with session.site() as site:
        if not yes:
            confirm(_("Remove the secret {name}? Type yes:").format(name=name))
        forget_secret(site, name)
    talk(_("The secret {name} is removed.").format(name=name))


def _typed(name: str) -> str:
    if not sys.stdin.isatty():
        value = sys.stdin.readline().removesuffix("\n")
        if not value:
            raise NotTyped(why=_("standard input is empty"))
        return value
    value = click.prompt(_("The secret {name}").format(name=name), hide_input=True, err=True)
    if value != click.prompt(_("Once more"), hide_input=True, err=True):
        raise NotTyped(why=_("the two are not the same"))
    return str(value)
