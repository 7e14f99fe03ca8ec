"""Security descriptors as file servers keep them: who owns a folder, and who may do what in it. Pure.

Layout: MS-DTYP 2.4.6 (SECURITY_DESCRIPTOR, self-relative), 2.4.5 (ACL), 2.4.4 (ACE). What an entry has
beside its SID and mask (conditions, claims, the GUIDs of object entries) is kept as it came.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from daicho.fileserver.sids import NotReadable, sid_bytes, sid_size, sid_text

FULL: Final = 0x1F01FF
MODIFY: Final = 0x1301BF
READ: Final = 0x1200A9
OBJECT: Final = 0x1
"""Files below inherit it."""
CONTAINER: Final = 0x2
"""Folders below inherit it."""
NO_FURTHER: Final = 0x4
"""What is directly below inherits it, and passes it on to nobody."""
ONLY_BELOW: Final = 0x8
"""It does not count where it stands."""
INHERITED: Final = 0x10
TO_ALL_BELOW: Final = OBJECT | CONTAINER
"""For files and folders below, at any depth."""
ALLOW: Final = 0x0
DENY: Final = 0x1
ALLOWING: Final = frozenset({0x0, 0x5, 0x9, 0xB})
DENYING: Final = frozenset({0x1, 0x6, 0xA, 0xC})
WITH_GUIDS: Final = frozenset({0x5, 0x6, 0x7, 0x8, 0xB, 0xC, 0xF, 0x10})
PLAIN: Final = frozenset({0x0, 0x1, 0x2, 0x3, 0x9, 0xA, 0xD, 0xE, 0x11, 0x12, 0x13})
LONGEST: Final = 0xFFFF
"""So many bytes a list of entries has at most, for its length is a number of 16 bits."""
_HEADER: Final = struct.Struct("<BBHIIII")
_LIST: Final = struct.Struct("<BBHHH")
_ENTRY: Final = struct.Struct("<BBH")
_MASK: Final = struct.Struct("<I")
_SELF_RELATIVE: Final = 0x8000
_LISTED: Final = 0x4
_PROTECTED: Final = 0x1000
_MARKED: Final = 0x0400
# Inheritance is marked only when it is asked for and allowed at once; without the mark, what is below
# would look as if it had been set there.
_MARK: Final = 0x0500


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What one principal may do, or may not."""

    sid: str
    """Empty: an entry of a kind that has none; all of it is in `data`."""
    mask: int = FULL
    flags: int = TO_ALL_BELOW
    kind: int = ALLOW
    guids: bytes = b""
    """Of object entries: which GUIDs follow, and they."""
    data: bytes = b""
    """What follows the SID: a condition, a claim."""

    @property
    def inherited(self) -> bool:
        """Whether it comes from the folder above."""
        return bool(self.flags & INHERITED)

    @property
    def allow(self) -> bool:
        """Whether it gives rights."""
        return self.kind in ALLOWING

    @property
    def deny(self) -> bool:
        """Whether it takes rights."""
        return self.kind in DENYING

    @property
    def plain(self) -> bool:
        """Whether it gives or takes under no condition."""
        return self.kind in {ALLOW, DENY} and not self.data

    def packed(self) -> bytes:
        """As a server keeps it."""
        if not self.sid:
            body = self.data
        else:
            body = _MASK.pack(self.mask) + self.guids + sid_bytes(self.sid) + self.data
        if _ENTRY.size + len(body) > LONGEST:
            raise NotReadable(why="an entry is longer than 65,535 bytes")
        return _ENTRY.pack(self.kind, self.flags, _ENTRY.size + len(body)) + body


