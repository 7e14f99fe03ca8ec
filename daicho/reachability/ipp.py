"""Ask a printer by IPP (RFC 8011) for its state, and whether it would take a job. Nothing is printed."""

from __future__ import annotations

import http.client
import struct
from typing import TYPE_CHECKING, Final, NamedTuple

from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.reachability.wrong import Wrong

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

STOPPED: Final = 5
_GET_PRINTER_ATTRIBUTES: Final = 0x000B
_VALIDATE_JOB: Final = 0x0004
_WANTED: Final = (
    "printer-name",
    "printer-is-accepting-jobs",
    "printer-state",
    "printer-state-reasons",
)
_CHARSET, _LANGUAGE, _URI, _KEYWORD, _NAME, _FORMAT = 0x47, 0x48, 0x45, 0x44, 0x42, 0x49
_OPERATION_GROUP, _END = b"\x01", b"\x03"
_MOST_BYTES: Final = 1 << 18
_WHY_NOT: Final = {
    0x0401: N_("printing is forbidden to us"),
    0x0402: N_("it wants a logon"),
    0x0403: N_("printing is not allowed to us"),
    0x040A: N_("it does not know this format"),
    0x0501: N_("it cannot be asked (no Validate-Job)"),
    0x0506: N_("it accepts no jobs"),
    0x0507: N_("it is busy"),
}
"""RFC 8011, appendix B."""


class Printer(NamedTuple):
    """What a printer says about itself."""

    name: str
    accepting: bool
    state: int
    """3 idle, 4 processing, 5 stopped."""
    reasons: str


class Queue(NamedTuple):
    """Where a print queue is."""

    address: str
    port: int
    path: str
    timeout_s: float


def printer(queue: Queue) -> Printer:
    """Ask one print queue for its state.

    Raises:
        Wrong: It answers, but not as a printer.
        OSError: It does not answer.
    """
    return parse(_post(queue, request(_uri(queue))))


def validate(queue: Queue, job_format: str) -> None:
    """Ask one print queue whether it would take a job of this format.

    Raises:
        Wrong: It would not.
        OSError: It does not answer.
    """
    answer = _post(queue, _job(_uri(queue), job_format))
    status = _status(answer)
    if status >= 0x0100:
        why = _WHY_NOT.get(status)
        text = N_("it would not take a job of the format {format}: {why}")
        raise Wrong(text, format=job_format, why=_(why) if why else f"IPP {status:#06x}")


def _uri(queue: Queue) -> str:
    host = f"[{queue.address}]" if ":" in queue.address else queue.address
    return f"ipp://{host}:{queue.port}{queue.path}"


def _post(queue: Queue, body: bytes) -> bytes:
    connection = http.client.HTTPConnection(queue.address, queue.port, timeout=queue.timeout_s)
    try:
        connection.request("POST", queue.path, body, {"Content-Type": "application/ipp"})
        response = connection.getresponse()
        if response.status != 200:
            raise Wrong(N_("status {status} instead of {wanted}"), status=response.status, wanted=200)
        return response.read(_MOST_BYTES)
    except http.client.HTTPException as error:
        raise Wrong(N_("it does not speak HTTP: {what}"), what=type(error).__name__) from error
    finally:
        connection.close()


def request(uri: str) -> bytes:
    """Get-Printer-Attributes for the attributes that we look at."""
    head = _head(_GET_PRINTER_ATTRIBUTES, uri)
    for place, wanted in enumerate(_WANTED):
        head += _attribute(_KEYWORD, "" if place else "requested-attributes", wanted)
    return head + _END


def _job(uri: str, job_format: str) -> bytes:
    head = _head(_VALIDATE_JOB, uri)
    head += _attribute(_NAME, "requesting-user-name", "daicho")
    head += _attribute(_NAME, "job-name", "daicho check")
    return head + _attribute(_FORMAT, "document-format", job_format) + _END


def _head(operation: int, uri: str) -> bytes:
    head = struct.pack("!BBHI", 2, 0, operation, 1) + _OPERATION_GROUP
    head += _attribute(_CHARSET, "attributes-charset", "utf-8")
    head += _attribute(_LANGUAGE, "attributes-natural-language", "en")
    return head + _attribute(_URI, "printer-uri", uri)


def parse(answer: bytes) -> Printer:
    """The printer in an answer.

    Raises:
        Wrong: No IPP, an error of the printer, or an attribute that every printer must have is missing.
    """
    status = _status(answer)
    if status >= 0x0100:
        raise Wrong(N_("the printer answers with the IPP error {status:#06x}"), status=status)
    found: dict[str, list[bytes]] = {}
    for name, value in _attributes(answer):
        found.setdefault(name, []).append(value)
    try:
        return _printer(found)
    except (KeyError, struct.error) as error:
        raise Wrong(N_("it does not answer as a printer")) from error


def _status(answer: bytes) -> int:
    if len(answer) < 8:
        raise Wrong(N_("it does not answer as a printer"))
    return int.from_bytes(answer[2:4])


def _printer(found: Mapping[str, list[bytes]]) -> Printer:
    (state,) = struct.unpack("!I", found["printer-state"][0])
    return Printer(
        name=found.get("printer-name", [b"?"])[0].decode("utf-8", "replace"),
        accepting=found["printer-is-accepting-jobs"][0] == b"\x01",
        state=state,
        reasons=", ".join(
            value.decode("ascii", "replace") for value in found.get("printer-state-reasons", [])
        ),
    )


def _attribute(tag: int, name: str, value: str) -> bytes:
    key, text = name.encode("ascii"), value.encode("utf-8")
    return struct.pack("!BH", tag, len(key)) + key + struct.pack("!H", len(text)) + text


def _attributes(answer: bytes) -> Iterator[tuple[str, bytes]]:
    at, name = 8, ""
    while at < len(answer) and answer[at] != _END[0]:
        if answer[at] < 0x10:  # the beginning of a group
            at += 1
            continue
        key, at = _piece(answer, at + 1)
        value, at = _piece(answer, at)
        name = key.decode("ascii", "replace") or name
        yield name, value


def _piece(answer: bytes, at: int) -> tuple[bytes, int]:
    length = int.from_bytes(answer[at : at + 2])
    return answer[at + 2 : at + 2 + length], at + 2 + length
