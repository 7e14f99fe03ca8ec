"""What an engine leaves behind when it is killed: its processes, and the room of its door.

Ansible's workers have sessions of their own, so no signal to a process group reaches them: after a
`kill -9` of ansible-playbook they finish the task in flight, and nobody would hear how.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

GRACE: Final = 10.0
"""Seconds between the request to end and the end."""

_PREFIX: Final = "daicho-"
_OWNER: Final = "owner"


@contextmanager
def door_room() -> Iterator[Path]:
    """A folder that only we can enter, gone afterwards; short, because a socket's path is bounded.

    It holds a run's key. Rooms whose owner was killed are removed first.
    """
    base = Path("/run" if os.access("/run", os.W_OK) else tempfile.gettempdir())
    sweep(base)
    room = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=base))
    try:
        # Locked before it has its name: a sweep never meets a room whose owner is not there yet.
        handle = os.open(room / "new", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            (room / "new").rename(room / _OWNER)
            yield room
        finally:
            os.close(handle)
    finally:
        shutil.rmtree(room, ignore_errors=True)


def sweep(base: Path) -> None:
    """Remove the rooms whose owner is gone: the kernel let go of the lock, however the owner died."""
    for room in base.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            handle = os.open(room / _OWNER, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                if os.fstat(handle).st_uid != os.getuid():
                    continue
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(room, ignore_errors=True)
            finally:
                os.close(handle)


def end_all(door: Path) -> None:
    """End every process that was started behind this door and is still there."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        end = time.monotonic() + GRACE
        left = _behind(door)
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        while left and time.monotonic() < end:
            time.sleep(0.02)
            left = _behind(door)
        if not left:
            return


def _behind(door: Path) -> list[int]:
    wanted = f"DAICHO_DOOR={door}".encode()
    # A kept connection, open for a minute past its task, writes its title over its environment.
    connection = f"ssh: {door.parent}/".encode()
    found = []
    for entry in Path("/proc").iterdir():
        # Not ours to read, or gone in between: not started by us.
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and (
                wanted in (entry / "environ").read_bytes().split(b"\0")
                or (entry / "cmdline").read_bytes().startswith(connection)
            ):
                found.append(int(entry.name))
    return found
