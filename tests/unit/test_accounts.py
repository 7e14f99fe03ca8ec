"""People's steps as wishes for their accounts, rows as a change keeps them, slips, and rights of folders."""

from __future__ import annotations

import os
import subprocess
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import example, given
from hypothesis import strategies as st

from daicho.accounts import telling
from daicho.accounts.census import Census, last_day
from daicho.accounts.purposes import items_of
from daicho.accounts.rows import as_of, kept, movements, superiors_first, without_managers
from daicho.accounts.rules import DirectoryFile
from daicho.accounts.slips import NoSeal, Slip, Slips, recipient
from daicho.accounts.wishes import MANAGER, Wishes
from daicho.directory.active_directory import ActiveDirectory
from daicho.directory.groups import Groups
from daicho.directory.snapshot import Snapshot
from daicho.directory.state import Account
from daicho.documents import judge
from daicho.fileserver.share import parted
from daicho.people.movement import Kind, Movement, PersonName
from daicho.people.outlook import outlook
from daicho.people.step import Act, Profile, Step

BASE: Final = "DC=example,DC=jp"
DAY: Final = date(2027, 4, 1)
WORD: Final = "Kx7-mWh4+pRtn3"
RULES: Final = judge(
    DirectoryFile,
    {
        "directory": {
            "servers": ["dc1.example.jp"],
            "base": BASE,
            "bind_name": "svc@example.jp",
            "people": f"OU=職員,{BASE}",
            "groups": f"OU=グループ,{BASE}",
            "disabled": f"OU=無効化,{BASE}",
        },
        "people": {
            "sections": {
                "everyone": {"groups": ["SG_{section}"], "container": "職員/{section}"},
                "tree": [{"code": "10", "name": "総務課"}, {"code": "20", "name": "秘書課"}],
            }
        },
    },
    "directory.yml",
)
WISHES: Final = Wishes(rules=RULES, dialect=ActiveDirectory(RULES.directory))


def account(**more: Any) -> Account:
    state = {
        "dn": f"CN=佐藤 花子,OU=総務課,OU=職員,{BASE}",
        "attribute:sAMAccountName": "sato",
        "attribute:employeeID": "00000001",
        "attribute:sn": "佐藤",
        "attribute:givenName": "花子",
        "value:departmentNumber=10": "present",
        "group:SG_総務課": "member",
        "group:PJ_1": "member",
        "enabled": True,
        **more,
    }
    return Account(dn=str(state["dn"]), state=state)


def census(*accounts: Account) -> Census:
    names = ("SG_総務課", "SG_秘書課", "PJ_1")
    groups = Groups.of({f"CN={name},OU=グループ,{BASE}": name for name in names}, {})
    taken = Snapshot(accounts=accounts, groups=groups, number="employeeID", login="sAMAccountName")
    return Census(snapshot=taken, rules=RULES)


def movement(kind: Kind, **more: Any) -> Movement:
    given: dict[str, Any] = {
        "place": "row 2",
        "number": "00000001",
        "effective": DAY,
        "name": PersonName(family="佐藤", given="花子", family_kana="サトウ", given_kana="ハナコ"),
    }
    return Movement(kind=kind, **{**given, **more})


def due(found: Account | None, *rows: Movement, day: date = DAY) -> dict[str, Any]:
    """What is wished for the one person of these rows."""
    known = census(*([found] if found else []))
    (step,) = outlook(rows, known.office, day).today
    return WISHES.of(step, found)


def test_somebody_new() -> None:
    wished = due(None, movement(Kind.JOIN, section="10", until=date(2028, 3, 31)))
    assert wished == {
        "dn": f"CN=佐藤 花子,OU=総務課,OU=職員,{BASE}",
        "attribute:sAMAccountName": "sato",
        "attribute:employeeID": "00000001",
        "attribute:sn": "佐藤",
        "attribute:givenName": "花子",
        "attribute:displayName": "佐藤 花子",
        "attribute:department": "総務課",
        "attribute:msDS-PhoneticLastName": "サトウ",
        "attribute:msDS-PhoneticFirstName": "ハナコ",
        "attribute:msDS-PhoneticDisplayName": "サトウ ハナコ",
        "value:departmentNumber=10": "present",
        "group:SG_総務課": "member",
        "enabled": True,
        "expires": "2028-03-31T15:00:00.000000Z",
        "must change password": True,
    }


