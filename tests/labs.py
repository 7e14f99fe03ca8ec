"""Labs for tests: taken down in the end, skipped with the reason where the host cannot carry them."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from lab import Lab, LabError
from lab.devices import Devices
from lab.lab import require_host
from lab.places import state_root

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NAME: Final = f"pytest-{os.getpid()}"
"""Of this session's labs; further words may follow after a hyphen."""


@contextmanager
def skipped_if_impossible() -> Iterator[None]:
    """Skip, with what the lab says in here."""
    try:
        yield
    except LabError as error:
        pytest.skip(str(error))


def clear_left(down: Callable[[str], object], kind: str = "") -> None:
    """Take down the labs of sessions that were killed and could not do it themselves.

    The processes of a session, which all begin with this, do it one after the other.
    """
    root = state_root()
    root.mkdir(parents=True, exist_ok=True)
    with (root / ".clearing.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        for left in root.glob(f"{kind}pytest-*"):
            name = left.name.removeprefix(kind)
            if not Path("/proc", name.split("-")[1]).exists():
                down(name)


def machines_of(count: int, word: str = "") -> Iterator[Lab]:
    """A lab of machines while a fixture lives; `word` tells it from the session's other labs."""
    with skipped_if_impossible():
        require_host()
    lab = Lab(f"{NAME}-{word}" if word else NAME)
    try:
        lab.up(count)
        yield lab
    finally:
        lab.down()


def devices_of(word: str, count: int, mix: str, **world: Any) -> Iterator[Devices]:
    """Simulated devices and two FRR routers while a fixture lives; `word` tells them from other tests'."""
    clear_left(lambda name: Devices(name).down(), "devices.")
    devices = Devices(f"{NAME}-{word}")
    try:
        devices.up(count, mix, **world)
    except LabError as error:
        if "Not installed" in str(error):
            pytest.skip(str(error))
        raise
    try:
        yield devices
    finally:
        devices.down()
