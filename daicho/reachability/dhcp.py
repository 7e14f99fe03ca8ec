"""Ask for a DHCP lease (RFC 2131) on one network device: for the offer only, or all of it and give it back.

The machine that asks does not exist. For a lease it is always the same one, so that a lease that could not
be given back is the one that it gets the next time; its client id says `daicho-check` to whoever reads the
server's log.
"""

from __future__ import annotations

import hashlib
import secrets
import socket
import struct
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

from daicho.i18n import N_
from daicho.reachability.wrong import CannotTell, Wrong

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_HEADER: Final = struct.Struct("!BBBBIHH4s4s4s4s16s64s128s4s")
_COOKIE: Final = b"\x63\x82\x53\x63"
_BROADCAST: Final = 0x8000
_DISCOVER, _OFFER, _REQUEST, _ACK, _NAK, _RELEASE = 1, 2, 3, 5, 6, 7
_NAME, _WANTED, _SECONDS, _TYPE, _SERVER, _TEXT, _CLIENT, _END = 12, 50, 51, 53, 54, 56, 61, 255
_NOBODY: Final = bytes(4)
CLIENT: Final = "daicho-check"


class Offer(NamedTuple):
    """What a DHCP server offers."""

    address: str
    server: str


class Lease(NamedTuple):
    """What a DHCP server gave."""

    address: str
    server: str
    seconds: int


class Answer(NamedTuple):
    """One message of a server."""

    kind: int
    address: str
    server: str
    seconds: int
    text: str


class Client(NamedTuple):
    """Who asks: one conversation of one machine."""

    number: int
    hardware: bytes
    options: bytes = b""
    """What it says of itself in every message."""


def discover(device: str, timeout_s: float) -> Offer:
    """Broadcast a question on a device and return the first offer.

    Raises:
        CannotTell: This process may not (CAP_NET_RAW, CAP_NET_BIND_SERVICE), or has no such device.
        TimeoutError: Nobody offers anything.
    """
    client = Client(secrets.randbits(32), b"\x02" + secrets.token_bytes(5))
    with _mouth(device) as asked:
        asked.sendto(question(client.number, client.hardware), ("255.255.255.255", 67))
        answer = _heard(asked, client, {_OFFER}, time.monotonic() + timeout_s)
    return Offer(answer.address, answer.server)


def lease(device: str, timeout_s: float, judge: Callable[[Offer], None]) -> Lease:
    """Ask for a lease, take it, and give it back.

    Args:
        device: Where to ask.
        timeout_s: How long all of it may take.
        judge: Looks at the offer before it is taken, and raises if it must not be.

    Raises:
        CannotTell: This process may not, or has no such device.
        Wrong: An offer was not kept.
        TimeoutError: Nobody offers anything.
    """
    client, until = who(socket.gethostname(), device), time.monotonic() + timeout_s
    with _mouth(device) as asked:
        asked.sendto(_message(client, _DISCOVER), ("255.255.255.255", 67))
        offer = _heard(asked, client, {_OFFER}, until)
        judge(Offer(offer.address, offer.server))
        taking = _option(_WANTED, socket.inet_aton(offer.address)) + _from(offer.server)
        asked.sendto(_message(client, _REQUEST, taking), ("255.255.255.255", 67))
        try:
            answer = _heard(asked, client, {_ACK, _NAK}, until, offer.server)
        except TimeoutError as error:
            text = N_("{server} offers {address}, but does not confirm it")
            raise Wrong(text, server=offer.server, address=offer.address) from error
        if answer.kind == _NAK:
            text = N_("{server} offers {address} and then refuses it ({text})")
            raise Wrong(text, server=offer.server, address=offer.address, text=answer.text or "NAK")
        _give_back(asked, client, answer)
    return Lease(answer.address, answer.server, answer.seconds)


def who(machine: str, device: str) -> Client:
    """The machine that asks for leases here: always the same, and known by its client id."""
    name = f"{CLIENT} {machine} {device}"
    hardware = b"\x02" + hashlib.sha256(name.encode()).digest()[:5]
    known = _option(_CLIENT, b"\0" + name.encode("ascii", "replace")[:200])
    return Client(secrets.randbits(32), hardware, known + _option(_NAME, CLIENT.encode()))


def question(number: int, hardware: bytes) -> bytes:
    """A DISCOVER of a machine that does not exist; it asks for the answer by broadcast."""
    return _message(Client(number, hardware), _DISCOVER)


def parse(packet: bytes, number: int) -> Offer | None:
    """The offer that answers a question; None for everything else."""
    answer = read(packet, number)
    return Offer(answer.address, answer.server) if answer and answer.kind == _OFFER else None


def read(packet: bytes, number: int) -> Answer | None:
    """A server's message in the conversation of this number; None for everything else."""
    if len(packet) < _HEADER.size:
        return None
    fields = _HEADER.unpack_from(packet)
    if fields[0] != 2 or fields[4] != number or fields[14] != _COOKIE:
        return None
    options = _options(packet[_HEADER.size :])
    kind, server = options.get(_TYPE, b""), options.get(_SERVER, b"")
    if len(kind) != 1 or len(server) != 4:
        return None
    return Answer(
        kind=kind[0],
        address=socket.inet_ntoa(fields[8]),
        server=socket.inet_ntoa(server),
        seconds=int.from_bytes(options.get(_SECONDS, b"")[:4]),
        text="".join(
            each for each in options.get(_TEXT, b"").decode("utf-8", "replace") if each.isprintable()
        ),
    )


@contextmanager
def _mouth(device: str) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        asked.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        asked.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        try:
            asked.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device.encode() + b"\0")
            asked.bind(("", 68))
        except OSError as error:
            raise CannotTell(
                N_("This process cannot ask on {device}: {why}."), device=device, why=error.strerror
            ) from error
        yield asked


def _heard(asked: socket.socket, client: Client, kinds: set[int], until: float, server: str = "") -> Answer:
    while (left := until - time.monotonic()) > 0:
        asked.settimeout(left)
        answer = read(asked.recv(2048), client.number)
        if answer and answer.kind in kinds and server in ("", answer.server):
            return answer
    raise TimeoutError


def _give_back(asked: socket.socket, client: Client, lease: Answer) -> None:
    """Release a lease; nobody confirms that."""
    message = _message(client, _RELEASE, _from(lease.server), socket.inet_aton(lease.address))
    try:
        asked.sendto(message, (lease.server, 67))
    except OSError:
        # The device has no address of its own, or no way to a server behind a relay.
        asked.sendto(message, ("255.255.255.255", 67))


def _message(client: Client, kind: int, options: bytes = b"", own: bytes = _NOBODY) -> bytes:
    flags = 0 if kind == _RELEASE else _BROADCAST
    head = _HEADER.pack(
        *(1, 1, 6, 0, client.number, 0, flags, own, _NOBODY, _NOBODY, _NOBODY),
        *(client.hardware.ljust(16, b"\0"), bytes(64), bytes(128), _COOKIE),
    )
    return head + _option(_TYPE, bytes([kind])) + client.options + options + bytes([_END])


def _from(server: str) -> bytes:
    return _option(_SERVER, socket.inet_aton(server))


def _option(number: int, value: bytes) -> bytes:
    return bytes([number, len(value)]) + value


def _options(data: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    at = 0
    while at + 1 < len(data) and data[at] != _END:
        if data[at] == 0:
            at += 1
            continue
        found[data[at]] = data[at + 2 : at + 2 + data[at + 1]]
        at += 2 + data[at + 1]
    return found
