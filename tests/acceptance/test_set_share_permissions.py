"""Rights of folders on a file server: judged by smbcacls, and by opening files as the people concerned."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from lab.domain_build import login_file
from lab.errors import CommandError
from tests.directory_desk import DirectoryDesk

if TYPE_CHECKING:
    from pathlib import Path

    from lab.domain import Domain

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]
TOP = "//fs1.ad.example.test/dept/人事課"
PAY = f"{TOP}/給与"


@pytest.fixture
def desk(domain: Domain, tmp_path: Path) -> DirectoryDesk:
    domain.smbclient(
        "dept",
        "mkdir 人事課; mkdir 人事課/給与; mkdir 人事課/共有; mkdir 人事課/共有/古い;"
        "put /etc/hostname 人事課/共有/古い/名簿.txt; put /etc/hostname 人事課/給与/明細.txt",
    )
    return DirectoryDesk.opened(tmp_path / "desk", domain)


def rights(domain: Domain, place: str) -> str:
    """The SDDL that smbcacls shows of a folder, without its group; it spells masks out."""
    with login_file(domain.places, "svc-daicho", "svc-daicho") as login:
        words = [f"//{domain.fqdn('fs1')}/dept", place, "--sddl", f"--authentication-file={login}"]
        done = domain.execute(["smbcacls", *words])
    assert done.returncode == 0, done.stdout + done.stderr
    text = re.sub(r"G:[^:]*?D:", "D:", done.stdout.strip())
    return text.replace("0x001f01ff", "FA").replace("0x00", "0x")


def sid(domain: Domain, name: str) -> str:
    """What samba-tool says."""
    out = domain.samba_tool(
        "user" if name == "svc-daicho" else "group", "show", name, "--attributes=objectSid"
    )
    return next(line.split(": ")[1] for line in out.splitlines() if line.startswith("objectSid"))


def login(domain: Domain, group: str) -> str:
    """Somebody who is directly in a group."""
    query = f"(&(objectClass=user)(memberOf=CN={group},OU=グループ,{domain.base}))"
    return min(each["sAMAccountName"][0] for _dn, each in domain.ldapsearch(query, "sAMAccountName"))


def may(domain: Domain, who: str, commands: str) -> bool:
    """Whether somebody can do it, really."""
    try:
        domain.smbclient("dept", commands, user=who, password="people")  # noqa: S106 -- a secret's name
    except CommandError as error:
        if "NT_STATUS_ACCESS_DENIED" not in str(error):
            raise
        return False
    return True


def policy(**more: Any) -> list[dict[str, Any]]:
    admins = [{"who": "Administrators", "may": "full"}, {"who": "SYSTEM", "may": "full"}]
    return [
        {
            "path": TOP,
            "rights": [
                *admins,
                {"who": "FS_人事課_RW", "may": "modify"},
                {"who": "FS_人事課_R", "may": "read"},
            ],
            **more,
        },
        {"path": PAY, "rights": [*admins, {"who": "FS_人事企画係_RW", "may": "modify"}]},
    ]


def test_people_can_open_what_the_policy_says_and_nothing_else(domain: Domain, desk: DirectoryDesk) -> None:
    planner, general, other = (
        login(domain, name) for name in ("SG_人事企画係", "SG_人事庶務係", "SG_復興庶務係")
    )
    pay_office = login(domain, "SG_給与庶務係")
    read_list = "get 人事課/共有/古い/名簿.txt /dev/null"
    assert not may(domain, planner, read_list)
    before = {name: rights(domain, name) for name in ("人事課", "人事課/給与", "人事課/共有/古い")}

    change = desk.requested("set_share_permissions", folders=policy(below="replace"))
    plan = desk.planned(change)[TOP]
    assert plan["standing"] == "changes"
    [said] = [note for note in plan["notes"] if f"({planner})" in note and note.startswith(f"{TOP}:")]
    assert said.endswith(
        "gains access: no access becomes modify (through SG_人事企画係 → SG_人事課 → FS_人事課_RW)."
    )
    assert not [note for note in plan["notes"] if f"({other})" in note]
    assert "5 files and folders below were looked at; 5 of them do not follow yet." in plan["notes"]
    assert plan["before"]["rights:人事課"] == before["人事課"]

    desk.approve(change)
    ran = desk.ran(change)
    assert ran["outcomes"] == {"changed": 1}
    admins, write, read = (
        "(A;OICI;FA;;;BA)(A;OICI;FA;;;SY)",
        sid(domain, "FS_人事課_RW"),
        sid(domain, "FS_人事課_R"),
    )
    owner = before["人事課"].partition("D:")[0]
    assert rights(domain, "人事課") == (
        f"{owner}D:PAI{admins}(A;OICI;0x1301bf;;;{write})(A;OICI;0x1200a9;;;{read})"
    )
    assert rights(domain, "人事課/共有/古い").endswith(
        f"D:AI(A;OICIID;FA;;;BA)(A;OICIID;FA;;;SY)(A;OICIID;0x1301bf;;;{write})(A;OICIID;0x1200a9;;;{read})"
    )
    for who, reads, writes, pay in (
        (planner, True, True, True),
        (general, True, True, False),
        (pay_office, True, False, False),
        (other, False, False, False),
    ):
        assert may(domain, who, read_list) is reads
        assert may(domain, who, f"put /etc/hostname 人事課/共有/{who}.txt") is writes
        assert may(domain, who, "get 人事課/給与/明細.txt /dev/null") is pay

    again = desk.requested("set_share_permissions", folders=policy(below="replace"))
    assert desk.planned(again)[TOP]["standing"] == "in_order"
    assert desk.taken_back(ran["run"])["outcomes"] == {"changed": 1}
    assert {name: rights(domain, name) for name in before} == before
    assert not may(domain, planner, read_list)


def test_a_walk_that_was_killed_goes_on_where_it_was(domain: Domain, desk: DirectoryDesk) -> None:
    domain.smbclient("dept", "; ".join(f"mkdir 人事課/共有/{number:02}" for number in range(60)))
    change = desk.requested("set_share_permissions", folders=policy())
    desk.planned(change)
    desk.approve(change)
    words = [sys.executable, "-m", "tests.dying", "after", "30", "run", change, "--yes"]
    done = subprocess.run(
        words,
        cwd=desk.desk.folder,
        env=desk.desk.environment("tanaka"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -9, done.stderr
    write = sid(domain, "FS_人事課_RW")
    follow = [write in rights(domain, f"人事課/共有/{number:02}") for number in range(0, 60, 5)]
    assert True in follow
    assert False in follow
    resumed = desk.desk.expect("run", change, "--resume", "--yes", "--output", "json", who="tanaka").json
    assert resumed["outcomes"] == {"changed": 1}
    assert all(write in rights(domain, f"人事課/共有/{number:02}") for number in range(0, 60, 5))
    assert (
        desk.planned(desk.requested("set_share_permissions", folders=policy()))[TOP]["standing"] == "in_order"
    )


def test_who_would_be_locked_out_is_said_and_nothing_is_planned(desk: DirectoryDesk) -> None:
    alone = [{"path": TOP, "rights": [{"who": "FS_人事課_RW", "may": "modify"}]}]
    plan = desk.planned(desk.requested("set_share_permissions", folders=alone))[TOP]
    assert plan["standing"] == "failed"
    assert plan["why"] == (
        f"set_share_permissions: {TOP}: the administrators could not change its rights any more. "
        "Add who is missing, or write lock_out: true if it is meant"
    )


def test_a_folder_that_was_changed_after_the_plan_is_left_alone(domain: Domain, desk: DirectoryDesk) -> None:
    change = desk.requested("set_share_permissions", folders=policy())
    desk.planned(change)
    desk.approve(change)
    with login_file(domain.places, "svc-daicho", "svc-daicho") as login:
        words = [f"//{domain.fqdn('fs1')}/dept", "人事課", "-a", "ACL:EXAMPLE\\k.tanaka:ALLOWED/OI|CI/READ"]
        done = domain.execute(["smbcacls", *words, f"--authentication-file={login}"])
    assert done.returncode == 0, done.stdout + done.stderr
    now = rights(domain, "人事課")
    assert desk.ran(change)["outcomes"] == {"drifted": 1}
    assert rights(domain, "人事課") == now
