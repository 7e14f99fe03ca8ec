"""What all commands share: their class, the session, `--output`, and the shapes of names."""

from __future__ import annotations

import os
import sys
from copy import copy
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from daicho.cli.speech import speak
from daicho.i18n import LANGUAGES, N_
from daicho.i18n import gettext as _
from daicho.report.present import FORMS, present
from daicho.settings import Settings
from daicho.site import Site

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from daicho.report.present import Form, Readable


@dataclass(frozen=True, kw_only=True)
class Session:
    """One call of the program."""

    settings: Settings

    def with_settings(self, **changed: Any) -> Session:
        """The same call with other settings."""
        return Session(settings=replace(self.settings, **changed))

    def site(self, *, read_only: bool = False) -> Site:
        """The site of this call, as a context manager."""
        return Site.open(self.settings, read_only=read_only)


pass_session = click.make_pass_decorator(Session)


class Option(click.Option):
    """An option whose help is translated when it is shown."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """The line in the help."""
        spoken = copy(self)
        spoken.help = _(self.help) if self.help else self.help
        return click.Option.get_help_record(spoken, ctx)


def everywhere(*, hidden: bool) -> list[click.Parameter]:
    """The options that may stand before the command and, without being listed again, after it."""

    def made(*declared: str, envvar: str, **more: Any) -> click.Parameter:
        given = {"envvar": envvar, "show_envvar": True} if not hidden else {"allow_from_autoenv": False}
        return Option(declared, hidden=hidden, expose_value=False, callback=_settle, **given, **more)

    return [
        made(
            "--as", "person", envvar="DAICHO_AS", metavar="NAME",
            help=N_("Act as this person of the policy."),
        ),
        made(
            "--state", envvar="DAICHO_STATE", metavar="DIR", type=click.Path(path_type=Path),
            help=N_("Where ledger, keys and runs are."),
        ),
        made(
            "--content", envvar="DAICHO_CONTENT", metavar="DIR", type=click.Path(path_type=Path),
            help=N_("Where playbooks and roles are."),
        ),
        made(
            "--lang", "language", envvar="DAICHO_LANG", type=click.Choice(LANGUAGES), is_eager=True,
            help=N_("Speak this language instead of the locale's."),
        ),
        made(
            "--debug", envvar="DAICHO_DEBUG", is_flag=True,
            help=N_("Show where in the program an error arose."),
        ),
    ]  # fmt: skip


def _settle(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    session: Session = ctx.obj or Session(settings=Settings.read())
    if value and param.name == "language":
        speak(value)
    if value and param.name != "debug":
        session = session.with_settings(**{str(param.name): value})
    ctx.obj = session


class Command(click.Command):
    """A command with an example; its help is translated when it is shown."""

    def __init__(self, *args: Any, example: str, **more: Any) -> None:
        """Keep the example: lines as they are typed."""
        super().__init__(*args, **more)
        self.params += everywhere(hidden=True)
        self.example = example

    def get_short_help_str(self, limit: int = 90) -> str:  # noqa: ARG002 -- it is wrapped, never cut
        """The first sentence."""
        return _(self.help or "").split("\n", 1)[0].rstrip(".。")

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The translated text."""
        _write_help(self.help, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The example."""
        write_example(self.example, formatter)


def write_example(example: str, formatter: click.HelpFormatter) -> None:
    """The part of a help that can be copied."""
    with formatter.section(_("Example")):
        for line in example.strip().splitlines():
            formatter.write(f"{'':>{formatter.current_indent}}{line}\n")


class Group(click.Group):
    """Commands of one subject; each is loaded when it is wanted."""

    def __init__(self, *args: Any, example: str, commands_in: Mapping[str, str], **more: Any) -> None:
        """Know the commands by name: `package.module:function`."""
        super().__init__(*args, **more)
        self.example = example
        self.commands_in = commands_in

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """In the order in which they are used."""
        return list(self.commands_in)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of this name."""
        if cmd_name not in self.commands_in:
            return None
        module, _colon, name = self.commands_in[cmd_name].partition(":")
        found: click.Command = getattr(import_module(module), name)
        return found

    def get_short_help_str(self, limit: int = 90) -> str:  # noqa: ARG002 -- it is wrapped, never cut
        """The first sentence."""
        return _(self.help or "").split("\n", 1)[0].rstrip(".。")

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The translated text."""
        _write_help(self.help, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The example."""
        write_example(self.example, formatter)


def _write_help(text: str | None, formatter: click.HelpFormatter) -> None:
    formatter.write_paragraph()
    with formatter.indentation():
        formatter.write_text(_(text or ""))


def command(name: str, help_text: str, example: str) -> Callable[[Callable[..., Any]], Command]:
    """Make a function a command.

    Args:
        name: As typed.
        help_text: What it does, as a message to translate.
        example: A call that works as written.
    """
    return click.command(name, cls=Command, help=help_text, example=example)


def option(*declared: str, **more: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """An option that shows its environment variable."""
    return click.option(*declared, cls=Option, show_envvar=True, **more)


def output_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """The one way to say in which form data is wanted."""
    return option(
        "--output",
        "-o",
        "form",
        type=click.Choice(FORMS),
        default="table",
        show_default=True,
        envvar="DAICHO_OUTPUT",
        help=N_("How to write the data: for people, or for programs."),
    )(function)


def yes_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Skip the question, never the gate."""
    return option(
        "--yes", is_flag=True, envvar="DAICHO_YES", help=N_("Do not ask. The gate is asked all the same.")
    )(function)


def talk(line: str = "") -> None:
    """Say something that is no data."""
    click.echo(line, err=True)


def put(what: Readable, form: Form) -> None:
    """Write data; a reader who has gone away is no error."""
    try:
        present(what, form)
    except BrokenPipeError:
        close_output()


def close_output() -> None:
    """Send whatever else is written to nowhere, so that nothing complains at the end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
