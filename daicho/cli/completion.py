"""`daicho completion`."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from daicho.cli.kit import command
from daicho.i18n import N_


@command(
    "completion",
    N_("Write what makes a shell complete daicho's words."),
    "daicho completion bash > /etc/bash_completion.d/daicho\n"
    "daicho completion fish > ~/.config/fish/completions/daicho.fish",
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Write a completion script."""
    made = get_completion_class(shell)
    if made is None:
        raise click.UsageError(shell)
    root = ctx.find_root().command
    click.echo(made(root, {}, "daicho", "_DAICHO_COMPLETE").source())
