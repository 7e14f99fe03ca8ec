"""IPP messages (RFC 8010): attributes in groups, written and read. Nothing here speaks to anybody."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

OPERATION, JOB, END, PRINTER = 1, 2, 3, 4
_TEXTS: Final = range(0x40, 0x4B)
_LONGEST: Final = 0x7FFF


class Operation(IntEnum):
    """What is asked for: RFC 8011, and CUPS's own from 0x4000 on."""

    PRINT_JOB = 0x0002
    CANCEL_JOB = 0x0008
    GET_JOB = 0x0009
    GET_JOBS = 0x000A
    GET_PRINTER = 0x000B
    HOLD_JOB = 0x000C
    RELEASE_JOB = 0x000D
    PAUSE_PRINTER = 0x0010
    RESUME_PRINTER = 0x0011
    GET_DEFAULT = 0x4001
    GET_PRINTERS = 0x4002
    PUT_PRINTER = 0x4003
    DELETE_PRINTER = 0x4004
    ACCEPT_JOBS = 0x4008
    REJECT_JOBS = 0x4009
    SET_DEFAULT = 0x400A
    MOVE_JOB = 0x400D


class Tag(IntEnum):
    """The kind of a value."""

    INTEGER = 0x21
    BOOLEAN = 0x22
    ENUM = 0x23
    TEXT = 0x41
    NAME = 0x42
    KEYWORD = 0x44
    URI = 0x45
    CHARSET = 0x47
    LANGUAGE = 0x48
    FORMAT = 0x49


class Attribute(NamedTuple):
    """One attribute of a question."""

    tag: Tag
    name: str
    values: Sequence[str | int | bool]


class NotIpp(ValueError):
    """An answer is no IPP."""


@dataclass(frozen=True)
class Answer:
    """What came back: `groups` are pairs of a group's tag and its attributes."""

    status: int
    groups: Sequence[tuple[int, Mapping[str, Sequence[object]]]] = field(default_factory=tuple)

    @property
    def ok(self) -> bool:
        """Whether it was done."""
        return self.status < 0x0100

    @property
    def message(self) -> str:
        """What the server says about it."""
        for tag, group in self.groups:
            if tag == OPERATION and (said := group.get("status-message")):
                return str(said[0])
        return f"IPP {self.status:#06x}"

    def of(self, tag: int) -> list[Mapping[str, Sequence[object]]]:
        """The groups of one kind: one per printer, one per job."""
        return [group for kind, group in self.groups if kind == tag]


def question(
    operation: Operation,
    about: Iterable[Attribute],
    more: Mapping[int, Sequence[Attribute]] | None = None,
) -> bytes:
    """One message without its document.

    Args:
        operation: What is asked for.
        about: The operation's own attributes, in the order that the RFC wants: `printer-uri` first.
        more: Further groups by their tag.
    """
    first = (
        Attribute(Tag.CHARSET, "attributes-charset", ["utf-8"]),
        Attribute(Tag.LANGUAGE, "attributes-natural-language", ["en"]),
    )
    text = struct.pack("!BBHI", 2, 0, operation, 1) + bytes([OPERATION])
    text += b"".join(_written(each) for each in (*first, *about))
    for tag, attributes in (more or {}).items():
        text += bytes([tag]) + b"".join(_written(each) for each in attributes)
    return text + bytes([END])


def _written(attribute: Attribute) -> bytes:
    text = b""
    for place, value in enumerate(attribute.values):
        name = b"" if place else attribute.name.encode("ascii")
        data = _value(attribute.tag, value)
        text += struct.pack("!BH", attribute.tag, len(name)) + name + struct.pack("!H", len(data)) + data
    return text


def _value(tag: Tag, value: str | bool | int) -> bytes:
    if tag is Tag.BOOLEAN:
        return b"\1" if value else b"\0"
    if tag in {Tag.INTEGER, Tag.ENUM}:
        return struct.pack("!i", int(value))
    data = str(value).encode()
    if len(data) > _LONGEST:
        raise ValueError("too long for IPP")
    return data


def answer(data: bytes) -> Answer:
    """Read an answer.

    Raises:
        NotIpp: It is none.
    """
    try:
        return _read(data)
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise NotIpp(str(error)) from error


def _read(data: bytes) -> Answer:
    _version, status, _number = struct.unpack_from("!HHI", data)
    groups: list[tuple[int, dict[str, list[object]]]] = []
    at, name = 8, ""
    while data[at] != END:
        tag = data[at]
        at += 1
        if tag < 0x10:
            groups.append((tag, {}))
            continue
        key, at = _piece(data, at)
        value, at = _piece(data, at)
        name = key.decode("ascii") or name
        groups[-1][1].setdefault(name, []).append(_plain(tag, value))
    return Answer(status, groups)


def _piece(data: bytes, at: int) -> tuple[bytes, int]:
    (length,) = struct.unpack_from("!H", data, at)
    if at + 2 + length > len(data):
        raise NotIpp("it ends in the middle of a value")
    return data[at + 2 : at + 2 + length], at + 2 + length


def _plain(tag: int, value: bytes) -> object:
    if tag in {Tag.INTEGER, Tag.ENUM} and len(value) == 4:
        return struct.unpack("!i", value)[0]
    if tag == Tag.BOOLEAN:
        return value != b"\0"
    return value.decode("utf-8", "replace") if tag in _TEXTS else value
