"""A printer moves between switches, its queue on a Windows print server along, by the real command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.devices import plane_of
from tests.move_site import items, moving, office_of, outlet, ran, terminal
from tests.network_site import approved
from tests.windows import site_file, windows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lab.netcli import Plane
    from lab.winrm import Windows

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

HOST: Final = "pc00001"
QUEUE: Final = {"driver": "Lab Driver", "location": "本館 3階 301", "comment": "複合機", "paused": False}


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    yield from plane_of(tmp_path_factory.mktemp("plane"), 2)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Windows]:
    with windows(tmp_path_factory.mktemp("windows"), hosts=1) as made:
        port = {"host": "10.1.10.50", "number": 9100, "lpr": ""}
        made.set(
            HOST,
            {
                "print_server.ports": {"IP_10.1.10.50": port},
                "print_server.silent": ["10.1.10.50"],
                "print_server.queues": {
                    "複合機 3F": {**QUEUE, "port": "IP_10.1.10.50", "share": "pr-1", "jobs": ["letter"]}
                },
            },
        )
        yield made


def shown(server: Windows) -> dict[str, Any]:
    found: dict[str, Any] = server.state(HOST)["print_server"]
    return found


def test_a_printer_moves_with_its_queue_and_back(plane: Plane, server: Windows, tmp_path: Path) -> None:
    printer = terminal(1, "sw0001", 1) | {"name": "pr-1", "kind": "printer"}
    rows = [printer, outlet("3F-01", "sw0001", 1, "3階"), outlet("4F-11", "sw0002", 11, "4階")]
    its = {"name": "win1", "kind": "windows", "host": HOST, "address": server.address(HOST)}
    desk = office_of(tmp_path / "desk", plane, rows, services={"printing": [its]})
    site_file(server, desk.state / "inventory")
    desk.expect("secret", "set", "windows", who="sato", typed=f"{server.world.password}\n")
    here, before = items(desk, ["pr-1"]), shown(server)
    ports = {name: plane.startup(name) for name in ("sw0001", "sw0002")}

    change = moving(desk, {"item": "pr-1", "outlet": "4F-11"}, work="relocate_printers")
    done = ran(desk, change)
    assert done.json["outcomes"] == {"changed": 1}, done.out + done.err
    told = {each["key"]: each for each in done.json["targets"][0]["planned"]}
    assert {key: (each["before"], each["after"]) for key, each in told.items() if "queue:" in key} == {
        "queue:win1 複合機 3F": ("socket://10.1.10.50:9100", "socket://10.1.20.50:9100"),
        "queue:win1 複合機 3F location": ("本館 3階 301", "本館 4階 401"),
    }
    after = shown(server)
    moved = {"port": "IP_10.1.20.50", "location": "本館 4階 401", "jobs": [], "share": "pr-1"}
    assert after["queues"] == {"複合機 3F": {**QUEUE, **moved}}
    assert after["printed"] == [["10.1.20.50", "letter"]], "what waited came out at the new place"
    assert items(desk, ["pr-1"])["pr-1"]["address"] == "10.1.20.50"

    undone = desk.expect("undo", done.json["run"], "--reason", "it stays", who="sato").out.split()[0]
    back = ran(desk, undone)
    assert back.json["outcomes"] == {"changed": 1}, back.err
    emptied = {"複合機 3F": before["queues"]["複合機 3F"] | {"jobs": []}}
    assert (shown(server)["queues"], shown(server)["ports"]) == (emptied, before["ports"])
    assert items(desk, ["pr-1"]) == here
    assert {name: plane.startup(name) for name in ports} == ports

    change = moving(desk, {"item": "pr-1", "outlet": "4F-11"}, work="relocate_printers")
    approved(desk, change)
    server.fault(HOST, "off")
    stopped = desk.daicho("run", change, "--yes", "--output", "json", who="tanaka")
    assert stopped.json["outcomes"] == {"unreachable": 1}, stopped.out + stopped.err
    assert {name: plane.startup(name) for name in ports} == ports
