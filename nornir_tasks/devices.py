"""A conversation with one network device. The only place that touches netmiko.

Host keys are checked against the site's own list and nothing else, the login is the short-lived
certificate that the door made (paramiko finds `KEY-cert.pub` beside the key), and every way in which a
device can fail to answer is an error of ours with the device's name in its sentence.
"""

from __future__ import annotations

import socket
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from netmiko import ConnectHandler
from netmiko.exceptions import NetmikoAuthenticationException, NetmikoBaseException, NetmikoTimeoutException
from paramiko.ssh_exception import SSHException

from daicho.errors import DaichoError, ExitCode
from daicho.i18n import N_

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from netmiko import BaseConnection
    from nornir.core.inventory import Host

_NO_HOST_KEY = "not found in known_hosts"
_OTHER_HOST_KEY = "does not match"


class DeviceError(DaichoError):
    """A device could not be asked."""

    exit_code = ExitCode.INCOMPLETE
    sentence = N_("{device} could not be asked: {why}.")


class NotReached(DeviceError):
    """No SSH session came about."""

    sentence = N_("{device} did not open an SSH session on {address} ({why}).")


class HostKeyUnknown(DeviceError):
    """The device is not in known_hosts, or shows another key than there."""

    sentence = N_(
        "{device} was not spoken to: its host key at {address} is not the one in {known_hosts}. "
        "If the device was replaced, put its new key there."
    )


class LoginRefused(DeviceError):
    """The device answered and did not let us in."""

    sentence = N_(
        "{device} refused the login of {user}. Does it trust the site's SSH CA? `daicho init` shows the key."
    )


class NoAnswer(DeviceError):
    """The device let us in and then did not answer a command."""

    sentence = N_("{device} did not answer `{command}` within {seconds} seconds.")


@dataclass(frozen=True, kw_only=True)
class Access:
    """How devices are spoken to."""

    key: Path
    """The private key; its certificate lies beside it."""
    known_hosts: Path
    user: str = "daicho"
    connect_seconds: float = 10.0
    read_seconds: float = 20.0


class Device:
    """An open session."""

    def __init__(self, name: str, connection: BaseConnection, access: Access) -> None:
        """Speak over this connection."""
        self.name = name
        self._connection = connection
        self._access = access

    def ask(self, command: str) -> str:
        """What the device prints for a command that shows something.

        Raises:
            NoAnswer: Its prompt did not come back in time.
        """
        try:
            said = self._connection.send_command(command, read_timeout=self._access.read_seconds)
        except (NetmikoBaseException, SSHException, OSError, EOFError) as error:
            raise self._no_answer(command) from error
        return str(said)

    def fetch(self, command: str) -> tuple[int, str]:
        """Exit status and output of a command beside the interactive session, on the same login.

        Raises:
            NoAnswer: It did not end in time.
        """
        client: Any = self._connection.remote_conn_pre
        try:
            _stdin, stdout, _stderr = client.exec_command(command, timeout=self._access.read_seconds)
            text = stdout.read().decode(errors="replace")
            return stdout.channel.recv_exit_status(), text
        except (SSHException, OSError, EOFError) as error:
            raise self._no_answer(command) from error

    def _no_answer(self, command: str) -> NoAnswer:
        return NoAnswer(device=self.name, command=command, seconds=f"{self._access.read_seconds:g}")


@contextmanager
def session(host: Host, device_type: str, access: Access) -> Iterator[Device]:
    """An open session with a host of the inventory.

    Args:
        host: Its name, address, port and, where it has its own, its user.
        device_type: How netmiko calls this kind of command line.
        access: Key, host keys, times.

    Raises:
        NotReached: No session came about.
        HostKeyUnknown: It is not in known_hosts, or shows another key.
        LoginRefused: It did not let us in.
    """
    connection = _connect(host, device_type, access)
    try:
        yield Device(host.name, connection, access)
    finally:
        # A polite `exit` waits for the device; closing the channel is enough after reading.
        if connection.remote_conn_pre is not None:
            connection.remote_conn_pre.close()


def _connect(host: Host, device_type: str, access: Access) -> BaseConnection:
    address, user = host.hostname or host.name, host.username or access.user
    facts = {"device": host.name, "address": address, "user": user, "known_hosts": str(access.known_hosts)}
    try:
        return ConnectHandler(
            device_type=device_type,
            host=address,
            port=host.port or 22,
            username=user,
            use_keys=True,
            key_file=str(access.key),
            allow_agent=False,
            ssh_strict=True,
            system_host_keys=False,
            alt_host_keys=True,
            alt_key_file=str(access.known_hosts),
            conn_timeout=access.connect_seconds,
            auth_timeout=access.connect_seconds,
            banner_timeout=access.connect_seconds,
            read_timeout_override=access.read_seconds,
        )
    except NetmikoAuthenticationException as error:
        raise LoginRefused(**facts) from error
    except NetmikoTimeoutException as error:
        raise _not_reached(facts, error) from error
    except (NetmikoBaseException, SSHException, OSError, EOFError, socket.gaierror) as error:
        raise _not_reached(facts, error) from error
    except ValueError as error:  # netmiko's own: no known_hosts file, no such key file
        raise DeviceError(device=host.name, why=_line(error)) from error


def _not_reached(facts: dict[str, str], error: BaseException) -> DeviceError:
    # netmiko wraps paramiko's host key errors in its time-out error and keeps their words.
    said = str(error)
    if _NO_HOST_KEY in said or _OTHER_HOST_KEY in said:
        return HostKeyUnknown(**facts)
    return NotReached(**facts, why=_line(error))


def _line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0].rstrip(".") if lines else type(error).__name__
