"""Programs of the lab that go on after the command has ended."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

from lab import cgroup

if TYPE_CHECKING:
    from pathlib import Path

# The shell joins the group before it becomes the program: no process of it is ever outside.
_JOIN = 'echo $$ > "$1/cgroup.procs" && shift && exec "$@"'


def spawn(argv: list[str], *, group: Path, netns: str, log: Path) -> int:
    """Start a program in a control group and a network namespace; returns its process id."""
    group.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(
            ["bash", "-c", _JOIN, "bash", str(group), "nsenter", f"--net=/run/netns/{netns}", *argv],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    _await_joined(process, group)
    # Nobody waits for it here: it outlives this command, and `cgroup` sees and ends it.
    process.returncode = 0
    return process.pid


def _await_joined(process: subprocess.Popen[bytes], group: Path) -> None:
    """Until then the group looks as if the program had ended."""
    while process.pid not in cgroup.processes(group):
        if process.poll() is not None:
            return
        time.sleep(0.002)


def spawn_supervisor(arguments: list[str], *, group: Path, netns: str, log: Path) -> int:
    """Start the supervisor of a machine, in a mount namespace of its own."""
    own_mounts = ["unshare", "--mount", "--propagation", "slave"]
    return spawn([*own_mounts, "bash", *arguments], group=group, netns=netns, log=log)


def spawn_python(script: Path, arguments: list[str], *, group: Path, netns: str, log: Path) -> int:
    """Start a Python file that needs nothing but the standard library."""
    return spawn([sys.executable, "-I", str(script), *arguments], group=group, netns=netns, log=log)


def alive(group: Path) -> bool:
    return bool(group.is_dir() and cgroup.processes(group))
