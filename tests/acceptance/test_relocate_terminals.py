"""A floor moves over a weekend: Kea, dig, ldapsearch and the switches themselves say what became of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from lab.services import Services
from tests.directory_desk import RULES as DIRECTORY
from tests.move_lab import RULES, MoveLab, lab_of, names
from tests.move_site import items, mac
from tests.network_site import approved

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lab.domain import Domain

pytestmark = [pytest.mark.lab, pytest.mark.timeout(900)]
MOVING = (1, 2, 3)


@pytest.fixture
def office(domain: Domain, tmp_path: Path) -> Iterator[MoveLab]:
    """The lab's terminals are known to the directory, too."""
    rules = {**RULES, "directory": True, "ports": {"terminals": "dot1x-mab"}}
    with lab_of(tmp_path, 6, controller=domain.netns, rules=rules, minute=6) as lab:
        site = lab.desk.state / "inventory"
        text = DIRECTORY.format(servers=domain.fqdn("dc1"), base=domain.base, ca=domain.ca)
        (site / "directory.yml").write_text(text, encoding="utf-8")
        lab.desk.expect("secret", "set", "directory", who="sato", typed=f"{domain.secret()}\n")
        text = json.dumps(
            {"work": "update_terminals_master", "title": "t", "reason": "r", "targets": ["pc-*"]}
        )
        change = lab.desk.expect("request", "-", who="sato", typed=text).out.strip()
        lab.desk.expect("run", approved(lab.desk, change), "--yes", who="tanaka")
        yield lab


def layout(path: Path) -> Path:
    """The plan as facility management sends it."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(["令和8年度 庁舎移転 端末移設計画"])
    page.append(["端末名", "移設元フロア", "移設先フロア", "移設先情報コンセント", "移設先課室", "備考"])
    page.append(["ＰＣ－１", "本館3F", "本館４階", "4F-1", "会計課", ""])
    page.append(["pc-2", "３階", "本館4F", "4F-2", "", "午前"])
    page.append(["pc-3", "本館三階", "", "3F-1", "", ""])
    book.save(path)
    return path


def location(domain: Domain) -> dict[str, str]:
    """Terminal → where the directory says that it stands, by ldapsearch."""
    found = domain.ldapsearch("(&(objectClass=computer)(cn=PC-*))", "cn", "location")
    return {each["cn"][0].lower(): each["location"][0] for _dn, each in found}


def changed(lab: MoveLab, *words: str) -> dict[str, Any]:
    """Ask for what the layout plan says, approve it and run it."""
    plan = str(layout(lab.desk.folder / "移設計画.xlsx"))
    done = lab.desk.expect("move", "request", plan, "--output", "json", *words, who="sato")
    [asked] = done.json
    run = lab.desk.daicho(
        "run", approved(lab.desk, asked["change"]), "--yes", "--output", "json", who="tanaka"
    )
    assert run.json["outcomes"] == {"changed": 3}, run.err
    return {"change": asked["change"], "run": run.json["run"]}


def verified(lab: MoveLab, change: str, *words: str) -> tuple[int, dict[str, Any]]:
    """What `daicho move verify` says of each item."""
    done = lab.desk.daicho("move", "verify", change, "--output", "json", *words, who="tanaka")
    return done.code, {each["item"]: each for each in done.json["moves"]}


def test_a_floor_moves(office: MoveLab, domain: Domain) -> None:
    before, here, standing = office.everything(), items(office.desk, names(MOVING)), location(domain)
    prepared = changed(office, "--prepare")
    cut = changed(office)
    assert location(domain) == standing | {"pc-1": "本館/4階/401", "pc-2": "本館/4階/401"}
    assert office.reserved()[mac(1)] == ["10.79.20.50"]
    assert (office.address("pc-1"), office.back("10.79.20.50")) == ("10.79.20.50", "pc-1")
    assert "description pc-1\n switchport access vlan 20\n" in office.ports("sw0002")
    for line in ("mab", "dot1x pae authenticator", "authentication order dot1x mab"):
        assert f"\n {line}\n" in office.ports("sw0002")

    code, found = verified(office, cut["change"])
    assert code == 4
    assert found["pc-1"] == {
        "item": "pc-1",
        "standing": "wrong",
        "port": "wrong",
        "address": "not_yet",
        "name": "proven",
        "logon": "not_yet",
        "questions": [],
    }
    # The technicians: pc-1 as planned, pc-2 into the wrong outlet, pc-3 as planned.
    office.plane.replug(
        (mac(1), "sw0002", "GigabitEthernet0/1"),
        (mac(2), "sw0002", "GigabitEthernet0/5"),
        (mac(3), "sw0001", "GigabitEthernet0/1"),
    )
    office.services.plug_all({mac(1): 20, mac(2): 20, mac(3): 10})
    scans = office.desk.folder / "scans.txt"
    scans.write_text(
        "item pc-1\noutlet 4F-1\noutlet 4F-5\nitem pc-2\nitem pc-3\noutlet 3F-1\n", encoding="utf-8"
    )
    code, found = verified(office, cut["change"], "--plugged", str(scans))
    assert code == 4
    assert {name: each["standing"] for name, each in found.items()} == {
        "pc-1": "proven",
        "pc-2": "wrong",
        "pc-3": "proven",
    }
    assert found["pc-2"]["questions"] == [
        "It was plugged in at 4F-5, and planned for 4F-2. Which of the two is right?",
        "It hangs at 4F-5 and not at 4F-2. Is it to stay there (change the plan), or moved?",
    ]
    office.plane.replug((mac(2), "sw0002", "GigabitEthernet0/2"))
    assert verified(office, cut["change"])[0] == 0

    for run in (cut["run"], prepared["run"]):
        undone = office.desk.expect("undo", run, "--reason", "the walls are wet", who="sato").out.split()[0]
        done = office.desk.daicho(
            "run", approved(office.desk, undone), "--yes", "--output", "json", who="tanaka"
        )
        assert done.json["outcomes"] == {"changed": 3}, done.err
    assert office.everything() == before
    assert location(domain) == standing
    assert {name: each["address"] for name, each in items(office.desk, names(MOVING)).items()} == {
        name: each["address"] for name, each in here.items()
    }


def test_what_people_get_on_paper(office: MoveLab) -> None:
    desk, plan = office.desk, str(layout(office.desk.folder / "移設計画.xlsx"))
    [asked] = desk.expect("move", "request", plan, "--output", "json", who="sato").json
    change = asked["change"]
    refused = desk.daicho("move", "sheet", change, "--to", "sheet.pdf", who="sato")
    assert refused.code == 5
    assert refused.err == (
        f"daicho: {change} moves nothing: it is of another kind, only prepares, or has no plan yet "
        f"(`daicho plan {change}`).\n"
    )
    desk.expect("plan", change, who="sato")
    desk.expect("move", "sheet", change, "--to", "sheet.pdf", who="sato")
    desk.expect("move", "show", change, "--to", "floors.html", who="sato")
    shown = Services.execute(office.services, ["pdftotext", "-layout", str(desk.folder / "sheet.pdf"), "-"])
    assert "pc-1" in shown.stdout
    assert "本館/3階/301 3F-1" in shown.stdout.replace("  ", " ")
    page = (desk.folder / "floors.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 2
    assert "<h2>本館/4階</h2>" in page
