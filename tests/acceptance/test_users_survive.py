"""What must not harm people's accounts: kill -9, a dead controller, a refused password, other hands."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Final

import pytest

from lab.domain_people import DISABLED, PEOPLE
from tests.domains import MACHINES
from tests.people_desk import PeopleDesk, account, joining, modify

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.domains import Session

pytestmark = pytest.mark.lab
DAY: Final = "2027-04-01"


@pytest.fixture(scope="module")
def desk(domain_session: Session, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PeopleDesk]:
    """One site for the tests of this module, each with people of its own."""
    domain = domain_session.pristine(MACHINES)
    with domain.visit():
        yield PeopleDesk.at_work(tmp_path_factory.mktemp("survive") / "site", domain)


def asked_for(desk: PeopleDesk, *numbers: str) -> str:
    """A change that makes these people's accounts, approved."""
    file = desk.file("join.csv", joining(*numbers))
    change = desk.requested_by_file(file, DAY)["onboard_users"]
    desk.planned(change)
    desk.approve(change)
    return change


def killed(desk: PeopleDesk, moment: str, number: int, change: str) -> None:
    words = ["-m", "tests.dying", moment, str(number), "run", change, "--yes"]
    environment = desk.desk.environment("tanaka")
    done = subprocess.run(
        [sys.executable, *words], cwd=desk.desk.folder, env=environment, capture_output=True, check=False
    )
    assert done.returncode == -9, done.stderr


@pytest.mark.parametrize(
    ("moment", "number"),
    [
        ("after", 1),
        pytest.param("after", 2, marks=pytest.mark.slow),
        ("before", 5),
        ("after", 7),
        *(pytest.param("before", each, marks=pytest.mark.slow) for each in (1, 2, 3, 4, 6, 7, 8, 9)),
    ],
)
def test_killed_at_any_write_everybody_is_complete_and_nobody_twice(
    desk: PeopleDesk, moment: str, number: int
) -> None:
    people = tuple(f"71{moment == 'after':d}{number:03}{each:02}" for each in (1, 2))
    change = asked_for(desk, *people)
    killed(desk, moment, number, change)
    done = desk.desk.daicho("run", change, "--resume", "--yes", "--output", "json", who="tanaka")
    assert done.json["outcomes"] == {"changed": 2}, done.out
    slips = desk.desk.state / "runs" / done.json["run"] / "slips"
    assert sorted(path.name for path in slips.iterdir()) == [f"{each}.pdf" for each in people]
    for each in people:
        _dn, found = account(desk.domain, each)
        assert found["userAccountControl"] == ["512"]
        assert {group.split(",")[0] for group in found["memberOf"]} == {"CN=SG_総務庶務係", "CN=全職員"}
        assert logon(desk, slips / f"{each}.pdf", found["sAMAccountName"][0]) == "must change"


@pytest.mark.parametrize(
    ("kind", "moment", "number"),
    [
        ("異動", "after", 3),
        ("退職", "before", 5),
        pytest.param("異動", "before", 5, marks=pytest.mark.slow),
        pytest.param("退職", "after", 3, marks=pytest.mark.slow),
    ],
)
def test_killed_while_they_move_or_leave_they_have_moved_or_left_all_the_same(
    desk: PeopleDesk, kind: str, moment: str, number: int
) -> None:
    work, on = {"異動": ("transfer_users", DAY), "退職": ("offboard_users", "2027-04-02")}[kind]
    people = tuple(f"74{kind == '異動':d}{moment == 'after':d}000{each}" for each in (1, 2))
    desk.carried_out(desk.requested_by_file(desk.file("a.csv", joining(*people)), DAY)["onboard_users"])
    file = desk.file("b.csv", joining(*people, kind=kind, section="011201"))
    change = desk.requested_by_file(file, on)[work]
    desk.planned(change)
    desk.approve(change)
    killed(desk, moment, number, change)
    done = desk.desk.daicho("run", change, "--resume", "--yes", "--output", "json", who="tanaka")
    assert done.json["outcomes"] == {"changed": 2}, done.out
    for each in people:
        dn, found = account(desk.domain, each)
        groups = {group.split(",")[0] for group in found.get("memberOf", ())}
        if kind == "異動":
            assert found["departmentNumber"] == ["011201"]
            assert groups > {"CN=SG_総務庶務係", "CN=全職員"}, "the old section's stays for the hand-over"
        else:
            assert dn.endswith(f",OU=20270402,{DISABLED}")
            assert (found["userAccountControl"], groups) == (["514"], set())


def logon(desk: PeopleDesk, slip: Path, login: str) -> str:
    """Whether the password on a slip is the account's: the domain then wants another one."""
    text = subprocess.run(["pdftotext", "-layout", slip, "-"], capture_output=True, text=True, check=True)
    password = next(line.split()[-1] for line in text.stdout.splitlines() if line.startswith("Password "))
    done = desk.domain.execute(["kinit", f"{login}@AD.EXAMPLE.TEST"], text=f"{password}\n")
    return "must change" if "You must change it now" in done.stdout else done.stdout + done.stderr


