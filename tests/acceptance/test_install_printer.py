"""A printer comes, judged by dig, Kea's own socket, lpstat and the paper in its tray."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.move_site import plans
from tests.network_site import approved, requested
from tests.printer_lab import PrinterLab, comer, printers_of, technician

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.desk import Done

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrinterLab]:
    with printers_of(tmp_path_factory.mktemp("printers"), 3, unknown=1) as found:
        yield found


def coming(lab: PrinterLab, **more: Any) -> str:
    """A change by which the third printer comes."""
    printer = comer(lab.services.printers[2], **more)
    return requested(
        lab.desk, work="install_printer", targets=[printer["name"]], inputs={"printers": [printer]}
    )


def run(lab: PrinterLab, change: str) -> Done:
    return lab.desk.daicho("run", change, "--yes", "--output", "json", who="tanaka")


def test_a_printer_gets_address_name_queue_and_item_and_all_of_it_is_taken_back(lab: PrinterLab) -> None:
    printer, desk, before = lab.services.printers[2], lab.desk, lab.everything()
    change = approved(desk, coming(lab))
    with technician(lab, printer):
        done = run(lab, change)
    assert done.json["outcomes"] == {"changed": 1}, done.out + done.err
    address = lab.dig(f"{printer.name}.office.example.test")
    assert address.startswith("10.79.20.")
    assert lab.dig("-x", address) == f"{printer.name}.office.example.test."
    assert lab.reserved()[printer.mac] == address
    assert f"device for {printer.name}: ipp://{address}/ipp/print" in lab.lpstat("-v")
    assert "Location: 本館 3F" in lab.lpstat("-l", "-p", printer.name)
    assert len(lab.services.printed(printer.name)) == 1
    shown = desk.daicho("item", "show", printer.name, "--output", "json").json
    assert shown["address"] == address
    undone = desk.expect("undo", done.json["run"], "--reason", "not this one", who="sato").out.split()[0]
    back = run(lab, approved(desk, undone))
    assert back.json["outcomes"] == {"changed": 1}, back.out + back.err
    assert lab.everything() == before
    lab.services.unplug([printer.mac])


def test_a_printer_that_nobody_switches_on_leaves_nothing_behind(lab: PrinterLab) -> None:
    site = lab.desk.state / "inventory" / "services.yml"
    text = site.read_text(encoding="utf-8")
    site.write_text(text.replace("    ca_file: ca.crt\n", "    ca_file: ca.crt\n    timeout_s: 2\n"), "utf-8")
    before = lab.everything()
    done = run(lab, approved(lab.desk, coming(lab)))
    site.write_text(text, encoding="utf-8")
    assert done.json["outcomes"] == {"failed": 1}, done.err
    assert "is it on?" in done.json["targets"][0]["why"]
    assert "Everything else was put back as it was." in done.json["targets"][0]["why"]
    assert lab.everything() == before


def test_what_cannot_come_is_said_in_the_plan(lab: PrinterLab) -> None:
    for wrong, said in (
        ({"address": "10.79.20.12"}, "10.79.20.12 is pr-0002's already"),
        ({"mac": "02:50:52:00:00:01"}, "02:50:52:00:00:01 is pr-0001's already"),
    ):
        assert said in lab.desk.daicho("plan", coming(lab, **wrong), who="sato").err
    change = coming(lab, subnet="10.1.2.0/24")
    lab.desk.daicho("plan", change, who="sato")
    assert plans(lab.desk, change)["pr-0003"]["why"].endswith("the DHCP server has no subnet 10.1.2.0/24")


def test_a_run_that_was_killed_goes_on_where_it_was(lab: PrinterLab) -> None:
    printer, desk, before = lab.services.printers[2], lab.desk, lab.everything()
    change = approved(desk, coming(lab))
    words = [*desk.before, sys.executable, "-m", "daicho.cli", "run", change, "--yes"]
    with subprocess.Popen(
        words,
        cwd=desk.folder,
        env=desk.environment("tanaka"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as running:
        # Nobody has switched the printer on: it has its reservation, and its queue is being waited for.
        while printer.name not in lab.lpstat("-v"):
            assert running.poll() is None
            time.sleep(0.1)
        running.send_signal(signal.SIGKILL)
    assert printer.mac in lab.reserved()
    lab.services.plug(printer.mac, printer.host.vlan)
    done = desk.daicho("run", change, "--resume", "--yes", "--output", "json", who="tanaka")
    assert done.json["outcomes"] == {"changed": 1}, done.out + done.err
    assert f"device for {printer.name}: ipp://{lab.reserved()[printer.mac]}/ipp/print" in lab.lpstat("-v")
    undone = desk.expect("undo", done.json["run"], "--reason", "a trial", who="sato").out.split()[0]
    assert run(lab, approved(desk, undone)).json["outcomes"] == {"changed": 1}
    assert lab.everything() == before
    lab.services.unplug([printer.mac])
