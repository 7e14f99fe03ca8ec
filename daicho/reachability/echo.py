"""ICMP echo requests and replies as bytes (RFC 792, RFC 4443). Pure."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final, NamedTuple

ECHO_REQUEST: Final = {4: 8, 6: 128}
ECHO_REPLY: Final = {4: 0, 6: 129}

_HEADER: Final = struct.Struct("!BBHHH")
_PAYLOAD: Final = struct.Struct("!8sIBxxx")


class Question(NamedTuple):
    """Which of our questions a packet is about."""

    place: int
    """The place of the address in the list that was asked."""
    attempt: int
    """0 for the first try."""


@dataclass(frozen=True, slots=True)
class Dialogue:
    """What makes the packets of one sweep ours: nobody else can guess it.

    Another program's pings, a reply to an earlier sweep and a forged reply differ in one of the two.
    """

    identifier: int
    cookie: bytes
    """8 random bytes that every reply has to bring back."""
    version: int = 4
    checks_identifier: bool = True
    """False where the system puts its own identifier and sorts the replies itself."""

    def request(self, question: Question) -> bytes:
        """The echo request that asks this question."""
        payload = _PAYLOAD.pack(self.cookie, question.place, question.attempt)
        kind, number = ECHO_REQUEST[self.version], sequence(question)
        bare = _HEADER.pack(kind, 0, 0, self.identifier, number) + payload
        # For IPv6 the system fills the checksum in: it covers addresses that we do not know.
        return _HEADER.pack(kind, 0, checksum(bare), self.identifier, number) + payload

    def reply(self, packet: bytes) -> Question | None:
        """The question that an ICMP packet (without IP header) answers; None if it is none of ours."""
        if not self.concerns(packet, ECHO_REPLY[self.version]):
            return None
        if len(packet) != _HEADER.size + _PAYLOAD.size:
            return None
        _cookie, place, attempt = _PAYLOAD.unpack_from(packet, _HEADER.size)
        question = Question(place, attempt)
        asked = self.request(question)
        # All but type and checksum has to come back as it was sent; the identifier was looked at above.
        return question if packet[6:] == asked[6:] else None

    def concerns(self, packet: bytes, kind: int) -> bool:
        """Whether an ICMP packet, or the beginning that an error quotes, has our identifier."""
        if len(packet) < _HEADER.size or packet[0] != kind or packet[1] != 0:
            return False
        return not self.checks_identifier or packet[4:6] == self.identifier.to_bytes(2)

    def quoted(self, packet: bytes) -> int | None:
        """The sequence number in a request that an ICMP error quotes; None if it was not ours."""
        return sequence_of(packet) if self.concerns(packet, ECHO_REQUEST[self.version]) else None


def sequence(question: Question) -> int:
    """The 16-bit sequence number of a question; an ICMP error quotes no more of it than this."""
    return (question.place * 11 + question.attempt) & 0xFFFF


def sequence_of(packet: bytes) -> int:
    """The sequence number in an echo packet."""
    return int.from_bytes(packet[6:8])


def without_ip_header(packet: bytes) -> bytes:
    """The ICMP part of what a raw IPv4 socket receives; empty if the packet is cut short."""
    return packet[(packet[0] & 15) * 4 :] if packet else b""


def checksum(data: bytes) -> int:
    """The Internet checksum (RFC 1071)."""
    padded = data + b"\0" if len(data) % 2 else data
    total: int = sum(struct.unpack(f"!{len(padded) // 2}H", padded))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
