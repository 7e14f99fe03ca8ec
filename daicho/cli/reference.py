"""The page that lists every command, made from the commands themselves: `python -m daicho.cli.reference`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from daicho.cli.kit import Command, Group
from daicho.cli.root import root
from daicho.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD = """\
# Commands

Every command that `daicho` has. This page is made by `python -m daicho.cli.reference`; a test compares it.

Data goes to standard output, talk to standard error. Every option has an environment variable; what is
typed comes before it. The names of changes and runs (`C7`, `R3`) may be typed in small letters.

## Exit codes

| code | meaning |
|---|---|
"""

CODES = {
    ExitCode.DONE: "done as approved",
    ExitCode.INTERNAL: "a bug, or a ledger that cannot be trusted or written",
    ExitCode.USAGE: "what was typed or written cannot be understood",
    ExitCode.INCOMPLETE: "could not tell: targets are owing or unknown, or the run was interrupted",
    ExitCode.FAILED: "carried out, and something is wrong: failed or drifted targets, a broken ledger",
    ExitCode.REFUSED: "the gate, the state of the change, or the policy says no",
    ExitCode.NOTHING_MATCHED: "a selector matched no item",
    ExitCode.INTERRUPTED: "interrupted; a run is closed as such and can be resumed",
}


def reference() -> str:
    """The page."""
    codes = "".join(f"| {code.value} | {said} |\n" for code, said in CODES.items())
    return HEAD + codes + "\n" + "\n".join(_section(path, found) for path, found in commands())


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command with the words that call it, groups before what is in them."""
    yield from _below("daicho", root)


def _below(path: str, found: click.Command) -> Iterator[tuple[str, click.Command]]:
    yield path, found
    if isinstance(found, Group):
        context = click.Context(found)
        for name in found.list_commands(context):
            inner = found.get_command(context, name)
            if inner is not None:
                yield from _below(f"{path} {name}", inner)


def _section(path: str, found: click.Command) -> str:
    lines = [
        f"## {path}",
        "",
        *_paragraphs(found.help or ""),
        "```text",
        f"{path} {_usage(found)}".rstrip(),
        "```",
        "",
    ]
    options = [each for each in found.params if isinstance(each, click.Option) and not each.hidden]
    if options:
        lines += ["| option | environment | meaning |", "|---|---|---|"]
        lines += [_option_row(path, each) for each in options]
        lines.append("")
    if isinstance(found, Command | Group):
        lines += ["```sh", found.example.strip(), "```", ""]
    return "\n".join(lines)


def _paragraphs(text: str) -> list[str]:
    return [line for part in text.split("\n\n") for line in (part, "")]


def _usage(found: click.Command) -> str:
    pieces = found.collect_usage_pieces(click.Context(found))
    return " ".join(piece for piece in pieces if piece)


def _option_row(path: str, option: click.Option) -> str:
    words = ", ".join(f"`{word}`" for word in option.opts)
    if not option.is_flag:
        kind = option.type
        shape = (
            "|".join(map(str, kind.choices))
            if isinstance(kind, click.Choice)
            else option.metavar or kind.name.upper()
        )
        words += f" `{shape}`"
    given = (
        option.envvar
        if isinstance(option.envvar, str)
        else "_".join([*path.upper().split(), str(option.name).upper()])
    )
    default = f" Default: `{option.default}`." if option.show_default else ""
    cells = [words, f"`{given}`", (option.help or "") + (" Required." if option.required else "") + default]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    sys.stdout.write(reference())
