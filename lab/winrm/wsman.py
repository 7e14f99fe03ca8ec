"""WS-Management for Windows shells: what a SOAP envelope asks of a host's shells, and the answer to it.

[MS-WSMV] 3.1.4: Create, Command, Send, Receive, Signal, Delete. Answers name the request that they relate to;
output that does not fit into the client's MaxEnvelopeSize comes in several answers; a Receive that saw
nothing within its OperationTimeout ends in the fault 2150858793, after which clients ask again.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
import uuid
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from lab.winrm.host import Host

_S: Final = "http://www.w3.org/2003/05/soap-envelope"
_A: Final = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
_W: Final = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
_X: Final = "http://schemas.xmlsoap.org/ws/2004/09/transfer"
_RSP: Final = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
_F: Final = "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault"
CMD: Final = f"{_RSP}/cmd"
_ENVELOPE: Final = (
    f'<s:Envelope xmlns:s="{_S}" xmlns:a="{_A}" xmlns:w="{_W}" xmlns:x="{_X}" xmlns:rsp="{_RSP}"><s:Header>'
    "<a:Action>{action}</a:Action><a:MessageID>uuid:{id}</a:MessageID>"
    f"<a:To>{_A}/role/anonymous</a:To>"
    "<a:RelatesTo>{relates}</a:RelatesTo></s:Header><s:Body>{body}</s:Body></s:Envelope>"
)
TIMED_OUT: Final = 2150858793
_NO_SHELL: Final = 2150858843
_NO_ACTION: Final = 2150858819
_TOO_MANY: Final = 2150859173
_BAD: Final = 2150858890
_MAX_SHELLS: Final = 30
"""winrm/config/winrs MaxShellsPerUser; clients that forget to delete theirs find out."""
_ROUND_ABOUT: Final = 4096
"""What an answer is besides its streams."""
_DONE: Final = f"{_RSP}/CommandState/Done"
_RUNNING: Final = f"{_RSP}/CommandState/Running"


class SoapFault(Exception):
    """A request that is answered with a fault."""

    def __init__(self, code: int, reason: str, subcode: str = "w:InternalError") -> None:
        super().__init__(reason)
        self.code, self.reason, self.subcode = code, reason, subcode

    def body(self) -> str:
        """The fault as XML."""
        said = escape(self.reason)
        return (
            f"<s:Fault><s:Code><s:Value>s:Receiver</s:Value><s:Subcode><s:Value>{self.subcode}</s:Value>"
            f'</s:Subcode></s:Code><s:Reason><s:Text xml:lang="en-US">{said}</s:Text></s:Reason><s:Detail>'
            f'<f:WSManFault xmlns:f="{_F}" Code="{self.code}" Machine="localhost">'
            f"<f:Message>{said}</f:Message></f:WSManFault></s:Detail></s:Fault>"
        )


@dataclass
class Process:
    """A command in a shell: it reads standard input when it wants to, and ends with a code."""

    line: str
    user: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()).upper())
    code: int = 0
    output: dict[str, bytes] = field(default_factory=lambda: {"stdout": b"", "stderr": b""})
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None
    _input: list[bytes] = field(default_factory=list)
    _eof: asyncio.Event = field(default_factory=asyncio.Event)

    def feed(self, data: bytes, *, last: bool) -> None:
        """Input that arrived."""
        self._input.append(data)
        if last:
            self._eof.set()

    async def stdin(self) -> bytes:
        """All its input; waits for the end of it."""
        await self._eof.wait()
        data = b"".join(self._input)
        self._input.clear()
        return data

    def end(self, code: int, stdout: bytes = b"", stderr: bytes = b"") -> None:
        """It ends; what it said waits to be received."""
        self.code = code
        self.output = {"stdout": stdout, "stderr": stderr}
        self.ended.set()

    def kill(self) -> None:
        """It ends in the middle."""
        if self.task and not self.ended.is_set():
            self.task.cancel()


@dataclass
class Shell:
    """A remote shell of somebody."""

    user: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()).upper())
    processes: dict[str, Process] = field(default_factory=dict)


type Launch = Callable[[Host, Process], Coroutine[None, None, None]]
"""Carries a process out, to its `end`."""


class Envelope:
    """A request, as far as it matters here.

    Raises:
        SoapFault: It is no SOAP envelope.
    """

    def __init__(self, data: bytes) -> None:
        """Read it."""
        if b"<!DOCTYPE" in data[:2048]:
            raise SoapFault(_BAD, "A document type is not allowed here.", "w:SchemaValidationError")
        try:
            self.root = ET.fromstring(data)  # noqa: S314 - no document type, so no entities
        except ET.ParseError as error:
            raise SoapFault(_BAD, f"This is no XML: {error}", "w:SchemaValidationError") from error
        self.id = self._text(_A, "MessageID")
        self.action = self._text(_A, "Action")
        self.resource = self._text(_W, "ResourceURI")
        size = self._text(_W, "MaxEnvelopeSize")
        self.size = int(size) if size.isdecimal() else 153_600
        seconds = re.fullmatch(r"PT([\d.]+)S", self._text(_W, "OperationTimeout"))
        self.timeout = float(seconds.group(1)) if seconds else 60.0

    def _text(self, namespace: str, name: str) -> str:
        return self.root.findtext(f".//{{{namespace}}}{name}", "").strip()

    def selector(self, name: str) -> str:
        """The value that selects a resource."""
        found = (each for each in self.root.iter(f"{{{_W}}}Selector") if each.get("Name") == name)
        return next((each.text or "" for each in found), "")

    def shell(self, name: str) -> ET.Element:
        """An element of the shell's vocabulary."""
        found = self.root.find(f".//{{{_RSP}}}{name}")
        if found is None:
            raise SoapFault(_BAD, f"There is no {name} in the request.", "w:SchemaValidationError")
        return found

    def command_line(self) -> str:
        """The command and its arguments as one line; clients send them together or apart."""
        words = [self.shell("Command").text or ""]
        words += [each.text or "" for each in self.root.iter(f"{{{_RSP}}}Arguments")]
        return " ".join(word for word in words if word)


