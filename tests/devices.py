"""Simulated network devices for tests: a plane on loopback, and netmiko as its witness.

from tests.devices import plane_of
@pytest.fixture(scope="module")
def plane(tmp_path_factory): yield from plane_of(tmp_path_factory.mktemp("plane"), 4, "cisco_ios")
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from netmiko import ConnectHandler

from lab.netcli import Plane, loopback_world

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from netmiko import BaseConnection

    from lab.netcli.device import Device


def plane_of(folder: Path, count: int, mix: str = "cisco_ios", **world: Any) -> Iterator[Plane]:
    """A plane while a fixture lives; a minute of the devices is a second unless `minute` says else."""
    with Plane(folder, loopback_world(**world), count, mix) as plane:
        yield plane


def as_before(plane: Plane) -> Iterator[Plane]:
    """The plane for one test, which leaves every device as it was and saved; its faults are cleared."""
    before = {device.name: plane.running(device.name) for device in plane.devices}
    yield plane
    for device in plane.devices:
        plane.clear(device.name)
        plane.wait(device.name, up=True, timers={})
        assert plane.running(device.name) == before[device.name]
        assert not plane.status(device.name)["unsaved"]


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
    if device.personality.name == "nec_ix":
        del given["secret"]  # it has no such mode: netmiko would type the secret as a command
    return ConnectHandler(**given)


def hang_up(session: BaseConnection) -> None:
    """End a session at once; netmiko's own way waits for the device."""
    if session.remote_conn_pre is not None:
        session.remote_conn_pre.close()


@contextmanager
def talking(plane: Plane, device: Device, **more: Any) -> Iterator[BaseConnection]:
    """A session that ends without ceremony."""
    session = login(plane, device, **more)
    try:
        yield session
    finally:
        hang_up(session)


def type_lines(session: BaseConnection, lines: Sequence[str]) -> None:
    """Type lines of configuration at once, without waiting for what the device may no longer answer."""
    session.enable()
    into = {"NecIxSSH": "", "YamahaSSH": ""}.get(type(session).__name__, "configure terminal\r")
    session.write_channel(into + "".join(f"{line}\r" for line in lines))
