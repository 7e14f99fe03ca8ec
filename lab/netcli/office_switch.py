"""What the personalities of all switches have in common, whatever words their vendors have for it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from ipaddress import IPv4Interface
from typing import TYPE_CHECKING, ClassVar

from lab.netcli.switch import carried
from lab.netcli.syntax import vlans

if TYPE_CHECKING:
    from ipaddress import IPv4Address

    from lab.netcli.config import Configuration
    from lab.netcli.device import Device


class OfficeSwitch(ABC):
    """Ports of the office, one uplink, and a VLAN interface by which it is reached."""

    uplink: ClassVar[str]
    face: ClassVar[str] = "interface vlan "
    """How the names of VLAN interfaces begin."""
    trunk: ClassVar[str] = "switchport trunk allowed vlan"
    """The line with what a trunk carries."""

    @abstractmethod
    def vlans(self, running: Configuration) -> dict[int, str]:
        """VLAN → name."""

    def active(self, running: Configuration, number: int) -> bool:
        """Whether a VLAN is there and carries anything."""
        return number in self.vlans(running)

    def leads(self, running: Configuration, gateway: IPv4Address) -> bool:
        """Whether answers to other networks go to this gateway."""
        return running.value("ip default-gateway") == str(gateway)

    def allowed(self, text: str | None) -> set[int]:
        """What a trunk is allowed to carry by the value of its line; None: there is no line."""
        return vlans(text or "1")

    def cut_off(self, device: Device, peer: IPv4Address) -> str:
        running, me = device.running, device.address
        faces = {
            name: (running.value(name, "ip address") or "").replace(" ", "/")
            for name in running.names(self.face)
        }
        found = next((name for name, value in faces.items() if value.split("/")[0] == str(me)), None)
        if found is None:
            return f"no interface has the address {me}"
        number = int(found.removeprefix(self.face))
        if running.has(found, "shutdown"):
            return f"{found.removeprefix('interface ')} is shut down"
        if not self.active(running, number):
            return f"there is no vlan {number}"
        if running.has(self.section(self.uplink), "shutdown") or number not in carried(device, self.uplink):
            return f"the uplink {self.uplink} does not carry vlan {number}"
        near = peer in IPv4Interface(faces[found]).network
        if not near and not self.leads(running, device.world.gateway):
            return f"there is no way back to {peer}"
        return ""

    def section(self, port: str) -> str:
        return f"interface {port}"

    def access_vlan(self, running: Configuration, port: str) -> int:
        return int(running.value(self.section(port), "switchport access vlan") or 1)

    def trunk_vlans(self, running: Configuration, port: str) -> set[int] | None:
        if running.value(self.section(port), "switchport mode") != "trunk":
            return None
        return self.allowed(running.value(self.section(port), self.trunk))

    def started(self, device: Device) -> None:  # noqa: B027 - nothing is what most do
        """Nothing: a scheduled restart is forgotten."""
