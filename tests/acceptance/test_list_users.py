"""The list of users: unused, ending, closed, privileged; judged by ldapsearch and openpyxl."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from openpyxl import load_workbook

from tests.directory_desk import DirectoryDesk

if TYPE_CHECKING:
    from pathlib import Path

    from lab.domain import Domain

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]


def test_what_is_worth_a_look(domain: Domain, tmp_path: Path) -> None:
    desk = DirectoryDesk.opened(tmp_path / "desk", domain)
    in_ten_days = (datetime.now(UTC) + timedelta(days=10) - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()
    [(tanaka, _found)] = domain.ldapsearch("(sAMAccountName=k.tanaka)", "dn")
    [(kobayashi, _found)] = domain.ldapsearch("(sAMAccountName=m.kobayashi)", "dn")
    desk.by_hand(
        f"dn: {tanaka}\nchangetype: modify\nreplace: accountExpires\n"
        f"accountExpires: {int(in_ten_days)}0000000\n\n"
        f"dn: {kobayashi}\nchangetype: modify\nreplace: displayName\ndisplayName: =1+1\n\n"
        f"dn: CN=PJ_0001,OU=グループ,{domain.base}\nchangetype: modify\nadd: member\nmember: {kobayashi}\n\n"
        f"dn: CN=Domain Admins,CN=Users,{domain.base}\nchangetype: modify\nadd: member\n"
        f"member: CN=PJ_0001,OU=グループ,{domain.base}\n"
    )

    shown = desk.desk.expect("people", "list", "--output", "json", who="tanaka").json
    found = {user["login"]: user for user in shown["users"]}
    everybody = domain.ldapsearch("(&(objectCategory=person)(objectClass=user))", "sAMAccountName")
    assert sorted(found) == sorted(each["sAMAccountName"][0] for _dn, each in everybody)
    closed = domain.ldapsearch(
        "(&(objectCategory=person)(userAccountControl:1.2.840.113556.1.4.803:=2))", "sAMAccountName"
    )
    assert {name for name, user in found.items() if "disabled" in user["findings"]} == {
        each["sAMAccountName"][0] for _dn, each in closed
    }
    assert found["k.tanaka"]["findings"] == ["expiring"]
    inside = f"memberOf:1.2.840.113556.1.4.1941:=CN=Domain Admins,CN=Users,{domain.base}"
    within = domain.ldapsearch(f"(&(objectCategory=person)({inside}))", "sAMAccountName")
    admins = {name for name, user in found.items() if "Domain Admins" in user["privileges"]}
    assert admins == {each["sAMAccountName"][0] for _dn, each in within} >= {"m.kobayashi"}
    assert shown["counts"]["accounts"] == len(everybody)

    book = tmp_path / "desk/privileged.xlsx"
    words = ("people", "list", "--only", "privileged", "--only", "expiring", "--xlsx", str(book))
    desk.desk.expect(*words, who="tanaka")
    rows = list(load_workbook(book).active.values)  # type: ignore[union-attr]
    assert [row[0] for row in rows[1:]] == sorted([*admins, "k.tanaka"], key=str.casefold)
    cell = next(row for row in load_workbook(book).active.iter_rows() if row[0].value == "m.kobayashi")[1]  # type: ignore[union-attr]
    assert (cell.value, cell.data_type) == ("=1+1", "s")

    checks = desk.desk.expect("check", "list", "--output", "json", who="tanaka").json
    assert [(each["check"], each["work"], each["operator"]) for each in checks] == [
        ("K2", "list_users", "tanaka"),
        ("K1", "list_users", "tanaka"),
    ]
    refused = desk.desk.daicho("people", "list", who="suzuki")
    assert refused.code == 5
