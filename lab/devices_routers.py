"""Real routers in the lab of network devices: FRR with OSPF, behind an SSH server that leads to vtysh."""

from __future__ import annotations

import itertools
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lab import daemon, network
from lab.devices_places import CONTROLLER
from lab.errors import LabError
from lab.netcli.plane import ROOT
from lab.outage_nodes import batch
from lab.process import run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lab.devices_places import DevicesPlaces

_PROGRAMS: Final = Path("/usr/lib/frr")
_DAEMONS: Final = ("zebra", "ospfd", "staticd")
# Its own HOME: start files of whoever runs the lab may wait for something, pyenv's a minute for a lock.
_SSHD: Final = """\
ListenAddress {address}
HostKey {host_key}
PidFile none
UsePAM no
StrictModes no
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
AuthorizedKeysFile {user_key}.pub
TrustedUserCAKeys {authorities}
AuthorizedPrincipalsFile {folder}/principals
PrintMotd no
PrintLastLog no
UseDNS no
SetEnv HOME={folder}
ForceCommand {folder}/login
"""
_LOGIN: Final = """\
#!/bin/sh
case "$SSH_ORIGINAL_COMMAND" in
  "") exec /usr/bin/vtysh -N {space} ;;
  "cat /etc/frr/frr.conf") exec cat {saved} ;;
  "daicho-dead-man "*)
    export DAICHO_DEAD_MAN={folder}/dead-man DAICHO_VTYSH="/usr/bin/vtysh -N {space}"
    exec {root}/scripts/frr_dead_man ${{SSH_ORIGINAL_COMMAND#daicho-dead-man }} ;;
  *) echo "not allowed" >&2; exit 1 ;;
esac
"""


@dataclass(frozen=True)
class Router:
    """One router; number 1 and 2 are each other's neighbours, and so on in a row."""

    number: int

    @property
    def name(self) -> str:
        return f"r{self.number}"

    @property
    def address(self) -> str:
        """On its loopback; it is the router id too."""
        return f"10.50.248.{self.number}"

    def row(self) -> dict[str, str]:
        """The router as an item that daicho imports."""
        where = {"site": "Ministry", "building": "B1", "floor": "1", "role": "router", "login": "root"}
        return {
            "name": self.name,
            "kind": "network_device",
            "address": self.address,
            "platform": "frr",
            **where,
        }


def programs() -> list[str]:
    """What has to be installed for routers."""
    return ["vtysh", "/usr/sbin/sshd", *(str(_PROGRAMS / name) for name in _DAEMONS)]


def create(places: DevicesPlaces, routers: Sequence[Router]) -> None:
    """Namespaces, cables, configurations; then start them."""
    for router in routers:
        netns = places.netns(router.name)
        run(["ip", "netns", "add", netns])
        batch(netns, ["link set lo up", f"address add {router.address}/32 dev lo"])
        network.inside(netns, _forward)
        _cable(places, (CONTROLLER, router.name), f"10.50.241.{router.number * 4}")
        batch(netns, [f"route add 10.50.240.0/24 via 10.50.241.{router.number * 4 + 1}"])
        batch(
            places.netns(CONTROLLER), [f"route add {router.address}/32 via 10.50.241.{router.number * 4 + 2}"]
        )
    for one, other in itertools.pairwise(routers):
        _cable(places, (one.name, other.name), f"10.50.242.{one.number * 4}")
    for router in routers:
        _write(places, router, [other for other in routers if abs(other.number - router.number) == 1])
        start(places, router)


