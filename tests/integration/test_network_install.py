"""What is not the device that was meant is left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.devices import plane_of
from tests.network_newcomer import NEW, first_day, install, site_for, wanted
from tests.network_site import approved, requested

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lab.netcli import Plane
    from tests.desk import Desk


@pytest.fixture
def plane(tmp_path: Path) -> Iterator[Plane]:
    for plane in plane_of(tmp_path / "plane", 2, "cisco_ios", minute=6):
        first_day(plane)
        yield plane


@pytest.fixture
def desk(plane: Plane, tmp_path: Path) -> Desk:
    return site_for(tmp_path / "desk", plane)


def why(desk: Desk, change: str) -> str:
    done = desk.daicho("plan", change, who="sato")
    shown = desk.expect("show", change, "--output", "json", who="sato").json
    plans = shown["plan"]["targets"] if shown.get("plan") else []
    return plans[0]["why"] if plans else done.err.splitlines()[-1]


@pytest.mark.slow
def test_another_device_and_another_host_key_are_left_alone(desk: Desk, plane: Plane) -> None:
    base = plane.running(NEW)
    assert why(desk, install(desk, wanted(plane, serial="FOC9999999X"))) == (
        "install_network_device: sw0002: the serial number is FOC2000001X, not FOC9999999X. "
        "It was not touched."
    )
    change = approved(desk, install(desk, wanted(plane, serial="FOC2000001X")))
    plane.fault(NEW, "new-host-key")
    done = desk.daicho("run", change, "--yes", who="tanaka")
    assert done.code == 4
    assert "presents the host key SHA256:" in " ".join(done.out.split())
    assert plane.running(NEW) == base
    assert desk.daicho("item", "show", NEW, who="sato").code == 2
    # What the ledger has is not new.
    inputs = wanted(plane, name="SW0001")
    change = requested(desk, work="install_network_device", targets=["SW0001"], inputs=inputs)
    done = desk.daicho("plan", change, who="sato")
    assert (done.code, done.err.splitlines()[-3:]) == (
        5,
        [
            "daicho: This would not be a new device:",
            "  sw0001 is an item already",
            "Retire what is gone, or use `configure_network`.",
        ],
    )
