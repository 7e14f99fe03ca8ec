"""Control groups: how a lab ends every process that it started, and only those."""

from __future__ import annotations

import time
from pathlib import Path

from lab.errors import LabError

PARENT = "daicho-lab"


def mount_point() -> Path:
    """Where the host shows the unified hierarchy."""
    for line in Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines():
        _, where, kind, *_ = line.split()
        if kind == "cgroup2":
            return Path(where)
    raise LabError(
        "No cgroup2 hierarchy is mounted. `mount -t cgroup2 cgroup2 /sys/fs/cgroup` makes one "
        "(every Debian since 11 has it)."
    )


def path(lab: str) -> Path:
    return mount_point() / PARENT / lab


def join(group: Path) -> None:
    """Move the calling process into a group that is made if needed."""
    group.mkdir(parents=True, exist_ok=True)
    (group / "cgroup.procs").write_text("0", encoding="ascii")


def processes(group: Path) -> list[int]:
    """Every process in the group and below it."""
    found: list[int] = []
    for file in group.rglob("cgroup.procs"):
        try:
            found += [int(line) for line in file.read_text(encoding="ascii").split()]
        except OSError:  # the group went away, or is threaded
            continue
    return found


def destroy(group: Path, timeout: float = 10) -> None:
    """Kill every process in the group and remove it; nothing happens if it is not there.

    Raises:
        LabError: processes remain after `timeout` seconds.
    """
    if not group.is_dir():
        return
    (group / "cgroup.kill").write_text("1", encoding="ascii")
    until = time.monotonic() + timeout
    while _populated(group):
        if time.monotonic() > until:
            raise LabError(f"Processes {processes(group)} of {group} do not end although they were killed.")
        time.sleep(0.02)
    for folder in sorted((g for g in group.rglob("*") if g.is_dir()), key=_depth, reverse=True):
        folder.rmdir()
    group.rmdir()
    if group.parent.name == PARENT and not any(entry.is_dir() for entry in group.parent.iterdir()):
        group.parent.rmdir()


def _populated(group: Path) -> bool:
    return "populated 1" in (group / "cgroup.events").read_text(encoding="ascii")


def _depth(folder: Path) -> int:
    return len(folder.parts)
