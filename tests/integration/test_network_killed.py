"""Whoever is killed in the middle of a change leaves a device that is as before or as wanted, never half."""

from __future__ import annotations

import pickle
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.devices import plane_of
from tests.network_desk import NetworkDesk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lab.netcli import Plane

LINES: Final = (
    "vlan 30\n name SALES\n"
    "interface GigabitEthernet0/25\n switchport trunk allowed vlan add 30\n"
    "interface GigabitEthernet0/3\n switchport access vlan 30\n"
)
NAME: Final = "sw0001"
LAST: Final = 18
"""Answers of the device in a whole change, from its first prompt to the saved configuration."""
EVERYDAY: Final = (8, 12, 17)

# The run as another process, which kills itself at an answer of the device.
CHILD: Final = """
import os, pickle, signal, sys
from lab.netcli import Plane
from nornir_tasks.conversation import Conversation
from tests.network_desk import NetworkDesk
folder, inputs, plans, after = pickle.load(sys.stdin.buffer)
desk = NetworkDesk(Plane.at(folder), inputs)
answered, plain = [0], Conversation._answer
def _answer(self, line, said):
    answered[0] += 1
    if answered[0] > after:
        os.kill(os.getpid(), signal.SIGKILL)
    return plain(self, line, said)
Conversation._answer = _answer
print(desk.run(plans), answered[0])
"""


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    yield from plane_of(tmp_path_factory.mktemp("plane"), 1, "cisco_ios", minute=0.5)


def killed(plane: Plane, desk: NetworkDesk, after: int) -> None:
    """Run the change in a process that is killed after so many answers."""
    handed = pickle.dumps((plane.folder, desk.inputs, desk.planned(), after))
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", CHILD], cwd=root, input=handed, capture_output=True, check=False, timeout=60
    )
    assert done.returncode == -signal.SIGKILL, done


@pytest.mark.parametrize(
    "after",
    [pytest.param(number, marks=[] if number in EVERYDAY else [pytest.mark.slow]) for number in range(LAST)],
)
def test_killed_after_each_answer(plane: Plane, after: int) -> None:
    desk = NetworkDesk(plane, {"lines": {"all": LINES}, "minutes": 1})
    plans = desk.planned()
    before = plane.running(NAME)
    killed(plane, desk, after)
    plane.wait(NAME, up=True, timers={})
    left = plane.running(NAME)
    assert left == before or "vlan 30\n name SALES\n" in left
    assert plane.startup(NAME) in {before, left}

    # The resumed run finds all of it or nothing of it, and brings it to its end.
    assert desk.run(plans, resumed=True) == {NAME: "changed"}
    assert plane.running(NAME) == plane.startup(NAME)
    assert "vlan 30\n name SALES\n" in plane.running(NAME)
    assert desk.take_back(plans) == {NAME: "changed"}
    assert plane.running(NAME) == plane.startup(NAME) == before
