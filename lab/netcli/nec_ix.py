"""NEC UNIVERGE IX, as on an IX2215.

After: UNIVERGE IX2000/IX3000 series command reference manual, software Ver. 10.x (modes, `svintr-config`,
`enable-config`, `write memory`, `reload`), and public transcripts of IX2105/IX2215 for the wording.
`reload in` is not certain to be in that reference; the documentation says so.
"""

from __future__ import annotations

import re
from functools import cached_property
from ipaddress import IPv4Interface, IPv4Network
from typing import TYPE_CHECKING, Final

from lab.netcli.config import spaced, written
from lab.netcli.device import hashed, knows
from lab.netcli.nec_ix_shell import NecIxShell
from lab.netcli.switch import location
from lab.netcli.syntax import Syntax

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from ipaddress import IPv4Address

    from lab.netcli.config import Configuration
    from lab.netcli.device import Device
    from lab.netcli.shell import Shell
    from lab.netcli.terminal import Terminal

UPLINK: Final = "GigaEthernet0.0"
_FACE: Final = re.compile(r"(gigaethernet|loopback|tunnel|null|bvi)(\d+)(?:\.(\d+))?", re.IGNORECASE)
_NAMES: Final = {
    "gigaethernet": "GigaEthernet",
    "loopback": "Loopback",
    "tunnel": "Tunnel",
    "null": "Null",
    "bvi": "BVI",
}
_MOST: Final = {"GigaEthernet": 2, "Loopback": 9, "Tunnel": 127, "Null": 0, "BVI": 15}

TOP: Final = """
hostname = <word>
timezone = <line>
logging buffered = <1024-262144>
logging timestamp = datetime
username <word> = <line> @username
ntp ip enable
ntp server <ip>
syslog ip host <ip>
ip ufs-cache enable
ip route default = <word>
ip route <prefix> = <word>
ip access-list <word> permit|deny <line> +
aaa authentication login <word> = <line>
snmp-agent ip enable
snmp-agent ip community <word>
snmp-agent ip location = <line>
telnet-server ip enable
ssh-server ip enable
ssh-server ip access-list = <word>
lldp enable
device <device> {device}
interface <face> {interface}
"""
INTERFACE: Final = """
description = <line>
encapsulation dot1q = <1-4094> tpid 8100
encapsulation dot1q = <1-4094>
no ip address
ip address = <prefix> @address
ip mtu = <128-1500>
ip tcp adjust-mss = <word>
ip proxy-arp
ip filter <word> <1-65000> in|out
bandwidth = <word>
no shutdown
shutdown @shutdown
"""


class NecIx:
    """NEC UNIVERGE IX."""

    name = "nec_ix"
    ports: tuple[str, ...] = ()
    uplink = UPLINK
    encoding = "euc_jp"

    @cached_property
    def syntaxes(self) -> Mapping[str, Syntax]:
        return {
            "": Syntax(TOP, {"face": face, "device": device_name}),
            "device": Syntax("vlan-group <1-8> = <line>\nport <1-8> = <line>\nshutdown"),
            "interface": Syntax(INTERFACE),
        }

    def base(self, device: Device) -> str:
        world = device.world
        third = device.index % 250
        return f"""\
hostname {device.name}
timezone +09 00
logging buffered 131072
logging timestamp datetime
username {world.user} password hash {hashed(device, world.user, world.password)} administrator
ntp ip enable
ntp server {world.gateway}
syslog ip host {world.gateway}
ip ufs-cache enable
ip route default {world.gateway}
ip access-list OPERATORS permit ip src {world.operators} dest any
snmp-agent ip enable
snmp-agent ip community lab-read
snmp-agent ip location {location(device)}
ssh-server ip enable
ssh-server ip access-list OPERATORS
lldp enable
device GigaEthernet0
device GigaEthernet1
device GigaEthernet2
interface GigaEthernet0.0
  description uplink
  ip address {device.address}/{world.network.prefixlen}
  no shutdown
interface GigaEthernet1.0
  no ip address
  shutdown
interface GigaEthernet2.0
  ip address 192.168.{third}.254/24
  no shutdown
interface GigaEthernet2.1
  encapsulation dot1q 10 tpid 8100
  ip address 172.16.{third}.254/24
  no shutdown
interface Loopback0.0
  no ip address
interface Null0.0
  no ip address
"""

    def written(self, configuration: Configuration) -> list[str]:
        return spaced(written(configuration.top, "  "))

    def cut_off(self, device: Device, peer: IPv4Address) -> str:
        running, me = device.running, device.address
        found = next(
            (
                name
                for name in running.names("interface ")
                if (running.value(name, "ip address") or "").split("/")[0] == str(me)
            ),
            None,
        )
        if found is None:
            return f"no interface has the address {me}"
        if not running.has(found, "no shutdown"):
            return f"{found.removeprefix('interface ')} is shut down"
        if not found.startswith("interface GigaEthernet0.") or running.has(
            "device GigaEthernet0", "shutdown"
        ):
            return f"{me} is not on the uplink"
        if running.has(found, "encapsulation dot1q"):
            return "the uplink speaks a VLAN that the other side does not"
        near = IPv4Interface(running.value(found, "ip address") or "").network
        if peer not in near and running.value("ip route default") != str(device.world.gateway):
            return f"there is no way back to {peer}"
        return ""

    def refuses(self, device: Device, peer: IPv4Address) -> str:
        running = device.running
        if not running.has("ssh-server ip enable"):
            return "there is no ssh server"
        acl = running.value("ssh-server ip access-list")
        if acl is not None and not _permits(running, acl, peer):
            return f"the access list {acl} does not permit {peer}"
        return ""

    def admits(self, device: Device, user: str, password: str | None) -> bool:
        return knows(device, user, password)

    def started(self, device: Device) -> None:
        """Nothing: a scheduled restart is forgotten."""

    def shell(self, device: Device, terminal: Terminal, user: str, peer: str) -> Shell:
        return NecIxShell(device, terminal, user, peer)


def _permits(running: Configuration, acl: str, peer: IPv4Address) -> bool:
    entries = running.names(f"ip access-list {acl} ")
    for entry in entries:
        words = entry.split()
        source = words[words.index("src") + 1] if "src" in words else "any"
        if source == "any" or peer in IPv4Network(source, strict=False):
            return words[3] == "permit"
    return not entries


def face(words: Sequence[str]) -> tuple[str, int] | None:
    """`GigaEthernet0.0`; without its second number it is the `.0`."""
    found = _FACE.fullmatch(words[0])
    if not found:
        return None
    kind = _NAMES[found[1].lower()]
    return (f"{kind}{found[2]}.{found[3] or 0}", 1) if int(found[2]) <= _MOST[kind] else None


def device_name(words: Sequence[str]) -> tuple[str, int] | None:
    """`GigaEthernet2`, the socket itself."""
    found = face(words)
    return (found[0].removesuffix(".0"), 1) if found and found[0].startswith("Giga") else None