def test_whoever_was_changed_by_hand_since_the_plan_is_left_alone(desk: PeopleDesk) -> None:
    desk.carried_out(
        desk.requested_by_file(desk.file("a.csv", joining("72000001", "72000002")), DAY)["onboard_users"]
    )
    file = desk.file("b.csv", joining("72000001", "72000002", kind="異動", section="011201"))
    change = desk.requested_by_file(file, DAY)["transfer_users"]
    desk.planned(change)
    desk.approve(change)
    dn, _found = account(desk.domain, "72000001")
    modify(desk.domain, f"dn: {dn}\nchangetype: modify\nreplace: title\ntitle: 課長\n\n")
    end = desk.ran(change)
    assert end["outcomes"] == {"changed": 1, "drifted": 1}
    whys = {each["target"]: each["why"] for each in end["targets"]}
    assert whys["72000001"] == "attribute:title: 係員 → 課長"
    assert account(desk.domain, "72000001")[0] == dn


def test_a_password_that_the_domain_refuses_leaves_no_account_and_no_slip(desk: PeopleDesk) -> None:
    change = asked_for(desk, "73000001")
    domain = desk.domain
    modify(domain, f"dn: {domain.base}\nchangetype: modify\nreplace: minPwdLength\nminPwdLength: 40\n\n")
    try:
        end = desk.ran(change)
    finally:
        modify(domain, f"dn: {domain.base}\nchangetype: modify\nreplace: minPwdLength\nminPwdLength: 8\n\n")
    assert end["outcomes"] == {"failed": 1}
    assert "password" in end["targets"][0]["why"]
    assert domain.ldapsearch("(employeeID=73000001)") == []
    assert list((desk.desk.state / "runs" / end["run"] / "slips").iterdir()) == []


def test_a_place_that_was_renamed_is_named_before_anything_happens(desk: PeopleDesk) -> None:
    domain = desk.domain
    place = f"OU=大臣官房,{PEOPLE}"
    rename = "dn: {}\nchangetype: moddn\nnewrdn: {}\ndeleteoldrdn: 1\n\n"
    modify(domain, rename.format(place, "OU=官房"))
    try:
        file = desk.file("join.csv", joining("74000001"))
        shown = desk.desk.expect(
            "people", "request", str(file), "--on", DAY, "-o", "json", "--dry-run", who="sato"
        )
    finally:
        modify(domain, rename.format(f"OU=官房,{PEOPLE}", "OU=大臣官房"))
    (person,) = shown.json["people"]
    assert person["why"] == f"there is no place OU=総務庶務係,OU=総務課,OU=総務部,{place}"


def test_the_second_controller_takes_over(desk: PeopleDesk) -> None:
    people = [f"750000{each:02}" for each in range(1, 21)]
    change = asked_for(desk, *people)
    domain = desk.domain
    running = start(desk, change)
    try:
        while not domain.ldapsearch("(employeeID=75000004)", "dn", server="dc1"):
            assert running.poll() is None, running.communicate()
        domain.kill("dc1")
        out, err = running.communicate(timeout=150)
        end = json.loads(out)
        # Who was made on dc1 in its last moment may not have reached dc2: nobody is made twice.
        owing = end["outcomes"].pop("unknown", 0) + end["outcomes"].pop("unreachable", 0)
        assert (end["outcomes"], owing < 5) == ({"changed": 20 - owing}, True), err
        made = domain.ldapsearch("(employeeID=750000*)", "employeeID", server="dc2")
        assert len(made) >= 20 - owing
    finally:
        running.kill()
        domain.start("dc1")
    if owing:
        again = desk.desk.daicho("run", change, "--resume", "--yes", "-o", "json", who="tanaka")
        assert again.json["outcomes"] == {"changed": 20}, again.err
    made = domain.ldapsearch("(employeeID=750000*)", "memberOf", "employeeID")
    assert sorted(found["employeeID"][0] for _dn, found in made) == people
    assert {len(found["memberOf"]) for _dn, found in made} == {2}


def start(desk: PeopleDesk, change: str) -> subprocess.Popen[str]:
    """A run that is going on."""
    return subprocess.Popen(
        [sys.executable, "-m", "daicho.cli", "run", change, "--yes", "--output", "json"],
        cwd=desk.desk.folder,
        env=desk.desk.environment("tanaka"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_nothing_is_left_of_a_site_that_names_no_directory(desk: PeopleDesk, tmp_path: Path) -> None:
    lost = PeopleDesk.at_work(tmp_path / "site", desk.domain)
    (lost.desk.state / "inventory/directory.yml").unlink()
    file = lost.file("join.csv", joining("76000001"))
    done = lost.desk.daicho("people", "request", str(file), who="sato")
    assert (done.code, done.err) == (
        2,
        f"daicho: {lost.desk.state}/inventory/directory.yml cannot be used:\nNo such file or directory\n",
    )
