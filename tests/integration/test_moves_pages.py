"""Test pages of printers that have moved, on a Windows print server: what the printer itself has counted.

The server is simulated; the printer's counter is the real snmpd, and the test is the hand that prints.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import pytest

from lab import services_agent
from lab.services_files import snmpd
from tests.devices import plane_of
from tests.move_site import RULES, moving, office_of, outlet, ran, terminal
from tests.windows import site_file, windows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lab.netcli import Plane
    from lab.winrm import Windows
    from tests.desk import Desk

pytestmark = [pytest.mark.slow, pytest.mark.patient, pytest.mark.timeout(300)]

HOST: Final = "pc00001"
QUEUE: Final = "複合機 3F"
OLD: Final = "127.88.10.50"
NEW: Final = "127.88.20.50"
PORT: Final = 20161
WORDS: Final = {"snmp-auth": "authenticate me", "snmp-priv": "encrypt me, too"}
PRINTER: Final = {"name": "pr-1", "kind": "printer", "address": OLD}


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    yield from plane_of(tmp_path_factory.mktemp("plane"), 2)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Windows]:
    with windows(tmp_path_factory.mktemp("windows"), hosts=1) as made:
        yield made


@pytest.fixture(scope="module")
def moved(plane: Plane, server: Windows, tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, str]:
    """A desk and its change, which has moved a printer."""
    queue = {"driver": "Lab Driver", "location": "", "comment": "", "paused": False, "jobs": []}
    port = {"host": OLD, "number": 9100, "lpr": ""}
    queues = {QUEUE: {**queue, "port": f"IP_{OLD}", "share": "pr-1"}}
    server.set(HOST, {"print_server.ports": {f"IP_{OLD}": port}, "print_server.queues": queues})
    rows = [terminal(1, "sw0001", 1) | PRINTER]
    rows += [outlet("3F-01", "sw0001", 1, "3階"), outlet("4F-11", "sw0002", 11, "4階")]
    its = {"name": "win1", "kind": "windows", "host": HOST, "address": server.address(HOST)}
    counters = {"port": PORT, "timeout_s": 0.5, "tries": 2}
    networks = [
        {
            key: text.replace("10.1.", "127.88.") if isinstance(text, str) else text
            for key, text in each.items()
        }
        for each in RULES["networks"]
    ]
    desk = office_of(
        tmp_path_factory.mktemp("desk"),
        plane,
        rows,
        rules={**RULES, "networks": networks},
        services={"printing": [its], "counters": counters},
    )
    site_file(server, desk.state / "inventory")
    desk.expect("secret", "set", "windows", who="sato", typed=f"{server.world.password}\n")
    change = moving(desk, {"item": "pr-1", "outlet": "4F-11"}, work="relocate_printers")
    done = ran(desk, change)
    assert done.json["outcomes"] == {"changed": 1}, done.out + done.err
    return desk, change


@pytest.fixture
def desk(moved: tuple[Desk, str], server: Windows) -> Desk:
    """The desk with its print server on, which has printed nothing, and without passwords for SNMP."""
    for name in WORDS:
        moved[0].daicho("secret", "forget", name, "--yes", who="sato")
    server.power(HOST, on=True)
    server.set(HOST, {"print_server.printed": [], "print_server.silent": []})
    server.set(HOST, {f"print_server.queues.{QUEUE}.jobs": []})
    return moved[0]


def knows_words(desk: Desk) -> None:
    """The site has the passwords for SNMP."""
    for name, word in WORDS.items():
        desk.expect("secret", "set", name, who="sato", typed=f"{word}\n")


def printed(server: Windows) -> list[list[str]]:
    """What the print server has sent where, as the simulated machine knows."""
    found: list[list[str]] = server.state(HOST)["print_server"]["printed"]
    return found


def verified(desk: Desk, change: str) -> tuple[str, dict[str, str], str]:
    """How the page of the printer stands, why anybody could not be asked, and what people read."""
    done = desk.daicho("move", "verify", change, "--test-page", "--output", "json", who="tanaka")
    assert done.out, done.err
    [found] = done.json["moves"]
    return found["page"], done.json["unasked"], done.err


@contextmanager
def counting(folder: Path, server: Windows, after_s: float | None) -> Iterator[None]:
    """A printer at the new address that counts each page so long after it was sent to it; None: never."""
    if not shutil.which("snmpd", path="/usr/sbin:/usr/bin"):
        pytest.skip("snmpd is not installed")
    spool = folder / "spool"
    spool.mkdir()
    (folder / "printer.json").write_text('{"serial": "S1", "model": "P1", "pages": 1000, "supplies": []}')
    command = f"{sys.executable} -I {services_agent.__file__} {folder / 'printer.json'} {spool}"
    (folder / "snmpd.conf").write_text(snmpd(command, WORDS["snmp-auth"], WORDS["snmp-priv"], "4F", "pr-1"))
    argv = ["snmpd", "-f", "-Lf", str(folder / "snmpd.log"), "-C", "-c", str(folder / "snmpd.conf")]
    environment = {"SNMP_PERSISTENT_DIR": str(folder / "snmp"), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    agent = subprocess.Popen([*argv, f"udp:{NEW}:{PORT}"], env=environment)
    ended = threading.Event()

    def print_on() -> None:
        while not ended.wait(0.1):
            if after_s is not None and [NEW, "Test Page"] in printed(server):
                time.sleep(after_s)
                (spool / "page.pdf").touch()
                return

    hand = threading.Thread(target=print_on)
    hand.start()
    try:
        yield
    finally:
        ended.set()
        hand.join()
        agent.terminate()
        agent.wait()


def test_a_page_that_the_printer_counts_a_while_after_it_was_sent_is_proven(
    desk: Desk, moved: tuple[Desk, str], server: Windows, tmp_path: Path
) -> None:
    knows_words(desk)
    with counting(tmp_path, server, after_s=3):
        page, unasked, said = verified(desk, moved[1])
    assert (page, unasked) == ("proven", {}), said
    assert printed(server) == [[NEW, "Test Page"]]
    assert (tmp_path / "spool" / "page.pdf").exists()


def test_a_page_that_was_sent_and_never_counted_is_wrong(
    desk: Desk, moved: tuple[Desk, str], server: Windows, tmp_path: Path
) -> None:
    knows_words(desk)
    with counting(tmp_path, server, after_s=None):
        page, unasked, said = verified(desk, moved[1])
    assert (page, unasked) == ("wrong", {}), said
    assert printed(server) == [[NEW, "Test Page"]]


def test_a_printer_without_snmp_prints_and_nobody_can_tell_whether_it_counted(
    desk: Desk, moved: tuple[Desk, str], server: Windows
) -> None:
    page, unasked, said = verified(desk, moved[1])
    assert (page, list(unasked)) == ("untold", ["page counters"]), said
    assert "snmp-auth" in unasked["page counters"]
    assert printed(server) == [[NEW, "Test Page"]]
    knows_words(desk)
    page, unasked, said = verified(desk, moved[1])
    assert page == "untold", said
    assert unasked["pr-1"].startswith(f"The printer pr-1 at {NEW} does not tell its counters (")
    assert printed(server) == [[NEW, "Test Page"]] * 2


def test_a_page_that_stays_in_the_queue_is_wrong_and_said(
    desk: Desk, moved: tuple[Desk, str], server: Windows
) -> None:
    server.set(HOST, {"print_server.silent": [NEW]})
    page, unasked, said = verified(desk, moved[1])
    assert page == "wrong", said
    assert unasked[QUEUE] == (f"the test page on {QUEUE} did not come out: processing (Error, Printing)")
    assert printed(server) == []


def test_of_a_print_server_that_is_off_nobody_can_tell(
    desk: Desk, moved: tuple[Desk, str], server: Windows
) -> None:
    server.power(HOST, on=False)
    page, unasked, said = verified(desk, moved[1])
    assert page == "untold", said
    assert unasked["win1"]
    assert unasked["pr-1"] == "no print server that answered has a queue of it"


def test_a_printer_without_a_queue_is_named(desk: Desk, moved: tuple[Desk, str], server: Windows) -> None:
    before: dict[str, Any] = server.state(HOST)["print_server"]["queues"]
    server.set(HOST, {"print_server.queues": {}})
    try:
        page, unasked, said = verified(desk, moved[1])
    finally:
        server.set(HOST, {"print_server.queues": before})
    assert page == "untold", said
    assert unasked["pr-1"] == "no print server that answered has a queue of it"
