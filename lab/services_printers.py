"""The printers of the lab: ippeveprinter for jobs, snmpd for counters, each in a network of its own."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lab import cgroup, daemon, network
from lab.errors import LabError
from lab.places import write_private
from lab.services_files import snmpd
from lab.services_plan import CORE, MANY, LabPrinter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lab.services_places import ServicesPlaces

_AVAHI: Final = "avahi"
_HERE: Final = Path(__file__).parent
_FORMATS: Final = "application/pdf,image/urf,image/pwg-raster,text/plain"
_AVAHI_CONF: Final = """\
[server]
use-ipv4=yes
use-ipv6=no
enable-dbus=yes
[wide-area]
enable-wide-area=no
[publish]
publish-workstation=no
"""


def write(places: ServicesPlaces, printers: Sequence[LabPrinter]) -> None:
    """The files of each printer as on its first day, and those of the many."""
    folder = places.node(_AVAHI)
    folder.mkdir(parents=True)
    (folder / "avahi.conf").write_text(_AVAHI_CONF, encoding="ascii")
    for printer in printers:
        _write(places, printer.name, printer.serial, printer.location)
    _write(places, MANY, "MANY0001", "everywhere")


def _write(places: ServicesPlaces, name: str, serial: str, location: str) -> None:
    folder = places.node(name)
    (folder / "spool").mkdir(parents=True)
    supplies = [{"name": f"{colour} Toner", "most": 100, "left": 55} for colour in ("Black", "Cyan")]
    first = {"serial": serial, "model": "Lab P1", "pages": 1000, "supplies": supplies}
    (folder / "printer.json").write_text(json.dumps(first), encoding="utf-8")
    script = f"{sys.executable} -I {_HERE / 'services_agent.py'} {folder / 'printer.json'} {folder / 'spool'}"
    auth, priv = ((places.secrets / each).read_text(encoding="ascii") for each in ("snmp-auth", "snmp-priv"))
    write_private(folder / "snmpd.conf", snmpd(script, auth, priv, location, name))


def start_avahi(places: ServicesPlaces, timeout: float = 10) -> None:
    """Start what printers announce themselves to, and wait for it."""
    folder = places.node(_AVAHI)
    own = ["unshare", "--mount", "--propagation", "private", "sh", str(_HERE / "services_avahi.sh")]
    argv = [*own, str(folder / "avahi.conf")]
    group = places.group / _AVAHI
    pid = daemon.spawn(argv, group=group, netns=places.netns(CORE), log=folder / "console.log")
    (folder / "pid").write_text(str(pid), encoding="ascii")
    until = time.monotonic() + timeout
    while not Path(f"/proc/{pid}/root/run/avahi-daemon/socket").exists():
        if time.monotonic() > until or not daemon.alive(group):
            raise LabError(f"avahi did not start: see {folder}/console.log.")
        time.sleep(0.02)


def start(places: ServicesPlaces, printer: LabPrinter, *, ipp: bool = True) -> None:
    """Switch a printer on; does not wait for it."""
    if ipp:
        start_ipp(places, printer)
    start_snmp(places, printer.name)


def start_ipp(places: ServicesPlaces, printer: LabPrinter) -> None:
    """Let it take jobs; it keeps every document in its spool."""
    group, folder = places.group / printer.name / "ipp", places.node(printer.name)
    if daemon.alive(group):
        return
    pid = (places.node(_AVAHI) / "pid").read_text(encoding="ascii")
    argv = ["nsenter", f"--target={pid}", "--mount", "ippeveprinter", "-r", "off", "-p", "631"]
    argv += [
        "-d",
        str(folder / "spool"),
        "-k",
        "-l",
        printer.location,
        "-M",
        "Lab",
        "-m",
        "P1",
        "-c",
        "/bin/true",
    ]
    argv += ["-f", _FORMATS, printer.name]
    daemon.spawn(argv, group=group, netns=places.netns(printer.name), log=folder / "ipp.log")


def start_snmp(places: ServicesPlaces, node: str) -> None:
    """Let it tell its counters."""
    group, folder = places.group / node / "snmp", places.node(node)
    if daemon.alive(group):
        return
    argv = ["env", f"SNMP_PERSISTENT_DIR={folder / 'snmp'}", "snmpd", "-f", "-Lf", str(folder / "snmpd.log")]
    argv += ["-C", "-c", str(folder / "snmpd.conf"), "-p", str(folder / "snmpd.pid"), "udp:161"]
    daemon.spawn(argv, group=group, netns=places.netns(node), log=folder / "console.log")


def stop(places: ServicesPlaces, name: str, part: str = "") -> None:
    """Switch a printer off, or one part of it (`ipp`, `snmp`)."""
    cgroup.destroy(places.group / name / part if part else places.group / name)


def await_ready(places: ServicesPlaces, printers: Sequence[LabPrinter], timeout: float = 30) -> None:
    """Wait until these printers take jobs.

    Raises:
        LabError: They do not.
    """
    until = time.monotonic() + timeout
    for printer in printers:
        while not network.inside(places.netns(printer.name), _listening):
            if time.monotonic() > until or not daemon.alive(places.group / printer.name / "ipp"):
                raise LabError(f"{printer.name} did not start: see {places.node(printer.name)}/ipp.log.")
            time.sleep(0.05)


def _listening() -> bool:
    return network.listens("127.0.0.1", 631)


def told(places: ServicesPlaces, name: str) -> dict[str, Any]:
    """What a printer says of itself, but for what it has printed since."""
    found: dict[str, Any] = json.loads((places.node(name) / "printer.json").read_text(encoding="utf-8"))
    return found


def tell(places: ServicesPlaces, name: str, **facts: Any) -> None:
    """Let a printer say something else from now on."""
    path = places.node(name) / "printer.json"
    text = json.dumps({**told(places, name), **facts})
    path.with_suffix(".new").write_text(text, encoding="utf-8")
    path.with_suffix(".new").replace(path)


def printed(places: ServicesPlaces, name: str) -> list[Path]:
    """The documents that a printer has printed, in order."""
    found = (places.node(name) / "spool").iterdir()
    documents = (path for path in found if path.is_file() and path.suffix != ".prn")
    return sorted(documents, key=lambda path: path.stat().st_mtime_ns)


def empty(places: ServicesPlaces, name: str) -> None:
    """Take what was printed out of the tray."""
    for path in printed(places, name):
        path.unlink()


def supplies(places: ServicesPlaces, name: str, left: Mapping[str, int]) -> None:
    """Let supplies have other levels: name → per cent."""
    there = told(places, name)["supplies"]
    tell(places, name, supplies=[{**each, "left": left.get(each["name"], each["left"])} for each in there])
