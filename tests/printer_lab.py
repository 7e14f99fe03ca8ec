"""Printers in the lab: Kea, BIND, CUPS and real printers, and a site that knows them."""

from __future__ import annotations

import shutil
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from lab.services import Services
from lab.services_plan import DOMAIN, SERVERS, LabPrinter
from tests.desk import Desk
from tests.labs import NAME, clear_left, skipped_if_impossible
from tests.network_site import import_items

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

SECRETS: Final = ("dhcp", "dns", "snmp-auth", "snmp-priv")


@dataclass(frozen=True)
class PrinterLab:
    """The lab, and the desk of its site."""

    services: Services
    desk: Desk

    def dig(self, *words: str) -> str:
        """What the name server says, asked with dig."""
        done = self.services.execute(["dig", f"@{SERVERS['dns']}", "+short", *words])
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def reserved(self) -> dict[str, str]:
        """Hardware address → reserved address, as Kea's own socket tells."""
        subnets = self.services.kea("config-get")["Dhcp4"]["subnet4"]
        return {each["hw-address"]: each["ip-address"] for its in subnets for each in its["reservations"]}

    def lpstat(self, *words: str) -> str:
        """What the print server says, asked with lpstat."""
        return self.services.execute(["lpstat", "-E", "-h", f"{SERVERS['print']}:631", *words]).stdout

    def everything(self) -> dict[str, object]:
        """All that a printer is to the systems, as they themselves tell."""
        return {"reserved": self.reserved(), "queues": self.lpstat("-v"), "names": self.zone()}

    def zone(self) -> list[str]:
        """All names of printers, by a zone transfer."""
        key = f"hmac-sha256:daicho-key.:{self.services.secret('dns')}"
        words = ["dig", f"@{SERVERS['dns']}", "-y", key, "+noall", "+answer", "axfr", DOMAIN]
        rows = self.services.execute(words).stdout.splitlines()
        return sorted(" ".join(row.split()) for row in rows if "\tSOA\t" not in row)


@contextmanager
def printers_of(
    folder: Path, count: int, *, unknown: int = 0, word: str = "printers"
) -> Iterator[PrinterLab]:
    """A lab with so many printers, of which the site's items are those that DHCP and DNS know."""
    clear_left(lambda name: Services(name).down(), "services.")
    services = Services(f"{NAME}-{word}")
    with skipped_if_impossible():
        services.up(count, unknown=unknown)
    try:
        desk = Desk.make(folder / "desk", own_content=True)
        policy = desk.folder / "policy.yml"
        policy.write_text(policy.read_text(encoding="utf-8").replace("print_*", "*"), encoding="utf-8")
        desk.expect("init", "--policy", "policy.yml")
        import_items(desk, [item(each) for each in services.printers[: count - unknown]])
        site = desk.state / "inventory"
        for name in ("services.yml", "ca.crt"):
            shutil.copy2(services.state / name, site / name)
        for name in SECRETS:
            desk.expect("secret", "set", name, who="sato", typed=f"{services.secret(name)}\n")
        yield PrinterLab(services, desk.within(["ip", "netns", "exec", services.netns]))
    finally:
        services.down()


def item(printer: LabPrinter) -> dict[str, str]:
    """A printer as an item."""
    return {
        "name": printer.name,
        "kind": "printer",
        "address": printer.host.address,
        "mac": printer.mac,
        "serial": printer.serial,
        "model": "Lab P1",
        "building": "本館",
        "floor": printer.location[-2:],
    }


def comer(printer: LabPrinter, **more: Any) -> Mapping[str, Any]:
    """A printer as a change says of one that comes."""
    told = item(printer)
    wanted = {name: told[name] for name in ("name", "mac", "serial", "model", "building", "floor")}
    return {**wanted, "subnet": "10.79.20.0/22", **more}


@contextmanager
def technician(lab: PrinterLab, printer: LabPrinter) -> Iterator[None]:
    """Somebody who switches a printer on as soon as it has a reservation."""
    ended = threading.Event()

    def wait() -> None:
        while not ended.is_set():
            if printer.mac in lab.reserved():
                lab.services.plug(printer.mac, printer.host.vlan)
                return
            time.sleep(0.1)

    waiting = threading.Thread(target=wait)
    waiting.start()
    try:
        yield
    finally:
        ended.set()
        waiting.join()
