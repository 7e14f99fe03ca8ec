"""What Cisco IOS shows; every table follows from the configuration that runs and from the neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lab.netcli.ios_ports import PORTS, UPLINK
from lab.netcli.switch import carried, hardware_addresses, known_vlans, live_neighbours, up
from lab.netcli.syntax import vlan_list

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lab.netcli.device import Device
    from lab.netcli.shell import Show
    from lab.netcli.syntax import Match

_SOFTWARE: Final = "C2960X Software (C2960X-UNIVERSALK9-M), Version 15.2(7)E4"
_CAPABILITIES: Final = [
    "Capability Codes: R - Router, T - Trans Bridge, B - Source Route Bridge",
    "                  S - Switch, H - Host, I - IGMP, r - Repeater, P - Phone, ",
    "                  D - Remote, C - CVTA, M - Two-port Mac Relay ",
    "",
]


def hostname(device: Device) -> str:
    return (device.running.value("hostname") or "Switch").strip('"')


def short(port: str) -> str:
    """`GigabitEthernet0/1` as tables write it."""
    return port.replace("GigabitEthernet", "Gi").replace("Vlan", "Vl").replace("Port-channel", "Po")


def dotted(mac: bytes) -> str:
    """A hardware address the way IOS writes it."""
    text = mac.hex()
    return f"{text[:4]}.{text[4:8]}.{text[8:]}"


def vlan_of(device: Device, port: str) -> int:
    return int(device.running.value(f"interface {port}", "switchport access vlan") or 1)


def trunk(device: Device, port: str) -> bool:
    return device.running.value(f"interface {port}", "switchport mode") == "trunk"


def running(device: Device, _match: Match) -> list[str]:
    return [
        "Building configuration...",
        "",
        f"Current configuration : {len(chr(10).join(device.text)) + 8} bytes",
        "!",
        f"! Last configuration change at {clock(device, None)[0].lstrip('*')}",
        "!",
        *device.text,
        "end",
        "",
    ]


def running_interface(device: Device, match: Match) -> list[str]:
    lines = device.running.section(f"interface {match.values[0]}")
    if lines is None:
        return ["Building configuration...", "", "Current configuration : 0 bytes", "end", ""]
    body = [f"interface {match.values[0]}", *(f" {line}" for line in lines)]
    size = len("\n".join(body))
    return ["Building configuration...", "", f"Current configuration : {size} bytes", "!", *body, "end", ""]


def startup(device: Device, _match: Match) -> list[str]:
    size = len("\n".join(device.startup)) + 8
    return [f"Using {size} out of 65536 bytes", "!", *device.startup, "end", ""]


def clock(device: Device, _match: Match | None) -> list[str]:
    now = device.clock()
    return [now.strftime("*%H:%M:%S.%f")[:-3] + now.strftime(" JST %a %b %-d %Y")]


def version(device: Device, _match: Match) -> list[str]:
    minutes = int(device.uptime() // 60)
    mac = ":".join(f"{byte:02X}" for byte in device.mac(0))
    return [
        f"Cisco IOS Software, {_SOFTWARE}, RELEASE SOFTWARE (fc2)",
        "Technical Support: http://www.cisco.com/techsupport",
        "Copyright (c) 1986-2021 by Cisco Systems, Inc.",
        "Compiled Mon 01-Mar-21 03:42 by prod_rel_team",
        "",
        "ROM: Bootstrap program is C2960X boot loader",
        "BOOTLDR: C2960X Boot Loader (C2960X-HBOOT-M) Version 15.2(7r)E2, RELEASE SOFTWARE (fc1)",
        "",
        f"{hostname(device)} uptime is {minutes} minutes",
        "System returned to ROM by power-on",
        'System image file is "flash:/c2960x-universalk9-mz.152-7.E4/c2960x-universalk9-mz.152-7.E4.bin"',
        "Last reload reason: power-on",
        "",
        "cisco WS-C2960X-24TS-L (APM86XXX) processor (revision A0) with 524288K bytes of memory.",
        f"Processor board ID {device.serial}",
        "Last reset from power-on",
        "2 Virtual Ethernet interfaces",
        "28 Gigabit Ethernet interfaces",
        "",
        f"Base ethernet MAC Address       : {mac}",
        "Model number                    : WS-C2960X-24TS-L",
        f"System serial number            : {device.serial}",
        "",
        "Configuration register is 0xF",
        "",
    ]


def inventory(device: Device, _match: Match) -> list[str]:
    return [
        'NAME: "1", DESCR: "WS-C2960X-24TS-L"',
        f"PID: WS-C2960X-24TS-L  , VID: V05  , SN: {device.serial}",
        "",
    ]


def ip_brief(device: Device, _match: Match) -> list[str]:
    found = ["Interface              IP-Address      OK? Method Status                Protocol"]
    for name in device.running.names("interface "):
        port = name.removeprefix("interface ")
        address = (device.running.value(name, "ip address") or "unassigned").split()[0]
        method = "unset " if address == "unassigned" else "NVRAM "
        line = up(device, port) if port in PORTS else not device.running.has(name, "shutdown")
        down = device.running.has(name, "shutdown")
        state = "up" if line else "administratively down" if down else "down"
        found.append(f"{port:<22} {address:<15} YES {method} {state:<21} {'up' if line else 'down':<8}")
    return found


def interfaces(device: Device, match: Match) -> list[str]:
    every = (name.removeprefix("interface ") for name in device.running.names("interface "))
    chosen = match.values or tuple(every)
    found: list[str] = []
    for port in chosen:
        name = f"interface {port}"
        down = device.running.has(name, "shutdown")
        live = up(device, port) if port in PORTS else not down and device.running.has(name)
        state = "up" if live else "administratively down" if down else "down"
        number = PORTS.index(port) + 1 if port in PORTS else 0
        found.append(
            f"{port} is {state}, line protocol is {'up (connected)' if live else 'down (notconnect)'} "
        )
        mac = dotted(device.mac(number))
        found.append(
            f"  Hardware is {'Gigabit Ethernet' if number else 'EtherSVI'}, address is {mac} (bia {mac})"
        )
        if text := device.running.value(name, "description"):
            found.append(f"  Description: {text}")
        if address := device.running.value(name, "ip address"):
            found.append(f"  Internet address is {address.split()[0]}")
        found.append("  MTU 1500 bytes, BW 1000000 Kbit/sec, DLY 10 usec, ")
        if number:
            found.append(f"  {'Full' if live else 'Auto'}-duplex, {'1000Mb/s' if live else 'Auto-speed'}")
        found += [
            "     0 input errors, 0 CRC, 0 frame, 0 overrun, 0 ignored",
            "     0 output errors, 0 collisions",
        ]
    return found


def status(device: Device, _match: Match) -> list[str]:
    found = ["", "Port      Name               Status       Vlan       Duplex  Speed Type"]
    for port in PORTS:
        name = f"interface {port}"
        text = (device.running.value(name, "description") or "")[:18]
        live = up(device, port)
        state = "connected" if live else "disabled" if device.running.has(name, "shutdown") else "notconnect"
        vlan = "trunk" if trunk(device, port) else str(vlan_of(device, port))
        speed = f"{'a-full':>6} {'a-1000':>6}" if live else f"{'auto':>6} {'auto':>6}"
        found.append(f"{short(port):<9} {text:<18} {state:<12} {vlan:<10} {speed} 10/100/1000BaseTX")
    return found


def descriptions(device: Device, _match: Match) -> list[str]:
    found = ["Interface                      Status         Protocol Description"]
    for name in device.running.names("interface "):
        port = name.removeprefix("interface ")
        down = device.running.has(name, "shutdown")
        live = up(device, port) if port in PORTS else not down
        state = "up" if live else "admin down" if down else "down"
        text = device.running.value(name, "description") or ""
        found.append(f"{short(port):<30} {state:<14} {'up' if live else 'down':<8} {text}".rstrip())
    return found


def vlan(device: Device, _match: Match) -> list[str]:
    found = ["", "VLAN Name                             Status    Ports"]
    found.append("---- -------------------------------- --------- -------------------------------")
    for number, name in known_vlans(device).items():
        ports = [short(port) for port in PORTS if not trunk(device, port) and vlan_of(device, port) == number]
        rows = [", ".join(ports[start : start + 4]) for start in range(0, len(ports), 4)] or [""]
        found.append(f"{number:<4} {name:<32} active    {rows[0]}".rstrip())
        found += [f"{'':<48}{row}" for row in rows[1:]]
    for number, name in ((1002, "fddi-default"), (1003, "token-ring-default")):
        found.append(f"{number:<4} {name:<32} act/unsup ")
    return found


def trunks(device: Device, _match: Match) -> list[str]:
    chosen = [port for port in PORTS if trunk(device, port) and up(device, port)]
    found = ["", "Port        Mode             Encapsulation  Status        Native vlan"]
    found += [f"{short(port):<11} on               802.1q         trunking      1" for port in chosen]
    found += ["", "Port        Vlans allowed and active in management domain"]
    return found + [f"{short(port):<11} {vlan_list(carried(device, port)) or 'none'}" for port in chosen]


def macs(device: Device, _match: Match) -> list[str]:
    rows = hardware_addresses(device)
    head = [
        "          Mac Address Table",
        "-------------------------------------------",
        "",
        "Vlan    Mac Address       Type        Ports",
        "----    -----------       --------    -----",
    ]
    body = [f"{number:>4}    {dotted(mac)}    DYNAMIC     {short(port)}" for number, mac, port in rows]
    return [*head, *body, f"Total Mac Addresses for this criterion: {len(rows)}"]


def seen(device: Device) -> list[tuple[str, str, str]]:
    """Neighbour, own port, its port, where the cable is live."""
    return [(each.device.name, each.port, each.their_port) for each in live_neighbours(device)]


def cdp(device: Device, _match: Match) -> list[str]:
    head = [*_CAPABILITIES, "Device ID        Local Intrfce     Holdtme    Capability  Platform  Port ID"]
    rows = [
        f"{name:<16} {_spaced(port):<17} 150              S I   WS-C2960X {_spaced(theirs)}"
        for name, port, theirs in seen(device)
    ]
    return [*head, *rows, "", f"Total cdp entries displayed : {len(rows)}"]


def _spaced(port: str) -> str:
    return port.replace("GigabitEthernet", "Gig ")


def cdp_detail(device: Device, _match: Match) -> list[str]:
    found: list[str] = []
    for name, port, theirs in seen(device):
        found += ["-------------------------", f"Device ID: {name}", "Entry address(es): "]
        found += ["Platform: cisco WS-C2960X-24TS-L,  Capabilities: Switch IGMP "]
        found += [f"Interface: {port},  Port ID (outgoing port): {theirs}", "Holdtime : 150 sec", ""]
    return [*found, "", f"Total cdp entries displayed : {len(seen(device))}"]


def lldp(device: Device, _match: Match) -> list[str]:
    if not device.running.has("lldp run"):
        return ["% LLDP is not enabled"]
    head = [
        "Capability codes:",
        "    (R) Router, (B) Bridge, (T) Telephone, (C) DOCSIS Cable Device",
        "    (W) WLAN Access Point, (P) Repeater, (S) Station, (O) Other",
        "",
        "Device ID           Local Intf     Hold-time  Capability      Port ID",
    ]
    rows = [
        f"{name[:20]:<20}{short(port):<15}120        B               {short(theirs)}"
        for name, port, theirs in seen(device)
    ]
    return ["", *head, *rows, "", f"Total entries displayed: {len(rows)}", ""]


def lldp_detail(device: Device, _match: Match) -> list[str]:
    if not device.running.has("lldp run"):
        return ["% LLDP is not enabled"]
    found: list[str] = []
    for each in live_neighbours(device):
        found += [
            "------------------------------------------------",
            f"Local Intf: {short(each.port)}",
            f"Chassis id: {dotted(each.device.mac(0))}",
            f"Port id: {short(each.their_port)}",
            f"Port Description: {each.their_port}",
            f"System Name: {each.device.name}",
            "",
            "Time remaining: 100 seconds",
            "System Capabilities: B",
            "Enabled Capabilities: B",
            "Management Addresses:",
            f"    IP: {each.device.address}",
            "",
        ]
    return [*found, "", f"Total entries displayed: {len(seen(device))}"]


def arp(device: Device, _match: Match) -> list[str]:
    rows = ["Protocol  Address          Age (min)  Hardware Addr   Type   Interface"]
    for name in device.running.names("interface Vlan"):
        address = (device.running.value(name, "ip address") or "").split()
        if address and not device.running.has(name, "shutdown"):
            port = name.removeprefix("interface ")
            rows.append(f"Internet  {address[0]:<15}         -   {dotted(device.mac(0))}  ARPA   {port}")
            gateway = bytes.fromhex("02ffffff0001")
            rows.append(
                f"Internet  {device.world.gateway!s:<15}         4   {dotted(gateway)}  ARPA   {port}"
            )
    return rows


def spanning_tree(device: Device, _match: Match) -> list[str]:
    found: list[str] = []
    for number in known_vlans(device):
        ports = [port for port in PORTS if up(device, port) and number in carried(device, port)]
        if not ports:
            continue
        found += ["", f"VLAN{number:04d}", "  Spanning tree enabled protocol rstp"]
        found += [f"  Bridge ID  Priority    {32768 + number}  (priority 32768 sys-id-ext {number})", ""]
        found += ["Interface           Role Sts Cost      Prio.Nbr Type"]
        found += ["------------------- ---- --- --------- -------- --------------------------------"]
        for port in ports:
            role = "Root" if port == UPLINK else "Desg"
            found.append(f"{short(port):<19} {role} FWD 4         128.{PORTS.index(port) + 1:<4} P2p ")
    return found


def reloading(device: Device, _match: Match) -> list[str]:
    left = device.remaining("reload")
    if left is None:
        return ["No reload is scheduled."]
    minutes, seconds = divmod(int(left), 60)
    note = device.timers["reload"].note
    return [
        f"Reload scheduled in {minutes} minutes and {seconds} seconds by {note}",
        "Reload reason: Reload Command",
    ]


def rollback(device: Device, _match: Match) -> list[str]:
    left = device.remaining("revert")
    if left is None:
        return ["%No Rollback Confirmed Change pending"]
    minutes, seconds = divmod(int(left), 60)
    return [f"Time remaining in Rollback Confirmed Change: {minutes} minutes {seconds} seconds"]


def archive(device: Device, _match: Match) -> list[str]:
    count = int(device.notes.get("archives", "0"))
    path = device.running.value("archive", "path")
    found = [
        "The maximum archive configurations allowed is 5.",
        f"There are currently {count} archive configurations saved.",
    ]
    return found + [f"  {number}        {path}-{number}" for number in range(1, count + 1)]


def directory(device: Device, _match: Match) -> list[str]:
    free = 0 if device.fault("flash-full") else 78_000_000
    return [
        "Directory of flash:/",
        "",
        "    2  -rwx     2072   vlan.dat",
        "",
        f"122185728 bytes total ({free} bytes free)",
    ]


def ntp(device: Device, _match: Match) -> list[str]:
    servers = device.running.names("ntp server ")
    if not servers:
        return ["%NTP is not enabled."]
    return [f"Clock is synchronized, stratum 3, reference is {servers[0].removeprefix('ntp server ')}"]


SHOWS: Final[Mapping[str, Show]] = {
    "archive": archive,
    "arp": arp,
    "cdp": cdp,
    "cdp_detail": cdp_detail,
    "clock": clock,
    "descriptions": descriptions,
    "dir": directory,
    "interfaces": interfaces,
    "inventory": inventory,
    "ip_brief": ip_brief,
    "lldp": lldp,
    "lldp_detail": lldp_detail,
    "macs": macs,
    "ntp": ntp,
    "reloading": reloading,
    "rollback": rollback,
    "running": running,
    "running_interface": running_interface,
    "spanning_tree": spanning_tree,
    "startup": startup,
    "status": status,
    "trunks": trunks,
    "version": version,
    "vlan": vlan,
}
