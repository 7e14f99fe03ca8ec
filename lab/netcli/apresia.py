"""Apresia AEOS, as on an Apresia 13200.

After: Apresia command reference, AEOS Ver. 8 (modes, `vlan database`, `interface port`, `write memory`), and
the maker's configuration examples, AccessDefender (AEOS 8: ports are `1/1`; AEOS 7 calls them `1`).
`reload in` is not found in that reference as we know it; it is there so that a scheduled restart can be tried
on this command line too, and the documentation says so.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Final

from lab.netcli.apresia_shell import ApresiaShell
from lab.netcli.config import plain, written
from lab.netcli.device import hashed, knows
from lab.netcli.office_switch import OfficeSwitch
from lab.netcli.switch import location, permitted
from lab.netcli.syntax import Syntax

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from ipaddress import IPv4Address

    from lab.netcli.config import Configuration
    from lab.netcli.device import Device
    from lab.netcli.shell import Shell
    from lab.netcli.terminal import Terminal

PORTS: Final = tuple(f"port 1/{number}" for number in range(1, 29))
UPLINK: Final = PORTS[24]
MANAGEMENT: Final = 99
_PORT: Final = re.compile(r"([a-z]+)\s*(\d+(?:/\d+)?)")

TOP: Final = """
hostname = <word>
enable password = <line> @enable_password
username <word> = <line> @username
aaa authentication login default = <line>
clock timezone = <line>
terminal length = <0-512>
vlan database {database}
spanning-tree enable
lldp enable
ip access-list standard <word> {acl}
interface <port> {interface}
ip default-gateway = <ip>
ip route <prefix> <ip>
ssh server enable
logging ip <ip>
ntp server <ip>
snmp-server community <word> = ro|rw
snmp-server location = <line>
snmp-server contact = <line>
snmp-server host <ip> = <line>
line vty {line}
"""
INTERFACE: Final = """
description = <line>
switchport mode = access|trunk
switchport access vlan = <1-4094>
switchport trunk = <vlans>
switchport trunk add|remove <vlans> @trunk_edit
switchport trunk native vlan = <1-4094>
ip address = <prefix>
shutdown
speed = 10|100|1000|auto
duplex = auto|full|half
spanning-tree portfast
"""


class Apresia(OfficeSwitch):
    """Apresia AEOS."""

    name = "apresia_aeos"
    ports = PORTS
    uplink = UPLINK
    encoding = "shift_jis"
    trunk = "switchport trunk"

    @cached_property
    def syntaxes(self) -> Mapping[str, Syntax]:
        return {
            "": Syntax(TOP, {"port": port}),
            "database": Syntax("vlan <1-4094> = name <word>\nvlan <1-4094>"),
            "interface": Syntax(INTERFACE),
            "acl": Syntax("permit|deny <line> +"),
            "line": Syntax("access-class <word> in\nexec-timeout = <0-60>"),
        }

    def base(self, device: Device) -> str:
        world = device.world
        ports = "".join(_port(device, number) for number in range(1, 25))
        return f"""\
hostname {device.name}
enable password encrypted {hashed(device, "enable", world.secret)}
username {world.user} password encrypted {hashed(device, world.user, world.password)}
aaa authentication login default local
clock timezone JST 9
terminal length 0
vlan database
 vlan 10 name OFFICE
 vlan 20 name PRINTER
 vlan {MANAGEMENT} name MANAGEMENT
spanning-tree enable
lldp enable
ip access-list standard OPERATORS
 permit {world.operators.network_address} {world.operators.hostmask}
{ports}interface {UPLINK}
 description uplink
 switchport mode trunk
 switchport trunk 10,20,{MANAGEMENT}
interface port 1/26
 shutdown
interface port 1/27
 shutdown
interface port 1/28
 shutdown
interface vlan {MANAGEMENT}
 ip address {device.address}/{world.network.prefixlen}
ip default-gateway {world.gateway}
ssh server enable
logging ip {world.gateway}
ntp server {world.gateway}
snmp-server community lab-read ro
snmp-server location {location(device)}
line vty
 access-class OPERATORS in
"""

    def written(self, configuration: Configuration) -> list[str]:
        return plain(written(configuration.top, " "))

    def refuses(self, device: Device, peer: IPv4Address) -> str:
        running = device.running
        if not running.has("ssh server enable"):
            return "there is no ssh server"
        for name in running.names("access-class ", "line vty"):
            acl = name.split()[1]
            if not permitted(running.section(f"ip access-list standard {acl}"), peer):
                return f"the access list {acl} does not permit {peer}"
        return ""

    def admits(self, device: Device, user: str, password: str | None) -> bool:
        methods = (device.running.value("aaa authentication login default") or "local").split()
        return "local" in methods and knows(device, user, password)

    def vlans(self, running: Configuration) -> dict[int, str]:
        found = {1: "default"}
        for line in running.section("vlan database") or []:
            _, number, *name = line.split()
            found[int(number)] = name[1] if name else found.get(int(number), f"v{number}")
        return found

    def shell(self, device: Device, terminal: Terminal, user: str, peer: str) -> Shell:
        return ApresiaShell(device, terminal, user, peer)


def _port(device: Device, number: int) -> str:
    name = PORTS[number - 1]
    if far := next((each.device.name for each in device.neighbours if each.port == name), ""):
        return (
            f"interface {name}\n description {far}\n switchport mode trunk\n"
            f" switchport trunk 10,20,{MANAGEMENT}\n"
        )
    vlan = 10 if number <= 16 else 20
    lines = ("switchport mode access", f"switchport access vlan {vlan}", "spanning-tree portfast")
    return f"interface {name}\n" + "".join(f" {line}\n" for line in lines)


def port(words: Sequence[str]) -> tuple[str, int] | None:
    """`port 1/1`, `vlan 99` as the device writes them."""
    for count in (1, 2):
        found = _PORT.fullmatch(" ".join(words[:count]).lower())
        if found and (kind := next((each for each in ("port", "vlan") if each.startswith(found[1])), None)):
            name = f"{kind} {found[2]}"
            known = name in PORTS if kind == "port" else found[2].isdecimal() and 0 < int(found[2]) < 4095
            return (name, count) if known else None
    return None
