"""A thousand simulated devices are up at once and stay small."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from lab.netcli import Plane, loopback_world
from lab.netcli.plane import EVERYBODY
from tests.devices import talking

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


def test_a_thousand_devices_are_up_in_ten_seconds_and_fit_in_150_megabytes(tmp_path: Path) -> None:
    began = time.monotonic()
    with Plane(tmp_path / "plane", loopback_world(), 1_000, EVERYBODY) as plane:
        assert time.monotonic() - began < 10
        # Asking for all of them lets every device read its configuration.
        found = plane.ask("devices")
        assert len(found["devices"]) == 1_000
        assert {each["lost"] for each in found["devices"]} == {""}
        with talking(plane, plane.devices[-1]) as session:
            assert plane.devices[-1].name in session.find_prompt()
        assert plane.ask("devices")["memory"] < 150e6
