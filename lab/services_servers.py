"""The servers of the lab's offices: Kea, BIND and CUPS, each on a node of its own."""

from __future__ import annotations

import base64
import json
import os
import platform
import secrets as random
import shutil
import signal
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lab import cgroup, daemon, network
from lab.domain_plan import Server
from lab.domain_tls import Authority
from lab.errors import LabError
from lab.places import write_private
from lab.process import run
from lab.services_files import agent, cups_files, cupsd, kea, named, print_accounts, zones
from lab.services_plan import CORE, DOMAIN, SERVERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lab.services_places import ServicesPlaces
    from lab.services_plan import Host

PORTS: Final = {"dhcp": 8000, "dns": 53, "print": 631}
"""What each listens on when it is ready; TCP."""
PRINT: Final = "print-cups1"
_OWN_ETC: Final = 'for file in "$1"/*; do mount --bind "$file" "/etc/${file##*/}"; done; shift; exec "$@"'
SECRETS: Final = ("dhcp", "dns", "snmp-auth", "snmp-priv", PRINT)


def write(places: ServicesPlaces, hosts: Sequence[Host]) -> None:
    """Secrets, certificates and configurations of the first day."""
    places.secrets.mkdir(mode=0o700)
    for name in SECRETS:
        write_private(places.secrets / name, random.token_urlsafe(18))
    key = base64.b64encode(random.token_bytes(32)).decode("ascii")
    write_private(places.secrets / "dns", key)
    authority = Authority.create()
    authority.write(places.authority)
    for name in ("dhcp", "print"):
        server = Server(name, SERVERS[name], (PORTS[name],), DOMAIN)
        authority.certify(server, places.node(name))
    _write_dhcp(places, hosts)
    folder = places.node("dns")
    folder.mkdir(parents=True)
    write_private(folder / "named.conf", named(folder, key))
    for zone, text in zones(hosts).items():
        (folder / f"{zone}.zone").write_text(text, encoding="ascii")
    _write_print(places.node("print"), (places.secrets / PRINT).read_text(encoding="ascii"))


def _write_dhcp(places: ServicesPlaces, hosts: Iterable[Host]) -> None:
    folder = places.node("dhcp")
    machine = f"{platform.machine()}-linux-gnu"
    (folder / "kea.conf").write_text(kea(places, hosts, machine), encoding="utf-8")
    password = (places.secrets / "dhcp").read_text(encoding="ascii")
    write_private(folder / "agent.conf", agent(places, password))


def _write_print(folder: Path, password: str) -> None:
    # cupsd works as `lp` in these, and its filters have to get there.
    folder.chmod(0o755)
    for part in ("root/ssl", "root/ppd", "spool/tmp", "cache", "state", "work"):
        (folder / part).mkdir(parents=True)
    shutil.copyfile("/usr/share/cups/mime/mime.types", folder / "root" / "mime.types")
    for suffix in ("key", "crt"):
        shutil.copyfile(folder / f"server.{suffix}", folder / "root" / "ssl" / f"print.{DOMAIN}.{suffix}")
    (folder / "root" / "ssl" / f"print.{DOMAIN}.key").chmod(0o600)
    (folder / "etc").mkdir()
    there = {name: Path("/etc", name).read_text(encoding="utf-8") for name in ("passwd", "group")}
    scrambled = run(["openssl", "passwd", "-6", "-stdin"], text=f"{password}\n").strip()
    for name, text in print_accounts(there, scrambled).items():
        (folder / "etc" / name).write_text(text, encoding="utf-8")
    (folder / "etc" / "shadow").chmod(0o600)
    (folder / "cupsd.conf").write_text(cupsd(folder), encoding="ascii")
    (folder / "cups-files.conf").write_text(cups_files(folder), encoding="ascii")
    for path in (folder / "spool", folder / "spool" / "tmp", folder / "work", folder / "cache"):
        shutil.chown(path, "root", "lp")
        path.chmod(0o1770 if path.name in {"tmp", "work"} else 0o770)


