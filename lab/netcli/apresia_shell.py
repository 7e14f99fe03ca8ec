"""A session with Apresia AEOS."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from lab.netcli import apresia_shows
from lab.netcli.device import hashed
from lab.netcli.ios_like_shell import IosLikeShell
from lab.netcli.syntax import Ambiguous, Incomplete, compiled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lab.netcli.device import Device
    from lab.netcli.shell import Show
    from lab.netcli.syntax import Match, Reading, Syntax
    from lab.netcli.terminal import Terminal

_EXEC: Final = """
enable @enable
disable @disable
exit|logout|quit @leave
terminal length <0-512> @length
show version @version
show clock @clock
show interface status @status
show vlan @vlan
show mac-address-table @macs
show lldp neighbors @lldp
show arp @arp
show ip interface @ip_interface
show spanning-tree @spanning_tree
show reload @reloading
"""
_PRIVILEGED: Final = (
    _EXEC
    + """
show running-config @running
show startup-config @startup
configure terminal @configure
write memory @write
write @write
copy running-config startup-config @write
reload @reload
reload in <1-1440> @reload_in
reload cancel @reload_cancel
reboot @reload
"""
)


class ApresiaShell(IosLikeShell):
    """AEOS: user mode, privileged mode, configuration."""

    shows: ClassVar[Mapping[str, Show]] = apresia_shows.SHOWS
    default_hostname: ClassVar[str] = "Apresia"

    def __init__(self, device: Device, terminal: Terminal, user: str, peer: str) -> None:
        """Serve one login."""
        super().__init__(device, terminal, user, peer)
        terminal.height = int(device.running.value("terminal length") or 24)

    @property
    def commands(self) -> Syntax:
        return compiled(_PRIVILEGED if self.privileged else _EXEC)

    def prompt(self) -> str:
        if not self.modes:
            return f"{self.hostname}{'#' if self.privileged else '>'} "
        mode, path = self.modes[-1]
        inner = {"": "", "database": "-vlan", "acl": "-acl"}.get(mode, f"-{mode}")
        if mode == "interface":
            inner = f"-if-{path[-1].split()[1]}"
        return f"{self.hostname}(config{inner})# "

    def complaint(self, line: str, reading: Reading) -> str:  # noqa: ARG002 - others repeat the line
        if isinstance(reading, Ambiguous):
            return "% Ambiguous command.\n"
        if isinstance(reading, Incomplete):
            return "% Incomplete command.\n"
        column = len(self.prompt()) + getattr(reading, "column", 0)
        return f"{' ' * column}^\n% Invalid input detected at '^' marker.\n"

    def opens(self, password: str) -> bool:
        wanted = self.device.running.value("enable password")
        return wanted is None or hashed(self.device, "enable", password) in wanted

    def objects(self, path: tuple[str, ...], match: Match, *, negated: bool) -> str | None:
        if negated and not path and match.name.startswith("interface port"):
            return "% Physical interface cannot be removed.\n"
        access = match.name == "switchport access vlan"
        known = self.device.personality.vlans(self.device.running)  # type: ignore[attr-defined]
        if access and not negated and int(match.values[0]) not in known:
            return f"% VLAN {match.values[0]} does not exist.\n"
        return None

    # Operations

    async def do_length(self, match: Match) -> None:
        """It is a line of the configuration: netmiko asks for it there before it sets it."""
        self.enter((), match.text)
        self.device.touched()
        await super().do_length(match)

    async def do_write(self, _match: Match) -> None:
        self.terminal.say("Building configuration...\n")
        self.terminal.say("[OK]\n" if self.device.save() else "% Failed to write: no space left on flash.\n")

    async def sure(self) -> bool:
        if self.device.unsaved:
            self.terminal.say("Configuration has been modified and is not saved.\n")
        answer = await self.terminal.ask("Do you want to reload the system? (y/n): ")
        return answer.strip().lower() == "y"

    # Configuration lines that do more than stand there

    async def set_enable_password(self, _path: tuple[str, ...], match: Match, negated: bool) -> bool:
        return not negated and self._hide(match, "enable", match.values[-1], "")

    async def set_username(self, _path: tuple[str, ...], match: Match, negated: bool) -> bool:
        return not negated and self._hide(match, match.values[0], match.values[-1], "password ")

    def _hide(self, match: Match, user: str, given: str, word: str) -> bool:
        password = given.removeprefix("password ")
        if password.startswith("encrypted "):
            return False
        self.enter((), f"{match.name} {word}encrypted {hashed(self.device, user, password)}")
        return True