def test_a_move_keeps_the_old_groups_and_replaces_the_section() -> None:
    wished = due(account(), movement(Kind.MOVE, section="20"))
    assert wished["dn"] == f"CN=佐藤 花子,OU=秘書課,OU=職員,{BASE}"
    assert {key: value for key, value in wished.items() if key.startswith(("group", "value"))} == {
        "group:SG_秘書課": "member",
        "value:departmentNumber=10": None,
        "value:departmentNumber=20": "present",
    }
    assert "enabled" not in wished
    assert "must change password" not in wished


def test_who_leaves_loses_every_group_and_nothing_else() -> None:
    wished = due(account(), movement(Kind.LEAVE), day=date(2027, 4, 2))
    assert wished == {
        "enabled": False,
        "dn": f"CN=佐藤 花子,OU=20270402,OU=無効化,{BASE}",
        "group:SG_総務課": None,
        "group:PJ_1": None,
        "attribute:msExchHideFromAddressLists": "TRUE",
    }


def test_who_comes_back_is_shown_again_with_a_new_password() -> None:
    dn = f"CN=佐藤 花子,OU=20250401,OU=無効化,{BASE}"
    found = account(dn=dn, enabled=False, **{"attribute:msExchHideFromAddressLists": "TRUE"})
    wished = due(found, movement(Kind.REHIRE, section="20"))
    assert (wished["enabled"], wished["must change password"]) == (True, True)
    assert wished["attribute:msExchHideFromAddressLists"] is None
    assert wished["dn"] == f"CN=佐藤 花子,OU=秘書課,OU=職員,{BASE}"


def test_a_superior_is_named_by_logon_name() -> None:
    boss = account(**{"attribute:employeeID": "00000009", "attribute:sAMAccountName": "suzuki"})
    known = census(boss)
    (step,) = outlook([movement(Kind.JOIN, section="10", manager="00000009")], known.office, DAY).today
    assert WISHES.of(step, None)[MANAGER] == "suzuki"


def test_an_account_that_ends_at_midnight_can_be_used_on_the_day_before() -> None:
    assert last_day("2028-03-31T15:00:00.000000Z", "Asia/Tokyo") == date(2028, 3, 31)
    assert WISHES.end(date(2028, 3, 31)) == "2028-03-31T15:00:00.000000Z"
    assert last_day(None, "Asia/Tokyo") is None


def test_a_known_account_is_its_owner() -> None:
    known = census(account()).office.known[0]
    assert (known.number, known.account, known.section, known.name.full) == (
        "00000001",
        "sato",
        "10",
        "佐藤 花子",
    )
    aside = account(dn=f"CN=佐藤 花子,OU=20250401,OU=無効化,{BASE}", enabled=False)
    assert census(aside).office.known[0].left


def test_rows_come_back_as_they_were() -> None:
    rows = [
        movement(Kind.JOIN, section="10", post="係員", until=date(2028, 3, 31), inferred=True),
        movement(Kind.LEAVE, number="2", place="row 3"),
    ]
    inputs = {"as_of": "2027-04-01", "rows": kept(rows)}
    assert movements(inputs) == rows
    assert as_of(inputs) == DAY
    assert {each.name for each in fields(Movement)} >= set(kept(rows)[0]) - {"family", "given"} - {
        "family_kana",
        "given_kana",
    }
    assert [(each.name, each.kind, each.attributes["name"]) for each in items_of(inputs)] == [
        ("00000001", "user", "佐藤 花子"),
        ("2", "user", "佐藤 花子"),
    ]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=12))
def test_superiors_come_first_whatever_the_order_and_circles_end(pairs: list[tuple[int, int]]) -> None:
    rows = [
        movement(Kind.JOIN, number=f"N{who}", manager=f"N{above}", place=f"row {place}")
        for place, (who, above) in enumerate(pairs)
        if who != above
    ]
    ordered = superiors_first(rows)
    assert sorted(each.place for each in ordered) == sorted(each.place for each in rows)
    written, left_out = without_managers(ordered, set())
    made = set[str]()
    for each in written:
        assert each.manager in {"", *made}
        made.add(each.number)
    assert set(left_out) <= {each.number for each in rows}


