"""The shapes of names on the command line."""

from __future__ import annotations

from typing import Any, Final

import click
from click.shell_completion import CompletionItem

from daicho.cli.kit import Session
from daicho.errors import DaichoError, UsageError
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.settings import Settings


class NotAName(UsageError):
    """What was typed is no name of a change or run."""

    sentence = N_("{name!r} is not the name of {kind}; such names look like {example}.")


class Name(click.ParamType[str]):
    """`C7` or `R3`, in either case."""

    name = "name"

    def __init__(self, letters: str, kind: str, example: str) -> None:
        """Take names with these letters."""
        self.letters, self.kind, self.example = letters, kind, example

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ARG002
        """The name as the ledger writes it."""
        name = str(value).strip().upper()
        number = name[1:]
        if name[:1] in self.letters and number.isascii() and number.isdigit() and not number.startswith("0"):
            return name
        raise NotAName(name=value, kind=_(self.kind), example=self.example)

    def shell_complete(
        self,
        ctx: click.Context,
        param: click.Parameter,  # noqa: ARG002
        incomplete: str,
    ) -> list[CompletionItem]:
        """The newest names that begin like this, each with its title; none where there is no site."""
        session = ctx.find_object(Session) or Session(settings=Settings.read())
        try:
            with session.site(read_only=True) as site:
                rows = [row for letter in self.letters for row in site.ledger.query(_NEWEST[letter])]
        except DaichoError:
            # A shell that completes is no place for a message.
            return []
        begun = incomplete.strip().upper()
        return [CompletionItem(name, help=title) for name, title in rows if name.startswith(begun)]


_NEWEST: Final = {
    "C": "SELECT id, title FROM change ORDER BY number DESC LIMIT 200",
    "R": "SELECT run.id, change.title FROM run JOIN change ON change.id = run.change"
    " ORDER BY run.number DESC LIMIT 200",
    "K": "SELECT id, work FROM inspection ORDER BY number DESC LIMIT 200",
}

CHANGE = Name("C", N_("a change"), "C7")
RUN = Name("R", N_("a run"), "R3")
CHANGE_OR_RUN = Name("CR", N_("a change or a run"), "C7, R3")
CHECK = Name("K", N_("a check or a baseline"), "K3")
