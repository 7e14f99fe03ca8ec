"""A session with NEC UNIVERGE IX: an operation mode that knows little, and one configuration mode for all."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from lab.netcli.device import hashed
from lab.netcli.ios_like_shell import IosLikeShell
from lab.netcli.nec_ix_shows import SHOWS
from lab.netcli.syntax import Ambiguous, Incomplete, Match, compiled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lab.netcli.shell import Show
    from lab.netcli.syntax import Reading, Syntax

_OPERATION: Final = """
enable-config @configure
configure @configure
svintr-config @take_over
exit|logout @leave
show version @version
show clock @clock
show interfaces @interfaces
show ip interface @ip_interface
show arp @arp
show arp entry @arp
show ip route @routes
show lldp neighbors @lldp
show users @nothing
reload @reload
"""
_CONFIGURING: Final = (
    _OPERATION
    + """
terminal length <0-512> @length
terminal width <0-512> @width
show running-config @running
show startup-config @startup
write memory @write
reload in <1-1440> @reload_in
reload cancel @reload_cancel
"""
)


class NecIxShell(IosLikeShell):
    """IX: whoever holds the configuration mode holds it alone."""

    shows: ClassVar[Mapping[str, Show]] = SHOWS
    default_hostname: ClassVar[str] = "Router"
    cancelled: ClassVar[str] = "Scheduled reload is canceled.\n"

    @property
    def commands(self) -> Syntax:
        return compiled(_CONFIGURING if self.modes else _OPERATION)

    @property
    def _mark(self) -> str:
        return str(id(self))

    async def greet(self) -> None:
        await super().greet()
        self.terminal.say(
            "NEC Portable Internetwork Core Operating System Software\n"
            "Copyright Notices:\n"
            "Copyright (c) NEC Corporation 2001-2022. All rights reserved.\n"
        )

    async def run(self) -> None:
        try:
            await super().run()
        finally:
            if self.device.notes.get("configuring") == self._mark:
                del self.device.notes["configuring"]

    def prompt(self) -> str:
        if self.modes and self.device.notes.get("configuring") != self._mark:
            self.modes.clear()  # somebody took it over, or the device started again
        if not self.modes:
            return f"{self.hostname}# "
        mode, path = self.modes[-1]
        inner = f"-{path[-1].split()[1]}" if mode else ""
        return f"{self.hostname}(config{inner})# "

    def complaint(self, line: str, reading: Reading) -> str:
        if isinstance(reading, Incomplete):
            return "% Incomplete command.\n"
        word = line[getattr(reading, "column", 0) :].split(maxsplit=1)[0]
        if isinstance(reading, Ambiguous):
            return f"% {word} -- Ambiguous command.\n"
        first = not line[: getattr(reading, "column", 0)].strip()
        return f"% {word} -- Invalid {'command' if first else 'parameter'}.\n"

    async def configure(self, line: str) -> None:
        """Operation commands are taken too, after those of the configuration."""
        reading = self.commands.read(self.filtered(line)[0])
        word = line.split(maxsplit=1)[0]
        if word == "configure":
            del self.modes[1:]
        elif word not in ("exit", "end") and (isinstance(reading, Match) or reading.column):
            await self.command(line)
        else:
            await super().configure(line)
            if not self.modes:
                self.device.notes.pop("configuring", None)

    # Modes

    async def do_configure(self, match: Match) -> None:
        holder = self.device.notes.get("configuring")
        if holder is not None and holder != self._mark:
            self.terminal.say(
                "% CONFIG process is occupied.\n"
                "% You may use `svintr-config' command with administrator privilege.\n"
            )
            return
        await self.do_take_over(match)

    async def do_take_over(self, _match: Match) -> None:
        if not self.modes:
            self.terminal.say("Enter configuration commands, one per line. End with CNTL/Z.\n")
        self.device.notes["configuring"] = self._mark
        self.modes = [("", ())]

    # Saving and starting again

    async def do_write(self, _match: Match) -> None:
        self.terminal.say(
            "Building configuration...\n"
            "% Warning: do NOT enter CNTL/Z while saving to avoid config corruption.\n"
        )
        if not self.device.save():
            self.terminal.say("% Failed to save configuration: not enough flash memory.\n")

    async def sure(self) -> bool:
        answer = await self.terminal.ask(
            "Notice: The router will be RELOADED. This is to ensure that\n"
            "        the peripheral devices are properly initialized.\n"
            "Are you sure you want to reload the router? (Yes or [No]): "
        )
        return answer.strip().lower() in ("y", "yes")

    # Configuration lines that do more than stand there

    async def set_username(self, _path: tuple[str, ...], match: Match, negated: bool) -> bool:
        words = match.values[-1].split()
        if negated or len(words) < 3 or words[:2] != ["password", "plain"]:
            return False
        rest = " ".join(words[3:] or ["monitor"])
        secret = hashed(self.device, match.values[0], words[2])
        self.enter((), f"{match.name} password hash {secret} {rest}")
        return True

    async def set_shutdown(self, path: tuple[str, ...], _match: Match, negated: bool) -> bool:
        self._instead(
            path, "no shutdown" if negated else "shutdown", "shutdown" if negated else "no shutdown"
        )
        return True

    async def set_address(self, path: tuple[str, ...], match: Match, negated: bool) -> bool:
        if negated:
            self._instead(path, "no ip address", "ip address")
        else:
            self._instead(path, match.text, "no ip address")
        return True

    def _instead(self, path: tuple[str, ...], line: str, other: str) -> None:
        self.device.running.remove(path, other)
        self.enter(path, line, "interface")
