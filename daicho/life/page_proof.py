"""Test pages on the queues of printers that have moved: whether they came out, and were counted."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, NamedTuple

from daicho.concurrent import several
from daicho.craft import trouble_of
from daicho.credentials import Keys
from daicho.errors import DaichoError
from daicho.i18n import gettext as _
from daicho.printing.counters import Counted, read_counters
from daicho.printing.opening import open_server
from daicho.printing.queueing import of_printer
from daicho.printing.testpage import print_page

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from daicho.life.witnesses import Asked
    from daicho.moves.rows import Row
    from daicho.printing.counters import Found
    from daicho.printing.server import Server
    from daicho.printing.settings import PrintServer
    from daicho.services import ServicesFile
    from daicho.site import Site

_COUNTED_S: Final = 60
"""How long after it took a page a printer may count it: a server is done as soon as it has sent it."""
_AGAIN_S: Final = 1
_AT_ONCE: Final = 8
"""How many printers print at the same time."""


class _Page(NamedTuple):
    name: str
    """The printer's."""
    server: PrintServer
    queue: str
    text: str


def ask_pages(
    site: Site, services: ServicesFile, rows: Sequence[Row], asked: Asked
) -> dict[str, bool | None]:
    """Print a page on every queue of each printer.

    Returns:
        Printer → whether its pages came out and it counted them; None: nobody could tell, and `asked`
        says why.
    """
    addresses = {row.item: row.new.address for row in rows}

    def read(names: Mapping[str, object]) -> Found:
        its = {name: addresses[name] for name in names}
        with asked.asking(_("page counters")):
            return read_counters(its, services.counters, Keys.of(site.settings).secret)
        return {}

    before = read(addresses)
    came = _printed(site, services, rows, asked)
    told: dict[str, Counted] = {}
    for name, out in came.items():
        its = before.get(name)
        if out and isinstance(its, Counted):
            told[name] = its
        elif out and its:
            asked.unasked[name] = str(its)
    counted = _counted(read, told)
    return {name: counted.get(name) if out else out for name, out in came.items()}


def _printed(site: Site, services: ServicesFile, rows: Sequence[Row], asked: Asked) -> dict[str, bool | None]:
    """Printer → whether pages came out on all its queues; None: nobody could be asked."""

    def opened(settings: PrintServer) -> AbstractContextManager[Server]:
        return open_server(settings, site.settings.site_inventory, Keys.of(site.settings).secret)

    def printed(page: _Page) -> bool | None:
        # A page takes as long as its printer: each has a conversation of its own.
        with asked.asking(page.server.name), opened(page.server) as server:
            return _comes_out(server, page.queue, page.text, asked)
        return None

    pages: list[_Page] = []
    for settings in services.printing:
        with asked.asking(settings.name), opened(settings) as server:
            there = {settings.name: server.queues()}
            pages += [
                _Page(row.item, settings, queue.name, row.new.text)
                for row in rows
                for _server, queue in of_printer(there, row.item, row.new.address)
            ]
    found: dict[str, list[bool | None]] = {row.item: [] for row in rows}
    for name, out in several(pages, printed, _AT_ONCE):
        found[name].append(out if isinstance(out, bool) else None)
    for name, said in found.items():
        if not said:
            asked.unasked[name] = _("no print server that answered has a queue of it")
    return {name: _together(said) for name, said in found.items()}


def _together(said: Sequence[bool | None]) -> bool | None:
    if False in said:
        return False
    return None if None in said or not said else True


def _comes_out(server: Server, queue: str, text: str, asked: Asked) -> bool | None:
    try:
        print_page(server, queue, text)
    except DaichoError as error:
        asked.unasked[queue] = str(error)
        return None if trouble_of(error).unreachable else False
    return True


def _counted(
    read: Callable[[Mapping[str, object]], Found], before: Mapping[str, Counted]
) -> dict[str, bool | None]:
    """Whether printers have counted a page since; None: one does not tell any more."""
    until, left, found = time.monotonic() + _COUNTED_S, before, dict[str, bool | None]()
    while left:
        after = read(left)
        found |= {name: _has_counted(its, after.get(name)) for name, its in left.items()}
        left = {name: its for name, its in left.items() if not found[name]}
        if time.monotonic() > until:
            break
        time.sleep(_AGAIN_S if left else 0)
    return found


def _has_counted(before: Counted, after: object) -> bool | None:
    if not isinstance(after, Counted):
        return None
    return after.serial == before.serial and after.pages > before.pages
