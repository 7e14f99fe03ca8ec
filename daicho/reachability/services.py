"""Ask TCP ports, many at once: does it connect, and what does it say first."""

from __future__ import annotations

import asyncio
import errno
import resource
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from daicho.i18n import N_

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

NO_WAY: Final = N_("This machine has no route to it: nothing could be asked.")
FORBIDDEN: Final = N_("This machine's own rules do not let the question out.")
NO_ROOM: Final = N_("This machine has no free ports, files or memory left to ask it.")

BANNER_BYTES: Final = 512
_SPARE_FILES: Final = 64
OURS: Final = {  # errno of what this machine itself refuses: it says nothing about the other side
    errno.EPERM: FORBIDDEN,
    errno.EACCES: FORBIDDEN,
    errno.EMFILE: NO_ROOM,
    errno.ENFILE: NO_ROOM,
    errno.ENOBUFS: NO_ROOM,
    errno.ENOMEM: NO_ROOM,
    errno.EADDRNOTAVAIL: NO_ROOM,
}


@dataclass(frozen=True, slots=True)
class Service:
    """One TCP port of one address, with what it should say first."""

    address: str
    port: int
    greets: bool = False
    """Whether it speaks first (ssh, smtp): then a connection without a word is not enough."""


@dataclass(frozen=True, slots=True)
class Opened:
    """It accepted the connection."""

    took_ms: float
    banner: str = ""
    """What it said first, at most 512 bytes up to the end of its first line."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The machine is there and says that nothing listens on the port."""

    took_ms: float


@dataclass(frozen=True, slots=True)
class Mute:
    """Nothing came back within the time: dark, or a filter drops the question."""

    connected: bool = False
    """It accepted the connection and then did not say its first line: a server that hangs."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The network, or the machine itself, ended it: errno of the system (EHOSTUNREACH, ECONNRESET ...)."""

    number: int


@dataclass(frozen=True, slots=True)
class Unasked:
    """The question could not be put; a sentence in English for gettext says why."""

    why: str


type Reply = Opened | Refused | Mute | Cut | Unasked


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for each service and how many to ask at once."""

    timeout_s: float = 2.0
    at_once: int = 500
    per_second: float = 5000.0


def look(services: Sequence[Service], patience: Patience | None = None) -> dict[Service, Reply]:
    """Ask all services; one reply each. Must not be called from a running event loop."""
    return asyncio.run(look_at(services, patience or Patience()))


async def look_at(services: Iterable[Service], patience: Patience) -> dict[Service, Reply]:
    """Ask all services from within an event loop."""
    caller = Caller(patience)
    wanted = list(dict.fromkeys(services))
    replies = await asyncio.gather(*(caller.call(service) for service in wanted))
    return dict(zip(wanted, replies, strict=True))


class Caller:
    """Makes connections, never more of them at once or per second than it may."""

    def __init__(self, patience: Patience) -> None:
        """Respect the limit of open files as well."""
        limit, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        self._patience = patience
        self._free = asyncio.Semaphore(max(1, min(patience.at_once, limit - _SPARE_FILES)))
        self._next = 0.0

    async def call(self, service: Service) -> Reply:
        """Ask one service."""
        async with self._free:
            await self._turn()
            try:
                connection = _connection(service.address)
            except OSError as error:
                return Unasked(OURS.get(error.errno or 0, NO_ROOM))
            with connection:
                return await self._ask(connection, service)

    async def _turn(self) -> None:
        """Wait for this connection's place in the pace."""
        now = time.monotonic()
        self._next = max(now, self._next + 1 / self._patience.per_second)
        if self._next - now > 0.001:
            await asyncio.sleep(self._next - now)

    async def _ask(self, connection: socket.socket, service: Service) -> Reply:
        loop, began, connected = asyncio.get_running_loop(), time.monotonic(), False
        try:
            async with asyncio.timeout(self._patience.timeout_s):
                await loop.sock_connect(connection, (service.address, service.port))
                connected, took = True, _since(began)
                banner = await _first_line(connection) if service.greets else ""
        except TimeoutError:
            return Mute(connected)
        except ConnectionRefusedError:
            return Refused(_since(began))
        except OSError as error:
            return _cut(error, service.address)
        if service.greets and not banner:
            return Cut(errno.ECONNRESET)
        return Opened(took, banner)


async def _first_line(connection: socket.socket) -> str:
    heard = b""
    while b"\n" not in heard and len(heard) < BANNER_BYTES:
        part = await asyncio.get_running_loop().sock_recv(connection, BANNER_BYTES - len(heard))
        if not part:
            break
        heard += part
    line = heard.partition(b"\n")[0].decode("utf-8", "replace")
    return "".join(letter for letter in line if letter.isprintable())


def _cut(error: OSError, address: str) -> Reply:
    number = error.errno or errno.EIO
    if number in OURS:
        return Unasked(OURS[number])
    if number in (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EINVAL) and not has_route(address):
        return Unasked(NO_WAY)
    return Cut(number)


def has_route(address: str) -> bool:
    """Whether this machine knows any way to an address; nothing is sent."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((address, 9))
        except OSError:
            return False
    return True


def _connection(address: str) -> socket.socket:
    made = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    made.setblocking(False)
    return made


def _since(began: float) -> float:
    return round((time.monotonic() - began) * 1000, 3)
