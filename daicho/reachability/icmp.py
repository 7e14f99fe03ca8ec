"""The socket that echo requests leave by and everything about them comes back to (Linux)."""

from __future__ import annotations

import errno
import socket
import struct
from typing import TYPE_CHECKING, Final, NamedTuple, Self

from daicho.reachability.answers import Method
from daicho.reachability.echo import without_ip_header

if TYPE_CHECKING:
    from collections.abc import Iterator

# Constants of Linux that Python's socket module lacks (linux/in.h, in6.h, icmp.h, icmpv6.h, socket.h).
IP_RECVERR: Final = 11
IPV6_RECVERR: Final = 25
ICMP_FILTER: Final = 1
ICMPV6_FILTER: Final = 1
SOL_RAW: Final = 255
SO_RCVBUFFORCE: Final = 33

RECEIVE_BYTES: Final = 8 << 20
"""A kernel buffer for some ten thousand replies: what comes while we are not looking is not lost."""

_EXTENDED_ERROR: Final = struct.Struct("=IBBBxII")
_ORIGIN_ICMP: Final = (2, 3)
_ECHO_REPLY_V4: Final = 0
_ECHO_REPLY_V6: Final = 129


class Report(NamedTuple):
    """An ICMP error about a packet of ours."""

    destination: str
    quoted: bytes
    """The beginning of our ICMP packet, as the error quotes it: 8 bytes at least."""
    type: int
    code: int
    reporter: str


class EchoSocket:
    """One socket for all addresses: raw where allowed, else the system's unprivileged ping socket.

    Errors are taken from the socket's error queue: it tells for which of our packets, and who says so;
    and only with it does the system admit that its neighbour table was too full to send (ENOBUFS).
    """

    def __init__(self, opened: socket.socket, method: Method, version: int) -> None:
        """Take an ICMP socket over; `open` makes one."""
        self.method = method
        self.version = version
        self._socket = opened
        self._headed = method is Method.ICMP and version == 4
        opened.setblocking(False)
        try:
            opened.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BYTES)
        except PermissionError:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)
        if version == 4:
            opened.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 1)
        else:
            opened.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVERR, 1)
        if method is Method.ICMP:
            self._only_replies()

    @classmethod
    def open(cls, version: int) -> Self:
        """Open the best socket that this process may have.

        Raises:
            PermissionError: It may have neither (no CAP_NET_RAW, group not in net.ipv4.ping_group_range).
        """
        family = socket.AF_INET if version == 4 else socket.AF_INET6
        protocol = socket.IPPROTO_ICMP if version == 4 else socket.IPPROTO_ICMPV6
        try:
            return cls(socket.socket(family, socket.SOCK_RAW, protocol), Method.ICMP, version)
        except PermissionError:
            opened = socket.socket(family, socket.SOCK_DGRAM, protocol)
            return cls(opened, Method.ICMP_UNPRIVILEGED, version)

    def _only_replies(self) -> None:
        if self.version == 4:
            self._socket.setsockopt(
                SOL_RAW, ICMP_FILTER, struct.pack("=I", ~(1 << _ECHO_REPLY_V4) & 0xFFFFFFFF)
            )
            return
        blocked = [0xFFFFFFFF] * 8
        blocked[_ECHO_REPLY_V6 // 32] &= ~(1 << _ECHO_REPLY_V6 % 32) & 0xFFFFFFFF
        self._socket.setsockopt(socket.IPPROTO_ICMPV6, ICMPV6_FILTER, struct.pack("=8I", *blocked))

    def __enter__(self) -> Self:
        """Use it for a block."""
        return self

    def __exit__(self, *_exception: object) -> None:
        """Close it."""
        self._socket.close()

    def fileno(self) -> int:
        """For poll."""
        return self._socket.fileno()

    def send(self, address: str, packet: bytes) -> int:
        """Send one packet; returns 0, or the errno with which the system refused it."""
        refused = 0
        for _again in range(8):
            try:
                self._socket.sendto(packet, (address, 0))
            except OSError as error:
                refused = error.errno or errno.EIO
                if refused in (errno.ENOBUFS, errno.EAGAIN):
                    return refused
                # An error that an earlier packet met is told here, once; the packet itself was not tried.
            else:
                return 0
        return refused

    def replies(self) -> Iterator[tuple[str, bytes]]:
        """Sender and ICMP packet of everything that has arrived."""
        while True:
            try:
                packet, source = self._socket.recvfrom(2048)
            except BlockingIOError:
                return
            except OSError:
                # The same belated telling; the error itself waits in the error queue.
                continue
            yield str(source[0]), without_ip_header(packet) if self._headed else packet

    def reports(self) -> Iterator[Report]:
        """The ICMP errors that have arrived."""
        while True:
            try:
                quoted, extra, _flags, source = self._socket.recvmsg(512, 512, socket.MSG_ERRQUEUE)
            except BlockingIOError:
                return
            except OSError:
                continue
            for level, kind, data in extra:
                if (level, kind) not in (
                    (socket.IPPROTO_IP, IP_RECVERR),
                    (socket.IPPROTO_IPV6, IPV6_RECVERR),
                ):
                    continue
                _errno, origin, icmp_type, code, _info, _data = _EXTENDED_ERROR.unpack_from(data)
                if origin in _ORIGIN_ICMP:
                    reporter = _address(data[_EXTENDED_ERROR.size :])
                    yield Report(str(source[0]), quoted, icmp_type, code, reporter)


def _address(sockaddr: bytes) -> str:
    (family,) = struct.unpack_from("=H", sockaddr)
    if family == socket.AF_INET:
        return socket.inet_ntop(socket.AF_INET, sockaddr[4:8])
    if family == socket.AF_INET6:
        return socket.inet_ntop(socket.AF_INET6, sockaddr[8:24])
    return ""


def is_own(address: str) -> bool:
    """Whether this machine itself has the address."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True
