"""Who left by mistake comes back as the record has it; who was changed outside daicho is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.people_desk import PeopleDesk, account, accounts, joining, modify

if TYPE_CHECKING:
    from pathlib import Path

    from lab.domain import Domain

pytestmark = pytest.mark.lab
PEOPLE = ("73000001", "73000002")


def test_one_of_two_comes_back_attribute_by_attribute(domain: Domain, tmp_path: Path) -> None:
    desk = PeopleDesk.at_work(tmp_path / "site", domain)
    joined = desk.file("a.csv", joining(*PEOPLE))
    desk.carried_out(desk.requested_by_file(joined, "2027-04-01")["onboard_users"])
    before = accounts(domain, but=["pwdLastSet"])
    left = desk.file("b.csv", joining(*PEOPLE, kind="退職", section=""))
    run = desk.carried_out(desk.requested_by_file(left, "2027-04-02")["offboard_users"])["run"]
    asked = desk.desk.expect("people", "restore", run, PEOPLE[0], "--reason", "a mistake", who="sato")
    end = desk.carried_out(asked.out.strip())
    assert end["outcomes"] == {"changed": 1}
    after = accounts(domain, but=["pwdLastSet"])
    assert after[PEOPLE[0]] == before[PEOPLE[0]]
    assert after[PEOPLE[1]] != before[PEOPLE[1]]
    assert [path.name for path in (desk.desk.state / "runs" / end["run"] / "slips").iterdir()] == [
        f"{PEOPLE[0]}.pdf"
    ]
    refused = desk.desk.daicho("people", "restore", run, "99999999", "--reason", "a mistake", who="sato")
    assert (refused.code, refused.err) == (
        2,
        f"daicho: There is no person in {run} '99999999'. `daicho show {run}` lists them.\n",
    )
    changed_outside(desk)


def changed_outside(desk: PeopleDesk) -> None:
    quiet = desk.desk.expect("people", "outside", "--output", "json", who="sato").json
    assert (quiet["differences"], quiet["others"], quiet["first"]) == ([], [], True)
    dn, _found = account(desk.domain, PEOPLE[0])
    modify(desk.domain, f"dn: {dn}\nchangetype: modify\nreplace: title\ntitle: 課長\n\n")
    other = desk.domain.ldapsearch("(sAMAccountName=krbtgt)", "dn")[0][0]
    modify(desk.domain, f"dn: {other}\nchangetype: modify\nreplace: description\ndescription: seen\n\n")
    done = desk.desk.daicho("people", "outside", "--output", "json", who="sato")
    assert done.code == 4
    (difference,) = done.json["differences"]
    wanted = {
        "number": PEOPLE[0],
        "key": "attribute:title",
        "recorded": "係員",
        "found": "課長",
        "server": "DC1",
    }
    assert {key: difference[key] for key in wanted} == wanted
    assert [(each["object"], each["attribute"]) for each in done.json["others"]] == [
        ("krbtgt", "description")
    ]
