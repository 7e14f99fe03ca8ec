"""What a policy of folders wants, what is inherited from it, and what that means for people."""

from __future__ import annotations

from typing import Any

import pytest

from daicho.craft import Trouble
from daicho.directory.values import Entry as Found
from daicho.documents import judge
from daicho.errors import DocumentError
from daicho.fileserver import sddl
from daicho.fileserver.access import gains, level
from daicho.fileserver.inheritance import following, in_order, passed_on
from daicho.fileserver.planning import Folder, locked_out, told, wanted
from daicho.fileserver.policy import FolderPolicy, SharePolicy
from daicho.fileserver.principals import Principals
from daicho.fileserver.sids import sid_bytes
from daicho.i18n import language

DOMAIN = "S-1-5-21-1-2-3"
TANAKA, SATO, SERVICE = f"{DOMAIN}-1101", f"{DOMAIN}-1102", f"{DOMAIN}-1103"
PAY, STAFF, FILES = f"{DOMAIN}-2001", f"{DOMAIN}-2002", f"{DOMAIN}-2003"
ADMINS = f"{DOMAIN}-512"
BOTH = "(A;OICI;FA;;;BA)(A;OICI;FA;;;SY)"


def group(sid: str, name: str, *above: str) -> Found:
    return entry(name, sid, "group", above)


def person(sid: str, login: str, *above: str, control: int = 512) -> Found:
    more = {
        "displayname": [login.upper().encode()],
        "primarygroupid": [b"513"],
        "useraccountcontrol": [b"%d" % control],
    }
    return entry(login, sid, "user", above, more)


def entry(
    name: str, sid: str, kind: str, above: tuple[str, ...], more: dict[str, list[bytes]] | None = None
) -> Found:
    values = {
        "samaccountname": [name.encode()],
        "objectsid": [sid_bytes(sid)],
        "objectclass": [kind.encode()],
        "memberof": [f"CN={each},DC=x".encode() for each in above],
        **(more or {}),
    }
    return Found(f"CN={name},DC=x", values)


@pytest.fixture
def everybody() -> Principals:
    return Principals.of(
        [
            person(TANAKA, "tanaka", "給与課"),
            person(SATO, "sato", "職員"),
            person(SERVICE, "svc", "Domain Admins"),
            person(f"{DOMAIN}-1104", "left", "給与課", control=514),
            group(PAY, "給与課", "FS_給与"),
            group(STAFF, "職員"),
            group(FILES, "FS_給与"),
            group(ADMINS, "Domain Admins"),
            group(f"{DOMAIN}-513", "Domain Users"),
        ]
    )


def folder(**given: Any) -> FolderPolicy:
    return FolderPolicy(path="//fs1/dept/a", **given)


@pytest.mark.parametrize(
    ("above", "is_folder", "inherited"),
    [
        ("(A;OICI;FA;;;BA)", True, "(A;OICIID;FA;;;BA)"),
        ("(A;OICI;FA;;;BA)", False, "(A;ID;FA;;;BA)"),
        ("(A;;FA;;;BA)", True, ""),
        ("(A;CI;FA;;;BA)", False, ""),
        ("(A;OI;FR;;;BA)", True, "(A;OIIOID;FR;;;BA)"),
        ("(A;OIIO;FR;;;BA)", False, "(A;ID;FR;;;BA)"),
        ("(A;OICINP;FR;;;BA)", True, "(A;ID;FR;;;BA)"),
        ("(A;OINP;FR;;;BA)", True, ""),
        ("(A;CIIO;FR;;;BA)", True, "(A;CIID;FR;;;BA)"),
        ("(D;OICIID;FR;;;BU)", True, "(D;OICIID;FR;;;BU)"),
        ("(A;OICIIO;FA;;;CO)", True, "(A;ID;FA;;;BU)(A;OICIIOID;FA;;;CO)"),
        ("(A;OICIIO;FA;;;CO)", False, "(A;ID;FA;;;BU)"),
        ("(A;OICI;GR;;;WD)", True, "(A;ID;FR;;;WD)(A;OICIIOID;0x80000000;;;WD)"),
        ("(XA;OICI;FX;;;WD;#6172)", True, "(XA;OICIID;FX;;;WD;#6172)"),
    ],
)
def test_what_is_inherited(above: str, *, is_folder: bool, inherited: str) -> None:
    entries = sddl.from_text(f"D:{above}").entries
    found = passed_on(entries, folder=is_folder, owner="S-1-5-32-545")
    assert found == sddl.from_text(f"D:{inherited}").entries


