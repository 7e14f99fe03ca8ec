"""Terminals in the directory as the ledger has them, and back; judged by ldapsearch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.directory_desk import DirectoryDesk

if TYPE_CHECKING:
    from pathlib import Path

    from lab.domain import Domain

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]
WORK = "update_terminals_master"
ITEMS = """\
name,kind,address,building,floor,room,section,owner,serial
pc-1,endpoint,192.0.2.1,1号館,3,301,総務課,佐藤,SN1
pc-2,endpoint,,2号館,4,,会計課,,
pc_with-a-very-long-name,endpoint,,,,,,,
"""


def terminals(domain: Domain) -> dict[str, tuple[str, str, str, str]]:
    """Name → place, flags, description, location."""
    found = domain.ldapsearch(
        "(&(objectClass=computer)(cn=PC-*))",
        *("sAMAccountName", "userAccountControl", "description", "location"),
    )
    return {
        each["sAMAccountName"][0]: (
            dn.partition(",")[2].removesuffix(f",{domain.base}"),
            each["userAccountControl"][0],
            each.get("description", [""])[0],
            each.get("location", [""])[0],
        )
        for dn, each in found
    }


def test_a_terminals_life(domain: Domain, tmp_path: Path) -> None:
    desk = DirectoryDesk.opened(tmp_path / "desk", domain, "terminals: {domain: ad.example.test}\n")
    (tmp_path / "desk/terminals.csv").write_text(ITEMS, encoding="utf-8")
    desk.desk.expect("item", "import", "terminals.csv", who="sato")
    gaps = desk.desk.daicho("terminals", "compare", "--output", "json", who="tanaka")
    assert gaps.code == 4
    assert [(each["name"], each["gap"]) for each in gaps.json["differences"]] == [
        ("FS1", "not_in_ledger"),
        ("pc-1", "not_in_directory"),
        ("pc-2", "not_in_directory"),
        ("pc_with-a-very-long-name", "not_in_directory"),
    ]

    change = desk.requested(WORK)
    assert desk.planned(change)["pc_with-a-very-long-name"]["why"] == (
        "update_terminals_master: 'pc_with-a-very-long-name' cannot be a terminal's name there: "
        "at most 15 letters, digits and hyphens"
    )
    desk.approve(change)
    made = desk.ran(change)
    assert made["outcomes"] == {"changed": 2}
    here = {
        "PC-1$": ("OU=端末", "4096", "総務課 佐藤", "1号館/3/301"),
        "PC-2$": ("OU=端末", "4096", "会計課", "2号館/4"),
    }
    assert terminals(domain) == here
    assert desk.whole_way(WORK, ["pc-1", "pc-2"])["outcomes"] == {"unchanged": 2}

    retired = desk.whole_way(WORK, ["pc-1"], act="retire", retired_on="2027-04-01")
    assert retired["outcomes"] == {"changed": 1}
    aside = ("OU=20270401,OU=無効化", "4098", "総務課 佐藤", "1号館/3/301")
    assert terminals(domain) == here | {"PC-1$": aside}
    again = desk.requested(WORK, ["pc-1"])
    assert desk.planned(again)["pc-1"]["why"] == (
        "update_terminals_master: pc-1 is closed in the directory. "
        "If it is to be used again, `update_terminals_master` opens it with `reopen: true`"
    )
    assert desk.taken_back(retired["run"])["outcomes"] == {"changed": 1}
    assert terminals(domain) == here

    # A terminal may have joined by then, so taking back a creation closes it and keeps it.
    assert desk.taken_back(made["run"])["outcomes"] == {"changed": 2}
    assert {(place.partition(",")[2], flags) for place, flags, *_rest in terminals(domain).values()} == {
        ("OU=無効化", "4098")
    }
