"""One probe for each kind of check: it returns what it saw, or raises what is wrong."""

from __future__ import annotations

import asyncio
import http.client
import socket
import time
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import dns.asyncquery
import dns.exception
import dns.message
import dns.rcode
import dns.rdatatype

from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.reachability import dhcp, ipp, wire
from daicho.reachability.neighbours import Routes
from daicho.reachability.wrong import CannotTell, Wrong

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from daicho.reachability import checks

_MOST_BODY: Final = 1 << 20


async def dns_answers(check: checks.DnsAnswers) -> str:
    """Ask one name server, by address."""
    try:
        query = dns.message.make_query(check.name, check.type)
    except (dns.exception.DNSException, ValueError) as error:
        raise CannotTell(why=str(error)) from error
    try:
        answer, _tcp = await dns.asyncquery.udp_with_fallback(query, check.server, port=check.port)
    except dns.exception.DNSException as error:
        raise Wrong(seen=str(error)) from error
    if answer.rcode() != dns.rcode.NOERROR:
        raise Wrong(seen=dns.rcode.to_text(answer.rcode()))
    wanted = dns.rdatatype.from_text(check.type)
    records = [rdata.to_text() for group in answer.answer if group.rdtype == wanted for rdata in group]
    missing = [each for each in check.expect if each not in records]
    if missing or not records:
        text = N_("no {type} record {missing}; there: {records}")
        raise Wrong(text, type=check.type, missing=", ".join(missing), records=", ".join(records) or "–")
    return ", ".join(records)


async def tcp_connects(check: checks.TcpConnects) -> str:
    """Connect, and hang up."""
    began = time.monotonic()
    _reader, writer = await asyncio.open_connection(check.address, check.port)
    writer.close()
    return _("connected in {ms:.1f} ms").format(ms=(time.monotonic() - began) * 1000)


async def ssh_greets(check: checks.SshGreets) -> str:
    """Read the first line."""
    reader, writer = await asyncio.open_connection(check.address, check.port)
    try:
        line = (await reader.readline()).decode("utf-8", "replace").strip()
    except ValueError as error:
        raise Wrong(N_("it says more than a line")) from error
    finally:
        writer.close()
    if check.contains not in line:
        raise Wrong(N_("it says {line!r}, without {wanted!r}"), line=line, wanted=check.contains)
    return line


async def http_answers(check: checks.HttpAnswers) -> str:
    """Get a page; certificates are verified."""
    status, body = await asyncio.to_thread(_get, check.url, check.timeout_s)
    if status != check.status:
        raise Wrong(N_("status {status} instead of {wanted}"), status=status, wanted=check.status)
    if check.contains.encode() not in body:
        raise Wrong(N_("the page does not contain {wanted!r}"), wanted=check.contains)
    return f"{status}"


