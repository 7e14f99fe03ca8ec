"""One logon at one Windows endpoint: HTTPS, its certificate verified, NTLM sealed and bound to the channel.

The only place that knows the WinRM library. One TCP connection, TLS handshake and logon serve all scripts of
a session.
"""

from __future__ import annotations

import logging
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from pypsrp.exceptions import WinRMError, WSManFaultError
from pypsrp.shell import CommandState, SignalCode, WinRS
from pypsrp.wsman import NAMESPACES, OptionSet, WSMan
from requests import RequestException
from requests.adapters import HTTPAdapter
from spnego.exceptions import SpnegoError

from daicho.craft import Trouble
from daicho.endpoints.transport import FINISHED, STILL_BUSY, trouble_of
from daicho.endpoints.wrong import Lost, NotInTime, Overloaded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, Self

    from requests import PreparedRequest, Response

    from daicho.endpoints.site import WindowsFile
    from daicho.items.item import Item

_PIECE: Final = 100_000
"""Bytes of input in one message: what base64 and XML make of it stays below a service's 150 KiB."""
_PAUSES: Final = (0.5, 2.0)
"""Seconds before a logon that found the service overloaded is tried again."""
_UTF8: Final = 65001
_FAULTS: Final = (WinRMError, RequestException, SpnegoError, ValueError)


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """A machine to speak to."""

    name: str
    """The item's name."""
    address: str
    """What is spoken to, and what the certificate must carry."""
    port: int | None = None
    """Where WinRM listens, if not where the site file says."""
    facts: Mapping[str, str]
    """The item's attributes."""

    @property
    def computer(self) -> str:
        """What the machine calls itself: the first part of the name, as long as such a name may be."""
        return self.name.partition(".")[0][:15].upper()


