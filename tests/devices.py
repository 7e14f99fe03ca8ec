"""Simulated network devices for tests: a plane on loopback, and netmiko as its witness.

from tests.devices import plane_of
@pytest.fixture(scope="module")
def plane(tmp_path_factory): yield from plane_of(tmp_path_factory.mktemp("plane"), 4, "cisco_ios")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from netmiko import ConnectHandler

from lab.netcli import Plane, loopback_world

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from netmiko import BaseConnection

    from lab.netcli.device import Device


def plane_of(folder: Path, count: int, mix: str = "cisco_ios", **world: Any) -> Iterator[Plane]:
    """A plane while a fixture lives; a minute of the devices is a second unless `minute` says else."""
    with Plane(folder, loopback_world(**world), count, mix) as plane:
        yield plane


def login(plane: Plane, device: Device, **more: Any) -> BaseConnection:
    """A session by password, as netmiko alone opens it, host key checked."""
    given: dict[str, Any] = {
        "device_type": device.personality.name,
        "host": str(device.address),
        "port": plane.world.port,
        "username": plane.world.user,
        "password": plane.world.password,
        "secret": plane.world.secret,
        "ssh_strict": True,
        "system_host_keys": False,
        "alt_host_keys": True,
        "alt_key_file": str(plane.folder / "known_hosts"),
        "conn_timeout": 5,
        **more,
    }
    return ConnectHandler(**given)
