"""File servers that go away, refuse or lead elsewhere, and a daicho that is killed: nothing is guessed."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.directory_desk import DirectoryDesk
from tests.file_server import SHARE, rights, set_rights, sid

if TYPE_CHECKING:
    from pathlib import Path

    from lab.domain import Domain

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]
TOP = f"{SHARE}/人事課"
ADMINS = "(A;OICI;FA;;;BA)(A;OICI;FA;;;SY)"
NIGHT = datetime(2026, 11, 20, 3, tzinfo=UTC)


@pytest.fixture
def desk(domain: Domain, tmp_path: Path) -> DirectoryDesk:
    domain.smbclient("dept", "mkdir 人事課")
    set_rights(domain, 人事課=f"O:BAD:PAI{ADMINS}")
    domain.smbclient("dept", "mkdir 人事課/共有; mkdir 人事課/閉; put /etc/hostname 人事課/共有/名簿.txt")
    return DirectoryDesk.opened(tmp_path / "desk", domain)


def policy() -> list[dict[str, Any]]:
    admins = [{"who": "Administrators", "may": "full"}, {"who": "SYSTEM", "may": "full"}]
    return [{"path": TOP, "rights": [*admins, {"who": "FS_人事課_RW", "may": "modify"}]}]


def killed(desk: DirectoryDesk, change: str, step: int) -> None:
    """Run a change in a process that dies after so many steps."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.dying", "after", str(step), "run", change, "--yes"],
        cwd=desk.desk.folder,
        env=desk.desk.environment("tanaka"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -9, done.stderr


def test_a_server_that_is_away_stays_owing_and_is_done_when_it_is_back(
    domain: Domain, desk: DirectoryDesk
) -> None:
    change = desk.requested("set_share_permissions", folders=policy())
    desk.planned(change)
    desk.approve(change)
    domain.stop("fs1")
    ran = desk.ran(change)
    assert ran["outcomes"] == {"unreachable": 1}, ran
    audit = desk.desk.daicho("share", "audit", SHARE, who="tanaka")
    assert audit.code == 3
    assert audit.err.startswith("daicho: The file server fs1.ad.example.test does not answer: ")
    domain.start("fs1")
    ran = desk.ran(change)
    assert ran["outcomes"] == {"changed": 1}, ran
    assert f"(A;OICIID;0x1301bf;;;{sid(domain, 'FS_人事課_RW')})" in rights(domain, "人事課/共有")


def test_what_refuses_is_named_and_links_are_not_followed(domain: Domain, desk: DirectoryDesk) -> None:
    disk = domain.machine("fs1").root / "srv/dept/人事課"
    (disk / "共有/他所").symlink_to("msdfs:fs9.ad.example.test\\share")
    plan = desk.planned(desk.requested("set_share_permissions", folders=policy()))[TOP]
    assert plan["standing"] == "changes"
    set_rights(domain, **{"人事課/閉": "O:SYD:P(A;;FX;;;S-1-5-21-9-9-9-4711)"})
    plan = desk.planned(desk.requested("set_share_permissions", folders=policy()))[TOP]
    assert plan["standing"] == "failed"
    assert "1 of 3 below could not be read or changed: 人事課\\閉: " in plan["why"]
    assert plan["why"].endswith("the account has no right to it")


def test_a_restoration_that_was_killed_goes_on_where_it_was(
    domain: Domain, desk: DirectoryDesk, tmp_path: Path
) -> None:
    domain.smbclient("dept", "; ".join(f"put /etc/hostname 人事課/共有/{number}.txt" for number in range(6)))
    domain.keep_version(NIGHT)
    domain.smbclient("dept", "del 人事課/共有/*")
    path = f"{TOP}/共有"
    change = desk.desk.expect("share", "restore", path, "--reason", "誤って削除", who="sato").out.strip()
    assert desk.planned(change)[path]["notes"][0].startswith("7 files come back")
    desk.approve(change)
    killed(desk, change, 5)  # each file takes two: its day, its name
    there = domain.smbclient("dept", "ls 人事課/共有/*")
    assert there.count(".txt") == 2
    assert there.count(".tmp") == 1
    resumed = desk.desk.expect("run", change, "--resume", "--yes", "--output", "json", who="tanaka").json
    assert resumed["outcomes"] == {"changed": 1}
    there = domain.smbclient("dept", "ls 人事課/共有/*")
    assert (there.count(".txt"), there.count(".tmp")) == (7, 0)
    domain.smbclient("dept", f"get 人事課/共有/名簿.txt {tmp_path}/got")