def start(places: ServicesPlaces, name: str) -> None:
    """Start a server; does not wait for it."""
    group = places.group / name
    if daemon.alive(group):
        return
    folder = places.node(name)
    for argv in _programs(folder, name):
        daemon.spawn(argv, group=group, netns=places.netns(name), log=folder / "console.log")


def _programs(folder: Path, name: str) -> list[list[str]]:
    if name == "dhcp":
        env = [
            "env",
            f"KEA_PIDFILE_DIR={folder}",
            f"KEA_LOCKFILE_DIR={folder}",
            f"KEA_LOGGER_DESTINATION={folder}",
        ]
        return [
            [*env, "kea-dhcp4", "-c", str(folder / "kea.conf")],
            [*env, "kea-ctrl-agent", "-c", str(folder / "agent.conf")],
        ]
    if name == "dns":
        return [["named", "-f", "-n", "1", "-U", "1", "-c", str(folder / "named.conf")]]
    files = ["-c", str(folder / "cupsd.conf"), "-s", str(folder / "cups-files.conf")]
    # Its own hosts: cupsd looks up the address that it is called by, and stands still meanwhile.
    own = ["unshare", "--mount", "--propagation", "slave", "sh", "-c", _OWN_ETC, "sh", str(folder / "etc")]
    return [[*own, "cupsd", "-f", *files]]


def lock_print(places: ServicesPlaces, *, locked: bool) -> None:
    """Whether the print server asks for a password; it is ended so that it keeps its queues."""
    folder, group = places.node("print"), places.group / "print"
    for pid in cgroup.processes(group):
        os.kill(pid, signal.SIGTERM)
    until = time.monotonic() + 10
    while daemon.alive(group):
        if time.monotonic() > until:
            raise LabError("cupsd does not end.")
        time.sleep(0.05)
    (folder / "cupsd.conf").write_text(cupsd(folder, locked=locked), encoding="ascii")


def stop(places: ServicesPlaces, name: str) -> None:
    """End a server at once, in the middle of what it does; who asks is refused."""
    cgroup.destroy(places.group / name)
    # Kea takes a process of that number, were it a dead one that nobody has buried, for itself running.
    for left in places.node(name).glob("*.pid"):
        left.unlink()


def await_ready(places: ServicesPlaces, names: Iterable[str], timeout: float = 30) -> None:
    """Wait until these servers answer, seen from the router.

    Raises:
        LabError: They do not.
    """
    until = time.monotonic() + timeout
    network.inside(places.netns(CORE), lambda: _wait(places, list(names), until))


def _wait(places: ServicesPlaces, names: list[str], until: float) -> None:
    while names:
        late = [name for name in names if not network.listens(SERVERS[name], PORTS[name])]
        if "dhcp" in names and "dhcp" not in late and not _kea_answers(places):
            late.append("dhcp")
        names = late
        if names and time.monotonic() > until:
            raise LabError(f"{', '.join(names)} did not start: see {places.root}/nodes/*/console.log.")
        time.sleep(0.03 if names else 0)


def _kea_answers(places: ServicesPlaces) -> bool:
    try:
        kea_says(places, "status-get")
    except LabError:
        return False
    return True


def kea_says(
    places: ServicesPlaces, command: str, arguments: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Ask Kea by its own socket, past its control agent: what witnesses and second operators do.

    Raises:
        LabError: It does not answer, or refuses.
    """
    question = {"command": command, **({"arguments": arguments} if arguments else {})}
    found = b""
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(10)
            line.connect(os.fspath(places.dhcp_socket))
            line.sendall(json.dumps(question).encode())
            while data := line.recv(1 << 16):
                found += data
    except OSError as error:
        raise LabError(f"Kea does not answer: {error.strerror}.") from error
    answer: dict[str, Any] = json.loads(found)
    if answer["result"] not in {0, 3}:
        raise LabError(f"Kea: {answer.get('text')}")
    arguments_given: dict[str, Any] = answer.get("arguments", {})
    return arguments_given


def alive(places: ServicesPlaces, node: str) -> bool:
    """Whether anything runs on a node."""
    return daemon.alive(places.group / node)