def _get(url: str, timeout_s: float) -> tuple[int, bytes]:
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=timeout_s)
    try:
        connection.request("GET", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
        response = connection.getresponse()
        return response.status, response.read(_MOST_BODY)
    except http.client.HTTPException as error:
        raise Wrong(N_("it does not speak HTTP: {what}"), what=type(error).__name__) from error
    except socket.gaierror as error:
        raise CannotTell(N_("the name in the URL cannot be resolved: {what}"), what=error.strerror) from error
    finally:
        connection.close()


async def directory_answers(check: checks.DirectoryAnswers) -> str:
    """Ask for the root of the directory, anonymously."""
    answer = await _exchange(check.address, check.port, wire.ROOT_DSE_REQUEST)
    if not wire.is_ldap_entry(answer):
        raise Wrong(N_("it does not answer as a directory server"))
    return wire.naming_context(answer) or _("it answers")


async def file_server_answers(check: checks.FileServerAnswers) -> str:
    """Agree on a version of SMB."""
    answer = await _exchange(check.address, check.port, wire.smb_negotiate())
    dialect = wire.smb_dialect(answer)
    if not dialect:
        raise Wrong(N_("it does not agree on SMB 2 or 3"))
    return f"SMB {dialect}"


async def _exchange(address: str, port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(address, port)
    try:
        writer.write(request)
        return await reader.read(4096)
    finally:
        writer.close()


async def ntp_in_sync(check: checks.NtpInSync) -> str:
    """Ask for the time once."""
    answer, sent, came = await asyncio.to_thread(_ask_time, check.address, check.port, check.timeout_s)
    time_told = wire.ntp_time(answer, sent, came)
    if time_told is None:
        raise Wrong(N_("it does not answer as a time server"))
    if not time_told.synchronised:
        raise Wrong(N_("the time server is not synchronised itself"))
    if abs(time_told.offset_s) * 1000 > check.within_ms:
        text = N_("the clock of this machine differs by {offset:+.1f} ms from the time server's")
        raise Wrong(text, offset=-time_told.offset_s * 1000)
    return _("stratum {stratum}, {offset:+.1f} ms").format(
        stratum=time_told.stratum, offset=time_told.offset_s * 1000
    )


def _ask_time(address: str, port: int, timeout_s: float) -> tuple[bytes, float, float]:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as asked:
        asked.settimeout(timeout_s)
        asked.connect((address, port))
        sent = time.time()
        asked.send(wire.ntp_request(sent))
        return asked.recv(512), sent, time.time()


async def print_queue_accepts(check: checks.PrintQueueAccepts) -> str:
    """Ask the printer for its state, and whether it would take a job."""
    queue = ipp.Queue(check.address, check.port, check.path, check.timeout_s)
    told = await asyncio.to_thread(ipp.printer, queue)
    if not told.accepting:
        raise Wrong(N_("the queue rejects jobs ({reasons})"), reasons=told.reasons)
    if told.state == ipp.STOPPED:
        raise Wrong(N_("the printer is stopped ({reasons})"), reasons=told.reasons)
    if check.job_format:
        await asyncio.to_thread(ipp.validate, queue, check.job_format)
    return f"{told.name}: {told.reasons}"


async def route_present(check: checks.RoutePresent) -> str:
    """Look into this machine's own table."""
    wanted = ip_network(check.to)
    for route in Routes.read().all():
        if route.network == wanted and check.device in ("", route.device):
            return f"{route.network} dev {route.device}"
    raise Wrong(N_("there is no route to {network}"), network=check.to)


async def dhcp_offers(check: checks.DhcpOffers) -> str:
    """Ask for an offer, and leave it."""
    offer = await asyncio.to_thread(dhcp.discover, check.device, check.timeout_s)
    _judge_offer(check, offer)
    return _("{address} from {server}").format(address=offer.address, server=offer.server)


async def dhcp_leases(check: checks.DhcpLeases) -> str:
    """Take a lease, and give it back."""
    # A little less time, so that what was seen of a server that breaks off is told.
    limit = check.timeout_s * 0.95
    lease = await asyncio.to_thread(dhcp.lease, check.device, limit, lambda offer: _judge_offer(check, offer))
    said = _("{address} from {server} for {seconds} s, given back")
    return said.format(address=lease.address, server=lease.server, seconds=lease.seconds)


def _judge_offer(check: checks.DhcpOffers, offer: dhcp.Offer) -> None:
    if check.server and offer.server != check.server:
        text = N_("another server offers: {server} (a stranger's, if it should not be there)")
        raise Wrong(text, server=offer.server)
    if check.within and ip_address(offer.address) not in ip_network(check.within):
        raise Wrong(
            N_("{address} is offered, outside {network}"), address=offer.address, network=check.within
        )


PROBES: Final[Mapping[str, Callable[[Any], Awaitable[str]]]] = {
    probe.__name__: probe
    for probe in (
        dns_answers,
        tcp_connects,
        ssh_greets,
        http_answers,
        directory_answers,
        file_server_answers,
        ntp_in_sync,
        print_queue_accepts,
        route_present,
        dhcp_offers,
        dhcp_leases,
    )
}
