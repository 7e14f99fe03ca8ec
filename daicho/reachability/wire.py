"""The few bytes that tell a directory server, a file server or a time server. Pure."""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

_NTP_EPOCH: Final = 2_208_988_800
_NTP: Final = struct.Struct("!BBbb11I")
_NTP_UNSYNCHRONISED: Final = 3

ROOT_DSE_REQUEST: Final = bytes.fromhex(
    # LDAPMessage(1, SearchRequest("", baseObject, never, 1 entry, 3 s, false, (objectClass=*),
    # [defaultNamingContext])), RFC 4511
    "303b020101 6336 0400 0a0100 0a0100 020101 020103 010100"
    "870b6f626a656374436c617373 3016 0414 64656661756c744e616d696e67436f6e74657874"
)


def is_ldap_entry(answer: bytes) -> bool:
    """Whether an LDAP message holds a search entry, or the end of a search without an error."""
    if len(answer) < 10 or answer[0] != 0x30:
        return False
    start = 2 + (answer[1] & 0x7F if answer[1] & 0x80 else 0)
    # messageID 1, then SearchResultEntry (0x64) or SearchResultDone (0x65)
    return answer[start : start + 3] == b"\x02\x01\x01" and answer[start + 3] in (0x64, 0x65)


def naming_context(answer: bytes) -> str:
    """The directory's name in the answer, `DC=example,DC=jp`; empty if it does not say."""
    _before, found, rest = answer.partition(b"defaultNamingContext")
    if not found or len(rest) < 4 or rest[0] != 0x31:
        return ""
    skip = 2 + (rest[1] & 0x7F if rest[1] & 0x80 else 0)
    value = rest[skip:]
    return (
        value[2 : 2 + value[1]].decode("utf-8", "replace") if value[:1] == b"\x04" and len(value) > 1 else ""
    )


_DIALECTS: Final = {0x0202: "2.0.2", 0x0210: "2.1", 0x0300: "3.0", 0x0302: "3.0.2", 0x02FF: "2"}


def smb_negotiate() -> bytes:
    """An SMB2 NEGOTIATE request for 2.0.2 to 3.0.2 (MS-SMB2 2.2.3)."""
    header = struct.pack("<4sHHIHHIIQIIQ16s", b"\xfeSMB", 64, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, bytes(16))
    dialects = [0x0202, 0x0210, 0x0300, 0x0302]
    body = struct.pack("<HHHHI16sQ", 36, len(dialects), 1, 0, 0, bytes(16), 0)
    body += struct.pack(f"<{len(dialects)}H", *dialects)
    return struct.pack("!I", len(header) + len(body)) + header + body


def smb_dialect(answer: bytes) -> str:
    """The version that a server agreed on; empty if it did not."""
    if len(answer) < 4 + 64 + 8 or answer[4:8] != b"\xfeSMB":
        return ""
    (status,) = struct.unpack_from("<I", answer, 4 + 8)
    size, _mode, dialect = struct.unpack_from("<HHH", answer, 4 + 64)
    return _DIALECTS.get(dialect, "") if status == 0 and size == 65 else ""


class TimeTold(NamedTuple):
    """What a time server says."""

    stratum: int
    synchronised: bool
    offset_s: float
    """What this machine's clock would have to be advanced by."""


def ntp_request(now: float) -> bytes:
    """A client's question (RFC 5905), version 4, at a Unix time."""
    return _NTP.pack(0x23, 0, 0, 0, *([0] * 9), *_ntp_stamp(now))


def ntp_time(answer: bytes, sent: float, came: float) -> TimeTold | None:
    """What the answer says; None if it does not answer the question of that moment."""
    if len(answer) < _NTP.size:
        return None
    first, stratum, _poll, _precision, *words = _NTP.unpack_from(answer)
    if first & 7 != 4 or tuple(words[5:7]) != _ntp_stamp(sent):
        return None
    received, transmitted = _unix(*words[7:9]), _unix(*words[9:11])
    offset = ((received - sent) + (transmitted - came)) / 2
    return TimeTold(stratum, first >> 6 != _NTP_UNSYNCHRONISED and 1 <= stratum <= 15, offset)


def _ntp_stamp(now: float) -> tuple[int, int]:
    whole = int(now)
    return (whole + _NTP_EPOCH) & 0xFFFFFFFF, int((now - whole) * (1 << 32)) & 0xFFFFFFFF


def _unix(seconds: int, fraction: int) -> float:
    return seconds - _NTP_EPOCH + fraction / (1 << 32)
