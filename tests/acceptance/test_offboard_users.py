"""Somebody leaves: closed at once, put aside, nothing deleted; the script does what an engineer types."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from lab.domain_people import DISABLED
from tests.doorstep import ROOT
from tests.people_desk import HIDDEN, PeopleDesk, account, joining

if TYPE_CHECKING:
    from pathlib import Path

    from lab.domain import Domain

pytestmark = pytest.mark.lab
WHO = "72000001"


def script(desk: PeopleDesk, who: str, *words: str) -> str:
    """What an engineer sees of `scripts/offboard_users.py`."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts/offboard_users.py"), *words],
        cwd=desk.desk.folder,
        env=desk.desk.environment(who),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_who_leaves_is_shut_out_and_kept(domain: Domain, tmp_path: Path) -> None:
    desk = PeopleDesk.at_work(tmp_path / "site", domain)
    desk.carried_out(desk.requested_by_file(desk.file("a.csv", joining(WHO)), "2027-04-01")["onboard_users"])
    domain.samba_tool("user", "setpassword", "shiken", "--newpassword=Mine-7-Own-Word")
    logon = ["kinit", "shiken@AD.EXAMPLE.TEST"]
    assert domain.execute(logon, text="Mine-7-Own-Word\n").returncode == 0
    file = desk.file("b.csv", joining(WHO, kind="退職", section=""))
    # The last day is the first of April: nothing is due before it is over.
    assert desk.requested_by_file(file, "2027-04-01") == {}
    said = script(desk, "sato", str(file), "--on", "2027-04-02")
    assert "試験 亜亜亜加: leaves 総務庶務係: the account is disabled (2027-04-02)" in said
    desk.approve("C2")
    assert "1 of 1 person as approved (100.0 %)" in script(desk, "tanaka", "C2", "--yes")
    dn, found = account(domain, WHO)
    assert dn == f"CN=試験 亜亜亜加,OU=20270402,{DISABLED}"
    assert (found["userAccountControl"], found[HIDDEN]) == (["514"], ["TRUE"])
    assert "memberOf" not in found
    assert domain.execute(logon, text="Mine-7-Own-Word\n").returncode == 1
    listed = domain.execute(
        ["smbclient", "//fs1.ad.example.test/home", f"-Usvc-daicho%{domain.secret()}", "-c", "ls shiken"]
    )
    assert "shiken" in listed.stdout
    # Let in again by hand, the old password does not open anything any more.
    domain.samba_tool("user", "enable", "shiken")
    refused = domain.execute(logon, text="Mine-7-Own-Word\n").stderr
    assert "Preauthentication failed" in refused or "Password incorrect" in refused
