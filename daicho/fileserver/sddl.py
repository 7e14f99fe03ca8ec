r"""Descriptors as text (SDDL): what the record shows and a way back is read from. Pure.

Grammar: MS-DTYP 2.5.1.1. What that has no words for, or only a language of its own (conditions, claims),
stands as hexadecimal bytes after `#` in a seventh field: `(XA;;FX;;;WD;#61727478…)`.
"""

from __future__ import annotations

import re
import struct
import uuid
from typing import Final

from daicho.fileserver import sids
from daicho.fileserver.descriptors import WITH_GUIDS, Descriptor, Entry
from daicho.fileserver.sids import NotReadable, sid_bytes, sid_text

_KINDS: Final = {
    "A": 0x0,
    "D": 0x1,
    "AU": 0x2,
    "AL": 0x3,
    "OA": 0x5,
    "OD": 0x6,
    "OU": 0x7,
    "OL": 0x8,
    "XA": 0x9,
    "XD": 0xA,
    "ZA": 0xB,
    "XU": 0xD,
    "ML": 0x11,
    "RA": 0x12,
    "SP": 0x13,
}
_FLAGS: Final = {"OI": 1, "CI": 2, "NP": 4, "IO": 8, "ID": 0x10, "SA": 0x40, "FA": 0x80}
_RIGHTS: Final = {"FA": 0x1F01FF, "FR": 0x120089, "FW": 0x120116, "FX": 0x1200A0}
_MORE_RIGHTS: Final = {
    "GA": 0x10000000,
    "GX": 0x20000000,
    "GW": 0x40000000,
    "GR": 0x80000000,
    "RC": 0x20000,
    "SD": 0x10000,
    "WD": 0x40000,
    "WO": 0x80000,
    "CC": 1,
    "DC": 2,
    "LC": 4,
    "SW": 8,
    "RP": 0x10,
    "WP": 0x20,
    "DT": 0x40,
    "LO": 0x80,
    "CR": 0x100,
}
_SIDS: Final = {
    "WD": sids.EVERYONE,
    "CO": sids.CREATOR_OWNER,
    "CG": sids.CREATOR_GROUP,
    "OW": sids.OWNER_RIGHTS,
    "SY": sids.SYSTEM,
    "AU": sids.AUTHENTICATED_USERS,
    "BA": sids.ADMINISTRATORS,
    "BU": sids.USERS,
    "BG": "S-1-5-32-546",
    "PU": "S-1-5-32-547",
    "AO": "S-1-5-32-548",
    "SO": "S-1-5-32-549",
    "PO": "S-1-5-32-550",
    "BO": sids.BACKUP_OPERATORS,
    "NU": "S-1-5-2",
    "IU": "S-1-5-4",
    "AN": "S-1-5-7",
    "LS": "S-1-5-19",
    "NS": "S-1-5-20",
}
_KIND_WORDS: Final = {kind: word for word, kind in _KINDS.items()}
_RIGHT_WORDS: Final = {mask: word for word, mask in _RIGHTS.items()}
_SID_WORDS: Final = {sid: word for word, sid in _SIDS.items()}
_NULL: Final = "NO_ACCESS_CONTROL"
_WHOLE: Final = re.compile(
    rf"(?:O:(?P<owner>[A-Z]{{2}}|S-[0-9A-Fa-fxX-]+))?D:(?P<control>(?:P|AR|AI)*)"
    rf"(?:(?P<null>{_NULL})|(?P<entries>(?:\([^()]*\))*))"
)


def to_text(rights: Descriptor) -> str:
    """`O:BAD:PAI(A;OICI;FA;;;BA)`."""
    owner = f"O:{_sid_word(rights.owner)}" if rights.owner else ""
    control = f"{'P' if rights.protected else ''}{'AI' if rights.marked else ''}"
    entries = _NULL if rights.null else "".join(_entry_text(entry) for entry in rights.entries)
    return f"{owner}D:{control}{entries}"


