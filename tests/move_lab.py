"""Moves in the lab: Kea, BIND and simulated switches in one network, and a site that knows them all."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from lab import network
from lab.netcli import Plane, loopback_world
from lab.services import Services
from lab.services_plan import DOMAIN, SERVERS, Host, LabPrinter
from tests.labs import NAME, clear_left, skipped_if_impossible
from tests.move_site import SERVICES, mac, office_of, outlet, terminal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from tests.desk import Desk, Done

RULES: Final[dict[str, Any]] = {
    "networks": [
        {"vlan": 10, "subnet": "10.79.16.0/22", "first": "10.79.16.50", "last": "10.79.18.254"}
        | {"floors": ["3階"]},
        {"vlan": 20, "subnet": "10.79.20.0/22", "first": "10.79.20.50", "last": "10.79.22.254"}
        | {"floors": ["4階"]},
    ]
}
SECRETS: Final = ("dhcp", "dns", "snmp-auth", "snmp-priv")
PORTS: Final = 16
"""Ports of a switch on which terminals hang; beyond them are the cables to other switches."""


@dataclass(frozen=True)
class MoveLab:
    """The lab, and the desk of its site."""

    services: Services
    plane: Plane
    desk: Desk

    def address(self, name: str) -> str:
        """What the name server says of a name, asked with dig."""
        return self._dig(f"{name}.{DOMAIN}")

    def back(self, address: str) -> str:
        """The name that an address gives, asked with dig."""
        return self._dig("-x", address).removesuffix(f".{DOMAIN}.")

    def _dig(self, *words: str) -> str:
        done = self.services.execute(["dig", f"@{SERVERS['dns']}", "+short", *words])
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def ttl(self, name: str) -> int:
        """How long others may remember a name."""
        asked = ["dig", f"@{SERVERS['dns']}", "+noall", "+answer", f"{name}.{DOMAIN}"]
        return int(self.services.execute(asked).stdout.split()[1])

    def reserved(self) -> dict[str, list[str]]:
        """Hardware address → its addresses, as Kea's own socket tells."""
        found: dict[str, list[str]] = {}
        for subnet in self.services.kea("config-get")["Dhcp4"]["subnet4"]:
            for each in subnet["reservations"]:
                found.setdefault(each["hw-address"], []).append(each["ip-address"])
        return found

    def carried(self, numbers: Sequence[int], switch: str, first: int) -> None:
        """Plug terminals in at the ports of a switch from this one on, where they ask for an address."""
        cables = [
            (mac(number), switch, f"GigabitEthernet0/{first + place}") for place, number in enumerate(numbers)
        ]
        self.plane.replug(*cables)

    def queue(self, printer: LabPrinter) -> None:
        """Make a queue for a printer on the print server, with CUPS' own tool."""
        uri = f"ipp://{printer.host.address}/ipp/print"
        words = ["-p", printer.name, "-E", "-v", uri, "-m", "everywhere", "-L", "本館 4階 403"]
        done = self.services.execute(["lpadmin", "-E", "-h", f"{SERVERS['print']}:631", *words])
        assert done.returncode == 0, done.stderr

    def lpstat(self, *words: str) -> str:
        """What the print server says, asked with lpstat."""
        return self.services.execute(["lpstat", "-E", "-h", f"{SERVERS['print']}:631", *words]).stdout

    def ports(self, switch: str) -> str:
        """The saved configuration of a switch."""
        return self.plane.startup(switch)

    def everything(self) -> dict[str, Any]:
        """All that a move touches, but for the ledger: as the systems themselves tell."""
        zone = ["dig", f"@{SERVERS['dns']}", "-y", self._key(), "+noall", "+answer", "axfr", DOMAIN]
        rows = sorted(row for row in self.services.execute(zone).stdout.splitlines() if "\tSOA\t" not in row)
        return {
            "reserved": {name: sorted(found) for name, found in self.reserved().items()},
            "zone": rows,
            "switches": {device.name: self.plane.startup(device.name) for device in self.plane.devices},
        }

    def _key(self) -> str:
        return f"hmac-sha256:daicho-key.:{self.services.secret('dns').strip()}"


