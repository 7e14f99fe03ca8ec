"""Checks as people declare them in YAML: does this name server answer, does this printer accept jobs.

checks:
  - check: dns_answers
    title: DNS of the headquarters
    server: 10.0.0.53
    name: www.example.go.jp
    expect: [192.0.2.10]
  - check: directory_answers
    address: 10.0.0.10
    needs: [DNS of the headquarters]
"""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import AfterValidator, Field

from daicho.documents import Document, judge, load, read_file
from daicho.errors import DocumentError
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def _address(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        raise ValueError(
            _("{text!r} is no IP address; write one, for after an outage the DNS may be down").format(
                text=text
            )
        ) from None


def _network(text: str) -> str:
    try:
        return str(ip_network(text))
    except ValueError:
        raise ValueError(_("{text!r} is no network; write it like 10.0.0.0/8").format(text=text)) from None


type Address = Annotated[str, AfterValidator(_address)]
type Network = Annotated[str, AfterValidator(_network)]
type Port = Annotated[int, Field(ge=1, le=65535)]


class Check(Document):
    """What all checks have in common."""

    check: str
    title: str = ""
    """How people call it; made from the rest if it is left out."""
    needs: tuple[str, ...] = ()
    """Titles of checks that have to succeed first; else this one is skipped."""
    timeout_s: Annotated[float, Field(ge=0.1, le=60)] = 3.0

    def called(self) -> str:
        """The title, or kind and place of the check."""
        where = getattr(self, "address", "") or getattr(self, "server", "") or getattr(self, "url", "")
        return self.title or f"{self.check} {where or getattr(self, 'to', '')}".strip()


class DnsAnswers(Check):
    """A name server gives these records for a name."""

    check: Literal["dns_answers"]
    server: Address
    name: Annotated[str, Field(min_length=1)]
    type: Annotated[str, Field(pattern=r"^[A-Z]+[0-9]*$")] = "A"
    expect: tuple[str, ...] = ()
    """All of these must be among the records; empty: any record will do."""
    port: Port = 53


class TcpConnects(Check):
    """A port accepts connections."""

    check: Literal["tcp_connects"]
    address: Address
    port: Port


class SshGreets(Check):
    """An ssh server says who it is."""

    check: Literal["ssh_greets"]
    address: Address
    port: Port = 22
    contains: str = "SSH-"


class HttpAnswers(Check):
    """A web server answers with this status."""

    check: Literal["http_answers"]
    url: Annotated[str, Field(pattern=r"^https?://.+")]
    status: Annotated[int, Field(ge=100, le=599)] = 200
    contains: str = ""


class DirectoryAnswers(Check):
    """A directory server (AD, LDAP) names its directory to anybody who asks."""

    check: Literal["directory_answers"]
    address: Address
    port: Port = 389


class FileServerAnswers(Check):
    """A file server agrees on a version of SMB: what every opening of a share begins with."""

    check: Literal["file_server_answers"]
    address: Address
    port: Port = 445


class NtpInSync(Check):
    """A time server is synchronised itself, and this machine's clock agrees with it."""

    check: Literal["ntp_in_sync"]
    address: Address
    port: Port = 123
    within_ms: Annotated[float, Field(ge=0.1)] = 1000.0


class PrintQueueAccepts(Check):
    """A print queue accepts jobs and is not stopped (IPP)."""

    check: Literal["print_queue_accepts"]
    address: Address
    port: Port = 631
    path: Annotated[str, Field(pattern="^/")] = "/ipp/print"


class RoutePresent(Check):
    """This machine has a route to a network."""

    check: Literal["route_present"]
    to: Network
    device: str = ""


class DhcpOffers(Check):
    """A DHCP server offers a lease on a network of this machine; the lease is not taken."""

    check: Literal["dhcp_offers"]
    device: Annotated[str, Field(min_length=1)]
    server: Address | None = None
    within: Network | None = None
    """Where the address offered has to lie."""


KINDS: Final[dict[str, type[Check]]] = {
    "dns_answers": DnsAnswers,
    "tcp_connects": TcpConnects,
    "ssh_greets": SshGreets,
    "http_answers": HttpAnswers,
    "directory_answers": DirectoryAnswers,
    "file_server_answers": FileServerAnswers,
    "ntp_in_sync": NtpInSync,
    "print_queue_accepts": PrintQueueAccepts,
    "route_present": RoutePresent,
    "dhcp_offers": DhcpOffers,
}


class _Checks(Document):
    checks: tuple[dict[str, object], ...]


class _Kind(Document, extra="ignore"):
    check: Literal[tuple(KINDS)]  # type: ignore[valid-type]


def read_checks(path: Path) -> list[Check]:
    """The checks of a file, in its order.

    Raises:
        DocumentError: It names the field and what to write there.
    """
    return parse_checks(read_file(path), str(path))


def parse_checks(text: str, name: str) -> list[Check]:
    """The checks of a YAML text; `name` is the document's, for messages."""
    rows = judge(_Checks, load(text, name), name).checks
    checks = []
    for place, row in enumerate(rows):
        prefix = f"checks[{place}]"
        kind = judge(_Kind, row, name, prefix).check
        checks.append(judge(KINDS[kind], row, name, prefix))
    _judge_titles(checks, name)
    return checks


def _judge_titles(checks: Sequence[Check], name: str) -> None:
    """Refuse titles that stand twice, and needs that no earlier check meets."""
    earlier: set[str] = set()
    for place, check in enumerate(checks):
        for need in check.needs:
            if need not in earlier:
                problem = _("At checks[{place}].needs: no check before this one is called {need!r}.")
                raise DocumentError(document=name, problems=problem.format(place=place, need=need))
        if check.called() in earlier:
            problem = _(
                "At checks[{place}].title: there is a check {title!r} already. Give it another title."
            )
            raise DocumentError(document=name, problems=problem.format(place=place, title=check.called()))
        earlier.add(check.called())
