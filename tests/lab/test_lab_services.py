"""The lab's office services and their clients, judged by dig, lpstat, snmpget and Kea's own socket."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Final

import pytest

from daicho.dhcp.kea import Kea
from daicho.dhcp.reservations import Edit, Reservation
from daicho.dhcp.wrong import AddressReserved, DhcpAway, DhcpLogonRefused, DhcpNotTrusted, ReservationDiffers
from daicho.nameservice.names import NameEdit, Standing
from daicho.nameservice.server import NameServer
from daicho.nameservice.wrong import AddressNamed, KeyRefused, NameDiffers, NamesAway, UpdateRefused
from daicho.printing.cups import Cups
from daicho.printing.queue import RAW, Queue
from daicho.printing.testpage import print_page
from daicho.printing.wrong import PrintServerAway, PrintServerNotTrusted
from daicho.services import ServicesFile
from lab import LabError
from lab.services import Services
from lab.services_plan import DOMAIN, SERVERS, Host
from tests.labs import NAME, clear_left, skipped_if_impossible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daicho.dhcp.settings import DhcpSettings
    from daicho.nameservice.settings import DnsSettings

PC: Final = Host("pc-1", "02:00:5e:00:00:01", 10, "10.79.16.21")
MAC: Final = "02:00:5e:00:00:99"


@pytest.fixture(scope="module")
def services() -> Iterator[Services]:
    clear_left(lambda name: Services(name).down(), "services.")
    found = Services(f"{NAME}-services")
    with skipped_if_impossible():
        found.up(2, [PC])
    try:
        yield found
    finally:
        found.down()


@pytest.fixture(scope="module")
def site(services: Services) -> ServicesFile:
    return ServicesFile.read(services.state)


@contextmanager
def kea(services: Services, settings: DhcpSettings | None) -> Iterator[Kea]:
    assert settings is not None
    with Kea(settings, lambda: services.secret("dhcp")) as found:
        yield found


@contextmanager
def names(services: Services, settings: DnsSettings | None) -> Iterator[NameServer]:
    assert settings is not None
    with NameServer(settings, lambda: services.secret("dns")) as found:
        yield found


def dig(services: Services, *words: str) -> str:
    return services.execute(["dig", f"@{SERVERS['dns']}", "+short", *words]).stdout.strip()


def reserved(services: Services) -> dict[str, str]:
    subnets = services.kea("config-get")["Dhcp4"]["subnet4"]
    return {each["hw-address"]: each["ip-address"] for its in subnets for each in its["reservations"]}


def test_a_terminal_gets_its_address_answers_there_and_moves(services: Services) -> None:
    def answers(address: str) -> bool:
        return services.execute(["ping", "-c1", "-W1", address]).returncode == 0

    assert services.plug(PC.mac, 10) == PC.address
    assert answers(PC.address)
    elsewhere = services.plug(PC.mac, 30)
    assert elsewhere.startswith("10.79.27."), "the pool, for it has no reservation there"
    assert (answers(PC.address), answers(elsewhere)) == (False, True)
    services.unplug([PC.mac])
    assert not answers(elsewhere)
    with pytest.raises(LabError, match="There is no VLAN"):
        services.plug(PC.mac, 99)


def test_reservations_are_written_to_the_servers_file_and_edits_by_hand_stay(
    services: Services, site: ServicesFile
) -> None:
    def work() -> None:
        with kea(services, site.dhcp) as server:
            fresh = Reservation(subnet=10, mac=MAC, address="10.79.16.90", hostname="pc-9")
            hand = services.kea("config-get")["Dhcp4"]
            hand["subnet4"][2]["reservations"] = [
                {"hw-address": "02:00:00:00:00:77", "ip-address": "10.79.24.77"}
            ]
            services.kea("config-set", {"Dhcp4": hand})
            assert server.apply([Edit(before=None, after=fresh)]) == {}
            assert reserved(services) == {
                **{each.mac: each.host.address for each in services.printers},
                PC.mac: PC.address,
                MAC: "10.79.16.90",
                "02:00:00:00:00:77": "10.79.24.77",
            }
            assert '"10.79.16.90"' in (services.places.node("dhcp") / "kea.conf").read_text(encoding="utf-8")
            taken = Reservation(subnet=10, mac="02:00:5e:00:00:98", address=PC.address)
            changed = Reservation(subnet=10, mac=MAC, address="10.79.16.91", hostname="pc-9")
            refused = server.apply([Edit(before=None, after=taken), Edit(before=changed, after=None)])
            assert {mac: type(error) for mac, error in refused.items()} == {
                taken.mac: AddressReserved,
                MAC: ReservationDiffers,
            }
            assert server.apply([Edit(before=fresh, after=None)]) == {}
            assert MAC not in reserved(services)

    services.inside(work)


def turned(name: str, before: Standing | None, after: Standing | None) -> NameEdit:
    return NameEdit(name=name, before=before, after=after)


def test_names_swap_in_one_step_and_another_hand_is_noticed(services: Services, site: ServicesFile) -> None:
    def work() -> None:
        with names(services, site.dns) as server:
            one, two = (server.name(each.name) for each in services.printers)
            looked = server.look([one, two])
            first, second = looked.standing(one), looked.standing(two)
            assert first == Standing(address="10.79.20.11", ttl=3600)
            swap = [
                NameEdit(name=one, before=first, after=second),
                NameEdit(name=two, before=second, after=first),
            ]
            assert server.apply(swap) == {}
            assert (dig(services, one), dig(services, two)) == ("10.79.20.12", "10.79.20.11")
            assert dig(services, "-x", "10.79.20.11") == f"{two}."
            assert server.apply(swap) == {}, "what stands, stands"
            elsewhere = Standing(address=PC.address, ttl=60)
            refused = server.apply(
                [
                    NameEdit(name=one, before=first, after=elsewhere),
                    NameEdit(name=two, before=first, after=elsewhere),
                ]
            )
            assert {name: type(error) for name, error in refused.items()} == {
                one: NameDiffers,
                two: AddressNamed,
            }
            back = [
                NameEdit(name=one, before=second, after=first),
                NameEdit(name=two, before=first, after=second),
            ]
            assert server.apply(back) == {}
            assert dig(services, one) == "10.79.20.11"
            with pytest.raises(UpdateRefused, match=r"takes no updates of the zone example\.org"):
                _elsewhere(services, site)

    services.inside(work)


def _elsewhere(services: Services, site: ServicesFile) -> None:
    assert site.dns is not None
    with names(services, site.dns.model_copy(update={"domain": "example.org"})) as server:
        edit = NameEdit(
            name="a.office.example.test", before=None, after=Standing(address="10.79.16.5", ttl=60)
        )
        server.apply([edit])


def test_who_is_not_trusted_is_not_spoken_to(services: Services, site: ServicesFile) -> None:
    dhcp, dns, printing = site.dhcp, site.dns, site.printing[0]
    assert dhcp is not None
    assert dns is not None

    def work() -> None:
        with pytest.raises(DhcpLogonRefused), Kea(dhcp, lambda: "wrong") as server:
            server.configuration()
        for other in ({"ca_file": None}, {"url": "https://dhcp2.office.example.test:8000/"}):
            settings = dhcp.model_copy(update=other)
            with pytest.raises(DhcpNotTrusted), Kea(settings, lambda: services.secret("dhcp")) as server:
                server.configuration()
        with pytest.raises(KeyRefused), NameServer(dns, lambda: "d3Jvbmc=") as asked:
            asked.look([f"pr-0001.{DOMAIN}"])
        unknown = printing.model_copy(update={"ca_file": None})
        with pytest.raises(PrintServerNotTrusted), Cups(unknown, str) as cups:
            cups.queues()

    services.inside(work)


def test_each_server_down_in_turn_is_said_to_be_away(services: Services, site: ServicesFile) -> None:
    dhcp, dns, printing = site.dhcp, site.dns, site.printing[0]
    assert dhcp is not None
    assert dns is not None

    def ask(name: str, patience_s: float) -> None:
        short = {"timeout_s": patience_s}
        if name == "dhcp":
            with kea(services, dhcp.model_copy(update=short)) as server:
                server.configuration()
        elif name == "dns":
            with names(services, dns.model_copy(update=short)) as asked:
                asked.look([f"pr-0001.{DOMAIN}"])
        else:
            with Cups(printing.model_copy(update=short), str) as cups:
                cups.queues()

    for name, error in (("dhcp", DhcpAway), ("dns", NamesAway), ("print", PrintServerAway)):
        for kind in ("stop", "power-off"):
            services.fault(name, kind)
            with pytest.raises(error):
                services.inside(partial(ask, name, 2))
            services.repair(name)
            services.inside(partial(ask, name, 20))


def test_waiting_jobs_follow_their_queue_to_another_printer(services: Services, site: ServicesFile) -> None:
    one, two = services.printers

    def work() -> None:
        with Cups(site.printing[0], str) as cups:
            cups.put(
                Queue(name="q", uri=f"ipp://{one.host.address}/ipp/print", location="本館 1F", driver=RAW)
            )
            cups.stop("q")
            number = cups.submit("q", "letter", b"%PDF-1.4 letter")
            assert [(each.id, each.over) for each in cups.jobs("q")] == [(number, False)]
            cups.describe("q", uri=f"ipp://{two.host.address}/ipp/print", location="本館 4F")
            assert cups.queues()["q"].waiting == 1
            cups.resume("q")
            assert print_page(cups, "q", "本館 4F").state == "completed"
            assert cups.job(number).state == "completed"
            cups.remove("q")
            cups.remove("q")
            assert cups.queues() == {}

    services.inside(work)
    assert len(services.printed(two.name)) == 2
    assert services.printed(one.name) == []


def test_a_printer_without_ipp_answers_snmp_and_comes_back(services: Services) -> None:
    printer = services.printers[0]
    ask = ["ipptool", "-T", "3", f"ipp://{printer.host.address}/ipp/print", "get-printer-attributes.test"]
    login = ["-v3", "-l", "authPriv", "-u", "daicho", "-a", "SHA", "-A", services.secret("snmp-auth")]
    login += ["-x", "AES", "-X", services.secret("snmp-priv"), "-r1", "-t1"]
    serial = ["snmpget", *login, "-Oqv", printer.host.address, "1.3.6.1.2.1.43.5.1.1.17.1"]
    services.fault(printer.name, "no-ipp")
    assert services.execute(ask).returncode != 0
    assert services.execute(serial).stdout.strip() == '"SN00001"'
    services.fault(printer.name, "power-off")
    assert services.execute(serial).returncode != 0
    services.repair(printer.name)
    assert services.execute(ask).returncode == 0
    with pytest.raises(LabError, match="cannot have the fault 'low'"):
        services.fault("dns", "low")


def test_nothing_is_left_of_it() -> None:
    lab = Services(f"{NAME}-gone")
    lab.up(1)
    assert [each["running"] for each in lab.describe()["nodes"]] == [True] * 4
    assert lab.down()
    assert not lab.places.root.exists()
    assert not lab.places.group.exists()
    assert not lab.down()
