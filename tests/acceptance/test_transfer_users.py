"""Somebody moves: new section at once, the old one's groups until the hand-over is over, and back exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lab.domain_people import PEOPLE
from tests.people_desk import PeopleDesk, account, accounts, joining

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
