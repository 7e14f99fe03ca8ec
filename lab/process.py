"""Running other programs."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

from lab.errors import CommandError, LabError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


def finished(
    argv: Sequence[str | Path],
    *,
    text: str | None = None,
    timeout: float = 120,
    env: Mapping[str, str] | None = None,
    errors: str = "replace",
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end; its status is the caller's to judge. `errors`: of decoding its output."""
    return subprocess.run(
        [str(word) for word in argv],
        input=text,
        stdin=None if text is not None else subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors=errors,
        timeout=timeout,
        check=False,
        env=env,
    )


def run(argv: Sequence[str | Path], *, text: str | None = None, timeout: float = 120) -> str:
    """Run a program to its end and return its standard output.

    Raises:
        CommandError: it ended with a status other than 0.
        LabError: it is not installed, or did not end within `timeout` seconds.
    """
    words = [str(word) for word in argv]
    try:
        done = finished(words, text=text, timeout=timeout)
    except FileNotFoundError as error:
        raise LabError(f"`{words[0]}` is not installed. Run `make setup` first.") from error
    except subprocess.TimeoutExpired as error:
        raise LabError(f"`{' '.join(words)}` did not end within {timeout:g} s.") from error
    if done.returncode:
        raise CommandError(words, done.returncode, done.stdout + done.stderr)
    return done.stdout


class Progress:
    """Lines with the seconds passed, on standard error."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._start = time.monotonic()
        self._quiet = quiet

    def say(self, sentence: str) -> None:
        if not self._quiet:
            print(f"{self.seconds():6.1f} s  {sentence}", file=sys.stderr, flush=True)

    def seconds(self) -> float:
        return time.monotonic() - self._start
