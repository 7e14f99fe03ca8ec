"""ALAXALA AX3640S (AX36S).

After: AX3640S/AX3630S software manuals, Ver. 11.14: configuration command reference Vol. 1 (AX36S-S003) and
Vol. 2, operation command reference Vol. 1 and Vol. 2, configuration guide Vol. 1 (command line: marks where
an entry is wrong, `!` before the prompt while changes are not saved) and Vol. 2 (5.5.2: web and MAC
authentication of a port). `dot1x port-control` has the two values that the AX3660S configuration guide Vol. 2
names in 5.2.2. There is no scheduled restart.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from lab.netcli.alaxala_shell import AlaxalaShell
from lab.netcli.config import spaced, written
from lab.netcli.office_switch import OfficeSwitch
from lab.netcli.switch import location, permitted
from lab.netcli.syntax import Syntax, numbered

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from ipaddress import IPv4Address

    from lab.netcli.config import Configuration
    from lab.netcli.device import Device
    from lab.netcli.shell import Shell
    from lab.netcli.terminal import Terminal

PORTS: Final = tuple(f"gigabitethernet 0/{number}" for number in range(1, 29))
UPLINK: Final = PORTS[24]
MANAGEMENT: Final = 99

TOP: Final = """
hostname = <quoted>
vlan <1-4094> {vlan}
spanning-tree mode = pvst|rapid-pvst
spanning-tree single mode = stp|rapid-stp
spanning-tree single priority = <0-61440>
interface <port> {interface}
ip route <ip> <ip> <ip>
ip ssh
ip ssh version = <1-2>
ip access-list standard|extended <word> {acl}
line vty <0-0> <0-15> {line}
aaa authentication login default = <line>
dot1x system-auth-control
mac-authentication system-auth-control
clock timezone = <line>
lldp run
logging host = <ip>
ntp server = <ip>
snmp-server community <quoted1> = ro|rw
snmp-server location = <quoted>
snmp-server contact = <quoted>
snmp-server host <ip> = <line>
"""
INTERFACE: Final = """
description = <quoted>
switchport mode = access|trunk
switchport access vlan = <1-4094>
switchport trunk allowed vlan = <vlans>
switchport trunk allowed vlan add|remove <vlans> @trunk_edit
switchport trunk native vlan = <1-4094>
ip address = <ip> <ip>
ip access-group <word> in|out
shutdown
speed = 10|100|1000|auto
duplex = auto|full|half
channel-group = <1-32> mode on|active|passive
dot1x port-control = force-authorized|force-unauthorized
web-authentication port
mac-authentication port
spanning-tree portfast
lldp enable
"""


class Alaxala(OfficeSwitch):
    """ALAXALA AX36S."""

    name = "alaxala_ax36s"
    ports = PORTS
    uplink = UPLINK
    encoding = "euc_jp"

    @cached_property
    def syntaxes(self) -> Mapping[str, Syntax]:
        readers = {"port": port, "quoted": quoted, "quoted1": quoted_word}
        return {
            "": Syntax(TOP, readers),
            "interface": Syntax(INTERFACE, readers),
            "vlan": Syntax("name = <quoted>\nstate = active|suspend", readers),
            "acl": Syntax("<0-4294967294> = permit|deny <line>\npermit|deny <line> +\nremark <line>"),
            "line": Syntax(
                "ip access-group <word> in\nexec-timeout = <0-60>\ntransport input = ssh|telnet|all|none"
            ),
        }

    def base(self, device: Device) -> str:
        world = device.world
        ports = "".join(_port(device, number) for number in range(1, 25))
        return f"""\
hostname "{device.name}"
vlan 1
  name "VLAN0001"
vlan 10
  name "OFFICE"
vlan 20
  name "PRINTER"
vlan {MANAGEMENT}
  name "MANAGEMENT"
spanning-tree mode rapid-pvst
{ports}interface {UPLINK}
  description "uplink"
  switchport mode trunk
  switchport trunk allowed vlan 10,20,{MANAGEMENT}
interface gigabitethernet 0/26
  shutdown
interface gigabitethernet 0/27
  shutdown
interface gigabitethernet 0/28
  shutdown
interface vlan {MANAGEMENT}
  ip address {device.address} {world.network.netmask}
ip route 0.0.0.0 0.0.0.0 {world.gateway}
ip ssh
ip ssh version 2
ip access-list standard OPERATORS
  10 permit {world.operators.network_address} {world.operators.hostmask}
line vty 0 15
  ip access-group OPERATORS in
aaa authentication login default local
clock timezone "JST" +9
lldp run
logging host {world.gateway}
ntp server {world.gateway}
snmp-server community "lab-read" ro
snmp-server location "{location(device)}"
"""

    def written(self, configuration: Configuration) -> list[str]:
        return spaced(written(configuration.top, "  "))

    def active(self, running: Configuration, number: int) -> bool:
        vlan = f"vlan {number}"
        return running.has(vlan) and running.value(vlan, "state") != "suspend"

    def leads(self, running: Configuration, gateway: IPv4Address) -> bool:
        return running.has(f"ip route 0.0.0.0 0.0.0.0 {gateway}")

    def refuses(self, device: Device, peer: IPv4Address) -> str:
        running, vty = device.running, "line vty 0 15"
        if not running.has("ip ssh"):
            return "there is no ssh server"
        if not running.has(vty):
            return "there is no vty line"
        for name in running.names("ip access-group ", vty):
            acl = name.split()[2]
            entries = running.section(f"ip access-list standard {acl}")
            if not permitted([entry.lstrip("0123456789 ") for entry in entries or []], peer):
                return f"the access list {acl} does not permit {peer}"
        return ""

    def admits(self, device: Device, user: str, password: str | None) -> bool:
        # Accounts are made with `adduser`, beside the configuration.
        methods = (device.running.value("aaa authentication login default") or "local").split()
        return "local" in methods and user == device.world.user and password in (None, device.world.password)

    def vlans(self, running: Configuration) -> dict[int, str]:
        return {
            int(name.removeprefix("vlan ")): (running.value(name, "name") or "").strip('"')
            for name in running.names("vlan ")
        }

    def shell(self, device: Device, terminal: Terminal, user: str, peer: str) -> Shell:
        return AlaxalaShell(device, terminal, user, peer)


def _port(device: Device, number: int) -> str:
    name = PORTS[number - 1]
    if far := next((each.device.name for each in device.neighbours if each.port == name), ""):
        return (
            f'interface {name}\n  description "{far}"\n  switchport mode trunk\n'
            f"  switchport trunk allowed vlan 10,20,{MANAGEMENT}\n"
        )
    vlan = 10 if number <= 16 else 20
    lines = ("switchport mode access", f"switchport access vlan {vlan}", "spanning-tree portfast")
    return f"interface {name}\n" + "".join(f"  {line}\n" for line in lines)


def port(words: Sequence[str]) -> tuple[str, int] | None:
    """`gigabitethernet 0/1`, `vlan 99` as the device writes them."""
    return numbered(words, ("gigabitethernet", "vlan", "port-channel"), PORTS, between=" ")


def quoted(words: Sequence[str]) -> tuple[str, int]:
    """Text that the device writes in quotation marks, whether it was typed so or not."""
    return f'"{" ".join(words).strip(chr(34))}"', len(words)


def quoted_word(words: Sequence[str]) -> tuple[str, int]:
    """One such word."""
    return f'"{words[0].strip(chr(34))}"', 1