def from_text(text: str) -> Descriptor:
    """The descriptor of an SDDL text.

    Raises:
        NotReadable: It is none.
    """
    found = _WHOLE.fullmatch(text)
    if not found:
        raise NotReadable(why=f"{text[:120]!r} is no SDDL of an owner and a list")
    control = found["control"]
    return Descriptor(
        entries=tuple(_entry(each) for each in re.findall(r"\(([^()]*)\)", found["entries"] or "")),
        owner=_sid(found["owner"]) if found["owner"] else "",
        protected="P" in control,
        marked="AI" in control,
        null=found["null"] is not None,
    )


def _entry_text(entry: Entry) -> str:
    kind = _KIND_WORDS.get(entry.kind, f"{entry.kind:#x}")
    words = [word for word, flag in _FLAGS.items() if entry.flags & flag]
    flags = f"{entry.flags:#x}" if entry.flags & ~sum(_FLAGS.values()) else "".join(words)
    if not entry.sid:
        return f"({kind};{flags};;;;;#{entry.data.hex()})"
    mask = _RIGHT_WORDS.get(entry.mask, f"{entry.mask:#x}")
    more = f";#{entry.data.hex()}" if entry.data else ""
    its, inherited = _guid_texts(entry.guids)
    return f"({kind};{flags};{mask};{its};{inherited};{_sid_word(entry.sid)}{more})"


def _entry(text: str) -> Entry:
    fields = text.split(";")
    if len(fields) not in {6, 7}:
        raise NotReadable(why=f"{text[:120]!r} has not the six fields of an entry")
    kind, flags, mask, its, inherited, sid = fields[:6]
    number = _KINDS[kind] if kind in _KINDS else _number(kind, 8)
    data = _bytes(fields[6]) if len(fields) == 7 else b""
    if not sid:
        return Entry(sid="", mask=0, kind=number, flags=_joined(flags, _FLAGS, 8), data=data)
    return Entry(
        sid=_sid(sid),
        mask=_joined(mask, _RIGHTS | _MORE_RIGHTS, 32),
        flags=_joined(flags, _FLAGS, 8),
        kind=number,
        guids=_guids(its, inherited) if number in WITH_GUIDS else b"",
        data=data,
    )


def _sid_word(sid: str) -> str:
    return _SID_WORDS.get(sid, sid)


def _sid(word: str) -> str:
    return _SIDS[word] if word in _SIDS else sid_text(sid_bytes(word))


def _number(text: str, bits: int) -> int:
    try:
        value = int(text, 16) if text.lower().startswith("0x") else -1
    except ValueError:
        value = -1
    if not 0 <= value < 1 << bits:
        raise NotReadable(why=f"{text[:40]!r} is no word of SDDL")
    return value


def _joined(text: str, words: dict[str, int], bits: int) -> int:
    """The number of `OICI`, or of `0x3`."""
    if text[:2].lower() == "0x":
        return _number(text, bits)
    value = 0
    for at in range(0, len(text), 2):
        word = text[at : at + 2]
        if word not in words:
            raise NotReadable(why=f"{text[:40]!r} is no word of SDDL")
        value |= words[word]
    return value


def _bytes(text: str) -> bytes:
    try:
        return bytes.fromhex(text[1:] if text.startswith("#") else "?")
    except ValueError as error:
        raise NotReadable(why=f"{text[:80]!r} are no bytes; conditions are read as #hexadecimal") from error


def _guid_texts(guids: bytes) -> tuple[str, str]:
    if not guids:
        return "", ""
    there = struct.unpack_from("<I", guids)[0]
    parts = [str(uuid.UUID(bytes_le=guids[at : at + 16])) for at in range(4, len(guids), 16)]
    its = parts.pop(0) if there & 1 else ""
    return its, parts.pop(0) if there & 2 else ""


def _guids(its: str, inherited: str) -> bytes:
    try:
        packed = [uuid.UUID(text).bytes_le for text in (its, inherited) if text]
    except ValueError as error:
        raise NotReadable(why=f"{its[:40]!r} or {inherited[:40]!r} is no GUID") from error
    return struct.pack("<I", bool(its) | bool(inherited) << 1) + b"".join(packed)
