"""What a Yamaha RTX shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lab.netcli.device import Device
    from lab.netcli.shell import Show
    from lab.netcli.syntax import Match

_REVISION: Final = "RTX1210 Rev.14.01.42 (Fri Jul  8 11:47:15 2022)"


def _macs(device: Device) -> str:
    return ", ".join(device.mac(number).hex(":") for number in (1, 2, 3))


def banner(device: Device) -> list[str]:
    """What it says to who logs in."""
    return [
        "RTX1210 BootROM Ver. 1.04",
        "",
        _REVISION,
        "  main:  RTX1210 ver=00 serial=" + device.serial + " MAC-Address=" + device.mac(1).hex(":"),
        "Memory 256Mbytes, 3LAN, 1BRI",
    ]


def config(device: Device, _match: Match) -> list[str]:
    return [
        f"# {_REVISION}",
        f"# MAC Address : {_macs(device)}",
        "# Memory 256Mbytes, 3LAN, 1BRI",
        f"# main:  RTX1210 ver=00 serial={device.serial} MAC-Address={device.mac(1).hex(':')}",
        f"# Reporting Date: {device.clock():%b %d %H:%M:%S %Y}",
        *device.text,
    ]


def environment(device: Device, _match: Match) -> list[str]:
    seconds = int(device.uptime())
    clock = f"{seconds // 3600 % 24:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return [
        *banner(device)[:1],
        *banner(device)[2:4],
        "  CPU:   2%(5sec)   1%(1min)   1%(5min)    Memory: 23% used",
        "Firmware: internal    Config. file: internal",
        f"Boot time: {device.clock():%Y/%m/%d} 00:00:00 +09:00",
        f"Current time: {device.clock():%Y/%m/%d %H:%M:%S} +09:00",
        f"Elapsed time from boot: {seconds // 86400}days {clock}",
        "Security Class: 1, FORGET: ON, TELNET: OFF",
    ]


def arp(device: Device, _match: Match) -> list[str]:
    return [
        "Number of ARP entries: 1",
        "Interface  IP Address       MAC Address        TTL(second)",
        f"LAN1(port1) {device.world.gateway!s:<16} 02:ff:ff:ff:00:01  1041",
    ]


def routes(device: Device, _match: Match) -> list[str]:
    found = ["Destination         Gateway          Interface       Kind  Additional Info."]
    default = (device.running.value("ip route default") or "").split()
    found += [f"default             {default[1]:<16} LAN1          static"] if default else []
    for name in device.running.names("ip lan"):
        if name.endswith(" address"):
            address = device.running.value(name) or ""
            found.append(f"{address:<19} {address.split('/')[0]:<16} {name.split()[1].upper():<13} implicit")
    return found


def status(device: Device, match: Match) -> list[str]:
    lan = match.values[0]
    number = int(lan.removeprefix("lan")) if lan.removeprefix("lan").isdecimal() else 0
    if not 1 <= number <= 3:
        return []
    live = number < 3 and not device.running.has(f"lan shutdown {lan}")
    speed = "1000BASE-T Full Duplex" if live else "Link Down"
    return [
        lan.upper(),
        f"Description:                   {device.running.value(f'description {lan}') or ''}".rstrip(),
        f"IP Address:                    {device.running.value(f'ip {lan} address') or ''}".rstrip(),
        f"Ethernet Address:              {device.mac(number).hex(':')}",
        f"Operation mode setting:        Auto Negotiation ({speed})",
        "Maximum Transmission Unit(MTU): 1500 octets",
        "Transmitted:                   1024 packets (81920 octets)",
        "Received:                      2048 packets (163840 octets)",
    ]


def lldp(device: Device, _match: Match) -> list[str]:
    if device.running.value("lldp use") != "on" or device.running.has("lan shutdown lan1"):
        return []
    return [
        f"{each.port}  {each.device.name}  {each.their_port}" for each in device.neighbours if each.device.up
    ]


def log(device: Device, _match: Match) -> list[str]:
    return [f"{device.clock():%Y/%m/%d %H:%M:%S}: [CONFIG] Saved" if not device.unsaved else ""]


SHOWS: Final[Mapping[str, Show]] = {
    "arp": arp,
    "config": config,
    "environment": environment,
    "lldp": lldp,
    "log": log,
    "routes": routes,
    "status": status,
}
