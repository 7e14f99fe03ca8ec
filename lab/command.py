"""What the command lines of all labs share: `--name`, and becoming another program inside a lab."""

from __future__ import annotations

import os
import signal
from argparse import ArgumentParser, HelpFormatter, RawDescriptionHelpFormatter
from typing import TYPE_CHECKING, NoReturn

from lab.errors import LabError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path


class CommandLine:
    """`python -m lab [KIND] COMMAND`; every command takes `--name`."""

    def __init__(self, program: str, description: str | None, examples: str) -> None:
        """Start without any command; the chosen one will be in `command`."""
        self.parser = ArgumentParser(
            prog=program,
            description=description,
            epilog=examples,
            formatter_class=RawDescriptionHelpFormatter,
        )
        self._commands = self.parser.add_subparsers(metavar="COMMAND", required=True, dest="command")
        self._name = ArgumentParser(add_help=False)
        given = os.environ.get("DAICHO_LAB_NAME", "lab")
        self._name.add_argument("--name", default=given, help="which lab (%(default)s)")

    def add(self, word: str, summary: str, epilog: str = "") -> ArgumentParser:
        """One command; its options are the caller's to add."""
        return self._commands.add_parser(
            word,
            help=summary,
            description=summary,
            parents=[self._name],
            epilog=epilog,
            formatter_class=RawDescriptionHelpFormatter if epilog else HelpFormatter,
        )


def given(words: Sequence[str]) -> Sequence[str]:
    """The command that somebody wants to run."""
    if not words:
        raise LabError("No command was given. Write it after `--`.")
    return words


def become(
    words: Sequence[str], enter: Callable[[], None], environment: Mapping[str, str] | None = None
) -> NoReturn:
    """End as another program, where `enter` moves the calling thread."""
    program, *_ = given(words)
    enter()
    try:
        os.execvpe(program, list(words), {**os.environ, **(environment or {})})  # noqa: S606 - the whole point
    except OSError as error:
        raise LabError(f"`{program}` cannot be run: {error.strerror}.") from error


def read(path: Path) -> str:
    """The text of a file that was named."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise LabError(f"{path} cannot be read: {error.strerror}.") from error


def end_as_interrupted() -> None:
    """A closed terminal or a `kill` cleans up as Ctrl-C does."""
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, signal.default_int_handler)