@dataclass(frozen=True, kw_only=True)
class Access:
    """How a site's endpoints are logged on to."""

    site: WindowsFile
    password: str

    def __repr__(self) -> str:
        """Without the password."""
        return f"Access({self.site.user})"


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a command ended."""

    code: int
    out: bytes
    err: bytes


def endpoint_of(name: str, variables: Mapping[str, object]) -> Endpoint:
    """A target of a run, from what the door says of it (`daicho.items.groups.host_variables`)."""
    item = variables.get("daicho_item")
    port = variables.get("ansible_port")
    return Endpoint(
        name=name,
        address=str(variables.get("ansible_host") or name),
        port=int(str(port)) if port else None,
        facts={key: str(value) for key, value in item.items()} if isinstance(item, dict) else {},
    )


def item_endpoint(item: Item) -> Endpoint:
    """An item to speak to."""
    port = item.attributes.get("port")
    return Endpoint(
        name=item.name,
        address=item.address or item.name,
        port=int(port) if port else None,
        facts=item.attributes,
    )


class Session:
    """A shell on one endpoint, for the length of a block. Not for several threads at once."""

    def __init__(self, endpoint: Endpoint, access: Access) -> None:
        """Nothing is sent yet."""
        # The library tells of every lost connection itself, with a traceback.
        logging.getLogger("pypsrp").addHandler(logging.NullHandler())
        logging.getLogger("pypsrp").propagate = False
        self.endpoint, self.access = endpoint, access
        site = access.site
        self._wsman = WSMan(
            endpoint.address,
            port=endpoint.port or site.port,
            username=site.user,
            password=access.password,
            ssl=True,
            auth="ntlm",
            encryption="always",
            cert_validation=str(site.ca_file),  # type: ignore[arg-type] # a path is taken, too
            connection_timeout=site.connect_timeout_s,
            operation_timeout=site.operation_timeout_s,
            read_timeout=site.operation_timeout_s + 10,
            no_proxy=True,
            negotiate_send_cbt=True,
        )
        self._shell = _Shell(self._wsman)
        self._line = _Line()
        transport = self._wsman.transport
        transport.session = transport._build_session()  # noqa: SLF001 -- there is no other way to its adapters
        transport.session.trust_env = False  # no proxy, no .netrc, no other authorities from the environment
        transport.session.mount("https://", self._line)

    def __enter__(self) -> Self:
        """Log on, unless that was done."""
        self.open()
        return self

    def open(self) -> None:
        """Log on.

        Raises:
            Trouble: See `daicho.endpoints.wrong`.
        """
        if self._shell.opened:
            return
        for pause in (*_PAUSES, None):
            try:
                self._asked(self._shell.open)
            except Overloaded:
                if pause is None:
                    raise
                time.sleep(pause)
            except BaseException:
                self._close()
                raise
            else:
                return

    def __exit__(self, *_error: object) -> None:
        """Leave; a machine that is gone meanwhile has closed the shell itself."""
        try:
            self._shell.close()
        except _FAULTS:
            pass
        finally:
            self._close()

    def command(self, words: Sequence[str], given: bytes, *, what: str, limit_s: float) -> Ended:
        """Start one command, give it its input, and wait for its end.

        Args:
            words: The program and its arguments: no secret, every process there can read them.
            given: Its whole input.
            what: How it is called in messages.
            limit_s: Seconds after which it is stopped.

        Raises:
            Trouble: See `daicho.endpoints.wrong`; Lost once the input was sent.
        """
        name = self._asked(lambda: self._shell.start(words))
        pieces = [given[at : at + _PIECE] for at in range(0, len(given), _PIECE)] or [b""]
        for piece in pieces[:-1]:
            self._asked(partial(self._shell.send, "stdin", piece, name, end=False))
        # What reads its input to the end before it does anything has begun with the last piece.
        try:
            self._asked(lambda: self._shell.send("stdin", pieces[-1], name, end=True))
            return self._ended(name, what, time.monotonic() + limit_s, limit_s)
        except Trouble as error:
            if error.unreachable:
                raise Lost(address=self.endpoint.address, script=what) from error
            raise

    def _ended(self, name: str, what: str, deadline: float, limit_s: float) -> Ended:
        out, err, state, code = b"", b"", CommandState.PENDING, None
        while state != CommandState.DONE:
            if time.monotonic() > deadline:
                self._asked(lambda: self._shell.signal(SignalCode.TERMINATE, name))
                raise NotInTime(script=what, address=self.endpoint.address, seconds=round(limit_s))
            try:
                state, code, more = self._shell.receive("stdout stderr", name)
            except WSManFaultError as error:
                if error.code != STILL_BUSY:
                    raise trouble_of(error, self.endpoint.address, self.access.site.user) from error
            except _FAULTS as error:
                raise trouble_of(error, self.endpoint.address, self.access.site.user) from error
            else:
                out, err = out + more["stdout"], err + more["stderr"]
        return Ended(code=FINISHED if code is None else code, out=out, err=err)

    def _close(self) -> None:
        self._line.hang_up()
        self._wsman.close()

    def _asked[T](self, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except _FAULTS as error:
            raise trouble_of(error, self.endpoint.address, self.access.site.user) from error


class _Line(HTTPAdapter):
    """Knows its last answer: a logon that fails leaves it unread, and its connection open."""

    def __init__(self) -> None:
        super().__init__()
        self._answer: Response | None = None

    def send(self, request: PreparedRequest, *how: Any, **more: Any) -> Response:
        self._answer = super().send(request, *how, **more)
        return self._answer

    def hang_up(self) -> None:
        if self._answer is not None:
            self._answer.close()


class _Shell(WinRS):
    def __init__(self, wsman: WSMan) -> None:
        super().__init__(wsman, codepage=_UTF8, no_profile=True, input_streams="stdin")

    def start(self, words: Sequence[str]) -> str:
        """Start a command whose input is a pipe, not a console: only a pipe has an end."""
        options = OptionSet()
        options.add_option("WINRS_CONSOLEMODE_STDIN", "FALSE")
        options.add_option("WINRS_SKIP_CMD_SHELL", "FALSE")
        line = ET.Element(_tag("CommandLine"))
        ET.SubElement(line, _tag("Command")).text = words[0]
        for word in words[1:]:
            ET.SubElement(line, _tag("Arguments")).text = word
        answer = self.wsman.command(
            self.resource_uri, line, option_set=options, selector_set=self._selector_set
        )
        return answer.findtext("rsp:CommandResponse/rsp:CommandId", "", NAMESPACES)


def _tag(name: str) -> str:
    return f"{{{NAMESPACES['rsp']}}}{name}"
