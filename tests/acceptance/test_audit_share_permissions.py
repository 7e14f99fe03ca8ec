"""Rights of folders are read: as a policy to begin with, for what is worth a look, and by who reaches what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.directory_desk import DirectoryDesk
from tests.file_server import SHARE, rights, set_rights, sid

if TYPE_CHECKING:
    from pathlib import Path

    from lab.domain import Domain

pytestmark = [pytest.mark.lab, pytest.mark.timeout(300)]
ADMINS = "(A;OICI;FA;;;BA)(A;OICI;FA;;;SY)"
GONE = "S-1-5-21-9-9-9-4711"


@pytest.fixture
def desk(domain: Domain, tmp_path: Path) -> DirectoryDesk:
    """A share as it grows over the years."""
    domain.smbclient(
        "dept",
        "mkdir 人事課; put /etc/hostname 人事課/名簿.txt; mkdir 古い; mkdir 古い/年度; put /etc/hostname 古い/控.txt",
    )
    write = sid(domain, "FS_人事課_RW")
    tanaka = sid(domain, "k.tanaka", "user")
    set_rights(domain, 人事課=f"D:PAI{ADMINS}(A;OICI;0x1301bf;;;{write})")
    domain.smbclient(
        "dept",
        "mkdir 人事課/給与; mkdir 人事課/給与/令和; mkdir 人事課/給与/令和/七; mkdir 人事課/共有;"
        "put /etc/hostname 人事課/共有/案内.txt",
    )
    inherited = f"(A;OICIID;FA;;;BA)(A;OICIID;FA;;;SY)(A;OICIID;0x1301bf;;;{write})"
    lists = {
        "人事課/共有": f"D:AI(A;OICI;0x1200a9;;;AU){inherited}",
        "人事課/共有/案内.txt": "D:AI(A;ID;FA;;;BA)",
        "人事課/給与": f"D:PAI{ADMINS}(A;OICI;0x1200a9;;;{tanaka})(A;OICI;0x1301bf;;;{GONE})",
        "人事課/給与/令和/七": "D:AI(A;OICI;0x1200a9;;;{tanaka})(A;OICIID;FA;;;BA)",
    }
    set_rights(domain, **{place: text.replace("{tanaka}", tanaka) for place, text in lists.items()})
    return DirectoryDesk.opened(tmp_path / "desk", domain)


def test_an_imported_policy_asks_for_what_is_there(domain: Domain, desk: DirectoryDesk) -> None:
    done = desk.desk.expect("share", "import", SHARE, who="tanaka")
    assert "K1: 11 files and folders, 8 folders with rights of their own.\n" in done.err
    for line in (
        "    - path: \"//fs1.ad.example.test/dept/人事課\"\n",
        "        - {who: FS_人事課_RW, may: modify}\n",
        '        - {who: "k.tanaka", may: read}\n',
        f"        - {{who: {GONE}, may: modify}}\n",
        "    # it does not follow the folder above: it was moved here, or its tree is older\n",
    ):
        assert line in done.out
    change = desk.desk.expect("request", "-", who="sato", typed=done.out).out.strip()
    assert [plan["standing"] for plan in desk.planned(change).values()] == ["in_order"]
    assert rights(domain, "人事課/給与").endswith(f"(A;OICI;0x1301bf;;;{GONE})")


def test_what_is_worth_a_look_and_who_reaches_what(domain: Domain, desk: DirectoryDesk, tmp_path: Path) -> None:
    page, book = tmp_path / "点検.html", tmp_path / "点検.xlsx"
    words = ("share", "audit", SHARE, "--deepest", "3", "--html", str(page), "--xlsx", str(book))
    done = desk.desk.daicho(*words, "--output", "json", who="tanaka")
    print(desk.desk.daicho("share", "audit", SHARE, who="tanaka").out)
    print(done.err)
    import json
    print(json.dumps(done.json, ensure_ascii=False, indent=1))
    print(desk.desk.daicho("share", "access", SHARE + "/人事課", who="tanaka").out[-3000:])
    print(desk.desk.daicho("share", "access", SHARE , "--person", "k.tanaka", who="tanaka").out)
    page.rename("/tmp/k2b.html"); book.rename("/tmp/k2b.xlsx")
    assert 0
