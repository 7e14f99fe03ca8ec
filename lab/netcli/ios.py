"""Cisco IOS, as on a Catalyst 2960-X.

After: Cisco IOS Configuration Fundamentals Command Reference (15.x), Consolidated Platform Command
Reference, Cisco IOS Release 15.2(7)E (Catalyst 2960-X switches), and Contextual Configuration Diff,
Configuration Replace and Rollback Configuration Guide (revert timer).
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from lab.netcli.config import plain, written
from lab.netcli.device import hashed, knows
from lab.netcli.ios_ports import ACCESS_PORTS, MANAGEMENT, PORTS, UPLINK, port
from lab.netcli.ios_shell import IosShell
from lab.netcli.office_switch import OfficeSwitch
from lab.netcli.switch import location, permitted
from lab.netcli.syntax import Syntax, vlans

if TYPE_CHECKING:
    from collections.abc import Mapping
    from ipaddress import IPv4Address

    from lab.netcli.config import Configuration
    from lab.netcli.device import Device
    from lab.netcli.shell import Shell
    from lab.netcli.terminal import Terminal

TOP: Final = """
version = <word>
service timestamps debug|log = <line>
service password-encryption
hostname = <word>
enable secret = <line> @enable_secret
username <word> = <line> @username
aaa new-model
aaa authentication login|dot1x <word> = <line>
aaa authorization exec <word> = <line>
clock timezone = <line>
vtp mode = transparent|server|client|off
ip routing
ip domain-name = <word>
dot1x system-auth-control
archive {archive}
spanning-tree mode = pvst|rapid-pvst|mst
spanning-tree extend system-id
spanning-tree vlan <vlans> priority = <0-61440>
vlan <1-4094> {vlan}
lldp run
cdp run
interface <port> {interface}
ip default-gateway = <ip>
ip route <ip> <ip> <ip>
ip ssh version = <1-2>
ip access-list standard|extended <word> {acl}
logging buffered = <4096-2147483647>
logging host <ip>
snmp-server community <word> = <line>
snmp-server location = <line>
snmp-server contact = <line>
snmp-server host <ip> = <line>
tacacs-server host <ip> = <line>
banner motd = <line> @banner
line con <0-0> {line}
line vty <0-15> <0-15> {line}
ntp server <ip>
"""
INTERFACE: Final = """
description = <line>
switchport access vlan = <1-4094>
switchport trunk allowed vlan = <vlans>
switchport trunk allowed vlan = none
switchport trunk allowed vlan all @trunk_all
switchport trunk allowed vlan add|remove <vlans> @trunk_edit
switchport trunk native vlan = <1-4094>
switchport mode = access|trunk
switchport voice vlan = <1-4094>
switchport nonegotiate
ip address = <ip> <ip>
ip address = dhcp
ip access-group <word> in|out
shutdown
speed = 10|100|1000|auto
duplex = auto|full|half
authentication port-control = auto|force-authorized|force-unauthorized
authentication order = <line>
authentication periodic
mab
dot1x pae = authenticator|supplicant|both
dot1x timeout tx-period = <1-65535>
channel-group = <1-48> mode active|passive|on
storm-control broadcast level = <word>
spanning-tree portfast
spanning-tree portfast trunk
spanning-tree bpduguard = enable|disable
lldp transmit
lldp receive
cdp enable
"""
LINE: Final = """
access-class <word> = in|out
exec-timeout = <0-35791> <0-2147483>
privilege level = <0-15>
logging synchronous
length = <0-512>
width = <0-512>
login local
login authentication = <word>
transport input = all|none|ssh|telnet
transport input = telnet ssh
"""


class Ios(OfficeSwitch):
    """Cisco IOS."""

    name = "cisco_ios"
    ports = PORTS
    uplink = UPLINK
    encoding = "utf-8"
    face = "interface Vlan"

    @cached_property
    def syntaxes(self) -> Mapping[str, Syntax]:
        readers = {"port": port}
        return {
            "": Syntax(TOP, readers),
            "interface": Syntax(INTERFACE, readers),
            "vlan": Syntax("name = <word>\nstate = active|suspend\nshutdown"),
            "acl": Syntax("permit|deny <line> +\nremark <line> +"),
            "archive": Syntax("path = <word>\nmaximum = <1-14>\nwrite-memory\ntime-period = <1-525600>"),
            "line": Syntax(LINE),
        }

    def base(self, device: Device) -> str:
        world = device.world
        access = "".join(_port(device, number) for number in range(1, ACCESS_PORTS + 1))
        wildcard = world.operators.hostmask
        return f"""\
