"""What FRRouting's vtysh says, as facts.

Source: FRR 8.4 on Debian 12. vtysh does not show the saved configuration (`show startup-config` prints
nothing); the account's forced command may allow reading the file it is saved in, and then we know.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nornir_tasks.devices import Device

SAVED: Final = "cat /etc/frr/frr.conf"

_VERSION: Final = re.compile(r"^frr version (\S+)", re.MULTILINE)
# Lines that differ between the two although nothing was changed, or that say nothing.
_NOISE: Final = re.compile(
    r"!.*|end|Building configuration\.\.\.|Current configuration:|frr (version|defaults) .*"
    r"|(no )?service integrated-vtysh-config|line vty"
)
_CONFIGURED: Final = ("connected", "static")
_LEARNED: Final = ("ospf", "bgp")


def read(device: Device) -> dict[str, Any]:
    """All facts of one device."""
    interfaces = _json(device.ask("show interface brief json"))
    routes = _routes(device.ask("show ip route json"))
    neighbours = _neighbours(device.ask("show ip ospf neighbor json"))
    text = device.ask("show running-config")
    running = lines(text)
    status, kept = device.fetch(SAVED)
    version = _VERSION.search(text)
    return {
        "ports_up": sorted(name for name, facts in interfaces.items() if facts["status"] == "up"),
        "neighbours": neighbours,
        "routes": routes,
        "config": digest(running),
        "saved": running == lines(kept) if status == 0 else None,
        "version": version.group(1) if version else None,
    }


def lines(text: str) -> list[str]:
    """The lines of a configuration that mean something, in their order."""
    kept = (line.rstrip() for line in text.splitlines())
    return [line for line in kept if line and not _NOISE.fullmatch(line.strip())]


def digest(configuration: Iterable[str]) -> str:
    """A configuration as one number; the text itself holds secrets and stays on the device."""
    return hashlib.sha256("\n".join(configuration).encode()).hexdigest()


def _routes(text: str) -> list[str]:
    found = []
    for prefix, entries in _json(text).items():
        for entry in entries:
            if not entry.get("selected"):
                continue
            if entry["protocol"] in _CONFIGURED:
                hops = ", ".join(sorted(_hop(hop) for hop in entry.get("nexthops", []) if hop.get("active")))
                found.append(f"{prefix} {entry['protocol']} {hops}".rstrip())
            elif entry["protocol"] in _LEARNED:
                # By which of several equal ways is chance; that there is one is what counts.
                found.append(f"{prefix} {entry['protocol']}")
    return sorted(found)


def _hop(hop: dict[str, Any]) -> str:
    nowhere = "blackhole" if hop.get("blackhole") or hop.get("unreachable") else ""
    where = str(hop.get("interfaceName") or nowhere)
    return f"{hop['ip']} {where}".rstrip() if "ip" in hop else where


def _neighbours(text: str) -> list[str] | None:
    # Without ospfd vtysh answers "ospfd is not running": this device names no neighbours.
    if not text.lstrip().startswith("{"):
        return None
    return sorted(map(str, _json(text).get("neighbors", {})))


def _json(text: str) -> dict[str, Any]:
    start = text.find("{")
    value: Any = json.loads(text[start:]) if start >= 0 else {}
    return dict(value)
