"""Somebody moves: new section at once, the old one's groups until the hand-over is over, and back exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lab.domain_people import PEOPLE
from tests.people_desk import PeopleDesk, account, accounts, joining, modify

if TYPE_CHECKING:
    from pathlib import Path

    from lab.domain import Domain

pytestmark = pytest.mark.lab
HANDOVER = "2027-04-15"


def groups(domain: Domain, number: str) -> set[str]:
    return {each.split(",")[0].removeprefix("CN=") for each in account(domain, number)[1]["memberOf"]}


def test_a_move_a_hand_over_and_the_way_back(domain: Domain, tmp_path: Path) -> None:
    desk = PeopleDesk.at_work(tmp_path / "site", domain)
    who = "71000001"
    desk.carried_out(desk.requested_by_file(desk.file("a.csv", joining(who)), "2027-04-01")["onboard_users"])
    before = accounts(domain)
    # The file does not say where the person comes from: the directory knows, and later the record.
    file = desk.file("b.csv", joining(who, kind="異動", section="011201"))
    moved = desk.carried_out(desk.requested_by_file(file, "2027-04-01")["transfer_users"])
    assert moved["outcomes"] == {"changed": 1}
    assert "\nlog " not in desk.desk.expect("show", moved["run"], who="sato").out  # no Ansible, no log
    dn, found = account(domain, who)
    assert dn == f"CN=試験 亜亜亜加,OU=秘書庶務係,OU=秘書課,OU=総務部,OU=大臣官房,{PEOPLE}"
    assert found["displayName"] == ["試験 亜亜亜加 (秘書庶務係)"]
    assert groups(domain, who) == {"全職員", "SG_総務庶務係", "SG_秘書庶務係"}
    assert desk.requested_by_file(file, "2027-04-14") == {}
    over = desk.requested_by_file(file, HANDOVER)["transfer_users"]
    (plan,) = desk.planned(over).values()
    assert plan["notes"][0] == "試験 亜亜亜加: the hand-over from 総務庶務係 is over (2027-04-15)"
    assert [(each["key"], each["after"]) for each in plan["differences"]] == [("group:SG_総務庶務係", None)]
    desk.approve(over)
    released = desk.ran(over)
    assert groups(domain, who) == {"全職員", "SG_秘書庶務係"}
    for run in (released["run"], moved["run"]):
        assert desk.taken_back(run)["outcomes"] == {"changed": 1}
    assert accounts(domain) == before


def test_who_comes_to_a_name_that_something_else_has_is_told_apart(domain: Domain, tmp_path: Path) -> None:
    desk = PeopleDesk.at_work(tmp_path / "site", domain)
    who, namesake = "71000018", "71000026"
    joined = joining(who) + joining(namesake).partition(b"\r\n")[2]
    desk.carried_out(desk.requested_by_file(desk.file("a.csv", joined), "2027-04-01")["onboard_users"])
    place = f"OU=秘書庶務係,OU=秘書課,OU=総務部,OU=大臣官房,{PEOPLE}"
    name = account(domain, who)[0].split(",")[0]
    # A contact has the category of people and is no account: reading everybody does not bring it.
    modify(domain, f"dn: {name},{place}\nchangetype: add\nobjectClass: contact\n\n")
    moves = joining(who, kind="異動", section="011201")
    moves += joining(namesake, kind="異動", section="011201").partition(b"\r\n")[2]
    changes = desk.requested_by_file(desk.file("b.csv", moves), "2027-04-01")
    told = {
        number: next(each["after"] for each in plan["differences"] if each["key"] == "dn")
        for number, plan in desk.planned(changes["transfer_users"]).items()
    }
    login = account(domain, who)[1]["sAMAccountName"][0]
    assert told == {
        who: f"{name} ({login}),{place}",
        namesake: f"{account(domain, namesake)[0].split(',')[0]},{place}",
    }