def test_own_entries_stay_and_the_protected_and_the_open_are_left_alone() -> None:
    above = sddl.from_text("D:P(A;OICI;FA;;;BA)").entries
    present = sddl.from_text("O:BAD:(D;OICI;FR;;;BU)(A;OICIID;FA;;;WD)")
    assert (
        sddl.to_text(following(present, above, folder=True)) == "O:BAD:AI(D;OICI;FR;;;BU)(A;OICIID;FA;;;BA)"
    )
    for text in ("O:BAD:PAI(A;;FA;;;WD)", "O:BAD:NO_ACCESS_CONTROL"):
        kept = sddl.from_text(text)
        assert following(kept, above, folder=True) == kept


def test_the_canonical_order() -> None:
    mixed = sddl.from_text("D:(A;ID;FR;;;WD)(A;;FR;;;BU)(D;ID;FR;;;BG)(D;;FR;;;BO)").entries
    assert in_order(mixed) == sddl.from_text("D:(D;;FR;;;BO)(A;;FR;;;BU)(A;ID;FR;;;WD)(D;ID;FR;;;BG)").entries


@pytest.mark.parametrize(
    ("right", "text"),
    [
        ({"may": "full"}, "(A;OICI;FA;;;SY)"),
        ({"may": "modify", "on": ["subfolders", "files"]}, "(A;OICIIO;0x1301bf;;;SY)"),
        ({"may": "read", "deny": True, "on": ["files"]}, "(D;OIIO;0x1200a9;;;SY)"),
        ({"may": "list"}, "(A;CI;0x1200a9;;;SY)"),
        ({"may": "traverse", "on": ["folder"]}, "(A;;FX;;;SY)"),
        ({"may": "0x100116", "no_further": True}, "(A;OICINP;0x100116;;;SY)"),
    ],
)
def test_a_right_as_an_entry(right: dict[str, Any], text: str, everybody: Principals) -> None:
    policy = folder(rights=[{"who": "system", **right}], foreign="remove")
    after = wanted(policy, sddl.from_text("O:BAD:(A;;FA;;;WD)"), (), everybody)
    assert sddl.to_text(after) == f"O:BAD:PAI{text}"


def test_foreign_entries_are_kept_or_removed_and_names_become_sids(everybody: Principals) -> None:
    present = sddl.from_text(f"O:BAD:AI(A;;FA;;;{STAFF})(A;;FR;;;{PAY})(A;OICIID;FA;;;SY)")
    above = sddl.from_text("D:(A;OICI;FA;;;BA)").entries
    rights = [{"who": "給与課", "may": "modify"}]
    kept = wanted(folder(rights=rights, foreign="keep", inherits=True), present, above, everybody)
    assert sddl.to_text(kept) == f"O:BAD:AI(A;OICI;0x1301bf;;;{PAY})(A;;FA;;;{STAFF})(A;OICIID;FA;;;BA)"
    removed = wanted(folder(rights=rights, owner="給与課"), present, above, everybody)
    assert sddl.to_text(removed) == f"O:{PAY}D:PAI(A;OICI;0x1301bf;;;{PAY})"
    with pytest.raises(Trouble, match="the directory knows no group and no person called '人事'"):
        wanted(folder(rights=[{"who": "人事", "may": "read"}]), present, above, everybody)


