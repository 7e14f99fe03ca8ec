"""The neighbour table through the kernel's own interface (rtnetlink(7)): read it, take entries out."""

from __future__ import annotations

import errno
import socket
import struct
import sys
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_RTM_NEWNEIGH: Final = 28
_RTM_DELNEIGH: Final = 29
_RTM_GETNEIGH: Final = 30
_NLMSG_ERROR: Final = 2
_NLMSG_DONE: Final = 3
_NLM_F_REQUEST: Final = 1
_NLM_F_DUMP: Final = 0x300
_NDA_DST: Final = 1

_STALE, _FAILED, _NOARP = 0x04, 0x20, 0x40

_HEADER: Final = struct.Struct("=IHHII")
_NEIGHBOUR: Final = struct.Struct("=BxxxiHBB")
_ATTRIBUTE: Final = struct.Struct("=HH")
_AT_ONCE: Final = 200


class Neighbour(NamedTuple):
    """One entry of the table."""

    address: str
    held: bool
    """Whether the system still needs it; it throws out only what is stale or has failed."""


def entries() -> list[Neighbour]:
    """The IPv4 entries that the calling thread's network has now; anybody may ask."""
    found: list[Neighbour] = []
    body = _NEIGHBOUR.pack(socket.AF_INET, 0, 0, 0, 0)
    with _kernel() as kernel:
        kernel.send(_message(_RTM_GETNEIGH, _NLM_F_REQUEST | _NLM_F_DUMP, body))
        while True:
            for kind, content in messages(kernel.recv(1 << 18)):
                if kind in (_NLMSG_DONE, _NLMSG_ERROR):
                    return found
                if kind == _RTM_NEWNEIGH and (entry := _entry(content)):
                    found.append(entry)


def forget(addresses: Sequence[str], devices: Mapping[str, str]) -> bool:
    """Take entries out of the table; False if this process may not (no CAP_NET_ADMIN).

    Harmless: whoever is talked to is asked for again. `devices` is address → network device.
    """
    numbers = {device: socket.if_nametoindex(device) for device in {devices[a] for a in addresses}}
    removals = [_removal(address, numbers[devices[address]]) for address in addresses]
    with _kernel() as kernel:
        kernel.setblocking(False)
        for start in range(0, len(removals), _AT_ONCE):
            kernel.send(b"".join(removals[start : start + _AT_ONCE]))
            if not _accepted(kernel):
                return False
    return True


def messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Type and content of the netlink messages in what was received."""
    at = 0
    while at + _HEADER.size <= len(data):
        length, kind, _flags, _number, _port = _HEADER.unpack_from(data, at)
        if length < _HEADER.size:
            return
        yield kind, data[at + _HEADER.size : at + length]
        at += length + 3 & ~3


def _kernel() -> socket.socket:
    kernel = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
    kernel.bind((0, 0))
    return kernel


def _message(kind: int, flags: int, body: bytes) -> bytes:
    return _HEADER.pack(_HEADER.size + len(body), kind, flags, 0, 0) + body


def _removal(address: str, device: int) -> bytes:
    body = _NEIGHBOUR.pack(socket.AF_INET, device, 0, 0, 0)
    body += _ATTRIBUTE.pack(_ATTRIBUTE.size + 4, _NDA_DST) + socket.inet_aton(address)
    return _message(_RTM_DELNEIGH, _NLM_F_REQUEST, body)


def _entry(content: bytes) -> Neighbour | None:
    _family, _device, state, _flags, _type = _NEIGHBOUR.unpack_from(content)
    at = _NEIGHBOUR.size
    while at + _ATTRIBUTE.size <= len(content):
        length, kind = _ATTRIBUTE.unpack_from(content, at)
        if kind == _NDA_DST:
            address = socket.inet_ntoa(content[at + _ATTRIBUTE.size : at + length])
            return Neighbour(address, held=not state & (_STALE | _FAILED | _NOARP))
        at += max(length + 3 & ~3, _ATTRIBUTE.size)
    return None


def _accepted(kernel: socket.socket) -> bool:
    """Whether nothing came back that says no. An entry that is gone already is no trouble."""
    while True:
        try:
            answer = kernel.recv(1 << 16)
        except BlockingIOError:
            return True
        for kind, content in messages(answer):
            if (
                kind == _NLMSG_ERROR
                and -int.from_bytes(content[:4], sys.byteorder, signed=True) == errno.EPERM
            ):
                return False
