"""A printer moves to another floor: lpstat, dig, Kea and its own paper tray say what became of it."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from daicho.printing.testpage import page
from lab.services_plan import SERVERS
from tests.move_lab import MoveLab, lab_of
from tests.move_site import items, moving, plans, ran
from tests.network_site import approved

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.lab, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MoveLab]:
    with lab_of(tmp_path_factory.mktemp("moves"), 2, printers=2, minute=6) as lab:
        for printer in lab.services.printers:
            lab.queue(printer)
        yield lab


def test_a_printer_moves_and_what_waits_in_its_queue_is_printed_there(office: MoveLab) -> None:
    printer = office.services.printers[0]
    before, here = office.everything(), items(office.desk, [printer.name])
    queues = office.lpstat("-v"), office.lpstat("-l", "-p", printer.name)
    office.services.fault(printer.name, "power-off")
    (office.desk.folder / "letter.pdf").write_bytes(page(["a letter"]))
    letter = str(office.desk.folder / "letter.pdf")
    sent = office.services.execute(["lp", "-E", "-h", f"{SERVERS['print']}:631", "-d", printer.name, letter])
    assert sent.returncode == 0, sent.stderr
    change = moving(office.desk, {"item": printer.name, "outlet": "3F-1"}, work="relocate_printers")
    office.desk.daicho("plan", change, who="sato")
    assert plans(office.desk, change)[printer.name]["why"] == (
        "relocate_printers: 3F-1 is taken by pc-1, which stays there"
    )
    wish = {"item": printer.name, "switch": "sw0001", "port": "Gi0/12", "floor": "本館3階", "room": "304"}
    done = ran(office.desk, moving(office.desk, wish, work="relocate_printers"))
    assert done.json["outcomes"] == {"changed": 1}, done.err
    address = items(office.desk, [printer.name])[printer.name]["address"]
    assert address.startswith("10.79.16.")
    assert f"device for {printer.name}: ipp://{address}/ipp/print" in office.lpstat("-v")
    assert "Location: 本館 3階 304" in office.lpstat("-l", "-p", printer.name)
    assert (office.address(printer.name), office.back(address)) == (address, printer.name)
    assert office.reserved()[printer.mac] == [address]
    assert printer.name in office.lpstat("-o")
    office.plane.replug((printer.mac, "sw0001", "GigabitEthernet0/12"))
    office.services.repair(printer.name)
    office.services.plug(printer.mac, 10)
    assert waited(office, printer.name) == 1
    change = done.json["change"]
    words = ("move", "verify", change, "--test-page", "--output", "json")
    [found] = json.loads(office.desk.daicho(*words, who="tanaka").out)["moves"]
    assert (found["standing"], found["page"]) == ("proven", "proven")
    assert len(office.services.printed(printer.name)) == 2
    undone = office.desk.expect("undo", done.json["run"], "--reason", "too loud", who="sato").out.split()[0]
    back = ran(office.desk, undone)
    assert back.json["outcomes"] == {"changed": 1}, back.err
    assert office.everything() == before
    assert office.lpstat("-v") == queues[0]
    assert items(office.desk, [printer.name])[printer.name]["address"] == here[printer.name]["address"]


def test_a_print_server_that_is_down_leaves_the_printer_where_it_is(office: MoveLab) -> None:
    printer = office.services.printers[1]
    wish = {"item": printer.name, "switch": "sw0001", "port": "Gi0/13", "floor": "本館3階"}
    change = approved(office.desk, moving(office.desk, wish, work="relocate_printers"))
    before = office.everything()
    office.services.fault("print", "stop")
    done = office.desk.daicho("run", change, "--yes", "--output", "json", who="tanaka")
    office.services.repair("print")
    assert done.json["outcomes"] == {"unreachable": 1}, done.err
    assert office.everything() == before


def waited(office: MoveLab, printer: str, patience: float = 90) -> int:
    """How many documents lie in a printer's tray, once there is one."""
    until = time.monotonic() + patience
    while not (found := office.services.printed(printer)) and time.monotonic() < until:
        time.sleep(0.3)
    return len(found)
