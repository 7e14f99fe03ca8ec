"""A printer moves to another floor: lpstat, dig, Kea and its own paper tray say what became of it."""

from __future__ import annotations

import json
import time
from base64 import b64encode
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from daicho.errors import ExitCode
from daicho.printing.testpage import page
from lab.services_plan import SERVERS, USER
from tests.canaries import names_in, watching
from tests.move_lab import MoveLab, lab_of
from tests.move_site import items, moving, plans, ran
from tests.network_site import approved

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.lab, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MoveLab]:
    with lab_of(tmp_path_factory.mktemp("moves"), 2, printers=4, minute=6) as lab:
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


@contextmanager
def asking_for_a_password(office: MoveLab) -> Iterator[str]:
    """The print server asks who administers it, and the site says who; the right password."""
    file = office.desk.state / "inventory" / "services.yml"
    before = file.read_text(encoding="utf-8")
    file.write_text(before.replace("- name: cups1", f"- name: cups1\n    user: {USER}"), encoding="utf-8")
    office.services.lock_printing(locked=True)
    try:
        yield office.services.secret("print-cups1")
    finally:
        office.services.lock_printing(locked=False)
        file.write_text(before, encoding="utf-8")


def test_a_print_server_that_asks_for_a_password_gets_it_and_nobody_else_sees_it(office: MoveLab) -> None:
    desk, printer = office.desk, office.services.printers[2]

    def moving_it() -> str:
        wish = {"item": printer.name, "switch": "sw0001", "port": "Gi0/14", "floor": "本館3階"}
        return moving(desk, wish, work="relocate_printers")

    def has(password: str) -> None:
        desk.expect("secret", "set", "print-cups1", who="sato", typed=f"{password}\n")

    def queues() -> tuple[str, list[str]]:
        said = office.lpstat("-l", "-p", printer.name).splitlines()
        return office.lpstat("-v"), [line for line in said if "Location" in line or "Description" in line]

    refused = (
        "The print server cups1 does not let us administer it. Correct `user:` in services.yml and the "
        "secret `print-cups1`."
    )
    before, there = office.everything(), queues()
    with asking_for_a_password(office) as password:
        asked = ["lpadmin", "-E", "-h", f"{SERVERS['print']}:631", "-p", printer.name, "-L", "nowhere"]
        assert office.services.execute(asked).returncode != 0, "it asks nobody"
        has("wrong")
        change = moving_it()
        desk.daicho("plan", change, who="sato")
        assert plans(desk, change)[printer.name]["why"] == f"relocate_printers: print queues: {refused}"
        has(password)
        change = approved(desk, moving_it())
        has("wrong")
        done = desk.daicho("run", change, "--yes", "--output", "json", who="tanaka")
        assert done.json["outcomes"] == {"failed": 1}, done.err
        assert refused in done.json["targets"][0]["why"]
        assert (office.everything(), queues()) == (before, there)
        has(password)
        sent = b64encode(f"{USER}:{password}".encode())
        canaries = {"password": password.encode(), "as it is sent": sent}
        with watching(canaries) as watcher:
            done = ran(desk, moving_it())
        assert done.json["outcomes"] == {"changed": 1}, done.err
        address = items(desk, [printer.name])[printer.name]["address"]
        assert f"device for {printer.name}: ipp://{address}/ipp/print" in office.lpstat("-v")
        assert len(watcher.processes) > 2
        assert watcher.found == set()
        assert names_in((done.out + done.err).encode(), canaries) == []
        written = [*desk.folder.rglob("*"), *office.services.places.node("print").glob("*_log")]
        clear = {str(file) for file in written if file.is_file() and names_in(file.read_bytes(), canaries)}
        assert clear == {str(desk.state / "keys" / "secrets" / "print-cups1")}
        undone = desk.expect("undo", done.json["run"], "--reason", "back", who="sato").out.split()[0]
        assert ran(desk, undone).json["outcomes"] == {"changed": 1}
        assert (office.everything(), queues()) == (before, there)


def test_a_printer_that_tells_its_counters_and_takes_no_jobs_moves_and_is_not_proven(office: MoveLab) -> None:
    desk, printer = office.desk, office.services.printers[3]
    office.services.fault(printer.name, "no-ipp")
    wish = {"item": printer.name, "switch": "sw0001", "port": "Gi0/15", "floor": "本館3階"}
    change = moving(desk, wish, work="relocate_printers")
    assert ran(desk, change).json["outcomes"] == {"changed": 1}
    office.plane.replug((printer.mac, "sw0001", "GigabitEthernet0/15"))
    office.services.plug(printer.mac, 10)
    words = ("move", "verify", change, "--test-page")
    done = desk.daicho(*words, "--output", "json", who="tanaka")
    [found] = done.json["moves"]
    proofs = {proof: found[proof] for proof in ("port", "address", "name", "page")}
    assert proofs == {"port": "proven", "address": "proven", "name": "proven", "page": "wrong"}
    assert (done.code, found["standing"]) == (ExitCode.FAILED, "wrong")
    [(queue, why)] = done.json["unasked"].items()
    assert queue == printer.name
    assert why.startswith(f"the test page on {printer.name} did not come out: processing (")
    assert printer.name not in office.lpstat("-o"), "the page that nobody waits for is in nobody's way"
    assert office.services.printed(printer.name) == []
    office.services.repair(printer.name)
    [found] = json.loads(desk.expect(*words, "--output", "json", who="tanaka").out)["moves"]
    assert (found["standing"], found["page"]) == ("proven", "proven")
    assert len(office.services.printed(printer.name)) == 1


def waited(office: MoveLab, printer: str, patience: float = 90) -> int:
    """How many documents lie in a printer's tray, once there is one."""
    until = time.monotonic() + patience
    while not (found := office.services.printed(printer)) and time.monotonic() < until:
        time.sleep(0.3)
    return len(found)
