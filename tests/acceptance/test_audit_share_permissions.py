"""Rights of folders are read: a policy to begin with, what is worth a look, and who reaches what."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from openpyxl import load_workbook

from tests.directory_desk import DirectoryDesk
from tests.file_server import SHARE, cacls, may, rights, set_rights, sid

if TYPE_CHECKING:
    from pathlib import Path

    from lab.domain import Domain

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]
ADMINS = "(A;OICI;FA;;;BA)(A;OICI;FA;;;SY)"
GONE = "S-1-5-21-9-9-9-4711"

COUNTS = {
    "folders": 8,
    "files": 3,
    "links": 0,
    "everybody": 2,
    "orphan": 1,
    "person": 2,
    "stray": 7,
    "protected": 2,
    "deep": 1,
}
TANAKA = "田中 香織 (復興庶務係) (k.tanaka)"
FINDINGS = {
    ("", "everybody", "Authenticated Users"),
    ("/人事課", "protected", ""),
    ("/人事課/共有", "everybody", "Authenticated Users"),
    ("/人事課/共有/案内.txt", "stray", ""),
    ("/人事課/名簿.txt", "stray", ""),
    ("/人事課/給与", "orphan", GONE),
    ("/人事課/給与", "person", TANAKA),
    ("/人事課/給与", "protected", ""),
    ("/人事課/給与/令和", "stray", ""),
    ("/人事課/給与/令和/七", "person", TANAKA),
    ("/人事課/給与/令和/七", "stray", ""),
    ("/人事課/給与/令和/七", "deep", ""),
    ("/古い", "stray", ""),
    ("/古い/年度", "stray", ""),
    ("/古い/控.txt", "stray", ""),
}


def member(domain: Domain, group: str) -> str:
    """Somebody who is directly in a group."""
    query = f"(&(objectClass=user)(memberOf=CN={group},OU=グループ,{domain.base}))"
    return min(each["sAMAccountName"][0] for _dn, each in domain.ldapsearch(query, "sAMAccountName"))


@pytest.fixture
def desk(domain: Domain, tmp_path: Path) -> DirectoryDesk:
    """A share as it grows over the years."""
    domain.smbclient(
        "dept",
        "mkdir 人事課; put /etc/hostname 人事課/名簿.txt; mkdir 古い; mkdir 古い/年度;"
        "put /etc/hostname 古い/控.txt",
    )
    write = sid(domain, "FS_人事課_RW")
    tanaka = sid(domain, "k.tanaka", "user")
    set_rights(domain, 人事課=f"D:PAI{ADMINS}(A;OICI;0x1301bf;;;{write})")
    domain.smbclient(
        "dept",
        "mkdir 人事課/給与; mkdir 人事課/給与/令和; mkdir 人事課/給与/令和/七; mkdir 人事課/共有;"
        "put /etc/hostname 人事課/共有/案内.txt",
    )
    inherited = f"(A;OICIID;FA;;;BA)(A;OICIID;FA;;;SY)(A;OICIID;0x1301bf;;;{write})"
    lists = {
        "人事課/共有": f"D:AI(A;OICI;0x1200a9;;;AU){inherited}",
        "人事課/共有/案内.txt": "D:AI(A;ID;FA;;;BA)",
        "人事課/給与": f"D:PAI{ADMINS}(A;OICI;0x1200a9;;;{tanaka})(A;OICI;0x1301bf;;;{GONE})",
        "人事課/給与/令和/七": "D:AI(A;OICI;0x1200a9;;;{tanaka})(A;OICIID;FA;;;BA)",
    }
    set_rights(domain, **{place: text.replace("{tanaka}", tanaka) for place, text in lists.items()})
    return DirectoryDesk.opened(tmp_path / "desk", domain)


def test_an_imported_policy_asks_for_what_is_there(domain: Domain, desk: DirectoryDesk) -> None:
    done = desk.desk.expect("share", "import", SHARE, who="tanaka")
    assert "K1: 11 files and folders, 8 folders with rights of their own.\n" in done.err
    for line in (
        '    - path: "//fs1.ad.example.test/dept/人事課"\n',
        "        - {who: FS_人事課_RW, may: modify}\n",
        '        - {who: "k.tanaka", may: read}\n',
        f"        - {{who: {GONE}, may: modify}}\n",
        "    # it does not follow the folder above: it was moved here, or its tree is older\n",
    ):
        assert line in done.out
    change = desk.desk.expect("request", "-", who="sato", typed=done.out).out.strip()
    assert [plan["standing"] for plan in desk.planned(change).values()] == ["in_order"]
    assert rights(domain, "人事課/給与").endswith(f"(A;OICI;0x1301bf;;;{GONE})")


def test_what_is_worth_a_look(desk: DirectoryDesk, tmp_path: Path) -> None:
    page, book = tmp_path / "点検.html", tmp_path / "点検.xlsx"
    words = ("share", "audit", SHARE, "--html", str(page), "--xlsx", str(book), "--output", "json")
    done = desk.desk.daicho(*words, who="tanaka")
    assert done.code == 4, done.err
    found = done.json
    assert found["check"] == "K1"
    assert found["counts"] | {"links": 0} == COUNTS
    told = {(each["path"].removeprefix(SHARE), each["flaw"], each["who"]) for each in found["findings"]}
    assert told == FINDINGS
    whys = {each["flaw"]: each["why"] for each in found["findings"]}
    assert (whys["orphan"], whys["deep"]) == ("of another domain, or the server's own", "4 folders deep")
    named = {(each["path"].removeprefix(SHARE), each["who"]): each["people"] for each in found["named"]}
    assert named["/人事課", "FS_人事課_RW"] == 9

    text = page.read_text(encoding="utf-8")
    assert text.count("<main ") == 2
    assert "名簿.txt" in text
    assert not re.search(r"(src|href)=", text)
    sheets = load_workbook(book)
    first = list(sheets.worksheets[0].values)
    assert [row[0] for row in first[1:]] == [each["path"] for each in found["findings"]]
    assert sheets.worksheets[1].max_row == len(found["named"]) + 1
    checks = desk.desk.expect("check", "list", "--output", "json", who="tanaka").json
    assert [(each["check"], each["work"]) for each in checks] == [("K1", "audit_share_permissions")]
    assert desk.desk.daicho("share", "audit", SHARE, who="suzuki").code == 5


def test_who_reaches_what_is_so(domain: Domain, desk: DirectoryDesk) -> None:
    planner, other = (member(domain, name) for name in ("SG_人事企画係", "SG_復興庶務係"))
    shown = desk.desk.expect("share", "access", f"{SHARE}/人事課", "--output", "json", who="tanaka").json
    through = {each["login"]: (each["may"], each["through"]) for each in shown["people"]}
    assert through[planner] == ("modify", ["SG_人事企画係", "SG_人事課", "FS_人事課_RW"])
    assert other not in through
    for who in (planner, other):
        assert may(domain, who, f"put /etc/hostname 人事課/{who}.txt") is (who in through)
    words = ("share", "access", SHARE, "--person", "k.tanaka", "--output", "json")
    places = desk.desk.expect(*words, who="tanaka").json["places"]
    reach = {each["path"].removeprefix(SHARE): each["may"] for each in places}
    assert reach == {
        "": "list",
        "/人事課": "none",
        "/人事課/共有": "read",
        "/人事課/共有/案内.txt": "none",
        "/人事課/給与": "read",
        "/人事課/給与/令和": "none",
        "/人事課/給与/令和/七": "read",
        "/古い": "none",
    }
    for place, level in reach.items():
        if not place.endswith(".txt"):
            assert may(domain, "k.tanaka", f'ls "{place}/*"') is (level != "none"), place


def test_drift_against_the_policy_and_against_the_ledger(
    domain: Domain, desk: DirectoryDesk, tmp_path: Path
) -> None:
    policy = tmp_path / "shares.yml"
    imported = desk.desk.expect("share", "import", f"{SHARE}/人事課", who="tanaka").out
    policy.write_text(imported, encoding="utf-8")
    told = desk.desk.daicho("share", "audit", "--policy", str(policy), "--output", "json", who="tanaka").json
    assert not {"policy", "record", "protected"} & {each["flaw"] for each in told["findings"]}
    admins = [{"who": "Administrators", "may": "full"}, {"who": "SYSTEM", "may": "full"}]
    group = {"who": "FS_人事課_RW", "may": "modify"}
    folders = [{"path": f"{SHARE}/人事課/給与", "below": "replace", "rights": [*admins, group]}]
    assert desk.whole_way("set_share_permissions", folders=folders)["outcomes"] == {"changed": 1}
    cacls(domain, "人事課/給与", "-a", "ACL:EXAMPLE\\k.tanaka:ALLOWED/OI|CI/READ")
    told = desk.desk.daicho("share", "audit", "--policy", str(policy), "--output", "json", who="tanaka").json
    drifts = {(each["path"].removeprefix(SHARE), each["flaw"]) for each in told["findings"]}
    assert ("/人事課/給与", "policy") in drifts
    assert ("/人事課/給与", "record") in drifts
    [record] = [each for each in told["findings"] if each["flaw"] == "record"]
    assert record["why"] == (
        "Put right: 田中 香織 (復興庶務係) (k.tanaka) loses access: read becomes no access (named directly)."
    )
    assert f";;;{sid(domain, 'k.tanaka', 'user')})" in record["found"]
    assert f";;;{sid(domain, 'k.tanaka', 'user')})" not in record["wanted"]
