"""When and where something was written, and what no run of ours explains."""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daicho.directory.groups import Groups
from daicho.directory.metadata import Written, attribute_number, written
from daicho.directory.outside import Outside, outside
from daicho.directory.polling import Mark, Write
from daicho.directory.values import (
    NEVER,
    Entry,
    from_days,
    from_filetime,
    from_generalized,
    to_days,
    to_filetime,
    to_generalized,
)
from daicho.directory.wrong import NotFound

if TYPE_CHECKING:
    from daicho.plan import Scalar

type State = dict[str, Scalar]

DN = "CN=鈴木 花子,OU=職員,DC=example"
WHEN = datetime(2027, 4, 1, 9, 30, tzinfo=UTC)
SERVER = UUID("a9912205-d526-4fcc-8150-4edff4ee25b5")
moments = st.datetimes(datetime(1980, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def blob(*entries: tuple[int, int, int, UUID, int]) -> bytes:
    """The metadata as a domain controller stores it."""
    found = struct.pack("<IIII", 1, 0, len(entries), 0)
    for number, version, seconds, server, usn in entries:
        found += struct.pack("<IIQ16sQQ", number, version, seconds, server.bytes_le, usn, usn)
    return found


def test_metadata_are_read() -> None:
    seconds = int((WHEN - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds())
    assert list(written(blob((0x0009_0001, 3, seconds, SERVER, 4100)))) == [
        Written(0x0009_0001, 3, WHEN, SERVER, 4100)
    ]
    assert list(written(blob())) == []


@pytest.mark.parametrize("wrong", [b"", b"\x02" + bytes(15), blob((1, 1, 1, SERVER, 1))[:-1]])
def test_metadata_of_another_shape_are_refused(wrong: bytes) -> None:
    with pytest.raises(ValueError, match=r"^[0-9a-f]*$"):
        list(written(wrong))


@pytest.mark.parametrize(
    ("identifier", "number"),
    [
        ("2.5.4.3", 0x3),  # cn
        ("1.2.840.113556.1.4.8", 0x9_0008),  # userAccountControl
        ("1.2.840.113556.1.2.281", 0x2_0119),  # nTSecurityDescriptor
        ("1.3.6.1.4.1.99999.1", None),
    ],
)
def test_attributes_have_numbers(identifier: str, number: int | None) -> None:
    assert attribute_number(identifier) == number


@given(moments)
def test_moments_come_back(when: datetime) -> None:
    assert from_filetime(to_filetime(when)) == when
    assert from_days(to_days(when)) <= when < from_days(to_days(when)) + timedelta(days=1)
    assert from_generalized(to_generalized(when)) == when.replace(microsecond=0)


def test_never_is_no_moment() -> None:
    assert (from_filetime(0), from_filetime(NEVER), from_filetime(NEVER - 1)) == (None, None, None)
    with pytest.raises(ValueError, match="20270401090000"):
        from_generalized("20270401090000+0900")
    assert from_generalized("20270401093000.0Z") == WHEN


def test_an_entry_gives_its_values() -> None:
    entry = Entry(DN, {"cn": ["鈴木".encode()], "member": [b"a", b"b"], "n": [b"5"]})
    assert (entry.text("CN"), entry.texts("Member"), entry.number("N")) == ("鈴木", ["a", "b"], 5)
    assert (entry.text("x"), entry.texts("x"), entry.number("x", -1)) == ("", [], -1)


def test_groups_have_names_and_places() -> None:
    found = Groups.of(
        {"CN=GS_A,DC=x": "GS_A", "CN=GS_B,DC=x": "GS_B"}, {"CN=GS_A,DC=x": ["cn=gs_b, dc=x", "CN=far,DC=y"]}
    )
    assert found.name("cn=GS_a,dc=X") == "GS_A"
    assert found.name("CN=far,DC=y") == "CN=far,DC=y"
    assert (found.place("gs_a"), found.place("CN=far,DC=y")) == ("CN=GS_A,DC=x", "CN=far,DC=y")
    assert found.spelled("gs_b") == "GS_B"
    assert found.missing({"GS_A", "gs_b", "none", "CN=far,DC=y"}) == ("none",)
    assert found.nesting.effective(["GS_A"]) == {"GS_A", "GS_B", "CN=far,DC=y"}
    with pytest.raises(NotFound) as refused:
        found.place("none")
    assert str(refused.value) == "The directory has no group 'none'."


def test_what_no_run_explains_is_dated_by_the_write_that_fits() -> None:
    recorded: State = {"dn": DN, "enabled": True, "attribute:title": "係員", "group:A": "member"}
    present: State = {"dn": DN, "enabled": False, "attribute:title": "係長", "attribute:mail": "a@example.jp"}
    writes = [
        Write(dn=DN.replace("CN=", "cn="), attribute="userAccountControl", when=WHEN, server="DC2"),
        Write(dn=DN, attribute="title", when=WHEN - timedelta(days=1), server="DC1"),
        Write(dn="CN=A,DC=x", attribute="member", when=WHEN + timedelta(days=1)),
    ]
    place = {"A": "CN=A,DC=x"}.__getitem__
    assert outside({"H1": recorded}, {"H1": present}, writes, place) == (
        Outside(account="H1", key="attribute:mail", recorded=None, found="a@example.jp"),
        Outside(
            account="H1",
            key="attribute:title",
            recorded="係員",
            found="係長",
            when=WHEN - timedelta(days=1),
            server="DC1",
        ),
        Outside(account="H1", key="enabled", recorded=True, found=False, when=WHEN, server="DC2"),
        Outside(account="H1", key="group:A", recorded="member", found=None, when=WHEN + timedelta(days=1)),
    )


def test_accounts_that_others_made_or_deleted_are_one_line_each() -> None:
    gone = Write(dn=DN, attribute="", when=WHEN, server="DC1", deleted=True)
    assert outside({"H1": {"dn": DN, "enabled": True}}, {"H2": {"dn": "CN=x,DC=y"}}, [gone], str) == (
        Outside(account="H1", key="dn", recorded=DN, found=None, when=WHEN, server="DC1"),
        Outside(account="H2", key="dn", recorded=None, found="CN=x,DC=y"),
    )
    assert outside({"H1": {"dn": DN}}, {"H1": {"dn": DN}}, [gone], str) == ()


def test_a_mark_is_kept_in_the_ledger_and_read_back() -> None:
    mark = Mark(numbers={str(SERVER): 4100}, when=WHEN)
    assert mark.as_json() == {"numbers": {str(SERVER): 4100}, "when": "2027-04-01T09:30:00.000000Z"}
    assert Mark.from_json(mark.as_json()) == mark
    with pytest.raises(TypeError):
        Mark.from_json({"numbers": [], "when": "2027-04-01T09:30:00.000000Z"})
