"""Logon cards: a certificate opens one account only, and a temporary one ends; judged by ldapsearch."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.directory_desk import DirectoryDesk

if TYPE_CHECKING:
    from pathlib import Path

    from lab.domain import Domain

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]
TANAKA, KOBAYASHI, MIURA = "11000001", "11000002", "11000003"
OLD = "X509:<I>CN=old<SR>01"
WEAK = "X509:<RFC822>m.kobayashi@example.test"


def certificate(folder: Path, name: str, serial: str) -> None:
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-utf8", "-days", "300"]
    command += ["-subj", "/C=JP/O=例示省/CN=職員CA", "-set_serial", f"0x{serial}"]
    command += ["-keyout", f"{folder}/{name}.key", "-outform", "DER", "-out", f"{folder}/{name}.cer"]
    subprocess.run(command, check=True, capture_output=True)


def held(domain: Domain) -> dict[str, list[str]]:
    """Who holds which mappings, and which card's number."""
    found = domain.ldapsearch(
        "(|(altSecurityIdentities=*)(employeeNumber=*))",
        *("sAMAccountName", "altSecurityIdentities", "employeeNumber"),
    )
    return {
        each["sAMAccountName"][0]: sorted(each.get("altSecurityIdentities", []))
        + each.get("employeeNumber", [])
        for _dn, each in found
    }


def test_from_the_card_desks_list_to_the_end_of_a_temporary_card(domain: Domain, tmp_path: Path) -> None:
    desk = DirectoryDesk.opened(tmp_path / "desk", domain, "cards: {number_attribute: employeeNumber}\n")
    desk.replaced_by_hand("k.tanaka", "altSecurityIdentities", OLD, act="add")
    desk.replaced_by_hand("m.kobayashi", "altSecurityIdentities", WEAK, act="add")
    (tmp_path / "desk/cards").mkdir()
    certificate(tmp_path / "desk/cards", TANAKA, "2B0000000011AC0000000012")
    text = (
        "職員番号,カード番号,発行者,シリアル番号,返却期限\r\n"
        "１１０００００１,C-1,,,\r\n"
        '11000002,T-1,"C=JP,CN=臨時CA",0a:1b,令和8年12月10日\r\n'
        f'{MIURA},C-3,"CN=old",01,\r\n'
    )
    (tmp_path / "desk/cards.csv").write_bytes(text.encode("cp932"))
    asked = desk.desk.expect(
        *("people", "cards", "cards.csv", "--certificates", "cards", "--output", "json"), who="sato"
    ).json
    assert [(each["act"], each["after"]) for each in asked] == [("register", None), ("remove", "2026-12-10")]
    register, end = (each["change"] for each in asked)

    plans = desk.planned(register)
    new = "X509:<I>C=JP,O=例示省,CN=職員CA<SR>1200000000AC11000000002B"
    assert plans[MIURA]["why"] == ("register_cards: the card is registered for k.tanaka. End it there first")
    assert f"An earlier card ends: {OLD}" in plans[TANAKA]["notes"]
    assert (
        f"This account can still be opened by a mapping that others can imitate: {WEAK}"
        in plans[KOBAYASHI]["notes"]
    )
    desk.approve(register)
    ran = desk.ran(register)
    assert ran["outcomes"] == {"changed": 2}
    temporary = "X509:<I>C=JP,CN=臨時CA<SR>1B0A"
    assert held(domain) == {"k.tanaka": [new, "C-1"], "m.kobayashi": sorted([temporary, WEAK])}

    desk.planned(end)
    desk.approve(end)
    early = desk.desk.daicho("run", end, "--yes", who="tanaka")
    assert early.code == 5
    assert "2026-12-11 00:00 JST" in early.err

    assert desk.taken_back(ran["run"])["outcomes"] == {"changed": 2}
    assert held(domain) == {"k.tanaka": [OLD], "m.kobayashi": [WEAK]}


@pytest.mark.changes
def test_a_list_with_problems_is_refused_as_a_whole(domain: Domain, tmp_path: Path) -> None:
    desk = DirectoryDesk.opened(tmp_path / "desk", domain)
    text = "職員番号,シリアル番号,発行者,期限\n1,xx,CN=a,\n1,12,CN=a,\n2,,,\n3,12,CN=a,2026/13/1\n"
    (tmp_path / "desk/cards.csv").write_text(text, encoding="utf-8")
    done = desk.desk.daicho("people", "cards", "cards.csv", who="sato")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "daicho: cards.csv cannot be used; nothing was asked for. Problems: 4\n"
        "cards.csv, row 2, column シリアル番号: The certificate cannot be registered: "
        "'xx' is no hexadecimal serial number.\n"
        "cards.csv, row 3, column 職員番号: 1 is in row 2 already. Keep one\n"
        "cards.csv, row 4: there is neither a certificate for 2 nor an issuer with a serial number\n"
        "cards.csv, row 5, column 期限: '2026/13/1' is a day that the calendar does not have. Correct it.\n"
    )
