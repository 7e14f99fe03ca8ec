"""What Apresia AEOS shows. The columns are modelled on the manual's examples, not copied from a device."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lab.netcli.switch import carried, hardware_addresses, known_vlans, live_neighbours, shut, up

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lab.netcli.device import Device
    from lab.netcli.shell import Show
    from lab.netcli.syntax import Match


def running(device: Device, _match: Match) -> list[str]:
    return ["!", *device.text, "end"]


def startup(device: Device, _match: Match) -> list[str]:
    return ["!", *device.startup, "end"]


def version(device: Device, _match: Match) -> list[str]:
    return [
        "Apresia13200-28GT",
        "AEOS Ver. 8.31.01",
        f"Serial Number : {device.serial}",
        f"MAC Address   : {device.mac(0).hex(':')}",
        f"Uptime        : {int(device.uptime() // 60)} minutes",
    ]


def clock(device: Device, _match: Match) -> list[str]:
    return [f"{device.clock():%a %b %d %H:%M:%S JST %Y}"]


def status(device: Device, _match: Match) -> list[str]:
    found = [
        "Port  Status    Vlan   Speed  Duplex Description",
        "----- --------- ------ ------ ------ -----------",
    ]
    for name in device.personality.ports:
        state = "disabled" if shut(device, name) else "up" if up(device, name) else "down"
        mode = device.running.value(f"interface {name}", "switchport mode")
        vlan = "trunk" if mode == "trunk" else str(*carried(device, name))
        text = device.running.value(f"interface {name}", "description") or ""
        speed, duplex = ("1000", "full") if state == "up" else ("auto", "auto")
        found.append(f"{name.split()[1]:<5} {state:<9} {vlan:<6} {speed:<6} {duplex:<6} {text}".rstrip())
    return found


def vlan(device: Device, _match: Match) -> list[str]:
    found = ["VLAN  Name                 Ports", "----- -------------------- -----"]
    for number, name in known_vlans(device).items():
        member = [each.split()[1] for each in device.personality.ports if number in carried(device, each)]
        found.append(f"{number:<5} {name:<20} {','.join(member)}".rstrip())
    return found


def macs(device: Device, _match: Match) -> list[str]:
    found = ["VLAN  MAC Address        Type     Port", "----- ------------------ -------- ----"]
    return found + [
        f"{number:<5} {mac.hex(':'):<18} dynamic  {port.split()[1]}"
        for number, mac, port in hardware_addresses(device)
    ]


def lldp(device: Device, _match: Match) -> list[str]:
    if not device.running.has("lldp enable"):
        return ["% LLDP is disabled."]
    found = ["Port  System Name          Port ID", "----- -------------------- -------"]
    return found + [
        f"{each.port.split()[1]:<5} {each.device.name:<20} {each.their_port}"
        for each in live_neighbours(device)
    ]


def arp(device: Device, _match: Match) -> list[str]:
    found = ["IP Address       MAC Address        Interface", "---------------- ------------------ ---------"]
    return [*found, f"{device.world.gateway!s:<16} 02:ff:ff:ff:00:01  vlan99"]


def ip_interface(device: Device, _match: Match) -> list[str]:
    found = ["Interface  IP Address          Status", "---------- ------------------- ------"]
    for name in device.running.names("interface vlan "):
        address = device.running.value(name, "ip address") or "-"
        state = "down" if device.running.has(name, "shutdown") else "up"
        found.append(f"{name.removeprefix('interface ').replace(' ', ''):<10} {address:<19} {state}")
    return found


def spanning_tree(device: Device, _match: Match) -> list[str]:
    found = ["Port  Role  State", "----- ----- ----------"]
    live = [name for name in device.personality.ports if up(device, name)]
    uplink = device.personality.uplink
    return found + [
        f"{name.split()[1]:<5} {'Root' if name == uplink else 'Desg'}  Forwarding" for name in live
    ]


def reloading(device: Device, _match: Match) -> list[str]:
    left = device.remaining("reload")
    return ["No reload is scheduled." if left is None else f"Reload scheduled in {int(left)} seconds."]


SHOWS: Final[Mapping[str, Show]] = {
    "arp": arp,
    "clock": clock,
    "ip_interface": ip_interface,
    "lldp": lldp,
    "macs": macs,
    "reloading": reloading,
    "running": running,
    "spanning_tree": spanning_tree,
    "startup": startup,
    "status": status,
    "version": version,
    "vlan": vlan,
}
