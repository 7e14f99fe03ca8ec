"""A personnel file in CP932 becomes accounts in a real domain, and goes back again."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING, Final

import pytest

from lab.domain_people import DISABLED
from lab.population import SECTIONS, population
from tests.people_desk import HIDDEN, PeopleDesk, account, accounts, joining, put_aside
from tests.personnel import HEADINGS, Notice, Turnout, notice

if TYPE_CHECKING:
    from pathlib import Path

    from lab.domain import Domain
    from lab.ldif import Entry

pytestmark = pytest.mark.lab
TURNOUT: Final = Turnout(joining=130, temporary=10, moving=100, leaving=50, rehired=10)
NAMES: Final = {section.code: section.name for section in SECTIONS}
PASSWORDS: Final = ("pwdLastSet",)
"""A password that was overwritten does not come back: who is let in again gets a new one on a slip."""
COUNTS: Final = {"onboard_users": 150, "transfer_users": 100, "offboard_users": 50}


def april(domain: Domain) -> Notice:
    """The notice of April: 300 people; those who come back are in the folder of those who left."""
    staff = [each for each in population(300) if int(each.number) % 97]
    made = notice(staff, TURNOUT)
    put_aside(domain, [each.number for each in made.retired])
    return made


@pytest.mark.timeout(600)
def test_from_the_file_to_the_directory_and_back(domain: Domain, tmp_path: Path) -> None:
    made = april(domain)
    desk = PeopleDesk.at_work(tmp_path / "site", domain)
    file = desk.file("人事異動.csv", made.separated())
    before = accounts(domain, but=PASSWORDS)
    changes = desk.requested_by_file(file, "2027-04-02")
    assert changes == {"onboard_users": "C1", "transfer_users": "C2", "offboard_users": "C3"}
    runs = {}
    for work in COUNTS:
        end = desk.carried_out(changes[work])
        assert end["outcomes"] == {"changed": COUNTS[work]}
        runs[work] = end["run"]
    now = accounts(domain)
    check_joiners(made, now)
    check_movers(made, now)
    check_leavers(made, now)
    check_first_logon(desk, now)
    assert desk.requested_by_file(file, "2027-04-02") == {}
    for work in reversed(COUNTS):
        end = desk.taken_back(runs[work])
        assert end["outcomes"] == {"changed": COUNTS[work]}
    after = accounts(domain, but=PASSWORDS)
    assert {number: after[number] for number in before} == before
    for number in set(after) - set(before):
        assert after[number][0].endswith(f",OU=20270402,{DISABLED}")
        assert after[number][1]["userAccountControl"] == ["514"]
        assert "memberOf" not in after[number][1]


def test_a_site_may_have_unused_accounts_removed_and_only_those(domain: Domain, tmp_path: Path) -> None:
    desk = PeopleDesk.at_work(tmp_path / "site", domain, undo_created="delete")
    before = accounts(domain)
    unused, used = "71000001", "71000002"
    change = desk.requested_by_file(desk.file("a.csv", joining(unused, used)), "2027-04-01")["onboard_users"]
    run = desk.carried_out(change)["run"]
    login = account(domain, used)[1]["sAMAccountName"][0]
    domain.samba_tool("user", "setpassword", login, "--newpassword=Mine-7-Own-Word")
    entered = domain.execute(["kinit", f"{login}@AD.EXAMPLE.TEST"], text="Mine-7-Own-Word\n")
    assert entered.returncode == 0, entered.stderr
    back = desk.taken_back(run)
    assert back["outcomes"] == {"changed": 2}
    notes = {number: plan["notes"][0] for number, plan in desk.plans(back["change"]).items()}
    assert notes == {
        unused: "試験 亜亜亜加: the account is removed; nobody has ever logged on with it",
        used: "試験 亜亜亜左: somebody has logged on with the account, so it is put aside instead of removed",
    }
    after = accounts(domain)
    assert set(after) - set(before) == {used}
    assert after[used][0] == f"CN=試験 亜亜亜左,OU=20270401,{DISABLED}"


def of_kind(made: Notice, kind: str) -> list[dict[str, str]]:
    rows = [dict(zip(HEADINGS, row, strict=True)) for row in made.rows]
    return [row for row in rows if row["異動種別"] == kind]


def check_joiners(made: Notice, now: dict[str, Entry]) -> None:
    for row in of_kind(made, "採用"):
        dn, found = now[row["職員番号"]]
        assert f",OU={row['新所属']},OU=" in dn
        assert found["userAccountControl"] == ["512"]
        assert found["pwdLastSet"] == ["0"]
        assert found["msDS-PhoneticDisplayName"] == [row["フリガナ"]]
        assert found["departmentNumber"] == [row["新所属コード"]]
        assert found["title"] == [row["官職"]]
        assert {group.split(",")[0] for group in found["memberOf"]} == {f"CN=SG_{row['新所属']}", "CN=全職員"}
        # The last day is 2028-03-31; Active Directory counts 100 ns from 1601 to the end of it in Tokyo.
        ends = "134826012000000000" if row["任期満了日"] else "9223372036854775807"
        assert found["accountExpires"] == [ends]


def check_movers(made: Notice, now: dict[str, Entry]) -> None:
    for row in of_kind(made, "異動"):
        dn, found = now[row["職員番号"]]
        assert f",OU={row['新所属']},OU=" in dn
        assert found["department"] == [row["新所属"]]
        groups = {group.split(",")[0].removeprefix("CN=") for group in found["memberOf"]}
        # The old section's group stays for the hand-over.
        assert {f"SG_{row['新所属']}", f"SG_{NAMES[row['旧所属コード']]}"} <= groups


def check_leavers(made: Notice, now: dict[str, Entry]) -> None:
    for row in of_kind(made, "退職"):
        dn, found = now[row["職員番号"]]
        assert dn.endswith(f",OU=20270402,{DISABLED}")
        assert found["userAccountControl"] == ["514"]
        assert found[HIDDEN] == ["TRUE"]
        assert "memberOf" not in found


def check_first_logon(desk: PeopleDesk, now: dict[str, Entry]) -> None:
    """The slip's password opens the account once, for choosing another one; then the home folder opens."""
    slips = sorted((desk.desk.state / "runs/R1/slips").iterdir())
    assert len(slips) == TURNOUT.joining + TURNOUT.temporary + TURNOUT.rehired
    assert {oct(slip.stat().st_mode & 0o777) for slip in slips} == {"0o600"}
    assert oct(slips[0].parent.stat().st_mode & 0o777) == "0o700"
    first, second = (now[slip.stem][1]["sAMAccountName"][0] for slip in slips[:2])
    password = initial_password(slips[0])
    domain = desk.domain
    refused = domain.execute(["kinit", f"{first}@AD.EXAMPLE.TEST"], text=f"{password}\n")
    assert "Password expired.  You must change it now." in refused.stdout
    changed = domain.execute(
        ["kinit", f"{first}@AD.EXAMPLE.TEST"], text=f"{password}\nMine-7-Own-Word\nMine-7-Own-Word\n"
    )
    assert changed.returncode == 0, changed.stdout + changed.stderr
    assert "blocks available" in listed(domain, first, first)
    assert listed(domain, first, second) == f"NT_STATUS_ACCESS_DENIED listing \\{second}\\*"
    no_secret_is_left(desk, password)


def initial_password(slip: Path) -> str:
    """What `pdftotext` reads on a slip."""
    text = subprocess.run(["pdftotext", "-layout", slip, "-"], capture_output=True, text=True, check=True)
    found = re.search(r"^Password\s+(\S+)$", text.stdout, re.MULTILINE)
    assert found, text.stdout
    return found[1]


def listed(domain: Domain, who: str, whose: str) -> str:
    """What `smbclient` says when somebody looks into a home folder."""
    logon = f"EXAMPLE\\{who}%Mine-7-Own-Word"
    share = "//fs1.ad.example.test/home"
    done = domain.execute(["smbclient", share, "-U", logon, "-c", f"ls {whose}/*"])
    return (done.stdout + done.stderr).strip()


def no_secret_is_left(desk: PeopleDesk, password: str) -> None:
    """An initial password is in no file of the site but its slip (whose text is compressed)."""
    found = subprocess.run(
        ["grep", "-rlaF", "-e", password, desk.desk.state], capture_output=True, text=True, check=False
    )
    assert found.stdout == ""
