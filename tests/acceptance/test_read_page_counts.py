"""Page counts, what has run low, resets and replacements; judged by snmpget and openpyxl."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import load_workbook

from lab.services_plan import USER
from tests.printer_lab import PrinterLab, printers_of

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]
LIFE = "1.3.6.1.2.1.43.10.2.1.4.1.1"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrinterLab]:
    with printers_of(tmp_path_factory.mktemp("printers"), 3, word="counts") as found:
        yield found


def counter(lab: PrinterLab, number: int) -> int:
    """The page counter, asked with net-snmp."""
    secrets = [lab.services.secret(name) for name in ("snmp-auth", "snmp-priv")]
    login = [
        "-v3",
        "-l",
        "authPriv",
        "-u",
        USER,
        "-a",
        "SHA",
        "-A",
        secrets[0],
        "-x",
        "AES",
        "-X",
        secrets[1],
    ]
    address = lab.services.printers[number].host.address
    return int(lab.services.execute(["snmpget", *login, "-Oqv", address, LIFE]).stdout)


def counted(lab: PrinterLab, code: int = 0) -> dict[str, Any]:
    done = lab.desk.daicho("printers", "count", "--output", "json", who="tanaka")
    assert done.code == code, done.err
    return {each["name"]: each for each in done.json["printers"]}


def test_what_was_printed_and_what_is_to_be_ordered(lab: PrinterLab) -> None:
    services, desk = lab.services, lab.desk
    first = counted(lab)
    assert {name: each["pages"] for name, each in first.items()} == {
        f"pr-000{number + 1}": counter(lab, number) for number in range(3)
    }
    # Another test may have read them before; nothing was printed since.
    assert {each["since"] for each in first.values()} <= {None, 0}
    for number in range(3):
        tray = services.places.node("pr-0001") / "spool" / f"{number}-letter.pdf"
        tray.write_bytes(b"%PDF-1.4")
    services.fault("pr-0002", "counter-reset")
    services.fault("pr-0003", "replaced")
    services.fault("pr-0003", "low")
    found = counted(lab)
    assert found["pr-0001"]["pages"] == counter(lab, 0) == 1003
    assert [(found[name]["since"], found[name]["month"]) for name in sorted(found)] == [
        (3, 3),
        (0, 0),
        (0, 0),
    ]
    assert found["pr-0002"]["remarks"] == ["its counter began anew: at least so many"]
    assert found["pr-0003"]["remarks"] == [
        "another printer stands there (serial number SN00003 → SN99999): at least so many"
    ]
    assert [found[name]["order"] for name in sorted(found)] == [[], [], ["Black Toner"]]

    shown = desk.expect("printers", "pages", "--output", "json", "--xlsx", "pages.xlsx", who="tanaka").json
    assert shown["pages"] == 3
    sheet = load_workbook(desk.folder / "pages.xlsx").active
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert (rows[0][0], rows[1][:4]) == ("printer", ["pr-0001", "本館 1F", "SN00001", "3"])
    assert "3 pages on 3 printers" in desk.expect("printers", "pages", who="tanaka").out
    assert "it was not read in this month" in desk.expect("printers", "pages", "--month", "2020-02").out


def test_a_printer_that_is_off_is_named_and_the_others_are_read(lab: PrinterLab) -> None:
    lab.services.fault("pr-0001", "power-off")
    found = counted(lab, code=3)
    lab.services.repair("pr-0001")
    assert found["pr-0001"]["pages"] is None
    said = "The printer pr-0001 at 10.79.20.11 does not tell its counters "
    assert found["pr-0001"]["remarks"] == [said + "(No SNMP response received before timeout)"]
    assert isinstance(found["pr-0002"]["pages"], int)


def test_a_month_is_written_as_one(lab: PrinterLab) -> None:
    done = lab.desk.daicho("printers", "pages", "--month", "October")
    assert (done.code, done.err) == (2, "daicho: 'October' is no month. Write it like 2026-10.\n")
