"""One listening socket for all hosts: the local address of a connection says which one is meant."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from typing import TYPE_CHECKING, Final

from lab.winrm import wsman
from lab.winrm.auth import SEALED, Logon, NotSealed

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from lab.winrm.host import Host
    from lab.winrm.population import Population
    from lab.winrm.tls import Certificates, Shown

_BACKLOG: Final = 4096
_LARGEST: Final = 512_000
"""Bytes of a request: winrm/config MaxEnvelopeSizekb is 500."""
_GONE: Final = (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)
"""What a client that has gone away, or never was one of ours, raises; ssl.SSLError is an OSError."""
_RESET: Final = struct.pack("ii", 1, 0)
_SOAP: Final = "application/soap+xml;charset=UTF-8"
_HEAD: Final = 65_536


class Server:
    """Listens, and serves each connection for the host at its address."""

    def __init__(self, population: Population, certificates: Certificates, launch: wsman.Launch) -> None:
        """Nothing listens yet."""
        self._population, self._certificates, self._launch = population, certificates, launch
        self._tasks: set[asyncio.Task[None]] = set()
        self.counts = {"connections": 0, "requests": 0, "refused_logons": 0, "bytes_in": 0, "bytes_out": 0}

    def listen(self) -> None:
        """Take connections from now on, as long as the loop runs."""
        world = self._population.world
        self._keep(self._accept(_listening(world.port, world.network.is_loopback), tls=True))
        if world.plain_port:
            self._keep(self._accept(_listening(world.plain_port, world.network.is_loopback), tls=False))

    def _keep(self, work: Coroutine[object, object, None]) -> None:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _accept(self, listening: socket.socket, *, tls: bool) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, _peer = await loop.sock_accept(listening)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            self.counts["connections"] += 1
            self._keep(self._connected(connection, tls=tls))

    async def _connected(self, connection: socket.socket, *, tls: bool) -> None:
        connection.setblocking(False)
        with contextlib.suppress(*_GONE):
            host = self._population.at(connection.getsockname()[0])
            if host is None or not host.up or not host.lets_in(connection.getpeername()[0]):
                _reset(connection)
            elif host.fault("silent"):
                with contextlib.closing(connection):
                    await asyncio.sleep(600)
            else:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                await self._served(connection, host, self._certificates.of(host) if tls else None)

    async def _served(self, connection: socket.socket, host: Host, shown: Shown | None) -> None:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=_HEAD, loop=loop)
        protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
        transport, _protocol = await loop.connect_accepted_socket(
            lambda: protocol, connection, ssl=shown.context if shown else None
        )
        writer = asyncio.StreamWriter(transport, protocol, reader, loop)
        host.connections.add(transport)
        conversation = Conversation(host, Logon(host, shown.digest if shown else None), self)
        try:
            while await conversation.exchange(reader, writer):
                pass
        finally:
            host.connections.discard(transport)
            writer.close()

    async def soap(self, host: Host, user: str, message: bytes) -> tuple[bool, bytes]:
        """Answer an envelope."""
        return await wsman.answer(host, user, message, self._launch)


class Conversation:
    """The requests of one connection, one after the other."""

    def __init__(self, host: Host, logon: Logon, server: Server) -> None:
        """Nobody is logged on."""
        self._host, self._logon, self._server = host, logon, server

    async def exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; whether there may be another."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.split("\r\n")
        headers = {
            name.strip().lower(): value.strip() for name, _colon, value in (x.partition(":") for x in lines)
        }
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > _LARGEST:
            await _write(writer, "413 Request Entity Too Large", [], b"")
            return False
        body = await reader.readexactly(int(length))
        self._server.counts["requests"] += 1
        self._server.counts["bytes_in"] += len(head) + len(body)
        if self._host.spend("reset"):
            writer.transport.abort()
        if self._gone(writer):
            return False
        status, extra, data = await self._answered(first, headers, body)
        if self._gone(writer):
            return False
        self._server.counts["bytes_out"] += await _write(writer, status, extra, data)
        return True

    def _gone(self, writer: asyncio.StreamWriter) -> bool:
        if not self._host.up:
            writer.transport.abort()
        return writer.transport.is_closing()

    async def _answered(
        self, first: str, headers: dict[str, str], body: bytes
    ) -> tuple[str, list[str], bytes]:
        method, path, *_version = [*first.split(" "), "", ""]
        if path.partition("?")[0].rstrip("/") != "/wsman":
            return "404 Not Found", [], b""
        if method != "POST":
            return "405 Method Not Allowed", [], b""
        if self._host.spend("http-500"):
            return "500 Internal Server Error", [], b""
        if not self._logon.user:
            asked = headers.get("authorization", "")
            wanted = self._logon.take(asked) if asked else self._logon.offer
            if wanted is not None:
                self._server.counts["refused_logons"] += bool(asked) and " " not in wanted
                return "401 Unauthorized", [f"WWW-Authenticate: {wanted}"], b""
            if not body:  # pywinrm logs on with an empty message before it seals
                return "200 OK", [], b""
        return await self._enveloped(headers.get("content-type", ""), body)

    async def _enveloped(self, kind: str, body: bytes) -> tuple[str, list[str], bytes]:
        sealed = kind.startswith("multipart/encrypted")
        if not sealed and not self._logon.over_tls:  # AllowUnencrypted is false, as Windows has it by default
            return "400 Bad Request", [], b""
        try:
            message = self._logon.unseal(body) if sealed else body
        except NotSealed:
            return "400 Bad Request", [], b""
        well, answer = await self._server.soap(self._host, self._logon.user, message)
        status = "200 OK" if well else "500 Internal Server Error"
        data = self._logon.seal(answer) if sealed else answer
        return status, [f"Content-Type: {SEALED if sealed else _SOAP}"], data


async def _write(writer: asyncio.StreamWriter, status: str, extra: list[str], data: bytes) -> int:
    lines = [
        f"HTTP/1.1 {status}",
        *extra,
        "Server: Microsoft-HTTPAPI/2.0",
        f"Content-Length: {len(data)}",
        "",
        "",
    ]
    answer = "\r\n".join(lines).encode() + data
    writer.write(answer)
    await writer.drain()
    return len(answer)


def _listening(port: int, loopback: bool) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if loopback:
        # Nobody outside this machine is to reach it; without the right to this, the addresses see to that.
        with contextlib.suppress(PermissionError):
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo")
    listening.bind(("", port))
    listening.listen(_BACKLOG)
    return listening


def _reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    connection.close()