async def answer(host: Host, user: str, data: bytes, launch: Launch) -> tuple[bool, bytes]:
    """Do what an envelope asks; whether it went well, and the envelope of the answer."""
    relates = ""
    try:
        request = Envelope(data)
        relates = request.id
        body = await _do(host, user, request, launch)
        return True, _envelope(f"{request.action}Response", relates, body)
    except SoapFault as fault:
        return False, _envelope("http://schemas.dmtf.org/wbem/wsman/1/wsman/fault", relates, fault.body())


def _envelope(action: str, relates: str, body: str) -> bytes:
    return _ENVELOPE.format(
        action=escape(action), id=uuid.uuid4(), relates=escape(relates), body=body
    ).encode()


async def _do(host: Host, user: str, request: Envelope, launch: Launch) -> str:
    match request.action.rsplit("/", 1)[-1]:
        case "Create":
            return _create(host, user, request)
        case "Command":
            return _command(host, user, request, launch)
        case "Send":
            return _send(host, request)
        case "Receive":
            return await _receive(host, request)
        case "Signal":
            return _signal(host, request)
        case "Delete":
            return _delete(host, request)
        case other:
            raise SoapFault(_NO_ACTION, f"The action {other} is not supported.", "a:ActionNotSupported")


def _create(host: Host, user: str, request: Envelope) -> str:
    if request.resource != CMD:
        said = f"Only the shell {CMD} is there, not {request.resource}."
        raise SoapFault(_NO_ACTION, said, "w:InvalidResourceURI")
    if len(host.shells) >= _MAX_SHELLS:
        said = f"The maximum number of concurrent shells for this user is {_MAX_SHELLS}."
        raise SoapFault(_TOO_MANY, said, "w:QuotaLimit")
    shell = Shell(user)
    host.shells[shell.id] = shell
    reference = (
        "<x:ResourceCreated><a:Address>https://localhost/wsman</a:Address><a:ReferenceParameters>"
        f'<w:ResourceURI>{CMD}</w:ResourceURI><w:SelectorSet><w:Selector Name="ShellId">{shell.id}'
        "</w:Selector></w:SelectorSet></a:ReferenceParameters></x:ResourceCreated>"
    )
    described = (
        f"<rsp:Shell><rsp:ShellId>{shell.id}</rsp:ShellId><rsp:ResourceUri>{CMD}</rsp:ResourceUri>"
        f"<rsp:Owner>{escape(user)}</rsp:Owner><rsp:IdleTimeOut>PT7200.000S</rsp:IdleTimeOut>"
        "<rsp:InputStreams>stdin</rsp:InputStreams><rsp:OutputStreams>stdout stderr</rsp:OutputStreams>"
        "</rsp:Shell>"
    )
    return reference + described


