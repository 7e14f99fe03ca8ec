"""A printer goes, judged by dig, Kea's own socket and lpstat; what waits in its queue is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from daicho.printing.testpage import page
from tests.network_site import approved, requested
from tests.printer_lab import PrinterLab, printers_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.desk import Done

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]
SERVER = "10.79.0.4:631"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrinterLab]:
    with printers_of(tmp_path_factory.mktemp("printers"), 2, word="going") as found:
        for printer in found.services.printers:
            words = ["-p", printer.name, "-v", f"ipp://{printer.host.address}/ipp/print", "-m", "everywhere"]
            made = found.services.execute(["lpadmin", "-E", "-h", SERVER, *words, "-E", "-L", "本館"])
            assert made.returncode == 0, made.stderr
        yield found


def going(lab: PrinterLab, name: str, **inputs: Any) -> Done:
    change = requested(lab.desk, work="retire_printer", targets=[name], inputs=inputs)
    return lab.desk.daicho("run", approved(lab.desk, change), "--yes", "--output", "json", who="tanaka")


def names(lab: PrinterLab) -> set[str]:
    """The items that the site knows."""
    return {each["name"] for each in lab.desk.daicho("item", "list", "--output", "json").json}


def test_a_printer_goes_from_everywhere_and_comes_back(lab: PrinterLab) -> None:
    printer, desk, before = lab.services.printers[0], lab.desk, lab.everything()
    known = names(lab)
    done = going(lab, printer.name)
    assert done.json["outcomes"] == {"changed": 1}, done.out + done.err
    assert printer.mac not in lab.reserved()
    assert lab.dig(f"{printer.name}.office.example.test") == ""
    assert lab.dig("-x", printer.host.address) == ""
    assert printer.name not in lab.lpstat("-v")
    assert names(lab) == known - {printer.name}
    undone = desk.expect("undo", done.json["run"], "--reason", "it stays", who="sato").out.split()[0]
    change = approved(desk, undone)
    back = desk.daicho("run", change, "--yes", "--output", "json", who="tanaka")
    assert back.json["outcomes"] == {"changed": 1}, back.out + back.err
    assert lab.everything() == before
    assert names(lab) == known


def test_jobs_that_wait_are_not_lost(lab: PrinterLab, tmp_path: Path) -> None:
    printer, services = lab.services.printers[1], lab.services
    services.execute(["cupsdisable", "-E", "-h", SERVER, printer.name])
    letter = tmp_path / "letter.pdf"
    letter.write_bytes(page(["Dear all"]))
    sent = services.execute(["lp", "-E", "-h", SERVER, "-d", printer.name, letter])
    assert sent.returncode == 0, sent.stderr
    before = lab.everything()
    done = going(lab, printer.name)
    assert done.json["outcomes"] == {"failed": 1}, done.out
    why = done.json["targets"][0]["why"]
    assert f"1 jobs wait in the queue {printer.name}. Let them print, or say `jobs_to: QUEUE`" in why
    assert lab.everything() == before
    assert printer.name in lab.lpstat("-o")
    done = going(lab, printer.name, jobs_to="pr-0001")
    assert done.json["outcomes"] == {"changed": 1}, done.out + done.err
    assert [path.suffix for path in services.printed("pr-0001")], "the letter came out of the other printer"
