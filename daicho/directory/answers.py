"""Entries as they come from the wire, decoded once and only as far as is needed.

ldap3 makes a list of four things of every piece of an answer, decodes every value twice and looks for
its encoding in a configuration each time: that is most of the time that reading 15,000 accounts takes.
Entries are taken out before it sees them; everything else goes on to it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    import ldap3

_ENTRY: Final = 0x64
"""The tag of a SearchResultEntry: [APPLICATION 4], constructed (RFC 4511, 4.5.2)."""
_LONG: Final = 0x80
"""From here on the first octet of a length says how many octets the length has."""

type Answer = dict[str, Any]


def decode_lightly(its: ldap3.Connection) -> None:
    """Have a connection answer entries as `dn` and `raw_attributes`, by names in small letters."""
    strategy = its.strategy
    ordinary: Callable[..., tuple[list[Answer] | None, ...]] = strategy.get_response
    receive: Callable[[], list[bytes]] = strategy.receiving
    found: list[Answer] = []
    awaited = 0

    def receiving() -> list[bytes]:
        # Nothing at all would mean to ldap3 that the server has gone.
        while messages := receive():
            if others := [each for each in messages if not _kept(each)]:
                return others
        return []

    def _kept(message: bytes) -> bool:
        number, answer = entry_in(message)
        if answer is None or number != awaited:
            return False
        found.append(answer)
        return True

    def get_response(message_id: int, *more: object, **named: object) -> tuple[list[Answer] | None, ...]:
        nonlocal awaited
        awaited = message_id
        found.clear()
        response, *rest = ordinary(message_id, *more, **named)
        entries = found.copy()
        found.clear()
        return ([*entries, *(response or ())], *rest)

    strategy.receiving, strategy.get_response = receiving, get_response


def entry_in(message: bytes) -> tuple[int, Answer | None]:
    """The number of a message and the entry in it; None: it is another message, or more is said of it."""
    _length, at = _sized(message, 0)
    length, at = _sized(message, at)
    number = int.from_bytes(message[at : at + length])
    at += length
    if message[at] != _ENTRY:
        return number, None
    length, at = _sized(message, at)
    if at + length != len(message):  # controls come after it
        return number, None
    length, at = _sized(message, at)
    dn = message[at : at + length].decode("utf-8", "replace")
    length, at = _sized(message, at + length)
    return number, {
        "type": "searchResEntry",
        "dn": dn,
        "raw_attributes": _attributes(message, at, at + length),
    }


def _attributes(message: bytes, at: int, end: int) -> dict[str, list[bytes]]:
    found: dict[str, list[bytes]] = {}
    while at < end:
        _length, at = _sized(message, at)
        length, at = _sized(message, at)
        name = _name(message[at : at + length])
        length, at = _sized(message, at + length)
        last = at + length
        values = found[name] = []
        while at < last:
            length, at = _sized(message, at)
            values.append(message[at : at + length])
            at += length
    return found


def _sized(message: bytes, at: int) -> tuple[int, int]:
    """How long the piece is whose tag stands here, and where it begins."""
    length = message[at + 1]
    if length < _LONG:
        return length, at + 2
    begin = at + 2 + length - _LONG
    return int.from_bytes(message[at + 2 : begin]), begin


@lru_cache(maxsize=1024)
def _name(raw: bytes) -> str:
    return raw.decode("ascii", "replace").lower()
