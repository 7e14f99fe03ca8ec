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

import re
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import AfterValidator, Field

from daicho.documents import Document, judge, load, read_file
from daicho.errors import DocumentError
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Sequence

_SECRET: Final = re.compile(r"check-[a-z0-9_-]{1,58}")


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


def _secret(name: str) -> str:
    if _SECRET.fullmatch(name):
        return name
    said = _(
        "{name!r} is no secret of checks. Their names begin with `check-`, so that no file of checks can "
        "carry another password of the site to a server of its choice"
    )
    raise ValueError(said.format(name=name))


def _whole_path(path: Path) -> Path:
    if not path.is_absolute():
        raise ValueError(_("{path} must be a whole path; begin it with /").format(path=path))
    return path


type Address = Annotated[str, AfterValidator(_address)]
type Network = Annotated[str, AfterValidator(_network)]
type Port = Annotated[int, Field(ge=1, le=65535)]
type SecretName = Annotated[str, AfterValidator(_secret)]
type WholePath = Annotated[Path, AfterValidator(_whole_path)]
type Patience = Annotated[float, Field(ge=0.1, le=60)]


class Check(Document):
    """What all checks have in common."""

    check: str
    """Which kind of check it is."""
    title: str = ""
    """How people call it; made from the rest if it is left out."""
    needs: tuple[str, ...] = ()
    """Titles of checks that have to succeed first; else this one is skipped."""
    timeout_s: Patience = 3.0
    """How long it may take, in seconds."""

    def called(self) -> str:
        """The title, or kind and place of the check."""
        where = getattr(self, "address", "") or getattr(self, "server", "") or getattr(self, "url", "")
        return self.title or f"{self.check} {where or getattr(self, 'to', '')}".strip()


class DnsAnswers(Check):
    """A name server gives these records for a name."""

    check: Literal["dns_answers"]
    server: Address
    """The name server."""
    name: Annotated[str, Field(min_length=1)]
    """What to ask for."""
    type: Annotated[str, Field(pattern=r"^[A-Z]+[0-9]*$")] = "A"
    """Which records: `A`, `AAAA`, `MX`, `SRV`."""
    expect: tuple[str, ...] = ()
    """All of these must be among the records; empty: any record will do."""
    port: Port = 53
    """Its port."""


class TcpConnects(Check):
    """A port accepts connections."""

    check: Literal["tcp_connects"]
    address: Address
    """Which machine."""
    port: Port
    """Which port."""


class SshGreets(Check):
    """An ssh server says who it is."""

    check: Literal["ssh_greets"]
    address: Address
    """The ssh server."""
    port: Port = 22
    """Its port."""
    contains: str = "SSH-"
    """What its first line has to contain."""


class HttpAnswers(Check):
    """A web server answers with this status."""

    check: Literal["http_answers"]
    url: Annotated[str, Field(pattern=r"^https?://.+")]
    """The page. Of `https` the certificate is verified."""
    status: Annotated[int, Field(ge=100, le=599)] = 200
    """The status that it has to answer with."""
    contains: str = ""
    """What the page has to contain."""


class DirectoryAnswers(Check):
    """A directory server (AD, LDAP) names its directory to anybody who asks."""

    check: Literal["directory_answers"]
    address: Address
    """The directory server."""
    port: Port = 389
    """Its port."""


class FileServerAnswers(Check):
    """A file server agrees on a version of SMB: what every opening of a share begins with."""

    check: Literal["file_server_answers"]
    address: Address
    """The file server."""
    port: Port = 445
    """Its port."""


class WithAccount(Check):
    """What checks have in common that log on as somebody."""

    timeout_s: Patience = 10.0
    """How long it may take, in seconds."""
    account: Annotated[str, Field(min_length=1)]
    """Who logs on: `svc-check@office.example.jp`. Take an account that may do nothing else."""
    secret: SecretName
    """The secret that is its password: `daicho secret set check-logon`. It begins with `check-`."""


class LogonWorks(WithAccount):
    """Somebody logs on to the directory (AD, LDAP) over TLS, with the certificate verified."""

    check: Literal["logon_works"]
    address: Address
    """The directory server."""
    server: Annotated[str, Field(min_length=1)]
    """Its host name, as its certificate carries it."""
    port: Port = 636
    """Its port for LDAPS."""
    ca_file: WholePath | None = None
    """The authority that signed the certificate; left out: those that the system trusts."""


class ShareOpens(WithAccount):
    """Somebody opens a share over SMB 3, signed and encrypted, and lists what is at its top."""

    check: Literal["share_opens"]
    address: Address
    """The file server."""
    share: Annotated[str, Field(pattern=r"^[^\\/]+$")]
    """The share's name, without the server: `dept`."""
    server: str = ""
    """Its host name, where it serves several; its address otherwise."""
    port: Port = 445
    """Its port."""
    file: str = ""
    """A file of the share that has to be readable: `check/probe.txt`."""


class NtpInSync(Check):
    """A time server is synchronised itself, and this machine's clock agrees with it."""

    check: Literal["ntp_in_sync"]
    address: Address
    """The time server."""
    port: Port = 123
    """Its port."""
    within_ms: Annotated[float, Field(ge=0.1)] = 1000.0
    """How far this machine's clock may differ, in milliseconds."""


class PrintQueueAccepts(Check):
    """A print queue accepts jobs and is not stopped (IPP)."""

    check: Literal["print_queue_accepts"]
    address: Address
    """The printer or print server."""
    port: Port = 631
    """Its port for IPP."""
    path: Annotated[str, Field(pattern="^/")] = "/ipp/print"
    """The queue: `/ipp/print`, `/printers/NAME`."""
    job_format: Annotated[str, Field(pattern=r"^([a-z]+/[A-Za-z0-9.+-]+)?$")] = ""
    """Ask as well whether it would take a job of this format (`application/pdf`); nothing is printed."""


class RoutePresent(Check):
    """This machine has a route to a network."""

    check: Literal["route_present"]
    to: Network
    """The network."""
    device: str = ""
    """The network device that the route has to use."""


class DhcpOffers(Check):
    """A DHCP server offers a lease on a network of this machine; the lease is not taken."""

    check: Literal["dhcp_offers"]
    device: Annotated[str, Field(min_length=1)]
    """The network device of this machine to ask on: `eth0`."""
    server: Address | None = None
    """The only server that may answer; another one is a failure."""
    within: Network | None = None
    """Where the address offered has to lie."""


class DhcpLeases(DhcpOffers):
    """A DHCP server gives a lease and confirms it; it is given back at once."""

    check: Literal["dhcp_leases"]  # type: ignore[assignment]
    timeout_s: Patience = 10.0
    """How long it may take: some servers look for seconds whether an address is free."""


KINDS: Final[dict[str, type[Check]]] = {
    "dns_answers": DnsAnswers,
    "tcp_connects": TcpConnects,
    "ssh_greets": SshGreets,
    "http_answers": HttpAnswers,
    "directory_answers": DirectoryAnswers,
    "file_server_answers": FileServerAnswers,
    "logon_works": LogonWorks,
    "share_opens": ShareOpens,
    "ntp_in_sync": NtpInSync,
    "print_queue_accepts": PrintQueueAccepts,
    "route_present": RoutePresent,
    "dhcp_offers": DhcpOffers,
    "dhcp_leases": DhcpLeases,
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
