"""The beginning and the end of a lab, whatever it consists of."""

from __future__ import annotations

import json
import os
import shutil
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from lab import cgroup, network
from lab.errors import LabError
from lab.process import run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from lab.node_places import NodePlaces
    from lab.process import Progress

_GONE_WITHIN_S: Final = 10
_LOOK_AGAIN_S: Final = 0.05


def require_root() -> None:
    if os.geteuid() != 0:
        raise LabError("The lab makes network namespaces and mounts: run it as root, or with sudo.")


def require_host(programs: Iterable[str]) -> None:
    """Check that this host can carry a lab that needs these programs, before anything is made."""
    require_root()
    require_programs(programs)
    cgroup.mount_point()


def require_programs(programs: Iterable[str]) -> None:
    """Check that these are installed, before anything is made."""
    if missing := [program for program in programs if shutil.which(program) is None]:
        raise LabError(f"Not installed: {', '.join(missing)}. Run `make setup` first.")


@contextmanager
def whole_or_gone(progress: Progress, down: Callable[[], bool]) -> Iterator[None]:
    """What is made in here is removed again by `down` if it does not become whole."""
    try:
        yield
    except BaseException:
        progress.say("cleaning up")
        down()
        raise


def make_key(path: Path, comment: str) -> None:
    """A new SSH key without a passphrase; the public one is beside it."""
    run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", path])


def remove(root: Path, group: Path, unplug: Callable[[], bool]) -> bool:
    """End the processes of a lab, remove its namespaces and its state; whether there was any.

    Once is not enough after a killed `up`: a copy that it started goes on for a moment.

    Args:
        root: The folder of its state.
        group: The control group of its processes.
        unplug: Removes its namespaces; says whether there were any.

    Raises:
        LabError: something keeps coming back, or cannot be removed.
    """
    there, until = False, time.monotonic() + _GONE_WITHIN_S
    while True:
        left = root.exists() or group.is_dir()
        cgroup.destroy(group)
        left |= unplug()
        shutil.rmtree(root, ignore_errors=True)
        if not left:
            return there
        there = True
        if time.monotonic() > until:
            raise LabError(f"{root} cannot be removed: is something of it mounted, or still in use?")
        time.sleep(_LOOK_AGAIN_S)


def remove_nodes(places: NodePlaces) -> bool:
    """End the processes of a lab and remove its namespaces and its state; whether there was any."""

    def unplug() -> bool:
        if ours := network.named(places.netns_prefix):
            run(["ip", "-batch", "-"], text="".join(f"netns delete {name}\n" for name in ours))
        return bool(ours)

    return remove(places.root, places.group, unplug)


def described(path: Path, otherwise: str) -> dict[str, Any]:
    """What a lab wrote down of itself.

    Raises:
        LabError: with the sentence `otherwise`: it is not up.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise LabError(otherwise) from error
    found: dict[str, Any] = json.loads(text)
    return found