def _shell(host: Host, request: Envelope) -> Shell:
    shell = host.shells.get(request.selector("ShellId"))
    if shell is None:
        said = "The shell was not found on the server."
        raise SoapFault(_NO_SHELL, said, "w:InvalidSelectors")
    return shell


def _process(shell: Shell, identity: str | None) -> Process:
    process = shell.processes.get(identity or "")
    if process is None:
        raise SoapFault(_NO_SHELL, "The command was not found in the shell.", "w:InvalidSelectors")
    return process


def _command(host: Host, user: str, request: Envelope, launch: Launch) -> str:
    shell = _shell(host, request)
    process = Process(request.command_line(), user)
    shell.processes[process.id] = process
    process.task = asyncio.get_running_loop().create_task(launch(host, process))
    return f"<rsp:CommandResponse><rsp:CommandId>{process.id}</rsp:CommandId></rsp:CommandResponse>"


def _send(host: Host, request: Envelope) -> str:
    shell, stream = _shell(host, request), request.shell("Stream")
    try:
        data = base64.b64decode(stream.text or "", validate=True)
    except binascii.Error as error:
        raise SoapFault(_BAD, "A stream is no base64.", "w:SchemaValidationError") from error
    last = stream.get("End", "").lower() == "true"
    _process(shell, stream.get("CommandId")).feed(data, last=last)
    return "<rsp:SendResponse/>"


async def _receive(host: Host, request: Envelope) -> str:
    process = _process(_shell(host, request), request.shell("DesiredStream").get("CommandId"))
    try:
        async with asyncio.timeout(request.timeout):
            await process.ended.wait()
    except TimeoutError:
        said = "The operation did not complete within the time specified in OperationTimeout."
        raise SoapFault(TIMED_OUT, said, "w:TimedOut") from None
    room = max(1024, (request.size - _ROUND_ABOUT) // 4 * 3)
    streams = ""
    for name, waiting in process.output.items():
        part, process.output[name] = waiting[:room], waiting[room:]
        room -= len(part)
        if part:
            streams += _stream(name, process.id, part)
    if any(process.output.values()):
        state = f'<rsp:CommandState CommandId="{process.id}" State="{_RUNNING}"/>'
    else:
        streams += "".join(_stream(name, process.id, b"", last=True) for name in process.output)
        state = (
            f'<rsp:CommandState CommandId="{process.id}" State="{_DONE}">'
            f"<rsp:ExitCode>{process.code}</rsp:ExitCode></rsp:CommandState>"
        )
    return f"<rsp:ReceiveResponse>{streams}{state}</rsp:ReceiveResponse>"


def _stream(name: str, identity: str, data: bytes, *, last: bool = False) -> str:
    end = ' End="true"' if last else ""
    text = base64.b64encode(data).decode("ascii")
    return f'<rsp:Stream Name={quoteattr(name)} CommandId="{identity}"{end}>{text}</rsp:Stream>'


def _signal(host: Host, request: Envelope) -> str:
    shell = _shell(host, request)
    process = shell.processes.pop(request.shell("Signal").get("CommandId") or "", None)
    if process:
        process.kill()
    return "<rsp:SignalResponse/>"


def _delete(host: Host, request: Envelope) -> str:
    shell = _shell(host, request)
    for process in shell.processes.values():
        process.kill()
    del host.shells[shell.id]
    return ""
