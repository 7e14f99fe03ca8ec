"""Deleted files and folders come back from previous versions: judged by smbclient and smbcacls."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from lab.errors import CommandError
from tests.directory_desk import DirectoryDesk
from tests.file_server import SHARE, rights, set_rights, sid

if TYPE_CHECKING:
    from pathlib import Path

    from lab.domain import Domain

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]
NIGHT = datetime(2026, 11, 20, 3, 0, 7, tzinfo=UTC)
ADMINS = "(A;OICI;FA;;;BA)(A;OICI;FA;;;SY)"


@pytest.fixture
def desk(domain: Domain, tmp_path: Path) -> DirectoryDesk:
    """A share of which the server keeps a version; then somebody deletes."""
    for name, text in {"名簿": "山田 太郎\n", "明細": "三十万円\n", "控": "一つ目\n"}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    domain.smbclient(
        "dept",
        f"mkdir 人事課; mkdir 人事課/給与; mkdir 人事課/給与/令和七年; put {tmp_path}/名簿 人事課/名簿.txt;"
        f"put {tmp_path}/明細 人事課/給与/令和七年/明細.txt; put {tmp_path}/控 人事課/給与/控.txt",
    )
    write = sid(domain, "FS_人事課_RW")
    set_rights(
        domain,
        **{
            "人事課": f"D:PAI{ADMINS}(A;OICI;0x1301bf;;;{write})",
            "人事課/名簿.txt": f"D:PAI(A;;FA;;;BA)(A;;FA;;;SY)(A;;0x1200a9;;;{write})",
            "人事課/給与": f"D:PAI{ADMINS}(A;OICI;0x1200a9;;;{write})",
        },
    )
    domain.keep_version(NIGHT)
    return DirectoryDesk.opened(tmp_path / "desk", domain)


def content(domain: Domain, place: str, tmp_path: Path) -> str:
    """What smbclient gets."""
    domain.smbclient("dept", f"get {place} {tmp_path}/got")
    return (tmp_path / "got").read_text(encoding="utf-8")


def last_change(domain: Domain, place: str) -> str:
    told = domain.smbclient("dept", f"allinfo {place}").splitlines()
    return next(line for line in told if line.startswith("write_time"))


def asked(desk: DirectoryDesk, *words: str) -> str:
    done = desk.desk.expect("share", "restore", *words, "--reason", "誤って削除", who="sato")
    return done.out.strip()


def test_a_deleted_file_comes_back_with_its_rights(
    domain: Domain, desk: DirectoryDesk, tmp_path: Path
) -> None:
    before = rights(domain, "人事課/名簿.txt")
    changed = last_change(domain, "人事課/名簿.txt")
    domain.smbclient("dept", "del 人事課/名簿.txt")
    path = f"{SHARE}/人事課/名簿.txt"
    shown = desk.desk.expect("share", "versions", f"{SHARE}/人事課", "--output", "json", who="tanaka").json
    [version] = shown["versions"]
    assert (version["version"], version["gone"]) == ("2026-11-20T03:00:07.000000Z", ["名簿.txt"])

    change = asked(desk, path)
    plan = desk.planned(change)[path]
    assert not plan["why"]
    assert plan["before"] == {"file:人事課/名簿.txt": None, "rights:人事課/名簿.txt": None}
    digest = hashlib.sha256("山田 太郎\n".encode()).hexdigest()
    assert plan["after"]["file:人事課/名簿.txt"] == f"14 bytes, sha256:{digest}"
    desk.approve(change)
    ran = desk.ran(change)
    assert ran["outcomes"] == {"changed": 1}
    assert content(domain, "人事課/名簿.txt", tmp_path) == "山田 太郎\n"
    assert rights(domain, "人事課/名簿.txt") == before
    assert last_change(domain, "人事課/名簿.txt") == changed
    assert ".tmp" not in domain.smbclient("dept", "ls 人事課/*")
    again = asked(desk, path)
    assert desk.planned(again)[path]["standing"] == "in_order"
    assert desk.taken_back(ran["run"])["outcomes"] == {"changed": 1}
    with pytest.raises(CommandError, match="NT_STATUS_OBJECT_NAME_NOT_FOUND"):
        content(domain, "人事課/名簿.txt", tmp_path)


def test_a_deleted_folder_comes_back_with_all_of_it(
    domain: Domain, desk: DirectoryDesk, tmp_path: Path
) -> None:
    before = {place: rights(domain, place) for place in ("人事課/給与", "人事課/給与/令和七年/明細.txt")}
    domain.smbclient("dept", "deltree 人事課/給与")
    path = f"{SHARE}/人事課/給与"
    change = asked(desk, path, "--version", "2026-11-20 12:00")
    plan = desk.planned(change)[path]
    assert not plan["why"]
    assert plan["after"]["folder:人事課/給与"] == "with everything as of 2026-11-20T03:00:07Z"
    desk.approve(change)
    ran = desk.ran(change)
    assert ran["outcomes"] == {"changed": 1}, ran
    assert content(domain, "人事課/給与/令和七年/明細.txt", tmp_path) == "三十万円\n"
    assert content(domain, "人事課/給与/控.txt", tmp_path) == "一つ目\n"
    assert {place: rights(domain, place) for place in before} == before
    undo = desk.desk.expect("undo", ran["run"], "--reason", "it was a trial", who="sato").out.strip()
    domain.smbclient("dept", f"put {tmp_path}/名簿 人事課/給与/新しい.txt")
    new = "人事課/給与/新しい.txt"
    assert desk.planned(undo)[path]["why"] == (
        f"restore_files: {new} has come or changed since it was restored; it is not taken away"
    )
    domain.smbclient("dept", "del 人事課/給与/新しい.txt")
    assert desk.taken_back(ran["run"])["outcomes"] == {"changed": 1}
    assert "給与" not in domain.smbclient("dept", "ls 人事課/*")


def test_a_newer_file_is_lost_only_if_that_is_meant(
    domain: Domain, desk: DirectoryDesk, tmp_path: Path
) -> None:
    domain.smbclient("dept", f"put {tmp_path}/控 人事課/名簿.txt; del 人事課/給与/控.txt")
    path = f"{SHARE}/人事課/名簿.txt"
    plan = desk.planned(asked(desk, path))[path]
    assert (plan["standing"], plan["why"]) == (
        "failed",
        "restore_files: it is there now, with another content; write overwrite: true if that is to be lost",
    )
    whole = f"{SHARE}/人事課"
    plan = desk.planned(asked(desk, whole))[whole]
    assert set(plan["after"]) == {"file:人事課/給与/控.txt", "rights:人事課/給与/控.txt"}
    assert plan["notes"] == [
        "1 file comes back, 10 bytes.",
        "1 file is there with another content and stays as it is: 人事課/名簿.txt",
    ]
    change = asked(desk, path, "--overwrite")
    plan = desk.planned(change)[path]
    assert not plan["why"]
    assert (plan["irreversible"], plan["reversible"]) == (
        "The present content of 1 file is lost, for it is kept nowhere.",
        False,
    )
    desk.approve(change)
    assert desk.ran(change)["outcomes"] == {"changed": 1}
    assert content(domain, "人事課/名簿.txt", tmp_path) == "山田 太郎\n"
