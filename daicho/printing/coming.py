"""What a printer that comes is to be on every system, and what one that goes is on them."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING

from daicho.craft import Trouble, as_trouble
from daicho.dhcp.reservations import Reservation, plain_mac
from daicho.dhcp.wrong import DhcpError
from daicho.i18n import gettext as _
from daicho.moves.naming import told as named
from daicho.moves.part import marked
from daicho.moves.reserving import Reserving
from daicho.moves.reserving import told as reserved
from daicho.nameservice.names import Standing
from daicho.nameservice.wrong import NamesError
from daicho.printing.listed import listed
from daicho.printing.queue import Queue
from daicho.printing.queueing import of_printer, state_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from daicho.dhcp.reservations import Configuration
    from daicho.nameservice.names import Looked
    from daicho.plan import Scalar
    from daicho.printing.comer import NewPrinter
    from daicho.printing.systems import Systems


@dataclass(kw_only=True)
class Office:
    """What the systems say before anybody comes or goes; whoever comes takes an address from the others."""

    systems: Systems
    configuration: Configuration | None
    looked: Looked | None
    queues: Mapping[str, Mapping[str, Queue]]
    taken: dict[IPv4Address, str] = field(default_factory=dict)
    """Address → whose it is."""


def look(systems: Systems, names: Iterable[str], addresses: Iterable[str] = ()) -> Office:
    """Ask every system once.

    Raises:
        Trouble: One cannot be asked.
    """
    configuration, looked, taken = None, None, dict[IPv4Address, str]()
    with as_trouble(DhcpError, NamesError):
        if systems.dhcp:
            configuration = systems.dhcp.configuration()
            taken = Reserving(systems.dhcp, prepare=False).taken()
        if systems.dns:
            looked = systems.dns.look([systems.dns.name(name) for name in names], addresses)
    return Office(
        systems=systems,
        configuration=configuration,
        looked=looked,
        queues=systems.queueing.queues(),
        taken=taken,
    )


def wanted_of(office: Office, printer: NewPrinter) -> dict[str, Scalar]:
    """The state of a printer that comes.

    Raises:
        Trouble: It cannot come like that.
    """
    address = _address(office, printer)
    state: dict[str, Scalar] = {}
    if office.configuration:
        subnet = office.configuration.subnet_of(address)
        if subnet is None:
            raise Trouble(why=_("the DHCP server serves no subnet with {address}").format(address=address))
        its = Reservation(subnet=subnet.id, mac=printer.mac, address=address, hostname=printer.name)
        state[f"dhcp:{subnet.network}"] = reserved(its)
    if dns := office.systems.dns:
        state[f"dns:{dns.name(printer.name)}"] = named(Standing(address=address, ttl=dns.settings.ttl))
    for server in _servers(office, printer):
        state |= _queue(office, printer, server, address)
    state["item:address"] = address
    return state


def present_of(office: Office, name: str, address: str, mac: str) -> dict[str, Scalar]:
    """The state of a printer that is there, over all systems: everything that is its."""
    state: dict[str, Scalar] = {}
    if configuration := office.configuration:
        for each in configuration.of(plain_mac(mac)) if mac else ():
            subnet = configuration.subnet(each.subnet)
            state[f"dhcp:{subnet.network if subnet else each.subnet}"] = reserved(each)
    if (dns := office.systems.dns) and office.looked:
        full = dns.name(name)
        if standing := office.looked.standing(full):
            state[f"dns:{full}"] = named(standing)
    for server, queue in of_printer(office.queues, name, address):
        state |= {f"queue:{key}": value for key, value in state_of(server, queue).items()}
        if directory := office.systems.directory:
            dn = directory.dn(queue.name)
            state |= marked(directory, directory.states([dn])[dn] or {})
    return state


def _queue(office: Office, printer: NewPrinter, server: str, address: str) -> dict[str, Scalar]:
    rules = office.systems.services.queues
    facts = {**printer.item.attributes, "name": printer.name, "address": address}
    location = rules.filled(rules.location, facts)
    queue = Queue(
        name=printer.name,
        uri=rules.filled(rules.uri, facts),
        location=location,
        info=rules.filled(rules.info, facts),
        driver=printer.driver,
    )
    queue = office.systems.servers[server].suited(queue)
    state: dict[str, Scalar] = {f"queue:{key}": value for key, value in state_of(server, queue).items()}
    if directory := office.systems.directory:
        host = office.systems.servers[server].host
        state |= marked(directory, listed(directory.dn(printer.name), host, printer.name, location or None))
    return state


def _servers(office: Office, printer: NewPrinter) -> Iterator[str]:
    for server in printer.servers or office.systems.servers:
        if server not in office.systems.servers:
            raise Trouble(why=_("services.yml names no print server {name}").format(name=server))
        yield server


def _address(office: Office, printer: NewPrinter) -> str:
    """The address that a printer gets; from then on it is taken."""
    given = IPv4Address(printer.address) if printer.address else _free(office, printer)
    holder = office.taken.get(given, printer.mac)
    if not holder.startswith(printer.mac):
        why = _("the address {address} is {holder}'s already")
        raise Trouble(why=why.format(address=given, holder=holder))
    office.taken[given] = printer.mac
    return str(given)


def _free(office: Office, printer: NewPrinter) -> IPv4Address:
    if office.configuration is None or not printer.subnet:
        raise Trouble(why=_("it has neither an address nor a subnet to take one of; write `subnet:`"))
    network = IPv4Network(printer.subnet)
    subnet = next((each for each in office.configuration.subnets if each.network == network), None)
    if subnet is None:
        raise Trouble(why=_("the DHCP server has no subnet {subnet}").format(subnet=network))
    taken = [str(address) for address in office.taken]
    for address in office.configuration.free(subnet, taken):
        return IPv4Address(address)
    raise Trouble(why=_("the subnet {subnet} has no free address left").format(subnet=network))
