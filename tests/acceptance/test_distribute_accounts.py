"""The feed to the systems that use accounts: what was approved, only what changed; judged by iconv."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.directory_desk import DirectoryDesk

if TYPE_CHECKING:
    from pathlib import Path

    from lab.domain import Domain

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]
CONSUMERS = """\
consumers:
  - name: attendance
    title: 勤怠管理システム
    file: {folder}/attendance.csv
    encoding: cp932
    newline: crlf
    key: 利用者ID
    columns:
      - {{heading: 利用者ID, from: login}}
      - {{heading: メール, from: mail}}
      - {{heading: 氏名, from: displayName}}
      - {{heading: 所属, from: department}}
    {more}
  - name: library
    file: {folder}/library.json
    format: json
    key: id
    columns: [{{heading: id, from: number}}, {{heading: section, from: departmentNumber}}]
    sections: ["{section}"]
"""


def test_a_feed_from_its_first_day_to_its_way_back(domain: Domain, tmp_path: Path) -> None:
    folder = tmp_path / "feeds"
    folder.mkdir()
    desk = DirectoryDesk.opened(tmp_path / "desk", domain)
    [(_dn, tanaka)] = domain.ldapsearch("(sAMAccountName=k.tanaka)", "departmentNumber")
    known = {"folder": folder, "section": tanaka["departmentNumber"][0]}
    both = {"consumers": ["attendance", "library"]}

    # The lab's people have names with 𠮷, which is not in CP932, and with 髙, which is.
    desk.site_file("consumers.yml", CONSUMERS.format(more="", **known))
    refused = desk.planned(desk.requested("distribute_accounts", **both))["attendance"]["why"]
    remedy = "add a substitute for 𠮷 to its substitutes"
    assert refused == (
        "distribute_accounts: cp932 cannot hold 2 characters, and nothing is written for them silently:\n"
        f"m.yoshida, 氏名 '𠮷田 美津子 (政策企画係)': 𠮷 (U+20BB7); {remedy}\n"
        f"y.yoshida, 氏名 '𠮷田 結衣 (監察庶務係)': 𠮷 (U+20BB7); {remedy}"
    )

    desk.site_file("consumers.yml", CONSUMERS.format(more='substitutes: {"𠮷": 吉}', **known))
    assert desk.whole_way("distribute_accounts", **both)["outcomes"] == {"changed": 2}
    first = (folder / "attendance.csv").read_bytes()
    lines = shown(folder / "attendance.csv")
    open_ones = domain.ldapsearch(
        "(&(objectCategory=person)(objectClass=user)(!(userAccountControl:1.2.840.113556.1.4.803:=2)))",
        "sAMAccountName",
    )
    assert sorted(line.split(",")[0] for line in lines[1:]) == sorted(
        found["sAMAccountName"][0] for _dn, found in open_ones
    )
    assert "k.tanaka,k.tanaka@example.test,田中 香織 (復興庶務係),復興庶務係" in lines
    assert [each["id"] for each in json.loads((folder / "library.json").read_text("utf-8"))] == sorted(
        found["employeeID"][0]
        for _dn, found in domain.ldapsearch(f"(departmentNumber={known['section']})", "employeeID")
    )

    desk.replaced_by_hand("k.tanaka", "displayName", "𠮷田 香織")
    desk.replaced_by_hand("m.kobayashi", "displayName", "髙橋 稔")
    change = desk.requested("distribute_accounts", **both)
    plans = desk.planned(change)
    assert plans["library"]["standing"] == "in_order"
    rows = {key: line for key, line in plans["attendance"]["after"].items() if key.startswith("row:")}
    assert rows == {
        "row:k.tanaka": "k.tanaka,k.tanaka@example.test,吉田 香織,復興庶務係",
        "row:m.kobayashi": "m.kobayashi,m.kobayashi@example.test,髙橋 稔,翻訳企画係",
    }
    assert plans["attendance"]["notes"][1] == (
        "Written with the site's substitutes: k.tanaka, m.yoshida, y.yoshida."
    )
    desk.approve(change)
    desk.replaced_by_hand("k.tanaka", "displayName", "after the approval")
    ran = desk.ran(change)
    assert ran["outcomes"] == {"changed": 1, "unchanged": 1}
    assert shown(folder / "attendance.csv").count(str(rows["row:k.tanaka"])) == 1

    assert desk.taken_back(ran["run"])["outcomes"] == {"changed": 1}
    assert (folder / "attendance.csv").read_bytes() == first


def test_a_file_that_somebody_touched_is_left_alone(domain: Domain, tmp_path: Path) -> None:
    desk = DirectoryDesk.opened(tmp_path / "desk", domain)
    (tmp_path / "feeds").mkdir()
    desk.site_file(
        "consumers.yml",
        CONSUMERS.format(more='substitutes: {"𠮷": 吉}', folder=tmp_path / "feeds", section="x"),
    )
    change = desk.requested("distribute_accounts", consumers=["attendance"])
    desk.planned(change)
    desk.approve(change)
    (tmp_path / "feeds/attendance.csv").write_bytes(b"by hand")
    assert desk.ran(change)["outcomes"] == {"drifted": 1}
    assert (tmp_path / "feeds/attendance.csv").read_bytes() == b"by hand"


def shown(file: Path) -> list[str]:
    """The lines of a CP932 file as iconv reads them."""
    done = subprocess.run(["iconv", "-f", "CP932", "-t", "UTF-8", file], capture_output=True, check=True)
    return done.stdout.decode().split("\r\n")[:-1]
