"""A machine that may have malware is cut off at once, and connected again: judged by connections to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.network_site import requested
from tests.windows import windows
from tests.windows_bench import lets_in
from tests.windows_desk import asked_and_run, desk_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lab.winrm import Windows
    from tests.desk import Desk

pytestmark = [pytest.mark.patient, pytest.mark.timeout(600)]
HOST: Final = "pc00001"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Windows]:
    with windows(tmp_path_factory.mktemp("windows"), hosts=2) as terminals:
        yield terminals


@pytest.fixture
def desk(world: Windows, tmp_path: Path) -> Desk:
    return desk_of(tmp_path / "desk", world)


def test_an_emergency_cuts_it_off_at_once_and_an_undo_connects_it(desk: Desk, world: Windows) -> None:
    world.fault(HOST, "slow", seconds=0.5)
    profiles = {"Domain": False, "Public": True}
    world.set(HOST, {"system.logged_on": "AD\\k.mori", "firewall.profiles": profiles})
    assert lets_in(world, HOST, "127.0.0.9")
    change = requested(
        desk,
        work="isolate_endpoint",
        targets=[HOST],
        inputs={"management": ["127.0.0.1", "192.0.2.8/29"]},
        **{"class": "emergency"},
    )
    assert asked_and_run(desk, change, sign=False) == {HOST: "changed"}
    assert not lets_in(world, HOST, "127.0.0.9")
    assert lets_in(world, HOST, "127.0.0.1")
    state = world.state(HOST)["firewall"]
    assert (state["profiles"], state["trial_until"]) == ({"Domain": True, "Public": True}, 0)
    shown = desk.expect("show", "R1", who="sato").out
    assert "EMERGENCY: run without approval; the review is owed" in shown
    assert "cut off but for 127.0.0.1, 192.0.2.8/29" in shown
    desk.expect("review", "R1", "--key", str(desk.key("suzuki")), "--yes", who="suzuki")
    undo = desk.expect("undo", "R1", "--reason", "nothing was found", who="sato").out.split()[0]
    assert asked_and_run(desk, undo) == {HOST: "changed"}
    assert lets_in(world, HOST, "127.0.0.9")
    assert world.state(HOST)["firewall"]["profiles"] == {"Domain": False, "Public": True}


def test_it_is_refused_to_cut_ourselves_off(desk: Desk, world: Windows) -> None:
    inputs = {"management": ["192.0.2.8/29"]}
    change = requested(desk, work="isolate_endpoint", targets=["pc00002"], inputs=inputs)
    desk.expect("plan", change, who="sato")
    shown = desk.expect("show", change, who="sato").out
    assert "we come from 127.0.0.1, which would be blocked; add it to `management` (IPv4 only)" in " ".join(
        shown.split()
    )
    assert world.arrived("pc00002", "script") == ["get_isolation"]
