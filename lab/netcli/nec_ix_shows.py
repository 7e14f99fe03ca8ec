"""What NEC UNIVERGE IX shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lab.netcli.device import Device
    from lab.netcli.shell import Show
    from lab.netcli.syntax import Match

_SOFTWARE: Final = "IX Series IX2215 (magellan-sec) Software, Version 10.7.18, RELEASE SOFTWARE"


def _head(device: Device) -> list[str]:
    return [
        "! NEC Portable Internetwork Core Operating System Software",
        f"! {_SOFTWARE}",
        "! Compiled Oct 25-Tue-2022 12:37:13 JST #2",
        f"! Current time {device.clock():%b %d-%a-%Y %H:%M:%S JST}",
        "!",
    ]


def running(device: Device, _match: Match) -> list[str]:
    return [*_head(device), *device.text]


def startup(device: Device, _match: Match) -> list[str]:
    return [*_head(device), *device.startup]


def clock(device: Device, _match: Match) -> list[str]:
    return [f"{device.clock():%A, %d %B %Y %H:%M:%S +09 00}"]


def version(device: Device, _match: Match) -> list[str]:
    minutes = int(device.uptime() // 60)
    name = device.running.value("hostname") or "Router"
    return [
        "NEC Portable Internetwork Core Operating System Software",
        _SOFTWARE,
        "Compiled Oct 25-Tue-2022 12:37:13 JST #2 by sw-build, coregen-10.7(18)",
        "",
        "ROM: System Bootstrap, Version 22.1",
        "System Diagnostic, Version 22.1",
        f"System uptime is {minutes} minutes",
        "System woke up by reload, caused by power-on",
        f'System image file is "ix2215-ms-10.7.18.ldc", hostname {name}',
        f"Processor board ID <{device.index:d}>",
        f"IX2215 (MPC8314E) processor with 262144K bytes of memory, serial {device.serial}",
        "3 GigaEthernet/IEEE 802.3 interfaces",
    ]


def _faces(device: Device) -> list[tuple[str, str, bool]]:
    """Interface, address, whether it is up."""
    return [
        (
            name.removeprefix("interface "),
            device.running.value(name, "ip address") or "",
            device.running.has(name, "no shutdown"),
        )
        for name in device.running.names("interface ")
    ]


def interfaces(device: Device, _match: Match) -> list[str]:
    found: list[str] = []
    for name, address, live in _faces(device):
        found.append(f"Interface {name} is {'up' if live else 'administratively down'}")
        text = device.running.value(f"interface {name}", "description")
        found += [f"  Description: {text}"] if text else []
        found += [f"  Internet address is {address}"] if address else []
        found += [
            f"  Hardware is Ethernet, address is {device.mac(0).hex(':')}",
            "    0 input errors, 0 output errors",
        ]
    return found


def ip_interface(device: Device, _match: Match) -> list[str]:
    found: list[str] = []
    for name, address, live in _faces(device):
        found.append(f"Interface {name} is {'up' if live else 'administratively down'}")
        found.append(
            f"  Internet address is {address}" if address else "  Internet protocol processing disabled"
        )
    return found


def arp(device: Device, _match: Match) -> list[str]:
    return [
        "IP Address       HW Address         Time  State      Interface",
        f"{device.world.gateway!s:<16} 02:ff:ff:ff:00:01  1193  REACHABLE  GigaEthernet0.0",
    ]


def routes(device: Device, _match: Match) -> list[str]:
    found = ["IP Routing Table", "Codes: C - Connected, S - Static"]
    default = device.running.value("ip route default")
    found += [f"S      0.0.0.0/0 [1/1] via {default}, GigaEthernet0.0"] if default else []
    return found + [
        f"C      {address} is directly connected, {name}"
        for name, address, live in _faces(device)
        if address and live
    ]


def lldp(device: Device, _match: Match) -> list[str]:
    if not device.running.has("lldp enable"):
        return ["% LLDP is not enabled."]
    found = ["Interface        System Name          Port ID"]
    live = device.running.has(f"interface {device.personality.uplink}", "no shutdown")
    heard = [each for each in device.neighbours if each.device.up and live]
    return found + [f"{each.port:<16} {each.device.name:<20} {each.their_port}" for each in heard]


SHOWS: Final[Mapping[str, Show]] = {
    "arp": arp,
    "clock": clock,
    "interfaces": interfaces,
    "ip_interface": ip_interface,
    "lldp": lldp,
    "routes": routes,
    "running": running,
    "startup": startup,
    "version": version,
}
