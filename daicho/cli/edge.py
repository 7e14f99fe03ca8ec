"""The outer edge of the program: every error becomes a sentence and an exit code."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from typing import TYPE_CHECKING, NoReturn

import click

from daicho.cli.kit import close_output
from daicho.cli.root import root
from daicho.cli.speech import speak
from daicho.errors import DaichoError, ExitCode
from daicho.i18n import gettext as _
from daicho.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import FrameType


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    speak(Settings.read().language)
    for number in (signal.SIGTERM, signal.SIGHUP):
        # nohup ignores SIGHUP on purpose.
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _interrupt)
    try:
        code = root.main(args=words, prog_name="daicho", standalone_mode=False)
        return int(code or ExitCode.DONE)
    except BrokenPipeError:
        close_output()
        return ExitCode.INTERNAL
    except (KeyboardInterrupt, click.Abort):
        click.secho(_("daicho: interrupted"), fg="red", err=True)
        return ExitCode.INTERRUPTED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except Exception as error:  # noqa: BLE001 -- this is the outer edge
        if "--debug" in words or os.environ.get("DAICHO_DEBUG"):
            traceback.print_exc()
        return _told(error)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _told(error: Exception) -> int:
    if isinstance(error, OSError) and error.filename:
        click.secho(f"daicho: {error.filename}: {error.strerror}", fg="red", err=True)
        return ExitCode.INTERNAL
    if not isinstance(error, DaichoError):
        said = _(
            "daicho: this is a bug: {kind}: {text}\n"
            "Nothing in the ledger is lost. `daicho --debug ...` shows where it happened; please report that."
        )
        click.secho(said.format(kind=type(error).__name__, text=error), fg="red", err=True)
        return ExitCode.INTERNAL
    for each in reversed(list(_causes(error))):
        click.secho(f"daicho: {_sentence(each)}", fg="red", err=True)
    return error.exit_code


def _causes(error: BaseException | None) -> Iterator[DaichoError]:
    while error is not None:
        if isinstance(error, DaichoError):
            yield error
        error = error.__cause__


def _sentence(error: DaichoError) -> str:
    """The sentence; the gate's causes one per line."""
    if not hasattr(error, "refusal"):
        return str(error)
    return "\n".join([_("refused:"), *(f"  - {line}" for line in str(error).splitlines())])
