"""The systems of a site that know its printers, opened for one work."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from daicho.accounts.opening import open_directory
from daicho.craft import as_trouble
from daicho.dhcp import kea
from daicho.directory.dialect import Kind
from daicho.directory.reading import Reader
from daicho.moves.ledgered import Ledgered
from daicho.moves.naming import Naming
from daicho.moves.reserving import Reserving
from daicho.nameservice import server as nameservice
from daicho.printing.defaults import Defaulting
from daicho.printing.listed import Listed
from daicho.printing.opening import open_server
from daicho.printing.queueing import Queueing
from daicho.services import ServicesFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from daicho.craft import Bench
    from daicho.moves.part import Part
    from daicho.printing.server import Server


@dataclass(frozen=True, kw_only=True)
class Systems:
    """What a site has; what it has not is None or empty."""

    services: ServicesFile
    dhcp: kea.Kea | None
    dns: nameservice.NameServer | None
    servers: Mapping[str, Server]
    queueing: Queueing
    directory: Listed | None
    defaults: Defaulting | None

    @property
    def parts(self) -> list[Part]:
        """In the order in which a printer comes: its address before its queue."""
        found: list[Part | None] = [
            Reserving(self.dhcp, prepare=False) if self.dhcp else None,
            Naming(self.dns, prepare=False) if self.dns else None,
            self.queueing,
            self.directory,
            self.defaults,
            Ledgered(),
        ]
        return [part for part in found if part]


@contextmanager
def open_systems(bench: Bench, jobs_to: str = "", *, goes: bool = False) -> Iterator[Systems]:
    """Every system that services.yml names.

    Args:
        bench: What the work has.
        jobs_to: The queue that gets the jobs of those that go.
        goes: Whether it is for printers that go: whose default they are is asked of the directory.

    Raises:
        DocumentError: services.yml (or directory.yml) cannot be used.
        Trouble, Unreachable: A system refuses us, or does not answer.
    """
    services = ServicesFile.read(bench.content / "site")
    with ExitStack() as opened:
        dhcp = dns = listed = defaults = None
        if services.dhcp:
            dhcp = opened.enter_context(kea.Kea(services.dhcp, partial(bench.secret, kea.SECRET)))
        if services.dns:
            key = partial(bench.secret, nameservice.SECRET)
            dns = opened.enter_context(nameservice.NameServer(services.dns, key))
        servers = opened.enter_context(open_print_servers(bench, services))
        rules = services.queues
        group = rules.default_group if goes else ""
        if rules.directory or group:
            session = opened.enter_context(open_directory(bench)).session
            listed = Listed(session, rules.directory) if rules.directory else None
            defaults = Defaulting(Reader(session, Kind.COMPUTER), group) if group else None
        yield Systems(
            services=services,
            dhcp=dhcp,
            dns=dns,
            servers=servers,
            queueing=Queueing(servers, services.queues, jobs_to),
            directory=listed,
            defaults=defaults,
        )


@contextmanager
def open_print_servers(bench: Bench, services: ServicesFile) -> Iterator[dict[str, Server]]:
    """The print servers by their names.

    Raises:
        DocumentError: One is a Windows, and `windows.yml` cannot be used.
        Trouble: One cannot be opened.
    """
    with ExitStack() as opened:
        found: dict[str, Server] = {}
        for server in services.printing:
            with as_trouble(OSError):
                its = open_server(server, bench.content / "site", bench.secret)
                found[server.name] = opened.enter_context(its)
        yield found
