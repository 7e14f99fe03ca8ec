"""The process behind all devices: one listening socket for each, one event loop for all."""

from __future__ import annotations

import asyncio
import socket
import struct
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any, Final

import asyncssh

from lab.netcli import fleet
from lab.netcli.latency import delay
from lab.netcli.terminal import Gone, Terminal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lab.netcli.device import Device, World

_BACKLOG: Final = 128
_LINGERS: Final = 1.0
_RESET: Final = struct.pack("ii", 1, 0)
# What is cheap on both sides; every SSH client of the last ten years has one of each.
_ALGORITHMS: Final[dict[str, Any]] = {
    "kex_algs": ["curve25519-sha256", "curve25519-sha256@libssh.org"],
    "encryption_algs": ["aes128-gcm@openssh.com", "aes128-ctr"],
    "mac_algs": ["hmac-sha2-256"],
    "compression_algs": ["none"],
}


class Front:
    """What a device shows to the network: its socket, its logins, its sessions."""

    def __init__(self, device: Device, trusted: Callable[[], list[asyncssh.SSHKey]]) -> None:
        """Listen from now on, as long as the device can be reached."""
        self.device = device
        self._trusted = trusted
        self._socket: socket.socket | None = None
        self._options: tuple[int, asyncssh.SSHServerConnectionOptions] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        device.changed = self.look
        device.powered = self.look
        # On its first day every device can be reached; asking would read a thousand configurations.
        self._listen()

    @property
    def _operator(self) -> IPv4Address:
        operators = self.device.world.operators
        return operators.network_address + (1 if operators.num_addresses > 1 else 0)

    def look(self, device: Device) -> None:
        """Listen if the operators' packets arrive; else do not, and drop who is in."""
        lost = bool(device.lost_to(self._operator))
        if lost:
            if device.world.silent and device.up:
                for session in list(device.sessions):
                    session.mute()
                return
            self._close()
            device.drop_sessions()
        elif self._socket is None:
            self._listen()

    def _listen(self) -> None:
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((str(self.device.address), self.device.world.port))
        listening.listen(_BACKLOG)
        asyncio.get_running_loop().add_reader(listening, self._accept, listening)
        self._socket = listening

    def _close(self) -> None:
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()
            self._socket = None

    def _accept(self, listening: socket.socket) -> None:
        try:
            connection, (peer, _port) = listening.accept()
        except OSError:
            return
        connection.setblocking(False)
        address = IPv4Address(peer)
        if self.device.lost_to(address):  # silent: the connection stands and nobody ever answers
            self._tasks_keep(_hold(connection))
        elif self.device.personality.refuses(self.device, address):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            connection.close()
        else:
            self._tasks_keep(self._serve(connection, peer))

    def _tasks_keep(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, connection: socket.socket, peer: str) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            if self.device.world.latency_ms:
                near, far = socket.socketpair()
                far.setblocking(False)
                self._tasks_keep(delay(connection, far, self.device.world.latency_ms / 1000))
                connection = near
                connection.setblocking(False)
            options = asyncssh.SSHServerConnectionOptions(
                options=self._prepared(), server_factory=lambda: _Login(self.device, peer, self._trusted)
            )
            await asyncssh.run_server(connection, options=options)
        except (OSError, asyncssh.Error):
            connection.close()

    def _prepared(self) -> asyncssh.SSHServerConnectionOptions:
        number = self.device.key_number
        if self._options is None or self._options[0] != number:
            key = asyncssh.import_private_key(fleet.private_pem(self.device))
            options = asyncssh.SSHServerConnectionOptions(
                server_host_keys=[key],
                line_editor=False,
                encoding=None,
                login_timeout=60,
                server_version="netcli",
                **_ALGORITHMS,
            )
            self._options = number, options
        return self._options[1]


async def _hold(connection: socket.socket) -> None:
    """A connection into nowhere."""
    try:
        await asyncio.sleep(120)
    finally:
        connection.close()


class _Login(asyncssh.SSHServer):
    """Who may come in."""

    def __init__(self, device: Device, peer: str, trusted: Callable[[], list[asyncssh.SSHKey]]) -> None:
        self._device, self._peer, self._trusted = device, peer, trusted
        self._user = ""
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn

    def begin_auth(self, username: str) -> bool:
        self._user = username
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return self._device.login(username, password)

    def public_key_auth_supported(self) -> bool:
        return bool(self._trusted())

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return self._known(username, key)

    def validate_ca_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return self._known(username, key)

    def _known(self, user: str, key: asyncssh.SSHKey) -> bool:
        return key in self._trusted() and self._device.personality.admits(self._device, user, None)

    def session_requested(self) -> _Session:
        return _Session(self._device, self._user, self._peer, self._connection)


class _Session(asyncssh.SSHServerSession[bytes]):
    """One shell."""

    def __init__(
        self, device: Device, user: str, peer: str, connection: asyncssh.SSHServerConnection | None
    ) -> None:
        self._device, self._user, self._peer, self._connection = device, user, peer, connection
        self._channel: asyncssh.SSHServerChannel[bytes] | None = None
        self._terminal = Terminal(self)
        self._task: asyncio.Task[None] | None = None
        self._muted = False

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        self._channel = chan

    def pty_requested(self, *_arguments: Any) -> bool:
        return True

    def shell_requested(self) -> bool:
        return True

    def session_started(self) -> None:
        self._device.sessions.add(self)
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        shell = self._device.personality.shell(self._device, self._terminal, self._user, self._peer)
        try:
            await shell.run()
        except Gone:
            pass
        finally:
            self._device.sessions.discard(self)
            self._terminal.flush()
            self._leave()

    def _leave(self) -> None:
        """End the session as a device does, and the connection with it if the client keeps it."""
        if self._channel is not None and not self._channel.is_closing():
            self._channel.exit(0)
        if self._connection is not None:
            asyncio.get_running_loop().call_later(_LINGERS, self._connection.close)

    def data_received(self, data: bytes, datatype: int | None) -> None:  # noqa: ARG002 - asyncssh's signature
        if not self._muted:
            self._terminal.typed(data)

    def eof_received(self) -> bool:
        self._terminal.end()
        return True

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncssh's signature
        self._device.sessions.discard(self)
        self._terminal.hang_up()

    # What the device does to it

    def write(self, data: bytes) -> None:
        if not self._muted and self._channel is not None and not self._channel.is_closing():
            self._channel.write(data)

    def abort(self) -> None:
        """The way between the two ends is gone."""
        self._terminal.hang_up()
        self._muted = True
        if self._connection is not None:
            self._connection.abort()

    def mute(self) -> None:
        """Nothing comes through any more, and nobody is told."""
        self._muted = True


def serve(devices: list[Device], trusted: Path) -> list[Front]:
    """Let the devices answer; `trusted` holds public keys and SSH CAs, one to a line, and may change."""
    cache: dict[float, list[asyncssh.SSHKey]] = {}

    def keys() -> list[asyncssh.SSHKey]:
        try:
            changed = trusted.stat().st_mtime
        except FileNotFoundError:
            return []
        if changed not in cache:
            cache.clear()
            lines = trusted.read_text(encoding="utf-8").splitlines()
            cache[changed] = [asyncssh.import_public_key(line) for line in lines if line.strip()]
        return cache[changed]

    return [Front(device, keys) for device in devices]


def ready(world: World, count: int) -> dict[str, object]:
    """What the process says when all devices answer."""
    return {"ready": count, "network": str(world.network), "port": world.port}
