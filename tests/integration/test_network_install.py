"""A switch with its base settings comes into service through the door, and goes out of it again."""

from __future__ import annotations

import socket
import socketserver
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

import pytest

from lab.netcli.device import hashed
from tests.devices import plane_of
from tests.network_site import approved, put, requested, site_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lab.netcli import Plane
    from tests.desk import Desk

NEW: Final = "sw0002"
FIRST: Final = "first-day"
TEMPLATE: Final = """\
hostname {{ device }}
username daicho privilege 1 secret {{ secret('net') }}
vlan 30
 name SALES
interface GigabitEthernet0/25
 description {{ item.uplink }}
 switchport trunk allowed vlan add 30
snmp-server location {{ place }}
"""


@pytest.fixture
def plane(tmp_path: Path) -> Iterator[Plane]:
    for plane in plane_of(tmp_path / "plane", 2, "cisco_ios", minute=6):
        base = f"username setup privilege 1 secret 9 $9${hashed(plane.devices[1], 'setup', FIRST)}"
        plane.edit(NEW, ["hostname Switch", "no username daicho", base, "no snmp-server location"])
        plane.save(NEW)
        yield plane


@pytest.fixture
def desk(plane: Plane, tmp_path: Path) -> Desk:
    desk = site_of(tmp_path / "desk", plane, without=[NEW])
    put(desk, "templates/in_service/cisco_ios.j2", TEMPLATE)
    put(desk, "data/site/Ministry.yml", "place: Kasumigaseki\n")
    desk.expect("secret", "set", "base", who="sato", typed=f"{FIRST}\n")
    return desk


def wanted(plane: Plane, **more: Any) -> dict[str, Any]:
    """The inputs of a change that brings the new switch into service."""
    device = {
        "name": NEW,
        "platform": "cisco_ios",
        "address": str(plane.devices[1].address),
        "port": plane.world.port,
        "neighbours": {"Gi0/25": "sw0001"},
        "attributes": {"site": "Ministry", "role": "access", "uplink": "sw0001"},
        **more,
    }
    base = {"base_user": "setup", "base_credential": "base", "base_enable": "net-enable"}
    return {"devices": [device], "template": "in_service", "settle": 3, **base}


def install(desk: Desk, inputs: dict[str, Any]) -> str:
    return requested(desk, work="install_network_device", targets=[NEW], inputs=inputs)


def why(desk: Desk, change: str) -> str:
    done = desk.daicho("plan", change, who="sato")
    shown = desk.expect("show", change, "--output", "json", who="sato").json
    plans = shown["plan"]["targets"] if shown.get("plan") else []
    return plans[0]["why"] if plans else done.err.splitlines()[-1]


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


def test_what_the_ledger_has_is_not_new(desk: Desk, plane: Plane) -> None:
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
