"""The lab's office services: DHCP, DNS, a print server and printers, all real, in networks of their own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from lab import life, network, services_network, services_printers, services_servers
from lab.errors import LabError
from lab.process import Progress, finished
from lab.services_files import services_yml
from lab.services_lease import lease
from lab.services_places import ServicesPlaces
from lab.services_plan import CONTROLLER, CORE, MANY, SERVERS, VLANS, Host, LabPrinter, gateway, vlan_of

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

PROGRAMS: Final = (
    *("ip", "nsenter", "kea-dhcp4", "kea-ctrl-agent", "named", "cupsd", "lpadmin"),
    *("ippeveprinter", "snmpd", "dbus-daemon", "avahi-daemon"),
)
FAULTS: Final = {
    "stop": "its servers are killed: who asks is refused (servers and printers)",
    "power-off": "it does not even refuse (servers and printers)",
    "no-ipp": "a printer answers SNMP and takes no jobs",
    "low": "a printer's black toner has 5 per cent left",
    "counter-reset": "a printer counts from 0 again",
    "replaced": "another printer stands in its place: another serial number, 12 pages",
}


class Services:
    """One such lab by name; labs of different names know nothing of each other."""

    def __init__(self, name: str = "lab") -> None:
        """Know its places; nothing is started."""
        self.name = name
        self.places = ServicesPlaces.of(name)

    @property
    def state(self) -> Path:
        """The directory with ca.crt, services.yml and secrets/."""
        return self.places.root

    @property
    def netns(self) -> str:
        """The namespace of the operators: the lab's own, or the one that it was joined to."""
        return str(self._description()["controller"])

    def secret(self, name: str) -> str:
        """A secret as daicho names it: dhcp, dns, snmp-auth, snmp-priv, print-cups1."""
        return (self.places.secrets / name).read_text(encoding="ascii")

    @property
    def printers(self) -> list[LabPrinter]:
        """The printers that there are."""
        return [LabPrinter(number + 1) for number in range(self._description()["printers"])]

    # Its life

    def up(
        self,
        printers: int = 3,
        hosts: Sequence[Host] = (),
        controller: str = "",
        progress: Progress | None = None,
        unknown: int = 0,
    ) -> None:
        """Bring everything up; `hosts` are terminals that DHCP and DNS know from the first day.

        Args:
            printers: How many.
            unknown: How many of them, the last ones, nobody knows yet; they are not plugged in either.
            hosts: They are not plugged in yet.
            controller: A network namespace that the services are joined to (`Domain.netns`, of a lab of
                devices its `netns("ctl")`); empty: one of their own.
            progress: Who is told.

        Raises:
            LabError: It is up already, or could not be brought up. What was made of it is removed again.
        """
        progress = progress or Progress(quiet=True)
        life.require_host(PROGRAMS)
        if self.places.state.exists():
            raise LabError(f"The services {self.name!r} are up. `python -m lab services down` ends them.")
        self.down()
        with life.whole_or_gone(progress, self.down):
            its = [LabPrinter(number + 1) for number in range(printers)]
            self._make(its, unknown, hosts, controller or self.places.netns(CONTROLLER))
            progress.say(f"{', '.join(SERVERS)} and {printers} printers answer")

    def down(self) -> bool:
        """Remove the lab, whole or half-made; whether there was any."""
        return life.remove_nodes(self.places)

    def _make(
        self, printers: Sequence[LabPrinter], unknown: int, hosts: Sequence[Host], controller: str
    ) -> None:
        places, known = self.places, printers[: len(printers) - unknown]
        places.root.mkdir(parents=True)
        services_network.create(places, [each.name for each in printers], controller)
        services_servers.write(places, [*(each.host for each in known), *hosts])
        services_printers.write(places, printers)
        for name in SERVERS:
            services_servers.start(places, name)
        if printers:
            services_printers.start_avahi(places)
        for printer in printers:
            services_printers.start(places, printer)
        services_servers.await_ready(places, SERVERS)
        self._keep(controller, len(printers), {})
        for printer in known:
            self.plug(printer.mac, printer.host.vlan)
        services_printers.await_ready(places, printers)
        (places.root / "services.yml").write_text(services_yml(), encoding="utf-8")

    # What hangs where

    def plug(self, mac: str, vlan: int) -> str:
        """A terminal or printer is plugged in to a VLAN and asks for an address; it answers there.

        Raises:
            LabError: There is no such VLAN, or the DHCP server gives no address.
        """
        return self.plug_all({mac: vlan})[mac]

    def plug_all(self, macs: Mapping[str, int]) -> dict[str, str]:
        """Several, one after the other: hardware address → VLAN gives hardware address → address."""
        found = self._description()
        plugged: dict[str, str] = found["plugged"]
        if unknown := {*macs.values()} - {*VLANS}:
            raise LabError(f"There is no VLAN {unknown}. There are: {', '.join(map(str, VLANS))}.")

        def ask() -> dict[str, str]:
            return {mac: lease(mac, gateway(vlan), SERVERS["dhcp"])[0] for mac, vlan in macs.items()}

        given = network.inside(self.places.netns(CORE), ask)
        self._move({mac: plugged.get(mac, "") for mac in macs}, given)
        self._keep(found["controller"], found["printers"], {**plugged, **given})
        return given

    def unplug(self, macs: Iterable[str]) -> None:
        """Terminals or printers have no cable any more."""
        found = self._description()
        plugged: dict[str, str] = found["plugged"]
        gone = {mac: plugged.pop(mac) for mac in macs if mac in plugged}
        self._move(gone, dict.fromkeys(gone, ""))
        self._keep(found["controller"], found["printers"], plugged)

    def address(self, mac: str) -> str:
        """The address of what is plugged in; empty: it is not."""
        return str(self._description()["plugged"].get(mac, ""))

    def _move(self, before: Mapping[str, str], after: Mapping[str, str]) -> None:
        printers = {each.mac: each.name for each in self.printers}
        for mac, name in printers.items():
            if mac in after:
                services_network.give_printer(self.places, name, before[mac], after[mac])
        rest = [mac for mac in after if mac not in printers]
        gone = [before[mac] for mac in rest if before[mac]]
        services_network.give_terminals(self.places, gone, [after[mac] for mac in rest if after[mac]])

    # What can happen to it

    def fault(self, node: str, kind: str) -> None:
        """Break a server or printer: `FAULTS`.

        Raises:
            LabError: There is no such node or fault.
        """
        self._known(node, kind)
        match kind:
            case "stop":
                self._end(node)
            case "power-off":
                self._end(node)
                services_network.cable(self.places, node, connected=False)
            case "no-ipp":
                services_printers.stop(self.places, node, "ipp")
            case "low":
                services_printers.supplies(self.places, node, {"Black Toner": 5})
            case "counter-reset":
                services_printers.empty(self.places, node)
                services_printers.tell(self.places, node, pages=0)
            case "replaced":
                services_printers.empty(self.places, node)
                services_printers.tell(self.places, node, serial="SN99999", pages=12)

    def repair(self, node: str) -> None:
        """A server or printer has power, cable and toner again, and answers."""
        self._known(node, "stop")
        services_network.cable(self.places, node, connected=True)
        if node in SERVERS:
            services_servers.start(self.places, node)
            services_servers.await_ready(self.places, [node])
            return
        printer = next(each for each in self.printers if each.name == node)
        services_printers.supplies(self.places, node, {"Black Toner": 55})
        services_printers.start(self.places, printer)
        if address := self.address(printer.mac):
            services_network.give_printer(self.places, node, address, address)
        services_printers.await_ready(self.places, [printer])

    def _end(self, node: str) -> None:
        (services_servers if node in SERVERS else services_printers).stop(self.places, node)

    def _known(self, node: str, kind: str) -> None:
        printers = [each.name for each in self.printers]
        if node not in {*SERVERS, *printers}:
            raise LabError(f"There is no {node!r}. There are: {', '.join([*SERVERS, *printers])}.")
        if kind not in FAULTS or (node in SERVERS and kind not in {"stop", "power-off"}):
            listing = "".join(f"\n  {name:<14} {summary}" for name, summary in FAULTS.items())
            raise LabError(f"{node} cannot have the fault {kind!r}. There are:{listing}")

    def lock_printing(self, *, locked: bool) -> None:
        """Let the print server ask who administers it for the password `print-cups1`, or not any more."""
        services_servers.lock_print(self.places, locked=locked)
        self.repair("print")

    def answer_for_many(self) -> None:
        """From now on every address of `MANY_NETWORK` answers SNMP as one printer does."""
        services_printers.start_snmp(self.places, MANY)

    # Witnesses

    def kea(self, command: str, arguments: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Ask Kea by its own socket, past the control agent; also how a second operator edits by hand."""
        return services_servers.kea_says(self.places, command, arguments)

    def printed(self, printer: str) -> list[Path]:
        """The documents that a printer has printed, in order."""
        return services_printers.printed(self.places, printer)

    def inside[T](self, work: Callable[[], T]) -> T:
        """Run a function where the operators are."""
        return network.inside(self.netns, work)

    def execute(
        self, argv: Sequence[str | Path], *, text: str | None = None, timeout: float = 60
    ) -> subprocess.CompletedProcess[str]:
        """Run a program where the operators are; its status is the caller's to judge."""
        return self.inside(lambda: finished(argv, text=text, timeout=timeout))

    def describe(self) -> dict[str, Any]:
        """The lab as `status` shows it."""
        found = self._description()
        rows = [
            {"name": name, "address": address, "running": services_servers.alive(self.places, name)}
            for name, address in SERVERS.items()
        ]
        for printer in self.printers:
            address = found["plugged"].get(printer.mac, "")
            running = services_servers.alive(self.places, printer.name)
            rows.append({"name": printer.name, "address": address, "running": running})
        terminals = [mac for mac in found["plugged"] if vlan_of(found["plugged"][mac])]
        return {**found, "state": str(self.state), "nodes": rows, "plugged_in": len(terminals)}

    def _keep(self, controller: str, printers: int, plugged: Mapping[str, str]) -> None:
        found = {"name": self.name, "controller": controller, "printers": printers, "plugged": dict(plugged)}
        self.places.state.write_text(json.dumps(found), encoding="utf-8")

    def _description(self) -> dict[str, Any]:
        return life.described(
            self.places.state,
            f"The services {self.name!r} are not up. "
            f"`python -m lab services up --name {self.name}` brings them up.",
        )
