"""DHCP, DNS and page counts for a weekend of moves: in one batch, and one at a time. Needs root.

sudo .venv/bin/python -m benchmarks.services
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Final

from daicho.dhcp.kea import Kea
from daicho.dhcp.reservations import Edit, Reservation
from daicho.nameservice.names import NameEdit, Standing
from daicho.nameservice.server import NameServer
from daicho.printing.counters import Counted, read_counters
from daicho.services import ServicesFile
from lab.services import Services
from lab.services_plan import MANY_NETWORK, VLANS

if TYPE_CHECKING:
    from collections.abc import Callable

ITEMS: Final = 660
SINGLY: Final = 40
PRINTERS: Final = 200


def main() -> None:
    """Bring the services up, measure, take them down."""
    services = Services(f"benchmark-{os.getpid()}")
    services.up(0)
    try:
        services.answer_for_many()
        services.inside(lambda: measure(services))
    finally:
        services.down()


def measure(services: Services) -> None:
    """Everything, from where the operators are."""
    site = ServicesFile.read(services.state)
    if site.dhcp is None or site.dns is None:
        raise SystemExit("the lab's services.yml names no DHCP or DNS server")
    with Kea(site.dhcp, lambda: services.secret("dhcp")) as kea:
        edits = [Edit(before=None, after=_reservation(number)) for number in range(ITEMS)]
        batch = timed(f"DHCP: {ITEMS} reservations in one batch", lambda: kea.apply(edits))
        timed("DHCP: the same again, nothing to do", lambda: kea.apply(edits))
        more = [Edit(before=None, after=_reservation(ITEMS + number)) for number in range(SINGLY)]
        singly(batch, "DHCP", lambda: [kea.apply([edit]) for edit in more])
    with NameServer(site.dns, lambda: services.secret("dns")) as server:
        names = [_name(server, number) for number in range(ITEMS)]
        batch = timed(f"DNS: {ITEMS} names, both ways, in batches", lambda: server.apply(names))
        timed("DNS: the same again, nothing to do", lambda: server.apply(names))
        others = [_name(server, ITEMS + number) for number in range(SINGLY)]
        singly(batch, "DNS", lambda: [server.apply([name]) for name in others])
    asked = {f"pr-{number}": str(MANY_NETWORK[number + 1]) for number in range(PRINTERS)}
    cpu = time.process_time()
    found = read_counters(asked, site.counters, services.secret)  # the first asks for what later ones know
    print(f"SNMP: client CPU of {PRINTERS} printers: {time.process_time() - cpu:.2f} s")
    timed(f"SNMP: {PRINTERS} printers", lambda: read_counters(asked, site.counters, services.secret))
    print(f"SNMP: {sum(isinstance(each, Counted) for each in found.values())} of {PRINTERS} answered")


def timed(what: str, work: Callable[[], object]) -> float:
    """Do something and say how long it took."""
    began = time.monotonic()
    work()
    took = time.monotonic() - began
    print(f"{what}: {took:.2f} s")
    return took


def singly(batch: float, what: str, work: Callable[[], object]) -> None:
    """The same one item at a time, and what it would come to."""
    each = timed(f"{what}: {SINGLY} one at a time", work) / SINGLY
    whole = each * ITEMS
    print(f"{what}: {ITEMS} one at a time would take {whole:.0f} s, {whole / batch:.0f} × the batch")


def _address(number: int) -> str:
    return str(VLANS[10][number + 10])


def _reservation(number: int) -> Reservation:
    mac = f"02:00:5e:02:{number >> 8:02x}:{number & 255:02x}"
    return Reservation(subnet=10, mac=mac, address=_address(number), hostname=f"pc-{number}")


def _name(server: NameServer, number: int) -> NameEdit:
    after = Standing(address=_address(number), ttl=3600)
    return NameEdit(name=server.name(f"pc-{number}"), before=None, after=after)


if __name__ == "__main__":
    main()
