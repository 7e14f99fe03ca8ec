"""What a folder holds, as servers list it. Pure.

Layout: MS-FSCC 2.4.18 (FileIdFullDirectoryInformation).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_ENTRY: Final = struct.Struct("<I52xII8xQ")
_FOLDER: Final = 0x10
_LINK: Final = 0x400


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """What a folder holds."""

    name: str
    folder: bool
    link: bool
    """Whether it leads elsewhere."""
    number: int
    """The server's own number of it; 0: it gives none."""


def children_in(data: bytes) -> Iterator[Child]:
    """The entries of a listing, without the folder itself and the one above."""
    at, further = 0, 1
    while further:
        further, attributes, length, number = _ENTRY.unpack_from(data, at)
        begins = at + _ENTRY.size
        name = data[begins : begins + length].decode("utf-16-le", "surrogatepass")
        if name not in {".", ".."}:
            yield Child(
                name=name,
                folder=bool(attributes & _FOLDER),
                link=bool(attributes & _LINK),
                number=number,
            )
        at += further
