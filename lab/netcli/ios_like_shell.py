"""What the command lines of ALAXALA, Apresia and NEC have in common beside what IOS has too."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from lab.netcli.shell import ModalShell
from lab.netcli.syntax import vlan_list, vlans
from lab.netcli.terminal import Gone

if TYPE_CHECKING:
    from lab.netcli.device import Device
    from lab.netcli.syntax import Match
    from lab.netcli.terminal import Terminal


class IosLikeShell(ModalShell):
    """One encoding for all, a restart that is asked about, trunks that are edited."""

    more: ClassVar[bytes] = b"--More--"
    trunk: ClassVar[str] = "switchport trunk"
    cancelled: ClassVar[str] = "Scheduled reload cancelled.\n"

    def __init__(self, device: Device, terminal: Terminal, user: str, peer: str) -> None:
        """Serve one login."""
        super().__init__(device, terminal, user, peer)
        terminal.more = self.more
        terminal.encoding = device.personality.encoding

    @abstractmethod
    async def sure(self) -> bool:
        """Ask whether the device is to start again."""

    async def do_reload(self, _match: Match) -> None:
        if await self.sure():
            self.device.reboot()
            raise Gone

    async def do_reload_in(self, match: Match) -> None:
        if await self.sure():
            self.device.arm("reload", int(match.values[0]), self.device.reboot)
            self.terminal.say(f"Reload scheduled in {match.values[0]} minutes.\n")

    async def do_reload_cancel(self, _match: Match) -> None:
        there = self.device.disarm("reload")
        self.terminal.say(self.cancelled if there else "% No reload is scheduled.\n")

    async def set_trunk_edit(self, path: tuple[str, ...], match: Match, _negated: bool) -> bool:
        had, change = self.device.running.value(*path, self.trunk), vlans(match.values[0])
        verb = match.words[len(self.trunk.split())]
        now = (vlans(had) if had else set()) | change if verb == "add" else vlans(had or "1") - change
        if now:
            self.enter(path, f"{self.trunk} {vlan_list(now)}", "interface")
        else:
            self.device.running.remove(path, self.trunk)
        return True
