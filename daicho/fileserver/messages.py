"""The few requests that walk a tree, packed by hand, for that takes half the time. Pure.

Layout: MS-SMB2 2.2.13 (CREATE), 2.2.15 (CLOSE), 2.2.33 (QUERY_DIRECTORY), 2.2.37 (QUERY_INFO), 2.2.39
(SET_INFO). What carries them (header, signature, encryption, credits) is smbprotocol's.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from daicho.fileserver.sids import NotReadable

THE_ONE_OPENED: Final = b"\xff" * 16
"""In a chain: the file that its first request opens (MS-SMB2 3.3.5.2.7.2)."""
_HEADER: Final = 64
_CREATE: Final = struct.Struct("<HBBIQQIIIIIHHII")
_CLOSE: Final = struct.Struct("<HHI16s")
_QUERY: Final = struct.Struct("<HBBIHHIII16s")
_SET: Final = struct.Struct("<HBBIHHI16s")
_LIST: Final = struct.Struct("<HBBI16sHHI")
_WITH_NUMBERS: Final = 38
"""FileIdFullDirectoryInformation (MS-FSCC 2.4.18)."""
_EVERYTHING: Final = "*".encode("utf-16-le")
_ANSWERED: Final = struct.Struct("<HHI")
_IMPERSONATION: Final = 2
_SHARED: Final = 7
_EXISTING: Final = 1
_NO_LINKS: Final = 0x00200000
"""FILE_OPEN_REPARSE_POINT: a link itself, not where it leads."""
_SECURITY: Final = 3
_FILE_ID_AT: Final = 64


@dataclass(frozen=True, slots=True)
class Message:
    """A request as smbprotocol sends it."""

    COMMAND: int
    body: bytes

    def pack(self) -> bytes:
        """Its bytes after the header."""
        return self.body

    def __len__(self) -> int:
        return len(self.body)


def opening(path: str, access: int) -> Message:
    """Open a file or folder that is there."""
    name = path.encode("utf-16-le", "surrogatepass")
    at = _HEADER + _CREATE.size
    body = _CREATE.pack(
        *(57, 0, 0, _IMPERSONATION, 0, 0, access, 0, _SHARED, _EXISTING, _NO_LINKS),
        *(at, len(name), 0, 0),
    )
    return Message(5, body + (name or b"\0\0"))


def closing(file: bytes = THE_ONE_OPENED) -> Message:
    """Close a file."""
    return Message(6, _CLOSE.pack(24, 0, 0, file))


def asking(which: int, longest: int, file: bytes = THE_ONE_OPENED) -> Message:
    """Ask for parts of a descriptor."""
    return Message(16, _QUERY.pack(41, _SECURITY, 0, longest, 0, 0, 0, which, 0, file) + b"\0")


def giving(which: int, packed: bytes, file: bytes = THE_ONE_OPENED) -> Message:
    """Set parts of a descriptor."""
    at = _HEADER + _SET.size
    return Message(17, _SET.pack(33, _SECURITY, 0, len(packed), at, 0, which, file) + packed)


@dataclass(frozen=True, slots=True)
class _Number:
    value: int

    def get_value(self) -> int:
        return self.value


@dataclass(frozen=True, slots=True)
class Listing(Message):
    """A request whose price smbprotocol works out from two of its fields."""

    longest: int

    def __getitem__(self, field: str) -> bytes | _Number:
        return _EVERYTHING if field == "buffer" else _Number(self.longest)


def listing(longest: int, *, anew: bool, file: bytes = THE_ONE_OPENED) -> Listing:
    """Ask for what is in a folder, from the beginning or on from where the last answer ended."""
    at = _HEADER + _LIST.size
    flags = 1 if anew else 0
    body = _LIST.pack(33, _WITH_NUMBERS, flags, 0, file, at, len(_EVERYTHING), longest)
    return Listing(14, body + _EVERYTHING, longest)


def opened(answer: bytes) -> bytes:
    """The file of an answer to `opening`."""
    return answer[_FILE_ID_AT : _FILE_ID_AT + 16]


def answered(answer: bytes) -> bytes:
    """What was asked for.

    Raises:
        NotReadable: The answer is cut short.
    """
    if len(answer) < _ANSWERED.size:
        raise NotReadable(why="an answer of the server is cut short")
    _size, at, length = _ANSWERED.unpack_from(answer)
    found = answer[at - _HEADER : at - _HEADER + length]
    if len(found) != length:
        raise NotReadable(why="an answer of the server is cut short")
    return found
