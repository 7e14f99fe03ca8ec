"""The codec of security descriptors: what goes in comes out, and nonsense is told."""

from __future__ import annotations

import struct

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from daicho.fileserver import sddl
from daicho.fileserver.descriptors import PLAIN, WITH_GUIDS, Descriptor, Entry
from daicho.fileserver.sids import ADMINISTRATORS, SYSTEM, NotReadable, sid_bytes, sid_text

numbers = st.integers(0, 2**32 - 1)
sid_texts = st.builds(
    lambda revision, authority, parts: "-".join(["S", str(revision), str(authority), *map(str, parts)]),
    st.integers(0, 255),
    st.integers(0, 2**48 - 1),
    st.lists(numbers, max_size=15),
) | st.sampled_from(["S-1-1-0", "S-1-5-18", "S-1-5-32-544", "S-1-3-0"])
flags = st.integers(0, 255)
data = st.binary(max_size=40)
guids = st.tuples(
    st.none() | st.binary(min_size=16, max_size=16), st.none() | st.binary(min_size=16, max_size=16)
)


def packed_guids(two: tuple[bytes | None, bytes | None]) -> bytes:
    its, inherited = two
    return struct.pack("<I", (its is not None) | (inherited is not None) << 1) + b"".join(
        each for each in two if each is not None
    )


plain = st.builds(
    Entry, sid=sid_texts, mask=numbers, flags=flags, kind=st.sampled_from(sorted(PLAIN)), data=data
)
of_objects = st.builds(
    Entry,
    sid=sid_texts,
    mask=numbers,
    flags=flags,
    kind=st.sampled_from(sorted(WITH_GUIDS)),
    guids=st.builds(packed_guids, guids),
    data=data,
)
unknown = st.builds(
    Entry, sid=st.just(""), mask=st.just(0), flags=flags, kind=st.integers(0x14, 255) | st.just(4), data=data
)
entries = st.lists(plain | of_objects | unknown, max_size=6).map(tuple)
listed = st.builds(
    Descriptor,
    entries=entries,
    owner=st.just("") | sid_texts,
    protected=st.booleans(),
    marked=st.booleans(),
)
nothing_listed = st.builds(Descriptor, entries=st.just(()), null=st.just(True), protected=st.booleans())
descriptors = listed | nothing_listed


@given(descriptors)
def test_bytes_and_text_come_back_as_they_were(rights: Descriptor) -> None:
    assert Descriptor.unpacked(rights.packed()) == rights
    assert sddl.from_text(sddl.to_text(rights)) == rights


@given(sid_texts)
def test_sids_come_back_as_they_were(text: str) -> None:
    assert sid_text(sid_bytes(text)) == text


@given(st.binary(max_size=200) | st.builds(lambda d, n: d.packed()[:n], descriptors, st.integers(0, 200)))
@example(b"\x01\x00\x04\x80" + b"\x14\x00\x00\x00" * 4)
def test_bad_bytes_are_told_and_never_crash(raw: bytes) -> None:
    try:
        found = Descriptor.unpacked(raw)
    except NotReadable:
        return
    assert Descriptor.unpacked(found.packed()) == found


@given(st.data(), descriptors)
def test_a_flipped_byte_is_told_or_read(drawn: st.DataObject, rights: Descriptor) -> None:
    raw = bytearray(rights.packed())
    raw[drawn.draw(st.integers(0, len(raw) - 1))] ^= drawn.draw(st.integers(1, 255))
    try:
        found = Descriptor.unpacked(bytes(raw))
    except NotReadable:
        return
    assert sddl.from_text(sddl.to_text(found)) == found


@given(st.text(max_size=60) | st.text("OD:()AIP;BAFx0123#-S", max_size=60))
def test_bad_text_is_told(text: str) -> None:
    try:
        found = sddl.from_text(text)
    except NotReadable:
        return
    assert sddl.from_text(sddl.to_text(found)) == found


def test_the_bytes_are_those_of_the_protocol() -> None:
    rights = Descriptor(entries=(Entry(sid=SYSTEM), Entry(sid=ADMINISTRATORS)))
    assert rights.packed().hex() == (
        "01000495000000000000000000000000140000000200340002000000"
        "00031400ff011f00010100000000000512000000"
        "00031800ff011f0001020000000000052000000020020000"
    )
    with pytest.raises(NotReadable):
        Descriptor.unpacked(b"\x01\x00")


def test_the_text_is_what_windows_writes() -> None:
    text = "O:BAD:PAI(D;OICI;0x1301bf;;;S-1-5-21-1-2-3-1104)(A;OICI;FA;;;SY)(A;CIIOID;FR;;;CO)"
    found = sddl.from_text(text)
    assert sddl.to_text(found) == text
    assert found.owner == "S-1-5-32-544"
    assert [(entry.deny, entry.inherited) for entry in found.entries] == [
        (True, False),
        (False, False),
        (False, True),
    ]


def test_object_entries_conditions_and_a_missing_list() -> None:
    guid = "bf967aba-0de6-11d0-a285-00aa003049e2"
    text = f"D:AI(OA;CI;0x10;{guid};;WD)(XA;;FX;;;WD;#61727478)(0x3c;;;;;;#00ff)"
    found = sddl.from_text(text)
    assert sddl.to_text(Descriptor.unpacked(found.packed())) == text
    null = sddl.from_text("D:NO_ACCESS_CONTROL")
    assert null.null
    assert Descriptor.unpacked(null.packed()) == null
    assert not sddl.from_text("D:").null


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("D:(A;OICI;FA;;BA)", "'A;OICI;FA;;BA' has not the six fields of an entry"),
        ("D:(A;QQ;FA;;;BA)", "'QQ' is no word of SDDL"),
        ("D:(A;;FA;;;ZZ)", "'ZZ' is no SID"),
        ("D:(XA;;FA;;;BA;@User.Title)", "'@User.Title' are no bytes; conditions are read as #hexadecimal"),
        ("D:(OA;;FA;x;;BA)", "'x' or '' is no GUID"),
        ("G:BA", "'G:BA' is no SDDL of an owner and a list"),
    ],
)
def test_what_is_wrong_with_a_text(text: str, why: str) -> None:
    with pytest.raises(NotReadable) as found:
        sddl.from_text(text)
    assert str(found.value) == f"The rights of a folder cannot be read: {why}."


def test_a_list_as_long_as_it_can_be_and_one_that_is_longer() -> None:
    most = Descriptor(entries=tuple(Entry(sid=f"S-1-5-21-1-2-3-{number}") for number in range(1820)))
    assert Descriptor.unpacked(most.packed()) == most
    longer = Descriptor(entries=tuple(Entry(sid=f"S-1-5-{number}") for number in range(5000)))
    with pytest.raises(NotReadable) as found:
        longer.packed()
    assert str(found.value) == (
        "The rights of a folder cannot be read: 5000 entries take 100008 bytes, and a list holds 65535."
    )
    assert sddl.from_text(sddl.to_text(longer)) == longer
