"""New passwords: only with the identity check, on slips, to be changed at once; judged by binds."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.directory_desk import DirectoryDesk

if TYPE_CHECKING:
    from pathlib import Path

    from lab.domain import Domain

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]
CARD = {"how": "staff_card", "by": "suzuki", "note": "A-1"}
TANAKA, KOBAYASHI = "11000001", "11000002"


def bind(domain: Domain, who: str, password: str) -> str:
    """What a logon over LDAPS comes to: `ok`, or Active Directory's reason."""
    words = ["ldapsearch", "-x", "-H", domain.uri(), "-D", f"{who}@ad.example.test", "-w", password]
    done = domain.execute([*words, "-s", "base", "-b", domain.base, "1.1"])
    found = re.search(r"data (\w+)", done.stderr)
    return "ok" if done.returncode == 0 else found[1] if found else done.stderr


def password_on(slip: Path) -> str:
    done = subprocess.run(["pdftotext", "-layout", slip, "-"], capture_output=True, text=True, check=True)
    found = re.search(r"^Password\s+(\S+)$", done.stdout, re.MULTILINE)
    assert found, done.stdout
    return found[1]


def test_several_people_get_passwords_that_only_their_slips_know(domain: Domain, tmp_path: Path) -> None:
    desk = DirectoryDesk.opened(tmp_path / "desk", domain)
    old = domain.secret("people")
    assert bind(domain, "k.tanaka", old) == "ok"
    for _try in range(6):
        bind(domain, "m.kobayashi", "wrong")
    assert bind(domain, "m.kobayashi", old) == "775"  # locked

    names = (TANAKA, "m.kobayashi", "nobody", "administrator")
    people = [{"person": name, "identified": CARD} for name in names]
    change = desk.requested("reset_passwords", people=people)
    plans = desk.planned(change)
    assert plans[TANAKA]["irreversible"] == "the password before is known to nobody and cannot be set again"
    assert plans[TANAKA]["notes"] == [
        "田中 香織 (復興庶務係) (k.tanaka) was identified by the staff card by suzuki. A-1",
        "The new password is on a slip of paper; it must be changed at the first logon.",
    ]
    assert plans["nobody"]["why"] == (
        "reset_passwords: the directory has no account with the number or name nobody"
    )
    assert plans["administrator"]["why"].startswith("reset_passwords: Administrator has privileges (")
    desk.approve(change)
    end = desk.ran(change)

    assert end["outcomes"] == {"changed": 2}
    slips = desk.desk.state / "runs" / end["run"] / "slips"
    assert slips.stat().st_mode & 0o777 == 0o700
    assert sorted(each.name for each in slips.iterdir()) == [f"{TANAKA}.pdf", f"{KOBAYASHI}.pdf"]
    for who, number in (("k.tanaka", TANAKA), ("m.kobayashi", KOBAYASHI)):
        password = password_on(slips / f"{number}.pdf")
        assert bind(domain, who, old) == "52e"
        assert bind(domain, who, password) == "773"  # right, and must be changed first; locked no more
        holding = subprocess.run(
            ["grep", "-rlF", "--", password, desk.desk.folder], capture_output=True, text=True, check=False
        )
        assert holding.stdout == ""
    asked = domain.ldapsearch("(|(sAMAccountName=k.tanaka)(sAMAccountName=m.kobayashi))", "pwdLastSet")
    assert [found["pwdLastSet"] for _dn, found in asked] == [["0"], ["0"]]


@pytest.mark.changes
def test_without_the_identity_check_nothing_is_asked_for(domain: Domain, tmp_path: Path) -> None:
    desk = DirectoryDesk.opened(tmp_path / "desk", domain)
    ways = "'staff_card', 'in_person', 'call_back', 'superior' or 'letter'"
    for owner, why in (
        ({"person": TANAKA}, "At inputs.people[0].identified: it is missing."),
        (
            {"person": TANAKA, "identified": {"how": "voice", "by": "suzuki"}},
            f"At inputs.people[0].identified.how: it must be one of {ways}.",
        ),
        (
            {"person": "suzuki", "identified": CARD},
            "At inputs.people[0]: suzuki cannot vouch for themselves.",
        ),
    ):
        text = desk.document("reset_passwords", None, {"people": [owner]})
        done = desk.desk.daicho("request", "-", who="sato", typed=text)
        assert (done.code, done.out) == (2, "")
        assert done.err == f"daicho: standard input cannot be used:\n{why}\n"
    refused = desk.desk.daicho("people", "reset", TANAKA, "--how", "staff_card", who="sato")
    assert refused.code == 2
    assert "--by" in refused.err
