"""Who is asked whether something has moved: DHCP, DNS, the directory, print servers and printers."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from daicho.credentials import Keys
from daicho.dhcp import kea
from daicho.errors import DaichoError
from daicho.i18n import gettext as _
from daicho.life.directories import logons_of
from daicho.life.page_proof import ask_pages
from daicho.moves.rules import MoveRules
from daicho.nameservice import server as nameservice
from daicho.records.runs import run_records
from daicho.services import ServicesFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from daicho.moves.rows import Row
    from daicho.site import Site


@dataclass(kw_only=True)
class Asked:
    """What was heard; None: nobody could be asked."""

    leases: Mapping[str, set[str]] | None = None
    addresses: Mapping[str, Sequence[str]] | None = None
    backs: Mapping[str, Sequence[str]] = field(default_factory=dict)
    logons: Mapping[str, bool] | None = None
    pages: Mapping[str, bool | None] | None = None
    unasked: dict[str, str] = field(default_factory=dict)
    """System → why it could not be asked."""

    @contextmanager
    def asking(self, system: str) -> Iterator[None]:
        """Ask a system for the length of a block; one that does not answer is named."""
        try:
            yield
        except (DaichoError, OSError) as error:
            self.unasked[system] = str(error)


def ask(site: Site, change: str, rows: Sequence[Row], *, test_pages: bool) -> Asked:
    """What the systems of a site say of moves.

    Args:
        site: The site.
        change: The change that moved them.
        rows: The moves.
        test_pages: Print a page on the queues of what moved, and see that the printer counts it.
    """
    folder, secret = site.settings.site_inventory, Keys.of(site.settings).secret
    services, asked = ServicesFile.read(folder), Asked()
    with ExitStack() as opened:
        if services.dhcp:
            with asked.asking("DHCP"):
                server = opened.enter_context(kea.Kea(services.dhcp, partial(secret, kea.SECRET)))
                asked.leases = _leases(server)
        if services.dns:
            with asked.asking("DNS"):
                key = partial(secret, nameservice.SECRET)
                _names(opened.enter_context(nameservice.NameServer(services.dns, key)), rows, asked)
        if MoveRules.read(folder).directory:
            with asked.asking(_("directory")):
                asked.logons = _logons(site, change, rows, asked)
        if test_pages:
            asked.pages = ask_pages(site, services, rows, asked)
    return asked


def _leases(server: kea.Kea) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for lease in server.leases():
        found.setdefault(lease.mac, set()).add(lease.address)
    return found


def _names(server: nameservice.NameServer, rows: Sequence[Row], asked: Asked) -> None:
    names = {row.item: server.name(row.item) for row in rows}
    looked = server.look(names.values(), (row.new.address for row in rows))
    items = {name: item for item, name in names.items()}
    asked.addresses = {item: looked.addresses.get(name, ()) for item, name in names.items()}
    asked.backs = {
        address: [items[name] for name in gives if name in items] for address, gives in looked.names.items()
    }


def _logons(site: Site, change: str, rows: Sequence[Row], asked: Asked) -> dict[str, bool]:
    """Which terminals have logged on to the directory since the change was carried out."""
    closed = [run.closed_at for run in run_records(site.ledger, change) if run.closed_at]
    since = datetime.fromisoformat(closed[-1]) if closed else None
    logons = logons_of(site, (row.item for row in rows))
    asked.unasked |= logons.silent
    return {item: bool(since and when > since) for item, when in logons.last.items()}
