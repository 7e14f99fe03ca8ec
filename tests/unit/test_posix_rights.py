"""POSIX lists of rights: their bytes, what a policy makes of them, and what is refused with a reason."""

from __future__ import annotations

import grp
import pwd
import struct
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daicho.documents import judge
from daicho.errors import DocumentError
from daicho.fileserver.posix import PosixPolicy
from daicho.i18n import language
from plugins.module_utils import posix_rights
from plugins.module_utils.posix_rights import Unsayable, below, packed, parsed, unpacked, wanted

if TYPE_CHECKING:
    from pathlib import Path

GROUP = grp.getgrgid(2).gr_name
USER = pwd.getpwuid(1).pw_name
HEAD = "owner=root, group=root, u::rwx, g::---, "
NONE_BELOW = "d:u::rwx, d:g::---, d:o::---"
PLAIN = "owner=root, group=root, u::rwx, g::r-x, o::r-x"
_KEYS = st.tuples(st.sampled_from([1, 2, 4, 8, 16, 32]), st.integers(0, 0xFFFFFFFF))


def folder(*rights: dict[str, Any], **more: Any) -> dict[str, Any]:
    told = [{"on": ["folder", "subfolders", "files"], **right} for right in rights]
    return {"path": "/srv/a", "owner": "", "foreign": "remove", "below": "leave", "rights": told, **more}


@given(st.dictionaries(_KEYS, st.integers(0, 7)))
def test_bytes_come_back_as_they_were(acl: dict[tuple[int, int], int]) -> None:
    assert unpacked(packed(acl)) == acl


def test_the_bytes_are_those_of_the_kernel() -> None:
    acl = {(1, posix_rights.NOBODY): 7, (8, 4711): 5, (32, posix_rights.NOBODY): 0}
    assert packed(acl) == struct.pack("<IHHIHHIHHI", 2, 1, 7, 0xFFFFFFFF, 8, 5, 4711, 32, 0, 0xFFFFFFFF)
    with pytest.raises(ValueError, match="no POSIX list of version 2"):
        unpacked(b"\3\0\0\0")


@pytest.mark.parametrize(
    ("its", "state"),
    [
        (folder(), "owner=root, group=root, u::rwx, g::---, o::---, d:u::rwx, d:g::---, d:o::---"),
        (
            folder({"who": f"group:{GROUP}", "may": "modify"}, {"who": "Everyone", "may": "read"}),
            HEAD + f"g:{GROUP}:rwx, m::rwx, o::r-x, d:u::rwx, d:g::---, d:g:{GROUP}:rwx, d:m::rwx, d:o::r-x",
        ),
        (
            folder({"who": f"user:{USER}", "may": "traverse", "on": ["folder"]}, owner=USER),
            f"owner={USER}, group=root, u::rwx, u:{USER}:--x, g::---, m::--x, o::---, {NONE_BELOW}",
        ),
    ],
)
def test_what_a_policy_wants(its: dict[str, Any], state: str) -> None:
    assert wanted(its, PLAIN) == state
    assert posix_rights.JOINED.join(state.split(", ")) == state
    owner, group, access, default = parsed(state)
    assert (owner, group) == (its["owner"] or "root", "root")
    assert unpacked(packed(access)) == access
    assert default


def test_foreign_entries_are_kept_if_that_is_wished() -> None:
    present = "owner=root, group=root, u::rwx, u:4711:r--, g::r-x, m::r-x, o::--x"
    kept = wanted(folder({"who": f"group:{GROUP}", "may": "modify"}, foreign="keep"), present)
    assert kept.startswith(
        f"owner=root, group=root, u::rwx, u:4711:r--, g::r-x, g:{GROUP}:rwx, m::rwx, o::--x"
    )


def test_what_is_below_gets_it_and_no_file_becomes_a_program(tmp_path: Path) -> None:
    top = wanted(folder({"who": f"group:{GROUP}", "may": "modify"}), PLAIN)
    (tmp_path / "file").touch()
    plain = below(top, "owner=root, group=root, u::rw-, g::r--, o::r--", str(tmp_path / "file"))
    assert plain == f"owner=root, group=root, u::rw-, g::---, g:{GROUP}:rwx, m::rw-, o::---"
    program = below(top, "owner=root, group=root, u::rwx, g::r-x, o::r-x", str(tmp_path / "file"))
    assert program == f"owner=root, group=root, u::rwx, g::---, g:{GROUP}:rwx, m::rwx, o::---"
    inner = below(top, PLAIN, str(tmp_path))
    assert inner == top


def test_whom_the_server_does_not_know_is_told() -> None:
    with pytest.raises(Unsayable, match="this server knows no group and no person called '人事'"):
        wanted(folder({"who": "人事", "may": "read"}), PLAIN)
    with pytest.raises(Unsayable, match="called 'root': write user:root or group:root"):
        wanted(folder({"who": "root", "may": "read"}), PLAIN)


@pytest.mark.parametrize(
    ("right", "said"),
    [
        (
            {"who": "Administrators", "may": "modify"},
            "Administrators may do everything on a Linux server",
        ),
        ({"who": "S-1-5-11", "may": "read"}, "S-1-5-11 is a SID, which this server does not know"),
        (
            {"who": "fs_rw", "may": "full"},
            "only the owner may change rights here: write modify",
        ),
        ({"who": "fs_rw", "may": "0x1200a9"}, "0x1200a9 is a mask of Windows"),
        (
            {"who": "fs_rw", "may": "read", "deny": True},
            "a list of this kind cannot forbid fs_rw",
        ),
        ({"who": "fs_rw", "may": "read", "no_further": True}, "no_further cannot be kept"),
        ({"who": "fs_rw", "may": "read", "on": ["files"]}, "what is for subfolders is for files, too"),
        ({"who": "fs_rw", "may": "list"}, "what is for subfolders is for files, too"),
    ],
)
def test_what_such_a_list_cannot_say_is_refused_with_the_reason(right: dict[str, Any], said: str) -> None:
    with language("en"), pytest.raises(DocumentError) as found:
        judge(PosixPolicy, {"folders": [{"path": "/srv/a", "rights": [right]}]}, "shares.yml")
    assert said in str(found.value)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"inherits": True}, "a list of this kind takes what is above only when a file is made"),
        ({"below": "follow"}, "a list of this kind does not tell what was inherited"),
        ({"path": "/srv/../etc"}, "'/srv/../etc' is no folder of its own"),
        ({"rights": [{"who": "A", "may": "read"}, {"who": "a", "may": "modify"}]}, "a is there twice"),
    ],
)
def test_what_such_a_folder_cannot_have_is_refused(more: dict[str, Any], said: str) -> None:
    with language("en"), pytest.raises(DocumentError) as found:
        judge(PosixPolicy, {"folders": [{"path": "/srv/a", "rights": [], **more}]}, "shares.yml")
    assert said in str(found.value)
