"""Sessions with network devices. The only place that touches netmiko.

netmiko opens the session: it knows the devices' oddities of SSH. What is said on it is ours, because its
conversations feel their way with empty lines and rest between them: see `nornir_tasks.conversation`.
Host keys are checked against the site's own list and nothing else. The login is the short-lived certificate
that the door made (paramiko finds `KEY-cert.pub` beside the key), or a password that the door gave.
"""

from __future__ import annotations

import re
import socket
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from threading import Lock
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from netmiko import ssh_dispatcher
from netmiko.exceptions import NetmikoAuthenticationException, NetmikoBaseException, NetmikoTimeoutException
from paramiko import HostKeys
from paramiko.ssh_exception import SSHException

from daicho.network.platform import Step
from nornir_tasks.conversation import Conversation, Garbled, HungUp, Silent
from nornir_tasks.device_errors import (
    DeviceError,
    EnableRefused,
    HostKeyUnknown,
    LoginRefused,
    NoAnswer,
    NotReached,
    NotRepeated,
    PasswordRefused,
    SessionLost,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from netmiko import BaseConnection
    from nornir.core.inventory import Host

    from daicho.network.platform import Platform
    from daicho.network.way import Line
    from nornir_tasks.conversation import Answer
    from nornir_tasks.logins import Login

_NO_HOST_KEY = "not found in known_hosts"
_OTHER_HOST_KEY = "does not match"
_BUSY: Final = 0.5
"""Seconds after which to ask again for a configuration mode that somebody else holds."""
_SSH: Final = 22
_LARGEST_READ: Final = 1 << 16


@dataclass(frozen=True, kw_only=True)
class Access:
    """How devices are spoken to."""

    key: Path
    """The private key; its certificate lies beside it."""
    known_hosts: Path
    user: str = "daicho"
    connect_seconds: float = 10.0
    read_seconds: float = 20.0
    login: Login | None = field(default=None, repr=False)
    """A password instead of the certificate."""
    _keys: _HostKeys = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Have the host keys read once for all devices."""
        object.__setattr__(self, "_keys", _HostKeys(self.known_hosts))

    def host_keys(self, address: str, port: int) -> dict[str, Any]:
        """The keys that a device may show, by their kind.

        Raises:
            OSError: The file cannot be read.
        """
        return self._keys.of(address if port == _SSH else f"[{address}]:{port}")


class _HostKeys:
    """A known_hosts file, read once: for a thousand devices paramiko would read it a thousand times."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._known: HostKeys | None = None

    def of(self, name: str) -> dict[str, Any]:
        with self._lock:
            if self._known is None:
                self._known = HostKeys(str(self._path))
        return dict(self._known.lookup(name) or {})


class Device:
    """An open session."""

    def __init__(self, name: str, connection: BaseConnection, platform: Platform, access: Access) -> None:
        """Speak over this connection."""
        self.name = name
        self.platform = platform
        self._connection = connection
        self._access = access
        self._closed = False
        self._hide: Callable[[str], str] = lambda line: line
        self._talk = Conversation(_Channel(connection), platform.talk, access.read_seconds)

    @property
    def round_trip(self) -> float:
        """Seconds that the last command took."""
        return self._talk.round_trip

    @property
    def prompt(self) -> str:
        """What the device showed last when it waited for a line."""
        return self._talk.prompt

    @property
    def _privileged(self) -> bool:
        return re.search(rf"(?:{self.platform.talk.privileged})$", self.prompt) is not None

    def greet(self) -> None:
        """From the first prompt to one that is privileged and does not stop at the end of a page.

        Raises:
            EnableRefused: The privileged mode is not for us.
            DeviceError: It stopped answering.
        """
        talk = self.platform.talk
        with self._words("login"):
            self._talk.open()
            if not talk.quiet_when_privileged:
                self._quieten()
            if not self._privileged:
                self._enable()
            if talk.quiet_when_privileged:
                self._quieten()

    def refuses(self, said: str) -> bool:
        """Whether what it said begins with the refusal of a command."""
        return re.match(self.platform.talk.errors, said.lstrip("\n")) is not None

    def ask(self, command: str) -> str:
        """What the device prints for a command that shows something.

        Raises:
            NoAnswer: Its prompt did not come back in time.
            SessionLost: It hung up.
        """
        with self._words(command):
            return self._talk.ask(Step(line=command)).said

    def step(self, step: Step, patience: float | None = None) -> Answer:
        """Type one line and answer what the device asks about it.

        Raises:
            DeviceError: It stopped answering.
        """
        with self._words(step.line):
            return self._talk.ask(step, patience)

    def type(
        self, lines: Sequence[Line], hide: Callable[[str], str], told: Callable[[Line], None] = lambda _: None
    ) -> list[Answer]:
        """Type lines and look at what each brings back; the last answer may hold an error.

        Args:
            lines: In their order.
            hide: Takes the secrets out of a line, for messages.
            told: Called with each line that was taken.

        Raises:
            DeviceError: It stopped answering, or did not repeat a line.
        """
        self._hide = hide
        with self._words("…"):
            return self._talk.type(lines, told)

    def fetch(self, command: str, given: str = "") -> tuple[int, str]:
        """Exit status and output of a command beside the interactive session, on the same login.

        Args:
            command: As a shell takes it.
            given: What it reads on its standard input.

        Raises:
            NoAnswer: It did not end in time.
            SessionLost: It ended, and nobody can tell how.
        """
        client: Any = self._connection.remote_conn_pre
        try:
            stdin, stdout, _stderr = client.exec_command(command, timeout=self._access.read_seconds)
            with suppress(OSError):  # one that reads nothing may have ended already
                stdin.write(given)
                stdin.channel.shutdown_write()
            text = stdout.read().decode(errors="replace")
            status: int = stdout.channel.recv_exit_status()
        except (SSHException, OSError, EOFError) as error:
            raise self._no_answer(command) from error
        if status < 0:
            raise SessionLost(device=self.name, command=command)
        return status, text

    def close(self) -> None:
        """End the session at once: a polite farewell would wait for the device."""
        if self._closed:
            return
        self._closed = True
        if self.platform.talk.farewell:
            with suppress(HungUp):
                _Channel(self._connection).send(f"{self.platform.talk.farewell}\n".encode())
        if self._connection.remote_conn_pre is not None:
            self._connection.remote_conn_pre.close()

    def _quieten(self) -> None:
        for command in self.platform.talk.quiet:
            self._talk.ask(Step(line=command))

    def _enable(self) -> None:
        talk, login = self.platform.talk, self._access.login
        secret = login.enable if login else ""
        asked = self._talk.until(talk.enable_asks, talk.enable)
        until = time.monotonic() + self._access.read_seconds
        while not asked and talk.busy and not self._privileged and time.monotonic() < until:
            time.sleep(_BUSY)
            asked = self._talk.until(talk.enable_asks, talk.enable)
        if asked and self._talk.until(talk.enable_asks, secret):
            # An empty line ends the questions; the session is of no use any more.
            self._refuse(login)
        if not self._privileged:
            self._refuse(login)

    def _refuse(self, login: Login | None) -> None:
        user = login.user if login else self._access.user
        raise EnableRefused(device=self.name, user=user, secret=login.enable_name if login else "")

    @contextmanager
    def _words(self, command: str) -> Iterator[None]:
        try:
            yield
        except Silent as error:
            raise self._no_answer(command) from error
        except HungUp as error:
            raise SessionLost(device=self.name, command=self._hide(command)) from error
        except Garbled as error:
            typed, shown = error.args
            raise NotRepeated(device=self.name, command=self._hide(typed), shown=self._hide(shown)) from None

    def _no_answer(self, command: str) -> NoAnswer:
        return NoAnswer(
            device=self.name, command=self._hide(command), seconds=f"{self._access.read_seconds:g}"
        )


class _Channel:
    """The session's octets, waited for and not polled."""

    def __init__(self, connection: BaseConnection) -> None:
        self._channel: Any = connection.remote_conn

    def send(self, data: bytes) -> None:
        try:
            self._channel.sendall(data)
        except (SSHException, OSError, EOFError) as error:
            raise HungUp from error

    def receive(self, seconds: float) -> bytes:
        self._channel.settimeout(seconds)
        try:
            data: bytes = self._channel.recv(_LARGEST_READ)
        except TimeoutError as error:
            raise Silent from error
        except (SSHException, OSError, EOFError) as error:
            raise HungUp from error
        if not data:
            raise HungUp
        return data


@contextmanager
def session(host: Host, platform: Platform, access: Access) -> Iterator[Device]:
    """An open session with a host of the inventory, privileged, without paging.

    Args:
        host: Its name, address, port and, where it has its own, its user.
        platform: How it is spoken to.
        access: Key or password, host keys, times.

    Raises:
        NotReached: No session came about.
        HostKeyUnknown: It is not in known_hosts, or shows another key.
        LoginRefused: It did not let us in with the certificate.
        PasswordRefused: It did not take the password.
        LoginsStopped: Too many devices did not take it; this one was not tried.
    """
    if access.login:
        with access.login.attempt():
            connection = _with_password(host, platform, access, access.login)
    else:
        connection = _connect(host, platform, access)
    device = Device(host.name, connection, platform, access)
    try:
        device.greet()
        yield device
    finally:
        device.close()


def _with_password(host: Host, platform: Platform, access: Access, login: Login) -> BaseConnection:
    try:
        connection = _connect(host, platform, access)
    except PasswordRefused:
        login.refused()
        raise
    login.accepted()
    return connection


def _connect(host: Host, platform: Platform, access: Access) -> BaseConnection:
    address, user = host.hostname or host.name, host.username or access.user
    user = access.login.user if access.login else user
    facts = {"device": host.name, "address": address, "user": user, "known_hosts": str(access.known_hosts)}
    port = host.port or _SSH
    try:
        known = access.host_keys(address, port)
    except OSError as error:
        raise DeviceError(device=host.name, why=f"{error.filename}: {error.strerror}") from error
    try:
        connection: Any = _session_class(platform.talk.device_type)(
            device_type=platform.talk.device_type,
            host=address,
            port=port,
            username=user,
            **_proof(access),
            allow_agent=False,
            ssh_strict=True,
            system_host_keys=False,
            conn_timeout=access.connect_seconds,
            auth_timeout=access.connect_seconds,
            banner_timeout=access.connect_seconds,
            auto_connect=False,
        )
        connection.known = known
        connection.establish_connection()
    except NetmikoAuthenticationException as error:
        if access.login:
            raise PasswordRefused(**facts, credential=access.login.name) from error
        raise LoginRefused(**facts) from error
    except NetmikoTimeoutException as error:
        raise _not_reached(facts, error) from error
    except (NetmikoBaseException, SSHException, OSError, EOFError, socket.gaierror) as error:
        raise _not_reached(facts, error) from error
    except ValueError as error:  # netmiko's own: no such key file
        raise DeviceError(device=host.name, why=_line(error)) from error
    opened: BaseConnection = connection
    return opened


@cache
def _session_class(device_type: str) -> Any:
    """The class that netmiko has for a platform, with the host keys that we give it and no others."""
    base: Any = ssh_dispatcher(device_type)

    class Session(base):  # type: ignore[misc]
        known: Mapping[str, Any] = MappingProxyType({})

        def _build_ssh_client(self) -> Any:
            client = super()._build_ssh_client()
            name = self.host if self.port == _SSH else f"[{self.host}]:{self.port}"
            for kind, key in self.known.items():
                client.get_host_keys().add(name, kind, key)
            return client

    return Session


def _proof(access: Access) -> dict[str, Any]:
    if access.login:
        return {"password": access.login.password, "use_keys": False}
    return {"use_keys": True, "key_file": str(access.key)}


def _not_reached(facts: dict[str, str], error: BaseException) -> DeviceError:
    # netmiko wraps paramiko's host key errors in its time-out error and keeps their words.
    said = str(error)
    if _NO_HOST_KEY in said or _OTHER_HOST_KEY in said:
        return HostKeyUnknown(**facts)
    return NotReached(**facts, why=_line(error))


def _line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0].rstrip(".") if lines else type(error).__name__
