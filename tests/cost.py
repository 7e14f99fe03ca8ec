"""CPU seconds and peak memory of a command, as the kernel counts them.

The command is started by a small process of its own (this file as a script): a child's peak memory
begins with that of the process that forked it, and a test runner is larger than what it measures.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class Cost:
    """What one command took."""

    status: int
    seconds: float
    megabytes: float


def cost(command: Sequence[str], environment: Mapping[str, str]) -> Cost:
    """Run a command to its end without its output and return what it took."""
    run = subprocess.run(
        [sys.executable, "-I", "-S", __file__, *command],
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
        cwd="/",
    )
    return Cost(**json.loads(run.stdout))


def _main() -> None:
    process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds, megabytes = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
    json.dump({"status": process.returncode, "seconds": seconds, "megabytes": megabytes}, sys.stdout)


if __name__ == "__main__":
    _main()
