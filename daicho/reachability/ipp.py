"""Ask a printer for its state by IPP (RFC 8011): one operation, three attributes."""

from __future__ import annotations

import http.client
import struct
from typing import TYPE_CHECKING, Final, NamedTuple

from daicho.i18n import N_
from daicho.reachability.wrong import Wrong

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

STOPPED: Final = 5
_GET_PRINTER_ATTRIBUTES: Final = 0x000B
_WANTED: Final = (
    "printer-name",
    "printer-is-accepting-jobs",
    "printer-state",
    "printer-state-reasons",
)
_CHARSET, _LANGUAGE, _URI, _KEYWORD = 0x47, 0x48, 0x45, 0x44
_OPERATION_GROUP, _END = b"\x01", b"\x03"
_MOST_BYTES: Final = 1 << 18


class Printer(NamedTuple):
    """What a printer says about itself."""

    name: str
    accepting: bool
    state: int
    """3 idle, 4 processing, 5 stopped."""
    reasons: str


def printer(address: str, port: int, path: str, timeout_s: float) -> Printer:
    """Ask one print queue.

    Raises:
        Wrong: It answers, but not as a printer.
        OSError: It does not answer.
    """
    host = f"[{address}]" if ":" in address else address
    connection = http.client.HTTPConnection(address, port, timeout=timeout_s)
    try:
        body = request(f"ipp://{host}:{port}{path}")
        connection.request("POST", path, body, {"Content-Type": "application/ipp"})
        response = connection.getresponse()
        if response.status != 200:
            raise Wrong(N_("status {status} instead of {wanted}"), status=response.status, wanted=200)
        return parse(response.read(_MOST_BYTES))
    except http.client.HTTPException as error:
        raise Wrong(N_("it does not speak HTTP: {what}"), what=type(error).__name__) from error
    finally:
        connection.close()


def request(uri: str) -> bytes:
    """Get-Printer-Attributes for the attributes that we look at."""
    head = struct.pack("!BBHI", 2, 0, _GET_PRINTER_ATTRIBUTES, 1) + _OPERATION_GROUP
    head += _attribute(_CHARSET, "attributes-charset", "utf-8")
    head += _attribute(_LANGUAGE, "attributes-natural-language", "en")
    head += _attribute(_URI, "printer-uri", uri)
    for place, wanted in enumerate(_WANTED):
        head += _attribute(_KEYWORD, "" if place else "requested-attributes", wanted)
    return head + _END


def parse(answer: bytes) -> Printer:
    """The printer in an answer.

    Raises:
        Wrong: No IPP, an error of the printer, or an attribute that every printer must have is missing.
    """
    if len(answer) < 8:
        raise Wrong(N_("it does not answer as a printer"))
    (status,) = struct.unpack_from("!H", answer, 2)
    if status >= 0x0100:
        raise Wrong(N_("the printer answers with the IPP error {status:#06x}"), status=status)
    found: dict[str, list[bytes]] = {}
    for name, value in _attributes(answer):
        found.setdefault(name, []).append(value)
    try:
        return _printer(found)
    except (KeyError, struct.error) as error:
        raise Wrong(N_("it does not answer as a printer")) from error


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
