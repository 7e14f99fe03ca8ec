"""When and where each attribute of an object was last written: Active Directory's replPropertyMetaData. Pure.

MS-DRSR 5.165 (PROPERTY_META_DATA_EXT_VECTOR) as it is stored: a version, a count, and 48 bytes per
attribute. Attributes are numbers there, whose upper half stands for the beginning of their object
identifier (MS-ADTS 5.16.4). Members of groups are not in it: links have a history of their own.
"""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD: Final = struct.Struct("<IIII")
_EACH: Final = struct.Struct("<IIQ16sQQ")
_BEGINS: Final = datetime(1601, 1, 1, tzinfo=UTC)
_PREFIXES: Final = {
    "2.5.4": 0,
    "2.5.6": 1,
    "1.2.840.113556.1.2": 2,
    "1.2.840.113556.1.3": 3,
    "2.5.5": 8,
    "1.2.840.113556.1.4": 9,
    "1.2.840.113556.1.5": 10,
    "0.9.2342.19200300.100": 19,
    "2.16.840.1.113730.3": 20,
    "0.9.2342.19200300.100.1": 21,
    "2.16.840.1.113730.3.1": 22,
    "1.2.840.113556.1.5.7000": 23,
    "2.5.21": 24,
    "2.5.18": 25,
    "2.5.20": 26,
    "1.3.6.1.4.1.1466.101.119": 27,
    "2.16.840.1.113730.3.2": 28,
    "1.3.6.1.4.1.250.1": 29,
    "1.2.840.113549.1.9": 30,
    "0.9.2342.19200300.100.4": 31,
}


class Written(NamedTuple):
    """The last write of one attribute."""

    attribute: int
    """Its number; `attribute_number` gives it for an object identifier."""
    version: int
    """How often it has been written."""
    when: datetime
    server: UUID
    """The invocation ID of the server that accepted the write first."""
    usn: int
    """The sequence number of the write on the server that was asked."""


def written(blob: bytes) -> Iterator[Written]:
    """The last write of every attribute.

    Raises:
        ValueError: It is not the version that is known, or cut short.
    """
    if len(blob) < _HEAD.size:
        raise ValueError(blob[:16].hex())
    version, _reserved, count, _reserved2 = _HEAD.unpack_from(blob)
    if version != 1 or len(blob) < _HEAD.size + count * _EACH.size:
        raise ValueError(blob[:16].hex())
    for number, times, seconds, server, _there, usn in _EACH.iter_unpack(
        blob[_HEAD.size : _HEAD.size + count * _EACH.size]
    ):
        yield Written(number, times, _BEGINS + timedelta(seconds=seconds), UUID(bytes_le=server), usn)


def attribute_number(identifier: str) -> int | None:
    """The number of an attribute by its object identifier; None: a later extension of the schema.

    Such an attribute has its number in `msDS-IntId`.
    """
    prefix, _dot, last = identifier.rpartition(".")
    known = _PREFIXES.get(prefix)
    return None if known is None or int(last) >= 0x8000 else known << 16 | int(last)
