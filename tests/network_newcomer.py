"""A switch with the settings of its first day, and the site that brings it into service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from lab.netcli.device import hashed
from tests.network_site import put, requested, site_of

if TYPE_CHECKING:
    from pathlib import Path

    from lab.netcli import Plane
    from tests.desk import Desk

NEW: Final = "sw0002"
FIRST: Final = "first-day"
TEMPLATE: Final = """\
hostname {{ device }}
username daicho privilege 1 secret {{ secret('net') }}
vlan 30
 name SALES
interface GigabitEthernet0/25
 description {{ item.uplink }}
 switchport trunk allowed vlan add 30
snmp-server location {{ place }}
"""


def first_day(plane: Plane) -> None:
    """Have the second switch as it comes: another name, another account, nothing of the site."""
    base = f"username setup privilege 1 secret 9 $9${hashed(plane.devices[1], 'setup', FIRST)}"
    plane.edit(NEW, ["hostname Switch", "no username daicho", base, "no snmp-server location"])
    plane.save(NEW)


def site_for(folder: Path, plane: Plane) -> Desk:
    """A site that does not know the new switch, with what it will be configured to do."""
    desk = site_of(folder, plane, without=[NEW])
    put(desk, "templates/in_service/cisco_ios.j2", TEMPLATE)
    put(desk, "data/site/Ministry.yml", "place: Kasumigaseki\n")
    desk.expect("secret", "set", "base", who="sato", typed=f"{FIRST}\n")
    return desk


def wanted(plane: Plane, **more: Any) -> dict[str, Any]:
    """The inputs of a change that brings the new switch into service."""
    device = {
        "name": NEW,
        "platform": "cisco_ios",
        "address": str(plane.devices[1].address),
        "port": plane.world.port,
        "neighbours": {"Gi0/25": "sw0001"},
        "attributes": {"site": "Ministry", "role": "access", "uplink": "sw0001"},
        **more,
    }
    base = {"base_user": "setup", "base_credential": "base", "base_enable": "net-enable"}
    return {"devices": [device], "template": "in_service", "settle": 3, **base}


def install(desk: Desk, inputs: dict[str, Any]) -> str:
    return requested(desk, work="install_network_device", targets=[NEW], inputs=inputs)
