"""Yamaha RTX, as on an RTX1210.

After: Yamaha routers, command reference, Rev. 14.01/15.02 (rtpro.yamaha.co.jp, RT/manual/rt-common),
chapters on the console, `administrator`, `save`, `restart` and 37.1 `schedule at`. Newer models also have
`rollback timer` and `confirm`; they are not simulated.
"""

from __future__ import annotations

import re
from functools import cached_property
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import TYPE_CHECKING, Final

from lab.netcli.config import written
from lab.netcli.switch import location
from lab.netcli.syntax import Syntax
from lab.netcli.yamaha_schedule import arm_all
from lab.netcli.yamaha_shell import YamahaShell

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lab.netcli.config import Configuration
    from lab.netcli.device import Device
    from lab.netcli.shell import Shell
    from lab.netcli.terminal import Terminal

UPLINK: Final = "lan1"
_LAN: Final = re.compile(r"lan[1-3](?:/\d)?")

TOP: Final = """
login password = *
administrator password = *
login user <word> = <line>
user attribute <line>
security class = <line>
login timer = <30-2147483647>
timezone = <word>
console character = ascii|sjis|euc|ja.sjis|ja.euc|ja.utf8|en.ascii
console columns = <80-200>
console lines = infinity
console lines = <10-100>
console prompt = <line>
ip routing = on|off
ip route default = gateway <line>
ip route <prefix> = gateway <line>
ip filter <1-2147483647> = <line>
lan type <lan> = <line>
lan shutdown <lan>
vlan <lan> 802.1q = <line>
description <lan> = <line>
ip <lan> address = <prefix>
ip <lan> mtu = <64-1500>
ip <lan> proxyarp = on|off
ip <lan> secure filter in|out = <line>
tunnel select <1-100> {tunnel}
tunnel enable <1-100>
telnetd service = on|off
sshd service = on|off
sshd host = <line>
sshd host key generate = *
httpd service = on|off
syslog host = <ip>
syslog notice = on|off
snmp host = <line>
snmp community read-only = <word>
snmp syslocation = <line>
snmp syscontact = <line>
snmp sysname = <line>
lldp use = on|off
dns server = <line>
dhcp service = server|relay
dhcp scope <1-65535> = <line>
ntpdate = <word>
schedule at <1-65535> = <line> @schedule
"""
TUNNEL: Final = """
description = <line>
tunnel encapsulation = <word>
ipsec tunnel = <1-100>
ip tunnel address = <prefix>
ip tunnel mtu = <64-1500>
ip tunnel tcp mss limit = <word>
"""


class Yamaha:
    """Yamaha RTX."""

    name = "yamaha"
    ports: tuple[str, ...] = ()
    uplink = UPLINK
    encoding = "shift_jis"

    @cached_property
    def syntaxes(self) -> Mapping[str, Syntax]:
        return {"": Syntax(TOP, {"lan": lan}), "tunnel": Syntax(TUNNEL)}

    def base(self, device: Device) -> str:
        world = device.world
        third = device.index % 250
        operators = f"{world.operators.network_address}-{world.operators.broadcast_address}"
        return f"""\
login password *
administrator password *
login user {world.user} *
security class 1 on off
timezone +09:00
console character ja.sjis
console prompt {device.name}
ip routing on
ip route default gateway {world.gateway}
ip filter 1000 pass * * icmp * *
ip filter 1001 pass {world.operators} * tcp * 22
ip filter 1002 pass * * udp * *
ip filter 1003 pass * * established * *
description lan1 uplink
ip lan1 address {device.address}/{world.network.prefixlen}
ip lan1 secure filter in 1000 1001 1002 1003
ip lan2 address 192.168.{third}.1/24
telnetd service off
sshd service on
sshd host {operators}
sshd host key generate *
httpd service off
syslog host {world.gateway}
snmp community read-only lab-read
snmp syslocation {location(device)}
snmp sysname {device.name}
lldp use on
dhcp service server
dhcp scope 1 192.168.{third}.2-192.168.{third}.191/24
schedule at 1 */* 03:00:00 * ntpdate {world.gateway} syslog
"""

    def written(self, configuration: Configuration) -> list[str]:
        return [line for _depth, line, _section in written(configuration.top, " ")]

    def cut_off(self, device: Device, peer: IPv4Address) -> str:
        running, me = device.running, device.address
        address = running.value("ip lan1 address") or ""
        if address.split("/")[0] != str(me):
            return f"lan1 has not the address {me}"
        if running.has("lan shutdown lan1"):
            return "lan1 is shut down"
        if running.value("ip routing") == "off" and peer not in IPv4Interface(address).network:
            return "it does not route"
        route = running.value("ip route default") or ""
        if peer not in IPv4Interface(address).network and str(device.world.gateway) not in route.split():
            return f"there is no way back to {peer}"
        filters = running.value("ip lan1 secure filter in")
        if filters is not None and not _passes(running, filters.split(), peer):
            return f"the filters of lan1 do not let {peer} in"
        return ""

    def refuses(self, device: Device, peer: IPv4Address) -> str:
        running = device.running
        if running.value("sshd service") != "on":
            return "there is no ssh server"
        hosts = running.value("sshd host") or "any"
        if hosts != "any" and not any(_within(each, peer) for each in hosts.split()):
            return f"sshd does not take {peer}"
        return ""

    def admits(self, device: Device, user: str, password: str | None) -> bool:
        if not device.running.has(f"login user {user}"):
            return False
        other = device.notes.get(f"password {user}")
        wanted = device.world.password if other is None and user == device.world.user else other
        return password is None or password == wanted

    def started(self, device: Device) -> None:
        arm_all(device)

    def shell(self, device: Device, terminal: Terminal, user: str, peer: str) -> Shell:
        return YamahaShell(device, terminal, user, peer)


def _passes(running: Configuration, numbers: Sequence[str], peer: IPv4Address) -> bool:
    """Whether a TCP connection to port 22 from there passes; what no filter names is dropped."""
    for number in numbers:
        words = (running.value(f"ip filter {number}") or "reject none none").split()
        action, source, *rest = (*words, *["*"] * 6)
        protocol, port = rest[1], rest[3]
        if protocol not in ("*", "tcp") or port not in ("*", "22", "ssh"):
            continue
        if source == "*" or _within(source, peer):
            return action.startswith("pass")
    return False


def _within(text: str, peer: IPv4Address) -> bool:
    low, dash, high = text.partition("-")
    try:
        if dash:
            return IPv4Address(low) <= peer <= IPv4Address(high)
        return peer in IPv4Network(text, strict=False)
    except ValueError:
        return False


def lan(words: Sequence[str]) -> tuple[str, int] | None:
    """`lan1`, `lan1/2`."""
    return (words[0].lower(), 1) if _LAN.fullmatch(words[0].lower()) else None