@pytest.mark.parametrize(
    ("act", "exists", "there", "loses", "said"),
    [
        (Act.ENABLE, False, False, "", "佐藤: new account in 秘書課 (2027-04-01)"),
        (Act.ENABLE, True, False, "", "佐藤: the prepared account in 秘書課 is enabled (2027-04-01)"),
        (Act.MOVE, True, False, "", "佐藤: moves from 総務課 to 秘書課 (2027-04-01)"),
        (Act.MOVE, True, True, "SG_総務課", "佐藤: the hand-over from 総務課 is over (2027-04-01)"),
        (Act.DISABLE, True, False, "", "佐藤: leaves 秘書課: the account is disabled (2027-04-01)"),
        (Act.RENAME, True, False, "", "佐藤: is renamed (2027-04-01)"),
    ],
)
def test_headlines(act: Act, *, exists: bool, there: bool, loses: str, said: str) -> None:
    gone = frozenset({loses} - {""})
    step = Step(day=DAY, act=act, number="1", exists=exists, profile=Profile(account="sato"), loses=gone)
    person = telling.Named(name="佐藤", section="秘書課", before="総務課", there=there)
    assert telling.headline(step, person) == said


def certificate(folder: Path, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> Path:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "service desk")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(datetime.now(UTC))
    signed = made.not_valid_after(datetime.now(UTC) + timedelta(days=1)).sign(key, hashes.SHA256())
    path = folder / "desk.pem"
    path.write_bytes(signed.public_bytes(Encoding.PEM))
    (folder / "desk.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return path


def test_a_sealed_slip_is_opened_by_openssl_and_only_with_the_key(tmp_path: Path) -> None:
    to = recipient(certificate(tmp_path, rsa.generate_private_key(65537, 2048)))
    slips = Slips(folder=tmp_path / "slips", office="サービスデスク", recipient=to)
    slip = Slip(number="00000001", name="髙橋 花子", account="takahashi", password=WORD)
    path = slips.write(slip)
    assert path.name == "00000001.pdf.p7m"
    assert b"%PDF" not in path.read_bytes()
    argv = [
        "openssl",
        "cms",
        "-decrypt",
        "-inform",
        "DER",
        "-in",
        str(path),
        "-inkey",
        str(tmp_path / "desk.key"),
    ]
    opened = subprocess.run([*argv, "-out", str(tmp_path / "slip.pdf")], check=True, capture_output=True)
    assert opened.stderr == b""
    text = subprocess.run(
        ["pdftotext", tmp_path / "slip.pdf", "-"], check=True, capture_output=True, text=True
    )
    assert {"髙橋 花子", "takahashi", WORD} <= set(text.stdout.splitlines())
    slips.discard("00000001")
    assert list(slips.folder.iterdir()) == []


def test_a_plain_slip_is_for_its_owner_alone_and_shows_no_password_in_its_words(tmp_path: Path) -> None:
    slips = Slips(folder=tmp_path / "slips")
    slip = Slip(number="1", name="佐藤", account="sato", password=WORD)
    path = slips.write(slip)
    assert "Kx7" not in repr(slip)
    assert [oct(each.stat().st_mode & 0o777) for each in (path, path.parent)] == ["0o600", "0o700"]
    info = subprocess.run(["pdfinfo", path], check=True, capture_output=True, text=True).stdout
    assert "Pages:           1" in info


@given(st.lists(st.text(max_size=400), unique=True, max_size=5))
@example(["../../../etc/cron.d/x", "..", ".", "", "a/b", "a_b", "a%2Fb", "\0", "田中", "x" * 300])
def test_whatever_a_number_says_its_slip_is_in_the_folder_and_nobody_elses(numbers: list[str]) -> None:
    slips = Slips(folder=Path("/run/slips"))
    places = [slips.place(number) for number in numbers]
    assert {Path(os.path.normpath(place)).parent for place in places} <= {slips.folder}
    assert len({*places}) == len(numbers)
    assert all(len(os.fsencode(place.name)) <= 255 for place in places)
    assert slips.place("00000001").name == "00000001.pdf"


def test_a_certificate_that_cannot_be_sealed_to_is_a_sentence(tmp_path: Path) -> None:
    path = certificate(tmp_path, ec.generate_private_key(ec.SECP256R1()))
    with pytest.raises(NoSeal) as error:
        recipient(path)
    assert str(error.value) == (
        "The slips cannot be sealed to desk.pem: Only RSA keys are supported at this time. Put the "
        "recipient's certificate (PEM, RSA) there, or take `seal_to` out of directory.yml."
    )


def test_a_path_names_its_share() -> None:
    assert parted(r"\\fs1\home\sato") == ("fs1", "home", "sato")
    assert parted(r"\\fs1\home\総務\sato") == ("fs1", "home", r"総務\sato")
    assert parted("/home/sato") == ("", "", "")
    assert parted(r"\\fs1\home") == ("", "", "")
