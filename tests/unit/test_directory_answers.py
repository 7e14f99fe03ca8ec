"""Entries from the wire: as ldap3's own decoder reads them, of messages that pyasn1 has written."""

from __future__ import annotations

from typing import Any, Self

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from ldap3.protocol import rfc4511
from ldap3.utils.asn1 import decode_message_fast, encode

from daicho.directory.answers import decode_lightly, entry_in

names = st.text("abcdefghijklmnopqrstuvwxyzABCXYZ-;=0123456789", min_size=1, max_size=40)
values = st.lists(st.binary(max_size=300), max_size=4)
entries = st.dictionaries(names, values, max_size=6)
numbers = st.integers(0, 2**31 - 1)


def entry(number: int, dn: str, attributes: dict[str, list[bytes]]) -> bytes:
    """A message with an entry, in BER."""
    listed = rfc4511.PartialAttributeList()
    for at, (name, held) in enumerate(attributes.items()):
        values = rfc4511.Vals()
        for place, value in enumerate(held):
            values.setComponentByPosition(place, rfc4511.AttributeValue(value))
        one = rfc4511.PartialAttribute()
        one["type"], one["vals"] = rfc4511.AttributeDescription(name), values
        listed.setComponentByPosition(at, one)
    found = rfc4511.SearchResultEntry()
    found["object"], found["attributes"] = rfc4511.LDAPDN(dn.encode()), listed
    return message(number, "searchResEntry", found)


def message(number: int, name: str, component: Any) -> bytes:
    operation = rfc4511.ProtocolOp()
    operation.setComponentByName(name, component)
    whole = rfc4511.LDAPMessage()
    whole["messageID"], whole["protocolOp"] = rfc4511.MessageID(number), operation
    written: bytes = encode(whole)
    return written


def done(number: int) -> bytes:
    end = rfc4511.SearchResultDone()
    end["resultCode"], end["matchedDN"], end["diagnosticMessage"] = 0, b"", b""
    return message(number, "searchResDone", end)


@example(7, "CN=a", {"cn": [bytes(127), bytes(128), bytes(255), bytes(256), bytes(70_000)]})
@given(numbers, st.text(st.characters(exclude_categories=["Cs"]), max_size=200), entries)
def test_an_entry_is_what_the_other_decoder_reads(
    number: int, dn: str, attributes: dict[str, list[bytes]]
) -> None:
    raw = entry(number, dn, attributes)
    read = decode_message_fast(raw)
    named, listed = read["payload"]
    expected: dict[str, list[bytes]] = {}
    for _class, _form, _tag, (kind, held) in listed[3]:
        expected[kind[3].decode().lower()] = [value[3] for value in held[3]]
    assert entry_in(raw) == (
        read["messageID"],
        {"type": "searchResEntry", "dn": named[3].decode(), "raw_attributes": expected},
    )


def test_other_messages_are_left_to_the_other_decoder() -> None:
    assert entry_in(done(7)) == (7, None)


def test_an_entry_of_which_more_is_said_is_left_to_the_other_decoder() -> None:
    raw = entry(7, "CN=a", {"cn": [b"a"]})
    controls = bytes.fromhex("a00b 3009 0403312e32 04023000")
    body = raw[2:] + controls
    assert entry_in(bytes([0x30, len(body)]) + body) == (7, None)


class Strategy:
    """As much of ldap3's strategy as an answer passes through: what came, in the order it came."""

    def __init__(self, *came: list[bytes]) -> None:
        self.came = list(came)
        self.seen: list[bytes] = []
        self.strategy = self

    @classmethod
    def decoding(cls, *came: list[bytes]) -> Self:
        made = cls(*came)
        decode_lightly(made)
        return made

    def receiving(self) -> list[bytes]:
        return self.came.pop(0) if self.came else []

    def get_response(self, message_id: int, timeout: object = None) -> tuple[list[Any], str]:
        del message_id, timeout
        self.seen = self.receiving()
        return [{"type": "searchResRef"}], "end"


A, B = entry(7, "CN=a", {"CN": [b"a"]}), entry(7, "CN=b", {})


@pytest.mark.parametrize("came", [[[A, B, done(7)]], [[A], [B], [done(7)]], [[A], [B, done(7)]]])
def test_entries_come_in_their_order_however_they_are_parted(came: list[list[bytes]]) -> None:
    its = Strategy.decoding(*came)
    response, result = its.get_response(7)
    assert [each.get("dn") for each in response] == ["CN=a", "CN=b", None]
    assert response[0]["raw_attributes"] == {"cn": [b"a"]}
    assert (its.seen, result) == ([done(7)], "end")


def test_an_answer_to_another_question_is_not_taken_for_ours() -> None:
    stray = entry(6, "CN=x", {})
    its = Strategy.decoding([A, stray, done(7)])
    its.get_response(7)
    assert its.seen == [stray, done(7)]


def test_a_connection_that_ends_gives_nothing_and_keeps_nothing() -> None:
    its = Strategy.decoding([A], [], [B, done(7)])
    its.get_response(7)
    assert its.seen == []
    response, _result = its.get_response(7)
    assert [each.get("dn") for each in response] == ["CN=b", None]