version 15.2
service timestamps debug datetime msec localtime
service timestamps log datetime msec localtime
service password-encryption
hostname {device.name}
enable secret 9 $9${hashed(device, "enable", world.secret)}
username {world.user} privilege 1 secret 9 $9${hashed(device, world.user, world.password)}
aaa new-model
aaa authentication login default local
aaa authentication dot1x default group radius
aaa authorization exec default local
clock timezone JST 9 0
vtp mode transparent
ip domain-name example.jp
dot1x system-auth-control
archive
 path flash:backup
 maximum 5
spanning-tree mode rapid-pvst
spanning-tree extend system-id
vlan 10
 name OFFICE
vlan 20
 name PRINTER
vlan {MANAGEMENT}
 name MANAGEMENT
lldp run
{access}interface {UPLINK}
 description uplink
 switchport trunk allowed vlan 10,20,{MANAGEMENT}
 switchport mode trunk
interface GigabitEthernet0/26
 shutdown
interface GigabitEthernet0/27
 shutdown
interface GigabitEthernet0/28
 shutdown
interface Vlan1
 shutdown
interface Vlan{MANAGEMENT}
 ip address {device.address} {world.network.netmask}
ip default-gateway {world.gateway}
ip ssh version 2
ip access-list standard OPERATORS
 permit {world.operators.network_address} {wildcard}
logging buffered 16384
logging host {world.gateway}
snmp-server community lab-read RO
snmp-server location {location(device)}
line con 0
 logging synchronous
line vty 0 4
 access-class OPERATORS in
 exec-timeout 10 0
 transport input ssh
line vty 5 15
 transport input none
ntp server {world.gateway}
"""

    def written(self, configuration: Configuration) -> list[str]:
        return plain(written(configuration.top, " "))

    def active(self, running: Configuration, number: int) -> bool:
        return running.has(f"vlan {number}") and not running.has(f"vlan {number}", "shutdown")

    def allowed(self, text: str | None) -> set[int]:
        return set(range(1, 4095)) if text is None else set() if text == "none" else vlans(text)

    def refuses(self, device: Device, peer: IPv4Address) -> str:
        running, vty = device.running, "line vty 0 4"
        if (running.value(vty, "transport input") or "none").split()[-1] not in ("ssh", "all"):
            return "the vty lines take no ssh"
        chosen = next((name for name in running.names("access-class ", vty)), "")
        acl = chosen.removeprefix("access-class ")
        if acl and not permitted(running.section(f"ip access-list standard {acl}"), peer):
            return f"the access list {acl} does not permit {peer}"
        return ""

    def admits(self, device: Device, user: str, password: str | None) -> bool:
        running = device.running
        method = running.value("aaa authentication login default") or "local"
        if running.has("aaa new-model") and "local" not in method.split():
            return False  # the lab has no TACACS+ server that could answer
        return knows(device, user, password)

    def vlans(self, running: Configuration) -> dict[int, str]:
        found = {1: "default"}
        for name in running.names("vlan "):
            number = int(name.removeprefix("vlan "))
            found[number] = running.value(name, "name") or f"VLAN{number:04d}"
        return found

    def shell(self, device: Device, terminal: Terminal, user: str, peer: str) -> Shell:
        return IosShell(device, terminal, user, peer)


def _port(device: Device, number: int) -> str:
    name = PORTS[number - 1]
    far = next((each.device.name for each in device.neighbours if each.port == name), "")
    if far:
        return f"interface {name}\n description {far}\n switchport mode trunk\n"
    return (
        f"interface {name}\n switchport access vlan {10 if number <= 16 else 20}\n"
        " switchport mode access\n spanning-tree portfast\n spanning-tree bpduguard enable\n"
    )