@dataclass(frozen=True, slots=True, kw_only=True)
class Descriptor:
    """The rights of one file or folder."""

    entries: tuple[Entry, ...]
    owner: str = ""
    """A SID; empty: not told, or not to be changed."""
    protected: bool = True
    """Whether nothing is inherited from the folder above."""
    marked: bool = True
    """Whether inherited entries are told apart from own ones (`AI`)."""
    null: bool = False
    """Whether there is no list at all: everybody may do everything."""

    def packed(self) -> bytes:
        """As the server takes it.

        Raises:
            NotReadable: There are more entries than a list can hold.
        """
        owner = sid_bytes(self.owner) if self.owner else b""
        listed = b"" if self.null else _packed_list(self.entries)
        control = _SELF_RELATIVE | _LISTED | (_MARK if self.marked else 0)
        control |= _PROTECTED if self.protected else 0
        at = _HEADER.size
        where = at + len(owner) if listed else 0
        return _HEADER.pack(1, 0, control, at if owner else 0, 0, 0, where) + owner + listed

    @classmethod
    def unpacked(cls, data: bytes) -> Descriptor:
        """From what the server answered.

        Raises:
            NotReadable: It breaks the layout.
        """
        try:
            revision, _pad, control, owner, _group, _sacl, listed = _HEADER.unpack_from(data)
        except struct.error as error:
            raise NotReadable(why="a descriptor is cut short") from error
        if revision != 1 or not control & _SELF_RELATIVE:
            raise NotReadable(why="it is no self-relative descriptor")
        there = bool(control & _LISTED and listed)
        return cls(
            owner=sid_text(data, owner) if owner else "",
            protected=bool(control & _PROTECTED),
            marked=bool(control & _MARKED),
            null=not there,
            entries=_unpacked_list(data, listed) if there else (),
        )


def _packed_list(entries: tuple[Entry, ...]) -> bytes:
    packed = b"".join(entry.packed() for entry in entries)
    size = _LIST.size + len(packed)
    if size > LONGEST:
        raise NotReadable(why=f"{len(entries)} entries take {size} bytes, and a list holds {LONGEST}")
    # Revision 4 announces entries with GUIDs (MS-DTYP 2.4.5).
    revision = 4 if any(entry.kind in WITH_GUIDS for entry in entries) else 2
    return _LIST.pack(revision, 0, size, len(entries), 0) + packed


def _unpacked_list(data: bytes, at: int) -> tuple[Entry, ...]:
    try:
        _revision, _pad, size, count, _pad2 = _LIST.unpack_from(data, at)
    except struct.error as error:
        raise NotReadable(why=f"the list of entries at byte {at} is cut short") from error
    end = at + size
    if end > len(data):
        raise NotReadable(why=f"the list of entries at byte {at} is cut short")
    at += _LIST.size
    found = []
    for number in range(count):
        if at + _ENTRY.size > end:
            raise NotReadable(why=f"entry {number + 1} of {count} is cut short")
        kind, flags, size = _ENTRY.unpack_from(data, at)
        if size < _ENTRY.size or at + size > end:
            raise NotReadable(why=f"entry {number + 1} of {count} has a wrong length")
        found.append(_unpacked_entry(kind, flags, data[at + _ENTRY.size : at + size]))
        at += size
    return tuple(found)


def _unpacked_entry(kind: int, flags: int, body: bytes) -> Entry:
    begins = 4 + _guids_size(kind, body)
    if kind not in PLAIN | WITH_GUIDS or begins < 4:
        return Entry(sid="", mask=0, kind=kind, flags=flags, data=body)
    size = sid_size(body, begins)
    return Entry(
        sid=sid_text(body, begins),
        mask=_MASK.unpack_from(body)[0],
        flags=flags,
        kind=kind,
        guids=body[4:begins],
        data=body[begins + size :],
    )


def _guids_size(kind: int, body: bytes) -> int:
    """How many bytes come between mask and SID; less than 0: nobody can tell."""
    if kind not in WITH_GUIDS:
        return 0
    if len(body) < 8:
        return -8
    there = _MASK.unpack_from(body, 4)[0]
    return -8 if there & ~3 else 4 + 16 * there.bit_count()
