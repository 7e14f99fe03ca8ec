"""Echo packets: whatever comes back, only the very answer to the very question counts."""

from __future__ import annotations

import struct

from hypothesis import example, given
from hypothesis import strategies as st

from daicho.reachability.echo import Dialogue, Question, checksum, sequence_of, without_ip_header

DIALOGUE = Dialogue(0x1234, b"cookie!!")
dialogues = st.builds(
    Dialogue,
    identifier=st.integers(0, 0xFFFF),
    cookie=st.binary(min_size=8, max_size=8),
    version=st.sampled_from([4, 6]),
)
questions = st.builds(Question, place=st.integers(0, 2**32 - 1), attempt=st.integers(0, 10))


def echoed(request: bytes, version: int = 4) -> bytes:
    """What an honest host sends back: type changed, checksum made anew, all else untouched."""
    bare = bytes([0 if version == 4 else 129, 0, 0, 0]) + request[4:]
    return bare[:2] + struct.pack("!H", checksum(bare)) + bare[4:]


@given(dialogues, questions)
def test_the_echo_of_a_question_names_the_question(dialogue: Dialogue, question: Question) -> None:
    assert dialogue.reply(echoed(dialogue.request(question), dialogue.version)) == question


@given(dialogues, questions)
def test_a_request_sums_up_to_nothing(dialogue: Dialogue, question: Question) -> None:
    # RFC 1071: the checksum of data that contains its checksum is 0.
    assert checksum(dialogue.request(question)) == 0


@given(questions, st.integers(0, 23), st.integers(1, 255))
def test_one_changed_byte_is_no_answer(question: Question, at: int, change: int) -> None:
    packet = bytearray(echoed(DIALOGUE.request(question)))
    packet[at] ^= change
    got = DIALOGUE.reply(bytes(packet))

    # The checksum itself (bytes 2, 3) is the system's to judge. A changed place (16 to 19) may name
    # another question, which nobody asked or somebody else has to answer.
    assert (got == question) == (at in (2, 3))
    assert got is None or at in (2, 3, 16, 17)


@given(st.binary(max_size=100))
@example(b"")
@example(b"\x45")
def test_no_packet_from_outside_is_an_error(packet: bytes) -> None:
    icmp = without_ip_header(packet)

    assert len(icmp) <= len(packet)
    assert DIALOGUE.reply(icmp) is None
    assert DIALOGUE.quoted(b"\x08\x00" + packet) in (None, int.from_bytes(packet[4:6]))


@given(dialogues, questions)
def test_what_an_error_quotes_is_known_again(dialogue: Dialogue, question: Question) -> None:
    request = dialogue.request(question)

    # RFC 792: an error quotes at least eight bytes.
    assert dialogue.quoted(request[:8]) == sequence_of(request)
    assert dialogue.quoted(echoed(request, dialogue.version)[:8]) is None


def test_a_reply_to_another_program_is_not_ours() -> None:
    other = Dialogue(0x1235, b"cookie!!")
    request = DIALOGUE.request(Question(7, 0))

    assert other.reply(echoed(request)) is None
    assert Dialogue(0x1234, b"cookie??").reply(echoed(request)) is None
    assert Dialogue(0x1235, b"cookie!!", checks_identifier=False).reply(echoed(request)) == (7, 0)


def test_the_example_of_the_rfc() -> None:
    # RFC 1071 section 3: 00 01 f2 03 f4 f5 f6 f7 add up to ddf2.
    assert checksum(bytes.fromhex("0001f203f4f5f6f7")) == 0xFFFF - 0xDDF2
