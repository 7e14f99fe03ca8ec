"""What ALAXALA AX36S shows. The columns follow the manual's examples; what no test reads is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lab.netcli.switch import (
    carried,
    hardware_addresses,
    known_vlans,
    live_neighbours,
    shut,
    up,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lab.netcli.device import Device
    from lab.netcli.shell import Show
    from lab.netcli.syntax import Match


def _dotted(mac: bytes) -> str:
    text = mac.hex()
    return f"{text[:4]}.{text[4:8]}.{text[8:]}"


def _short(port: str) -> str:
    return port.removeprefix("gigabitethernet ")


def _padded(port: str) -> str:
    card, _slash, number = _short(port).partition("/")
    return f"{card}/{number:>2}"


def _date(device: Device) -> str:
    return f"Date {device.clock():%Y/%m/%d %H:%M:%S} JST"


def running(device: Device, _match: Match) -> list[str]:
    return ["#configuration list for AX3640S-24T", *device.text]


def startup(device: Device, _match: Match) -> list[str]:
    return ["#configuration list for AX3640S-24T", *device.startup]


def clock(device: Device, _match: Match) -> list[str]:
    return [
        f"{device.clock():%a %b} {device.clock().day:2d} {device.clock():%H:%M:%S} JST {device.clock().year}"
    ]


def version(device: Device, _match: Match) -> list[str]:
    return [
        _date(device),
        f"Model: AX3640S-24T [Serial: {device.serial}]",
        "S/W: OS-L3A Ver. 11.14.M",
        "H/W: Main board",
        f"     AX-3640-24T-L3A [{device.serial}]",
    ]


def system(device: Device, _match: Match) -> list[str]:
    minutes = int(device.uptime() // 60)
    return [
        _date(device),
        "System: AX3640S-24T, OS-L3A Ver. 11.14.M",
        f"Node : Name={(device.running.value('hostname') or '').strip(chr(34))}",
        f"     Elapsed time : 0 days 00:{minutes % 60:02d}",
        f"     MAC address : {device.mac(0).hex(':')}",
    ]


def port(device: Device, _match: Match) -> list[str]:
    found = [
        _date(device),
        "Port Counts: 28",
        "Port  Name           Status   Speed           Duplex     FCtl FrLen ChGr/Status",
    ]
    for name in device.personality.ports:
        state = "dis" if shut(device, name) else "up" if up(device, name) else "down"
        speed, duplex = ("1000BASE-T", "full(auto)") if state == "up" else ("-", "-")
        found.append(
            f" {_padded(name)} geth{_short(name):<10} {state:<8} {speed:<15} {duplex:<10} off   1518   -/-"
        )
    return found


def interfaces(device: Device, _match: Match) -> list[str]:
    found = [_date(device)]
    for number, name in enumerate(device.personality.ports, 1):
        state = "disable" if shut(device, name) else "active up" if up(device, name) else "active down"
        text = (device.running.value(f"interface {name}", "description") or "").strip('"')
        found += [f"NIF0: -  Port{number}: {state}", f"        MAC address: {device.mac(number).hex(':')}"]
        found += [f"        description:{text}"]
    return found


def vlan(device: Device, _match: Match) -> list[str]:
    known = known_vlans(device)
    found = [
        _date(device),
        f"VLAN counts:{len(known)}",
        "ID   Status    Fwd/Up /Cfg Name             Type  Protocol         Ext.",
    ]
    for number, name in known.items():
        member = [each for each in device.personality.ports if number in carried(device, each)]
        live = [each for each in member if up(device, each)]
        state = "Up" if live else "Down"
        counts = f"{len(live):4}/{len(live):3}/{len(member):3}"
        found.append(f"{number:4} {state:<8} {counts}  {name:<16} Port  STP PVST+:1D     - -")
    return found


def macs(device: Device, _match: Match) -> list[str]:
    found = [_date(device), "MAC address        VLAN    Type    Port-list"]
    return found + [
        f"{_dotted(mac)}     {number:4}    Dynamic {_short(port)}"
        for number, mac, port in hardware_addresses(device)
    ]


def lldp(device: Device, _match: Match) -> list[str]:
    heard = live_neighbours(device) if device.running.has("lldp run") else []
    found = [_date(device), f"Status: {'Enabled' if device.running.has('lldp run') else 'Disabled'}"]
    found += [
        f"Chassis ID: Type=MAC         Info={_dotted(device.mac(0))}",
        "Interval Time: 30   Hold Count: 4   TTL:120",
    ]
    found += [f"Port Counts={len(heard)}"]
    return found + [f"{_short(each.port):<6} Link: Up   Neighbor Counts:   1" for each in heard]


def lldp_detail(device: Device, match: Match) -> list[str]:
    found = lldp(device, match)[:4]
    for each in live_neighbours(device) if device.running.has("lldp run") else []:
        found += [
            f"Port {_short(each.port)}",
            "Link: Up   Neighbor Counts:   1",
            f"1  TTL:110      Chassis ID: Type=MAC         Info={_dotted(each.device.mac(0))}",
            f"                System Name: {each.device.name}",
            f"                Port ID: Type=LOCAL          Info={each.their_port}",
        ]
    return found


def arp(device: Device, _match: Match) -> list[str]:
    gateway = device.world.gateway
    found = [
        _date(device),
        "Total: 1 entries",
        " IP Address       Linklayer Address Netif             Expire      Type",
    ]
    return [*found, f" {gateway!s:<16} 02ff.ffff.0001    VLAN0099          3h59m30s    arpa"]


def ip_summary(device: Device, _match: Match) -> list[str]:
    found = [_date(device)]
    for name in device.running.names("interface vlan "):
        address = device.running.value(name, "ip address")
        if address:
            number = int(name.rpartition(" ")[2])
            state = "Down" if device.running.has(name, "shutdown") else "Up"
            found.append(f"VLAN{number:04d}: {state} {address.split()[0]}")
    return found


def spanning_tree(device: Device, _match: Match) -> list[str]:
    found = [_date(device)]
    for number in known_vlans(device):
        ports = [
            name for name in device.personality.ports if number in carried(device, name) and up(device, name)
        ]
        uplink = device.personality.uplink
        if ports:
            found += [f"VLAN {number}                 PVST+ Spanning Tree:Enabled Mode:Rapid PVST+"]
            found += ["  Port Information"]
            for name in ports:
                role = "Root" if name == uplink else "Designated"
                found.append(f"    {_short(name):<6} Up   Status:Forwarding  Role:{role}")
    return found


SHOWS: Final[Mapping[str, Show]] = {
    "arp": arp,
    "clock": clock,
    "interfaces": interfaces,
    "ip_summary": ip_summary,
    "lldp": lldp,
    "lldp_detail": lldp_detail,
    "macs": macs,
    "port": port,
    "running": running,
    "spanning_tree": spanning_tree,
    "startup": startup,
    "system": system,
    "version": version,
    "vlan": vlan,
}
