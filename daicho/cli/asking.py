"""The one way to ask before something is done."""

from __future__ import annotations

import sys

import click

from daicho.errors import Refused
from daicho.i18n import N_


class NotConfirmed(Refused):
    """Somebody was asked and did not say yes."""

    sentence = N_("The answer was not `yes`, so nothing was done. Where nobody can be asked, add --yes.")


def confirm(question: str) -> None:
    """Ask; anything but a typed yes ends the command.

    Raises:
        NotConfirmed: The answer is something else, or there is none.
    """
    click.echo(f"{question} ", err=True, nl=False)
    answer = sys.stdin.readline()
    if not answer.endswith("\n"):
        click.echo(err=True)
    if answer.strip().casefold() not in {"yes", "はい"}:
        raise NotConfirmed
