"""A small ministry at night: eight real routers (FRR with OSPF, sshd) in two buildings, and their terminals.

    ops ── core-1 ══ core-2          every sw-N hangs on both cores; floor N has nine terminals
             ╠ sw-1 ── floor 1 ╣
             ...

Each machine is in a network namespace of its own, 63 in all; power is lost by taking links down and killing
what runs.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

CORES: Final = ("core-1", "core-2")
FLOORS: Final = 6
TERMINALS: Final = 9
SWITCHES: Final = tuple(f"sw-{number}" for number in range(1, FLOORS + 1))
DAEMONS: Final = ("zebra", "ospfd", "staticd")
OPS: Final = "10.90.0.2"
_FRR: Final = Path("/usr/lib/frr")


def device_address(name: str) -> str:
    """The loopback address of a router, which is its OSPF router id too."""
    return f"10.90.1.{(CORES + SWITCHES).index(name) + 1}"


def terminals(floor: int) -> dict[str, str]:
    """Terminal → address on one floor."""
    return {f"pc-{floor}-{number}": f"10.90.{10 + floor}.{10 + number}" for number in range(1, TERMINALS + 1)}


@dataclass
class Night:
    """The network; use `build`, then `demolish`."""

    folder: Path
    authority: Path
    """The SSH CA that the routers trust."""
    tag: str
    cables: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Device in the router → (other router, device there)."""
    dark: set[str] = field(default_factory=set)
    torn: set[tuple[str, str]] = field(default_factory=set)

    def build(self) -> None:
        """Bring everything up and wait until every address answers."""
        for name in ("ops", *self.everything()):
            run("ip", "netns", "add", self.netns(name))
            self.ip(name, "link", "set", "lo", "up")
        for name in CORES + SWITCHES:
            self.ip(name, "address", "add", f"{device_address(name)}/32", "dev", "lo")
            self._inside(name, "sysctl", "-qw", "net.ipv4.ip_forward=1")
        self._wire()
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.folder / "hostkey")], check=True
        )
        (self.folder / "principals").write_text("daicho\n", encoding="ascii")
        for name in CORES + SWITCHES:
            self._configure(name)
            self.start(name)
        self.wait(self.everything())

    def demolish(self) -> None:
        """Leave nothing."""
        for name in CORES + SWITCHES:
            self.stop(name)
            for place in ("/etc/frr", "/var/run/frr"):
                shutil.rmtree(f"{place}/{self.pathspace(name)}", ignore_errors=True)
        for name in ("ops", *self.everything()):
            for pid in self._output("ip", "netns", "pids", self.netns(name)).split():
                with suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
            subprocess.run(["ip", "netns", "delete", self.netns(name)], check=False, capture_output=True)

    # What happens at night

    def power_off(self, *names: str) -> None:
        """Power is gone: nothing runs, no link is up."""
        for name in names:
            self.stop(name)
            for device in self.cables_of(name):
                self.ip(name, "link", "set", device, "down")
            self.dark.add(name)

    def power_on(self, *names: str) -> None:
        """Power is back; the router loads what it had saved."""
        for name in names:
            for device in self.cables_of(name):
                self.ip(name, "link", "set", device, "up")
            self.start(name)
            self.dark.discard(name)

    def cut(self, one: str, other: str) -> None:
        """A cable is torn; both ends see it."""
        device = next(device for device, (far, _there) in self._cables(one).items() if far == other)
        self.ip(one, "link", "set", device, "down")
        self.torn.add((one, other))

    def mend(self, one: str, other: str) -> None:
        """The cable is whole again."""
        device = next(device for device, (far, _there) in self._cables(one).items() if far == other)
        self.ip(one, "link", "set", device, "up")
        self.torn.discard((one, other))

    def repair(self) -> None:
        """Power and cables are as they were; everything answers again."""
        for pair in sorted(self.torn):
            self.mend(*pair)
        self.power_on(*sorted(self.dark))
        self.wait(self.everything())
        self.settle(*SWITCHES)

    def saved(self, name: str) -> Path:
        """The file with a router's saved configuration."""
        return Path("/etc/frr") / self.pathspace(name) / "frr.conf"

    def configure(self, name: str, *lines: str) -> None:
        """Type lines at a router's console, without saving."""
        words = [word for line in lines for word in ("-c", line)]
        self._inside(name, "vtysh", "-N", self.pathspace(name), "-c", "configure terminal", *words)

    def save(self, name: str) -> None:
        """Save a router's configuration."""
        self._inside(name, "vtysh", "-N", self.pathspace(name), "-c", "write memory")

    # What there is

    def everything(self) -> dict[str, str]:
        """Every item with its address."""
        found = {name: device_address(name) for name in CORES + SWITCHES}
        for floor in range(1, FLOORS + 1):
            found |= terminals(floor)
        return found

    def alive(self) -> set[str]:
        """Who answers, as fping sees it from the checking machine."""
        items = self.everything()
        done = subprocess.run(
            [*self.enter("ops"), "fping", "-a", "-q", "-r", "1", "-t", "300", *items.values()],
            capture_output=True,
            text=True,
            check=False,
        )
        answering = set(done.stdout.split())
        return {name for name, address in items.items() if address in answering}

    def wait(self, wanted: Iterable[str], seconds: float = 40) -> None:
        """Until exactly these answer."""
        end, names = time.monotonic() + seconds, set(wanted)
        while (found := self.alive()) != names:
            assert time.monotonic() < end, f"missing {names - found}, too many {found - names}"
            time.sleep(0.3)

    def settle(self, *names: str, neighbours: int = 2) -> None:
        """Until these routers have so many neighbours, both ways."""
        end = time.monotonic() + 40
        for name in names:
            while self._neighbours(name) < neighbours:
                assert time.monotonic() < end, f"{name} has {self._neighbours(name)} neighbours"
                time.sleep(0.2)

    def items(self) -> str:
        """The list of items as the operators keep it (YAML)."""
        rows = [f"- {{name: ops, kind: server, address: {OPS}, uplink: core-1, building: 1号館}}"]
        for name in CORES + SWITCHES:
            floor = 1 if name in CORES else int(name[-1])
            place = (
                f"building: {'1号館' if floor <= 3 else '2号館'}, floor: {floor}階, room: EPS, rack: R{floor}"
            )
            uplinks = "uplink: core-1" if name == "core-2" else "uplink: core-1, uplink2: core-2"
            uplinks = "" if name == "core-1" else f", {uplinks}"
            rows.append(
                f"- {{name: {name}, kind: network_device, address: {device_address(name)}, platform: frr, "
                f"login: root, {place}{uplinks}}}"
            )
        for floor in range(1, FLOORS + 1):
            building = "1号館" if floor <= 3 else "2号館"
            rows += [
                f"- {{name: {name}, kind: endpoint, address: {address}, uplink: sw-{floor}, "
                f"building: {building}, floor: {floor}階, room: '{floor}01'}}"
                for name, address in terminals(floor).items()
            ]
        return "\n".join(rows) + "\n"

    def known_hosts(self) -> str:
        """The routers' host keys."""
        key = " ".join((self.folder / "hostkey.pub").read_text(encoding="ascii").split()[:2])
        return "".join(f"{device_address(name)} {key}\n" for name in CORES + SWITCHES)

    def netns(self, name: str) -> str:
        """The namespace of a machine."""
        return f"{self.tag}-{name}"

    def pathspace(self, name: str) -> str:
        """What FRR calls its instance."""
        return f"{self.tag}-{name}"

    def enter(self, name: str) -> list[str]:
        """The words that run something on a machine's network."""
        return ["ip", "netns", "exec", self.netns(name)]

    def ip(self, name: str, *words: str) -> None:
        """Call `ip` on a machine."""
        run("ip", "-n", self.netns(name), *words)

    def cables_of(self, name: str) -> list[str]:
        """The devices of a router that lead somewhere."""
        return [*self._cables(name), *(["floor"] if name in SWITCHES else [])]

    # How it is made

    def start(self, name: str) -> None:
        """Start routing and SSH with what is saved."""
        space = self.pathspace(name)
        runtime = Path("/var/run/frr") / space
        runtime.mkdir(parents=True, exist_ok=True)
        run("chown", "frr:frr", str(runtime))
        for daemon in DAEMONS:
            words = [str(_FRR / daemon), "-d", "-N", space, "-i", str(runtime / f"{daemon}.pid")]
            self._inside(name, *words, "-u", "frr", "-g", "frr")
        self._inside(name, "vtysh", "-N", space, "-b")
        self.open_door(name)

    def open_door(self, name: str) -> None:
        """Let people log in to a router."""
        self._inside(name, "/usr/sbin/sshd", "-f", str(self.folder / f"sshd-{name}.conf"))

    def stop(self, name: str) -> None:
        """Everything that runs on a router is gone at once."""
        for pid in self._output("ip", "netns", "pids", self.netns(name)).split():
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)

    def _wire(self) -> None:
        self._cable(("ops", "core-1"), "10.90.0.0", addresses=(OPS, "10.90.0.1"))
        self.ip("ops", "route", "add", "default", "via", "10.90.0.1")
        pairs = [("core-1", "core-2"), *((core, switch) for switch in SWITCHES for core in CORES)]
        for number, pair in enumerate(pairs):
            low = f"10.90.{100 + number}."
            self._cable(pair, low + "0", addresses=(low + "1", low + "2"))
        for floor in range(1, FLOORS + 1):
            switch, net = f"sw-{floor}", f"10.90.{10 + floor}."
            self.ip(switch, "link", "add", "floor", "up", "type", "bridge", "forward_delay", "0")
            self.ip(switch, "address", "add", net + "1/24", "dev", "floor")
            for terminal in terminals(floor):
                self._join(switch, terminal, terminal, "eth0")
                self.ip(switch, "link", "set", terminal, "master", "floor")
                self.plug(terminal)

    def plug(self, terminal: str) -> None:
        """Give a terminal its address."""
        address = self.everything()[terminal]
        self.ip(terminal, "address", "add", f"{address}/24", "dev", "eth0")
        self.ip(terminal, "route", "add", "default", "via", address.rpartition(".")[0] + ".1")

    def unplug(self, terminal: str) -> None:
        """Take a terminal from the network."""
        self.ip(terminal, "address", "flush", "dev", "eth0")

    def _cable(self, pair: tuple[str, str], _net: str, *, addresses: tuple[str, str]) -> None:
        one, other = pair
        self._join(one, f"to-{other}", other, f"to-{one}")
        for name, far, address in ((one, other, addresses[0]), (other, one, addresses[1])):
            self.ip(name, "address", "add", f"{address}/30", "dev", f"to-{far}")
        self.cables[f"{one} {other}"] = pair

    def _join(self, one: str, device: str, other: str, there: str) -> None:
        run(
            *("ip", "link", "add", device, "netns", self.netns(one), "type", "veth"),
            *("peer", "name", there, "netns", self.netns(other)),
        )
        self.ip(one, "link", "set", device, "up")
        self.ip(other, "link", "set", there, "up")

    def _cables(self, name: str) -> dict[str, tuple[str, str]]:
        found = {}
        for one, other in self.cables.values():
            if name in (one, other):
                far = other if name == one else one
                found[f"to-{far}"] = (far, f"to-{name}")
        return found

    def _configure(self, name: str) -> None:
        saved = self.saved(name)
        saved.parent.mkdir(parents=True, exist_ok=True)
        lines = ["frr defaults traditional", "service integrated-vtysh-config", "ip forwarding"]
        for device in self._cables(name):
            fast = ["ip ospf network point-to-point", "ip ospf hello-interval 1", "ip ospf dead-interval 10"]
            lines += [f"interface {device}", *(f" {line}" for line in fast), "exit"]
        lines += [
            "router ospf",
            f" ospf router-id {device_address(name)}",
            " network 10.90.0.0/16 area 0",
            "exit",
        ]
        saved.write_text("\n".join(lines) + "\n", encoding="ascii")
        (saved.parent / "vtysh.conf").touch()
        run("chown", "-R", "frr:frr", str(saved.parent))
        login = self.folder / f"login-{name}"
        login.write_text(_LOGIN.format(space=self.pathspace(name), saved=saved), encoding="ascii")
        login.chmod(0o755)
        text = _SSHD.format(folder=self.folder, authority=self.authority, login=login)
        (self.folder / f"sshd-{name}.conf").write_text(text, encoding="ascii")

    def _neighbours(self, name: str) -> int:
        done = self._output("vtysh", "-N", self.pathspace(name), "-c", "show ip ospf neighbor")
        return done.count("Full")

    def _inside(self, name: str, *words: str) -> None:
        # A router knows its own name; without a UTS namespace it would take this machine's.
        script = f'hostname {name}; exec "$@"'
        run(*self.enter(name), "unshare", "--uts", "sh", "-c", script, "sh", *words)

    @staticmethod
    def _output(*words: str) -> str:
        return subprocess.run(words, capture_output=True, text=True, check=False).stdout


_LOGIN: Final = """\
#!/bin/sh
case "$SSH_ORIGINAL_COMMAND" in
  "") exec /usr/bin/vtysh -N {space} ;;
  "cat /etc/frr/frr.conf") exec cat {saved} ;;
  *) echo "not allowed" >&2; exit 1 ;;
esac
"""
# Its own HOME: start files of whoever runs the lab may wait for something, pyenv's a minute for a lock.
_SSHD: Final = """\
HostKey {folder}/hostkey
PidFile none
TrustedUserCAKeys {authority}
AuthorizedPrincipalsFile {folder}/principals
AuthorizedKeysFile none
PasswordAuthentication no
StrictModes no
UsePAM no
PrintMotd no
PrintLastLog no
UseDNS no
SetEnv HOME={folder}
ForceCommand {login}
"""


def run(*words: str) -> None:
    """Run something that has to succeed."""
    done = subprocess.run(words, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, f"{' '.join(words)}: {done.stdout}{done.stderr}"


def daicho(words: Sequence[str]) -> list[str]:
    """The command as an operator types it."""
    return [str(Path(sys.prefix) / "bin" / "daicho"), *words]
