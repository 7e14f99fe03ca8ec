"""A new switch comes into service as operators do it, from a staging address, and goes out of it again."""

from __future__ import annotations

import socket
import socketserver
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from tests.devices import plane_of, talking
from tests.network_newcomer import NEW, first_day, install, site_for, wanted
from tests.network_site import approved

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lab.netcli import Plane
    from tests.desk import Desk

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]


@pytest.fixture
def plane(tmp_path: Path) -> Iterator[Plane]:
    for plane in plane_of(tmp_path / "plane", 2, "cisco_ios", minute=6):
        first_day(plane)
        yield plane


@pytest.fixture
def desk(plane: Plane, tmp_path: Path) -> Desk:
    return site_for(tmp_path / "desk", plane)


@contextmanager
def staging(plane: Plane) -> Iterator[int]:
    """A way to the new switch at another address, as a room for preparing devices has it; its port."""
    far = (str(plane.devices[1].address), plane.world.port)

    class Way(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection(far) as there:
                back = threading.Thread(target=_carry, args=(there, self.request))
                back.start()
                _carry(self.request, there)
                back.join()

    with socketserver.ThreadingTCPServer(("127.0.0.9", 0), Way) as door:
        serving = threading.Thread(target=door.serve_forever)
        serving.start()
        yield door.server_address[1]
        door.shutdown()
        serving.join()


def _carry(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    for each in (source, sink):
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)


def test_from_base_settings_into_service_and_back(desk: Desk, plane: Plane) -> None:
    base = plane.running(NEW)
    with staging(plane) as port:
        change = install(desk, wanted(plane, first_address="127.0.0.9", first_port=port))
        shown = desk.expect("plan", change, who="sato").out
        assert "Its host key is trusted from now on: SHA256:" in shown
        desk.expect("approve", change, "--key", str(desk.key("suzuki")), "--yes", who="suzuki")
        done = desk.daicho("run", change, "--yes", who="tanaka")
        assert done.code == 0, done.out + done.err
    running = plane.startup(NEW)
    assert "hostname sw0002\n" in running
    assert "snmp-server location Kasumigaseki\n" in running
    assert running == plane.running(NEW)
    assert plane.status(NEW)["timers"] == {}
    with talking(plane, plane.devices[1]) as witness:
        witness.enable()
        assert "snmp-server location Kasumigaseki" in witness.send_command("show running-config")
    known = (desk.state / "known_hosts").read_text()
    assert (plane.folder / "known_hosts").read_text().splitlines()[1] in known.splitlines()
    item = desk.expect("item", "list", NEW, "--output", "json", who="sato").json[0]
    assert item["address"] == str(plane.devices[1].address)
    assert {key: item["attributes"][key] for key in ("serial", "software", "uplink", "platform")} == {
        "serial": "FOC2000001X",
        "software": "15.2(7)E4",
        "uplink": "sw0001",
        "platform": "cisco_ios",
    }
    # In service it is one of the devices: read, collected, kept.
    kept = desk.expect("network", "backup", "--output", "json", who="tanaka").json
    assert (kept["read"], kept["unread"]) == (2, {})
    undone = desk.expect("undo", "R1", "--reason", "it goes back", who="sato").out.split()[0]
    # Nobody keeps the password that goes, so that this way has no way back.
    desk.expect("run", approved(desk, undone, ("suzuki", "yamada")), "--yes", who="tanaka")
    assert plane.running(NEW) == plane.startup(NEW) == base
    assert (desk.state / "known_hosts").read_text().splitlines() == known.splitlines()[:-1]
    assert desk.expect("item", "list", "--output", "json", who="sato").json[0]["name"] == "sw0001"
    assert len(desk.expect("item", "list", "--output", "json", who="sato").json) == 1


def test_a_cable_in_another_port_takes_the_device_back_to_its_base_settings(desk: Desk, plane: Plane) -> None:
    base = plane.running(NEW)
    change = install(desk, wanted(plane, neighbours={"Gi0/25": "sw0009", "Gi0/26": "sw0001"}))
    done = desk.daicho("run", approved(desk, change), "--yes", who="tanaka")
    assert done.code == 4
    assert (
        "sw0002 took the lines, but Gi0/25 hears sw0001 instead of sw0009; Gi0/26 hears nobody instead of "
        "sw0001. It has its old configuration again."
    ) in " ".join(done.out.split())
    assert plane.running(NEW) == plane.startup(NEW) == base
    assert NEW not in (desk.state / "known_hosts").read_text()