def start(places: DevicesPlaces, router: Router) -> None:
    """Switch a router on: it routes and serves SSH with what it had saved.

    Raises:
        LabError: Its command line does not answer.
    """
    space, group = places.frr(router.name), places.group / router.name
    runtime = Path("/var/run/frr") / space
    runtime.mkdir(parents=True, exist_ok=True)
    shutil.chown(runtime, "frr", "frr")
    for left in (*runtime.glob("*.vty"), runtime / "zserv.api"):
        left.unlink(missing_ok=True)
    log = places.root / router.name / "log"

    def spawn(*argv: str) -> None:
        daemon.spawn([*_named(router), *argv], group=group, netns=places.netns(router.name), log=log)

    for name in _DAEMONS:
        words = [
            str(_PROGRAMS / name),
            "-N",
            space,
            "-i",
            str(runtime / f"{name}.pid"),
            "-u",
            "frr",
            "-g",
            "frr",
        ]
        spawn(*words, "--log", "stdout")
        if name == _DAEMONS[0]:
            # Who finds no zebra asks again after ten seconds only; until then its routes go nowhere.
            _await((runtime / "zserv.api").exists, router.name)
    _await(lambda: all((runtime / f"{name}.vty").exists() for name in _DAEMONS), router.name)
    run(
        [
            "nsenter",
            f"--net=/run/netns/{places.netns(router.name)}",
            *_named(router),
            "vtysh",
            "-N",
            space,
            "-b",
        ]
    )
    spawn("/usr/sbin/sshd", "-D", "-e", "-f", str(places.root / router.name / "sshd_config"))
    _await(
        lambda: network.inside(places.netns(router.name), lambda: network.answers_ssh(router.address)),
        router.name,
    )


def remove(places: DevicesPlaces) -> None:
    """What FRR has outside the lab's own directory; its processes are gone already."""
    for root in (Path("/etc/frr"), Path("/var/run/frr")):
        for folder in root.glob(f"{places.frr('r')}[0-9]*"):
            shutil.rmtree(folder, ignore_errors=True)


def configuration(places: DevicesPlaces, router: Router) -> str:
    """What runs on a router, as vtysh says."""
    words = ["vtysh", "-N", places.frr(router.name), "-c", "show running-config"]
    return run([*_named(router), *words])


def _named(router: Router) -> list[str]:
    # A router knows its own name; without a UTS namespace it would take this machine's.
    return ["unshare", "--uts", "sh", "-c", f'hostname {router.name}; exec "$@"', "sh"]


def _await(ready: object, name: str, seconds: float = 10) -> None:
    until = time.monotonic() + seconds
    while not (callable(ready) and ready()):
        if time.monotonic() > until:
            raise LabError(f"The router {name} does not come up; see its log.")
        time.sleep(0.05)


def _forward() -> None:
    Path("/proc/sys/net/ipv4/ip_forward").write_text("1", encoding="ascii")


def _cable(places: DevicesPlaces, ends: tuple[str, str], net: str) -> None:
    one, other = ends
    base, _, last = net.rpartition(".")
    spaces = [places.netns(each) for each in ends]
    run(
        [
            "ip",
            "link",
            "add",
            other,
            "netns",
            spaces[0],
            "type",
            "veth",
            "peer",
            "name",
            one,
            "netns",
            spaces[1],
        ]
    )
    for space, far, host in ((spaces[0], other, 1), (spaces[1], one, 2)):
        batch(space, [f"address add {base}.{int(last) + host}/30 dev {far}", f"link set {far} up"])


def _write(places: DevicesPlaces, router: Router, neighbours: Sequence[Router]) -> None:
    saved = Path("/etc/frr") / places.frr(router.name) / "frr.conf"
    saved.parent.mkdir(parents=True, exist_ok=True)
    lines = ["frr defaults traditional", f"hostname {router.name}", "service integrated-vtysh-config", "!"]
    for far in neighbours:
        lines += [f"interface {far.name}", " description to " + far.name, " ip ospf network point-to-point"]
        lines += [" ip ospf hello-interval 1", " ip ospf dead-interval 4", "exit", "!"]
    lines += ["router ospf", f" ospf router-id {router.address}"]
    lines += [" network 10.50.242.0/24 area 0", " network 10.50.248.0/24 area 0", "exit", "!"]
    saved.write_text("\n".join(lines) + "\n", encoding="ascii")
    (saved.parent / "vtysh.conf").touch()
    run(["chown", "-R", "frr:frr", saved.parent])
    folder = places.root / router.name
    folder.mkdir()
    (folder / "principals").write_text("daicho\nroot\n", encoding="ascii")
    login = _LOGIN.format(space=places.frr(router.name), saved=saved, folder=folder, root=ROOT)
    (folder / "login").write_text(login, encoding="ascii")
    (folder / "login").chmod(0o755)
    given = {"host_key": places.host_key, "user_key": places.user_key, "authorities": places.authorities}
    text = _SSHD.format(address=router.address, folder=folder, **given)
    (folder / "sshd_config").write_text(text, encoding="ascii")
