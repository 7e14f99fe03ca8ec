"""What endpoints say, as it is recorded; leases as signs of life; debts and the board in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from daicho.endpoints.leases import last_given, read_leases
from daicho.endpoints.patch_state import definition_state, patch_state
from daicho.endpoints.script import decoded
from daicho.endpoints.session import Endpoint, endpoint_of
from daicho.endpoints.site import WindowsFile
from daicho.errors import DocumentError
from daicho.items.item import Item
from daicho.life.owing import FAILED, NO_SPACE, OFF, TO_COME, UNCOVERED, UNKNOWN, reason_of
from daicho.outcome import Outcome
from daicho.records.debts import Debt
from daicho.report.listing import Column, Listing
from daicho.report.webpage import webpage

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
SAID: dict[str, Any] = {
    "name": "PC-1",
    "clock": "2026-11-21T03:00:05Z",
    "build": "10.0.26100.2314",
    "booted": "2026-11-02T23:10:00Z",
    "installed": ["KB2", "KB1", "KB1"],
    "missing": [],
    "reboot_pending": False,
    "busy": False,
    "disk_free_mb": 123_456,
    "user": "OFFICE\\tanaka",
}


def test_a_reading_is_recorded_without_what_changes_at_every_look_and_without_the_user() -> None:
    assert patch_state(SAID, NOW) == {
        "build": "10.0.26100.2314",
        "installed": ["KB1", "KB2"],
        "missing": [],
        "reboot_pending": False,
        "disk_free_gb": 120,
        "weeks_up": 2,
        "clock_off_min": 0,
    }
    assert patch_state({**SAID, "disk_free_mb": 123_000}, NOW + timedelta(seconds=50)) == patch_state(
        SAID, NOW
    )


@pytest.mark.parametrize(("seconds", "minutes"), [(59, 0), (-59, 0), (90, 2), (-3600, -60)])
def test_a_clock_that_is_off_is_told(seconds: int, minutes: int) -> None:
    clock = (NOW + timedelta(seconds=seconds)).isoformat()
    assert patch_state({**SAID, "clock": clock}, NOW)["clock_off_min"] == minutes


def test_what_a_machine_says_is_judged() -> None:
    with pytest.raises(DocumentError) as refusal:
        patch_state({**SAID, "disk_free_mb": -1, "secret": "x"}, NOW)
    assert str(refusal.value) == (
        "get_patch_state cannot be used:\nAt disk_free_mb: it must be at least 0.\n"
        "At secret: there is no such field; look for a spelling mistake."
    )


def test_definitions_have_their_day() -> None:
    found = definition_state(
        {
            "name": "PC-1",
            "clock": "2026-11-21T03:00:00Z",
            "engine": "1.1",
            "definitions": "1.421.7.0",
            "updated": "2026-11-20T12:00:00+09:00",
            "real_time": True,
        },
        NOW,
    )
    assert (found["definitions"], found["updated"]) == ("1.421.7.0", "2026-11-20T03:00:00.000000Z")


@pytest.mark.parametrize(
    ("data", "text"),
    [("端末".encode(), "端末"), ("端末".encode("cp932"), "端末"), (b"\x81", "�")],
)
def test_output_is_read_whatever_its_code_page(data: bytes, text: str) -> None:
    assert decoded(data) == text


def test_a_computer_has_the_first_part_of_its_items_name() -> None:
    named = Endpoint(name="pc-0123456789abcdef.office.example.jp", address="x", facts={})
    assert named.computer == "PC-0123456789AB"
    variables = {"ansible_host": "10.0.0.1", "ansible_port": 5987, "daicho_item": {"os": "windows"}}
    found = endpoint_of("pc-1", variables)
    assert (found.address, found.port, found.facts) == ("10.0.0.1", 5987, {"os": "windows"})


def test_the_site_file_names_its_mistakes(tmp_path: Path) -> None:
    (tmp_path / "windows.yml").write_text("user: ''\nca_file: ca.pem\nat_once: 0\n", encoding="utf-8")
    with pytest.raises(DocumentError) as refusal:
        WindowsFile.read(tmp_path)
    assert "At user:" in str(refusal.value)
    assert "At at_once: it must be at least 1." in str(refusal.value)


ISC = """\
lease 10.1.2.3 {
  starts 6 2026/11/21 01:02:03;
  hardware ethernet 02:00:00:00:00:01;
  client-hostname "PC-1";
}
lease 10.1.2.3 {
  starts 6 2026/11/21 02:02:03;
  hardware ethernet 02:00:00:00:00:01;
}
lease 10.1.2.4 {
  starts 5 2026/11/20 05:00:00;
  hardware ethernet 02:00:00:00:00:99;
  client-hostname "pc-2";
}
"""
KEA = """\
address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state
10.1.2.3,02:00:00:00:00:01,,3600,1795230123,1,0,0,pc-1.office.example.jp,0
"""


def test_leases_of_both_servers_are_signs_of_life() -> None:
    items = [Item("pc-1", "endpoint", "", {"mac": "02:00:00:00:00:01"}), Item("pc-2.office", "endpoint")]
    assert last_given(read_leases(ISC, "dhcpd.leases"), items) == {
        "pc-1": datetime(2026, 11, 21, 2, 2, 3, tzinfo=UTC),
        "pc-2.office": datetime(2026, 11, 20, 5, tzinfo=UTC),
    }
    given = last_given(read_leases(KEA, "kea.csv"), items)
    assert given == {"pc-1": datetime.fromtimestamp(1795230123 - 3600, UTC)}


def test_a_file_that_holds_no_leases_is_refused() -> None:
    with pytest.raises(DocumentError) as refusal:
        read_leases("hello", "hello.txt")
    assert str(refusal.value) == (
        "hello.txt cannot be used:\nIt is neither a lease file of ISC dhcpd nor one of Kea (CSV)."
    )


@pytest.mark.parametrize(
    ("outcome", "covered", "why", "reason"),
    [
        (None, True, "", TO_COME),
        (Outcome.UNREACHABLE, True, "no answer", OFF),
        (Outcome.UNREACHABLE, False, "no answer", UNCOVERED),
        (Outcome.UNKNOWN, True, "", UNKNOWN),
        (Outcome.FAILED, True, "KB1: the disk is full (0x80070070)", NO_SPACE),
        (Outcome.FAILED, True, "KB1: 0x8024402c no address", "0x8024402C"),
        (Outcome.DRIFTED, True, "package openssl: 1, not 2", FAILED),
    ],
)
def test_why_somebody_owes(outcome: Outcome | None, covered: bool, why: str, reason: str) -> None:
    debt = Debt(
        change="C1",
        target="pc-1",
        work="patch_endpoints",
        since="",
        covered=covered,
        outcome=outcome,
        why=why,
        tries=1,
        first_at=None,
        tried_at=None,
        bad_at=None,
        paid_at=None,
    )
    assert reason_of(debt) == reason


def test_a_page_takes_nothing_for_markup() -> None:
    listing = Listing(columns=[Column(key="a", heading="name", right=True)], rows=[{"a": "<b>&"}])
    page = webpage("a < b", [("h", listing)])
    assert "<tr><td class=right>&lt;b&gt;&amp;</td></tr>" in page
    assert "<title>a &lt; b</title>" in page