def test_who_gains_and_who_loses_and_through_what(everybody: Principals) -> None:
    before = sddl.from_text(f"O:BAD:PAI{BOTH}(A;OICI;0x1200a9;;;{STAFF})")
    after = sddl.from_text(f"O:SYD:PAI{BOTH}(A;OICI;0x1301bf;;;{FILES})")
    assert list(told(Folder(path="//fs1/dept/a", before=before, after=after), everybody)) == [
        "//fs1/dept/a: SATO (sato) loses access: read becomes no access (through 職員).",
        "//fs1/dept/a: TANAKA (tanaka) gains access: no access becomes modify (through 給与課 → FS_給与).",
        "//fs1/dept/a: the owner changes from Administrators to SYSTEM.",
    ]
    assert [(each.person.login, each.loses) for each in gains(after, before, everybody)] == [
        ("sato", False),
        ("tanaka", True),
    ]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("D:NO_ACCESS_CONTROL", "full"),
        ("D:", "none"),
        ("D:(A;OICI;FA;;;WD)", "full"),
        ("D:(D;OICI;0x10000;;;WD)(A;OICI;0x1301bf;;;WD)", "read"),
        ("D:(A;OICI;0x1301bf;;;WD)(D;OICI;FA;;;WD)", "modify"),
        ("D:(A;CI;0x1200a9;;;WD)", "list"),
        ("D:(A;CI;FX;;;WD)", "traverse"),
        ("D:(A;OI;0x2;;;WD)", "special"),
        ("D:(A;OICIIO;FA;;;BA)(XA;OICI;FA;;;WD;#61)", "none"),
    ],
)
def test_rights_in_one_word(text: str, word: str) -> None:
    assert level(sddl.from_text(text), {"S-1-1-0"}) == word


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (BOTH, BOTH, []),
        (
            BOTH,
            "",
            [
                "the administrators could not change its rights any more",
                "SVC (svc), by whom this is done, could not change its rights any more",
                "SYSTEM could not read it for the backup any more",
            ],
        ),
        (
            BOTH + "(A;OICI;FR;;;BO)(A;OICI;FX;;;BO)",
            BOTH,
            ["Backup Operators could not read it for the backup any more"],
        ),
        (BOTH, BOTH + f"(D;OICI;WD;;;{SERVICE})", []),
        (
            BOTH,
            f"(D;OICI;0x40000;;;{SERVICE})" + BOTH,
            ["SVC (svc), by whom this is done, could not change its rights any more"],
        ),
    ],
)
def test_who_is_locked_out(before: str, after: str, said: list[str], everybody: Principals) -> None:
    owner = f"O:{TANAKA}"
    its = Folder(
        path="a", before=sddl.from_text(f"{owner}D:{before}"), after=sddl.from_text(f"{owner}D:{after}")
    )
    assert list(locked_out(its, everybody.account("OFFICE\\svc"), everybody)) == said


def test_a_policy_groups_its_folders_by_the_nearest_above() -> None:
    paths = ["//FS1/dept/b/c/d", "//fs1/dept/a/", "\\\\fs1\\dept\\b", "//fs1/dept/bb", "//fs1/dept/b/c"]
    policy = SharePolicy.model_validate({"folders": [{"path": each, "rights": []} for each in paths]})
    assert {top: [each.path for each in below] for top, below in policy.tops.items()} == {
        "//fs1/dept/a": ["//fs1/dept/a"],
        "//fs1/dept/b": ["//fs1/dept/b", "//fs1/dept/b/c", "//FS1/dept/b/c/d"],
        "//fs1/dept/bb": ["//fs1/dept/bb"],
    }


def test_what_is_wrong_with_a_policy_is_said_all_at_once() -> None:
    given = {
        "folders": [
            {"path": "fs1/dept", "rights": []},
            {"path": "//fs1/dept/../c", "rights": []},
            {"path": "//fs1/dept/a", "rights": [{"who": "x", "may": "0x10000000"}]},
            {"path": "//fs1/dept/a", "rights": [{"who": "x", "may": "list", "on": ["files"]}]},
            {"path": "//fs1/dept/a", "rights": [{"who": "x", "may": "write"}]},
        ]
    }
    with language("en"), pytest.raises(DocumentError) as found:
        judge(SharePolicy, given, "shares.yml")
    assert str(found.value) == (
        "shares.yml cannot be used:\n"
        "At folders[0].path: 'fs1/dept' is no folder of a share; "
        "write it like //fs1.example.jp/dept/folder.\n"
        "At folders[1].path: '//fs1/dept/../c' is no folder of a share; "
        "write it like //fs1.example.jp/dept/folder.\n"
        "At folders[2].rights[0]: 0x10000000 is no mask of file rights; "
        "write it without generic rights, like 0x1200a9.\n"
        "At folders[3].rights[0]: list for nothing means nothing; name folder, subfolders.\n"
        "At folders[4].rights[0].may: it must look like "
        "^(full|modify|read|list|traverse|0x[0-9A-Fa-f]{1,8})$."
    )
    twice = {"folders": [{"path": "//fs1/d/a", "rights": []}, {"path": "//FS1/D/A", "rights": []}]}
    with pytest.raises(DocumentError, match="//FS1/D/A is there twice"):
        judge(SharePolicy, twice, "shares.yml")
