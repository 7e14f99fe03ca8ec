"""USB memory at named terminals until a day, and daily what is over; judged by the endpoint's registry."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest

from daicho import clock
from tests.network_site import requested
from tests.windows import windows
from tests.windows_desk import asked_and_run, desk_of, planned

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lab.winrm import Windows
    from tests.desk import Desk

pytestmark = [pytest.mark.patient, pytest.mark.timeout(600)]
STICK: Final = "USBSTOR\\DISK&VEN_BUFFALO&PROD_RUF3&REV_1.00\\0123456789AB&0"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Windows]:
    with windows(tmp_path_factory.mktemp("windows"), hosts=3) as terminals:
        yield terminals


@pytest.fixture
def desk(world: Windows, tmp_path: Path) -> Desk:
    return desk_of(tmp_path / "desk", world)


def allowed(world: Windows, host: str) -> list[str]:
    return sorted(world.state(host)["devices"]["allowed"].values())


def test_allowed_where_it_was_asked_for_and_taken_away_when_it_is_over(desk: Desk, world: Windows) -> None:
    old = "USB\\VID_9&PID_9\\OLD"
    for host in world.names:
        world.set(host, {"devices.allowed": {"1": old}, "devices.until": {old: "2026-01-31"}})
    until = (clock.now() + timedelta(days=90)).date().isoformat()
    asked: dict[str, Any] = {"what": "USB memory U-0123", "until": until, "asked_by": "森 健 (会計課)"}
    device = {**asked, "instance": STICK.lower(), "terminals": ["pc00001", "pc00002"]}
    change = requested(desk, work="allow_device", targets=["pc0000[12]"], inputs={"devices": [device]})
    plan = planned(desk, change)
    assert plan["pc00001"]["notes"] == [
        f"USB memory U-0123: asked for by 森 健 (会計課), until {until}.",
        f"The day of {old} is over.",
    ]
    assert asked_and_run(desk, change) == dict.fromkeys(("pc00001", "pc00002"), "changed")
    assert [allowed(world, host) for host in world.names] == [[STICK], [STICK], [old]]
    assert world.state("pc00001")["devices"]["until"] == {STICK: until}

    expires = (clock.now() + timedelta(days=30)).date().isoformat()
    daily = requested(desk, work="allow_device", targets=["pc*"], **{"class": "standard", "expires": expires})
    desk.expect("approve", daily, "--key", str(desk.key("suzuki")), "--yes", who="suzuki")
    assert asked_and_run(desk, daily, sign=False) == dict.fromkeys(("pc00001", "pc00002"), "unchanged") | {
        "pc00003": "changed"
    }
    assert allowed(world, "pc00003") == []

    undo = desk.expect("undo", "R1", "--reason", "it was lost", who="sato").out.split()[0]
    assert asked_and_run(desk, undo) == dict.fromkeys(("pc00001", "pc00002"), "changed")
    assert STICK not in allowed(world, "pc00001")


def test_a_terminal_that_is_no_target_is_named(desk: Desk) -> None:
    device = {
        "what": "U-1",
        "instance": STICK,
        "until": "2099-01-31",
        "asked_by": "森",
        "terminals": ["pc00001", "pc7"],
    }
    change = requested(desk, work="allow_device", targets=["pc00001"], inputs={"devices": [device]})
    done = desk.daicho("plan", change, who="sato")
    assert (done.code, done.out) == (2, "")
    assert done.err.endswith(
        "The inputs name pc7, which are no targets of the change. Add them to `targets`.\n"
    )
