"""Security descriptors as file servers keep them: who owns a folder, and who may do what in it. Pure.

Layout: MS-DTYP 2.4.6 (SECURITY_DESCRIPTOR, self-relative), 2.4.5 (ACL), 2.4.4 (ACE), 2.4.2 (SID). Only
plain allow and deny entries are read; a folder with another kind is not one of ours.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from daicho.errors import DaichoError
from daicho.i18n import N_

FULL: Final = 0x1F01FF
MODIFY: Final = 0x1301BF
READ: Final = 0x1200A9
INHERITED: Final = 0x10
TO_ALL_BELOW: Final = 0x3
"""For files and folders below, at any depth: OBJECT_INHERIT and CONTAINER_INHERIT."""
SYSTEM: Final = "S-1-5-18"
ADMINISTRATORS: Final = "S-1-5-32-544"
_HEADER: Final = struct.Struct("<BBHIIII")
_LIST: Final = struct.Struct("<BBHHH")
_ENTRY: Final = struct.Struct("<BBHI")
_SELF_RELATIVE: Final = 0x8000
_LISTED: Final = 0x4
_PROTECTED: Final = 0x1000
# Inheritance is marked only when it is asked for and allowed at once; without the mark, what is below
# would look as if it had been set there.
_MARK: Final = 0x0500


class NotReadable(DaichoError):
    """A descriptor is not as the protocol says, or holds entries that we do not know."""

    sentence = N_("The rights of a folder cannot be read: {why}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What one principal may do, or may not."""

    sid: str
    mask: int = FULL
    flags: int = TO_ALL_BELOW
    allow: bool = True

    @property
    def inherited(self) -> bool:
        """Whether it comes from the folder above."""
        return bool(self.flags & INHERITED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Descriptor:
    """The rights of one folder."""

    entries: tuple[Entry, ...]
    owner: str = ""
    """A SID; empty: not told, or not to be changed."""
    protected: bool = True
    """Whether nothing is inherited from the folder above."""

    def packed(self) -> bytes:
        """As the server takes it."""
        owner = _sid_bytes(self.owner) if self.owner else b""
        listed = b"".join(_entry_bytes(entry) for entry in self.entries)
        listed = _LIST.pack(2, 0, _LIST.size + len(listed), len(self.entries), 0) + listed
        control = _SELF_RELATIVE | _LISTED | _MARK | (_PROTECTED if self.protected else 0)
        at = _HEADER.size
        header = _HEADER.pack(1, 0, control, at if owner else 0, 0, 0, at + len(owner))
        return header + owner + listed

    @classmethod
    def unpacked(cls, data: bytes) -> Descriptor:
        """From what the server answered.

        Raises:
            NotReadable: It breaks the layout, or has entries of another kind.
        """
        try:
            _revision, _pad, control, owner, _group, _sacl, listed = _HEADER.unpack_from(data)
            return cls(
                owner=sid_text(data[owner:]) if owner else "",
                protected=bool(control & _PROTECTED),
                entries=_entries(data, listed) if control & _LISTED and listed else (),
            )
        except (struct.error, IndexError) as error:
            raise NotReadable(why=str(error)) from error


def sid_text(data: bytes) -> str:
    """`S-1-5-21-…` of the bytes that a directory or a server keeps."""
    count = data[1]
    parts = struct.unpack_from(f"<{count}I", data, 8)
    return "-".join(["S", str(data[0]), str(int.from_bytes(data[2:8], "big")), *map(str, parts)])


def _sid_bytes(text: str) -> bytes:
    _s, revision, authority, *parts = text.split("-")
    numbers = struct.pack(f"<{len(parts)}I", *map(int, parts))
    return bytes([int(revision), len(parts)]) + int(authority).to_bytes(6, "big") + numbers


def _entry_bytes(entry: Entry) -> bytes:
    sid = _sid_bytes(entry.sid)
    return _ENTRY.pack(0 if entry.allow else 1, entry.flags, _ENTRY.size + len(sid), entry.mask) + sid


def _entries(data: bytes, at: int) -> tuple[Entry, ...]:
    _revision, _pad, _size, count, _pad2 = _LIST.unpack_from(data, at)
    at += _LIST.size
    found = []
    for _ in range(count):
        kind, flags, size, mask = _ENTRY.unpack_from(data, at)
        if kind not in {0, 1}:
            raise NotReadable(why=f"ACE type {kind}")
        sid = sid_text(data[at + _ENTRY.size : at + size])
        found.append(Entry(sid=sid, mask=mask, flags=flags, allow=kind == 0))
        at += size
    return tuple(found)
