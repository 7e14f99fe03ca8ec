"""A session with ALAXALA AX36S."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from lab.netcli import alaxala_shows
from lab.netcli.ios_like_shell import IosLikeShell
from lab.netcli.syntax import Ambiguous, Incomplete, compiled
from lab.netcli.terminal import Gone

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lab.netcli.shell import Show
    from lab.netcli.syntax import Match, Reading, Syntax

_EXEC: Final = """
enable @enable
disable @disable
exit|logout|quit @leave
set terminal pager disable @pager_off
set terminal pager enable @pager_on
set terminal pager @pager_on
show version @version
show clock @clock
show interfaces @interfaces
show port @port
show vlan @vlan
show vlan list @vlan
show mac-address-table @macs
show lldp @lldp
show lldp detail @lldp_detail
show ip arp @arp
show ip interface summary @ip_summary
show spanning-tree @spanning_tree
show system @system
show sessions @nothing
"""
_PRIVILEGED: Final = (
    _EXEC
    + """
show running-config @running
show startup-config @startup
configure @configure
configure terminal @configure
copy running-config startup-config @copy
reload @reload
reload -f @reload_forced
"""
)
_CONFIGURING: Final = """
save @save
write @save
show @running
top @top
"""


class AlaxalaShell(IosLikeShell):
    """AX36S: user and administrator mode; the configuration mode minds unsaved changes."""

    shows: ClassVar[Mapping[str, Show]] = alaxala_shows.SHOWS
    refused: ClassVar[str] = "Sorry\n"
    more: ClassVar[bytes] = b"Press any key to continue (Q to quit)"
    trunk: ClassVar[str] = "switchport trunk allowed vlan"

    @property
    def commands(self) -> Syntax:
        if self.modes:
            return compiled(_CONFIGURING)
        return compiled(_PRIVILEGED if self.privileged else _EXEC)

    async def greet(self) -> None:
        await super().greet()
        self.terminal.say(
            f"\nLogin: {self.user} from {self.peer}\n"
            "Copyright (c) 2005-2015 ALAXALA Networks Corporation. All rights reserved.\n\n"
        )

    def prompt(self) -> str:
        if not self.modes:
            return f"{self.hostname}{'#' if self.privileged else '>'} "
        mode = self.modes[-1][0]
        inner = {"": "", "interface": "-if", "acl": "-std-nacl"}.get(mode, f"-{mode}")
        return f"{'!' if self.device.unsaved else ''}{self.hostname}(config{inner})# "

    def complaint(self, line: str, reading: Reading) -> str:
        kind = {Ambiguous: "ambiguous parameter", Incomplete: "Incomplete command"}.get(
            type(reading), "illegal parameter"
        )
        column = getattr(reading, "column", 0)
        return f"{line}\n{' ' * column}^\n% {kind} at '^' marker\n"

    def objects(self, path: tuple[str, ...], match: Match, *, negated: bool) -> str | None:
        if negated and match.name == "vlan 1":
            return "% Can't delete : default VLAN.\n"
        if negated and not path and match.words[0] == "interface" and match.words[1].startswith("giga"):
            return "% Can't delete this interface.\n"
        access = match.name == "switchport access vlan"
        if access and not negated and not self.device.running.has(f"vlan {match.values[0]}"):
            return "% Can't set VLAN : not defined VLAN.\n"
        return None

    async def configure(self, line: str) -> None:
        bare = line.strip()
        if bare.startswith("$"):
            await self._outside(line.replace("$", " ", 1))
        elif bare.split()[0] in ("save", "write", "show", "top"):
            await self.command(line)
        else:
            await super().configure(line)

    async def _outside(self, line: str) -> None:
        """`$COMMAND` runs an operation command from the configuration mode."""
        modes, self.modes = self.modes, []
        try:
            await self.command(line)
        finally:
            self.modes = modes

    async def left_by(self, bare: str) -> bool:
        if bare == "quit":
            bare = "exit"
        outermost = bare == "end" or (bare == "exit" and len(self.modes) == 1)
        if outermost and self.device.unsaved:
            answer = await self.terminal.ask(
                'Unsaved changes found! Do you exit "configure" without save ? (y/n):'
            )
            if answer.strip().lower() != "y":
                return True
        return await super().left_by(bare)

    # Operations

    async def do_pager_off(self, _match: Match) -> None:
        self.terminal.height = 0

    async def do_pager_on(self, _match: Match) -> None:
        self.terminal.height = 24

    async def do_top(self, _match: Match) -> None:
        del self.modes[1:]

    async def do_save(self, _match: Match) -> None:
        if not self.device.save():
            self.terminal.say("% Can't save : not enough space on device.\n")

    async def do_copy(self, match: Match) -> None:
        answer = await self.terminal.ask("Configuration file copy to startup-config? (y/n): ")
        if answer.strip().lower() == "y":
            await self.do_save(match)

    async def sure(self) -> bool:
        answer = await self.terminal.ask("Restart OK? (y/n): ")
        return answer.strip().lower() == "y"

    async def do_reload_forced(self, _match: Match) -> None:
        self.device.reboot()
        raise Gone