@contextmanager
def lab_of(
    folder: Path,
    terminals: int,
    switches: int = 2,
    *,
    printers: int = 0,
    controller: str = "",
    rules: Mapping[str, Any] = RULES,
    **world: Any,
) -> Iterator[MoveLab]:
    """A lab with so many terminals on the third floor and outlets for them on the fourth.

    The terminals hang on the ports 1 to 16 of the first half of the switches, the outlets lead to those of
    the other half. The printers hang on the last switches of all, from the last port down.
    """
    clear_left(lambda name: Services(name).down(), "services.")
    services = Services(NAME)
    hosts = [Host(f"pc-{each}", mac(each), 10, _home(each)) for each in range(1, terminals + 1)]
    with skipped_if_impossible():
        services.up(printers, hosts, controller)
    try:
        plane = Plane(folder / "plane", loopback_world(**world), switches)
        network.inside(services.netns, plane.start)
        homes = [(mac(each), *_port(each)) for each in range(1, terminals + 1)]
        plane.replug(*homes)
        try:
            its = [_printer(each, switches) for each in services.printers]
            rows = [*_items(terminals, switches), *its]
            desk = office_of(folder / "desk", plane, rows, rules=rules, services=SERVICES)
            yield MoveLab(services, plane, _knowing(desk, services))
        finally:
            plane.stop()
    finally:
        services.down()


def _home(number: int) -> str:
    return f"10.79.{16 + (number + 49) // 200}.{(number + 49) % 200 + 1}"


def _items(terminals: int, switches: int) -> list[dict[str, str]]:
    half, rows = switches // 2, list[dict[str, str]]()
    for number in range(1, terminals + 1):
        switch, port = (number - 1) // PORTS, (number - 1) % PORTS + 1
        rows.append(terminal(number, f"sw{switch + 1:04d}", port, address=_home(number)))
        rows.append(outlet(f"3F-{number}", f"sw{switch + 1:04d}", port, "3階"))
        rows.append(outlet(f"4F-{number}", f"sw{switch + half + 1:04d}", port, "4階"))
    return rows


def _printer(printer: LabPrinter, switches: int) -> dict[str, str]:
    """A printer of the fourth floor, on a port of the last switches."""
    place = {"building": "本館", "floor": "4階", "room": "403"}
    switch, name = port_from_end(printer.number, switches)
    port = {"switch": switch, "switch_port": name, "vlan": "20"}
    known = {"name": printer.name, "kind": "printer", "address": printer.host.address, "mac": printer.mac}
    return {**known, **place, **port}


def port_from_end(number: int, last: int) -> tuple[str, str]:
    """The port at which a printer hangs if they begin at the end of this switch."""
    switch, port = last - (number - 1) // PORTS, PORTS - (number - 1) % PORTS
    return f"sw{switch:04d}", f"GigabitEthernet0/{port}"


def _port(number: int) -> tuple[str, str]:
    return f"sw{(number - 1) // PORTS + 1:04d}", f"GigabitEthernet0/{(number - 1) % PORTS + 1}"


def _knowing(desk: Desk, services: Services) -> Desk:
    """The desk in the lab's network, with the services' own site file and secrets."""
    site = desk.state / "inventory"
    for name in ("services.yml", "ca.crt"):
        shutil.copy2(services.state / name, site / name)
    for name in SECRETS:
        desk.expect("secret", "set", name, who="sato", typed=f"{services.secret(name).strip()}\n")
    return desk.within(["ip", "netns", "exec", services.netns])


def why(done: Done) -> Mapping[str, str]:
    """Target → why it is not as wanted."""
    return {each["target"]: each["why"] for each in done.json["targets"]}


def names(numbers: Sequence[int]) -> list[str]:
    """The names of terminals."""
    return [f"pc-{number}" for number in numbers]
