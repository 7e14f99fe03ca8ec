"""A session with Cisco IOS."""

from __future__ import annotations

import re
from functools import cache, partial
from typing import TYPE_CHECKING, ClassVar, Final

from lab.netcli import ios_shows
from lab.netcli.device import hashed
from lab.netcli.ios_ports import port
from lab.netcli.shell import ModalShell
from lab.netcli.syntax import Ambiguous, Incomplete, Match, Rule, Syntax, vlan_list, vlans
from lab.netcli.terminal import Gone

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lab.netcli.device import Device
    from lab.netcli.shell import Show
    from lab.netcli.syntax import Reading
    from lab.netcli.terminal import Terminal

_EXEC: Final = """
enable @enable
disable @disable
exit|logout|quit @leave
terminal length <0-512> @length
terminal width <0-512> @width
terminal monitor @nothing
terminal no monitor @nothing
ping <word> @ping
show version @version
show clock @clock
show privilege @privilege
show users @users
show ip interface brief @ip_brief
show interfaces @interfaces
show interfaces status @status
show interfaces description @descriptions
show interfaces <port> @interfaces
show interfaces trunk @trunks
show vlan @vlan
show vlan brief @vlan
show mac address-table @macs
show mac address-table dynamic @macs
show cdp neighbors @cdp
show cdp neighbors detail @cdp_detail
show lldp neighbors @lldp
show lldp neighbors detail @lldp_detail
show arp @arp
show ip arp @arp
show spanning-tree @spanning_tree
show inventory @inventory
show ntp status @ntp
"""
_PRIVILEGED: Final = (
    _EXEC
    + """
show running-config @running
show running-config all @running
show running-config interface <port> @running_interface
show startup-config @startup
show reload @reloading
show archive @archive
show archive config rollback timer @rollback
configure terminal @configure
configure terminal revert timer <1-120> @configure_revert
configure confirm @confirm
configure revert now @revert
configure revert timer <1-120> @revert_timer
configure replace nvram:startup-config force @replace
write @write
write memory @write
write terminal @running
copy running-config startup-config @copy
copy startup-config running-config @merge
archive config @archive_config
reload @reload
reload in <word> @reload_in
reload in <word> <line> @reload_in
reload at <word> @reload_at
reload cancel @reload_cancel
clear logging @nothing
dir @dir
dir flash: @dir
"""
)
_MARKED: Final = "^\n% Invalid input detected at '^' marker.\n\n"
_MODES: Final = {"": "", "interface": "-if", "vlan": "-vlan", "acl": "-std-nacl", "archive": "-archive"}


@cache
def _syntax(table: str) -> Syntax:
    return Syntax(table, {"port": port})


class IosShell(ModalShell):
    """IOS: user mode, privileged mode, configuration with the rollback timer of `archive`."""

    shows: ClassVar[Mapping[str, Show]] = ios_shows.SHOWS

    def __init__(self, device: Device, terminal: Terminal, user: str, peer: str) -> None:
        """Serve one login; whether it is privileged at once is the account's matter."""
        super().__init__(device, terminal, user, peer)
        self.privileged = "privilege 15" in (device.running.value(f"username {user}") or "")

    async def greet(self) -> None:
        await super().greet()
        banner = self.device.running.value("banner motd")
        self.terminal.say(f"\n{banner[2:-2]}\n\n" if banner else "\n")

    def prompt(self) -> str:
        if not self.modes:
            return f"{self.hostname}{'#' if self.privileged else '>'}"
        mode, path = self.modes[-1]
        suffix = _MODES.get(mode, f"-{mode}")
        if mode == "acl" and "extended" in path[-1]:
            suffix = "-ext-nacl"
        return f"{self.hostname[:20]}(config{suffix})#"

    @property
    def commands(self) -> Syntax:
        return _syntax(_PRIVILEGED if self.privileged else _EXEC)

    # Errors

    def complaint(self, line: str, reading: Reading) -> str:
        if isinstance(reading, Ambiguous):
            return f'% Ambiguous command:  "{line.strip()}"\n'
        if isinstance(reading, Incomplete):
            return "% Incomplete command.\n\n"
        column = len(self.prompt()) + getattr(reading, "column", 0)
        return " " * column + _MARKED

    def objects(self, path: tuple[str, ...], match: Match, *, negated: bool) -> str | None:
        if negated and not path and match.words[0] == "interface" and "/" in match.words[1]:
            return "% Removal of physical interfaces is not permitted\n"
        if negated and match.name in ("vlan 1", "interface Vlan1"):
            return "%Default VLAN 1 may not be deleted.\n"
        return None

    # Modes and the terminal

    def opens(self, password: str) -> bool:
        wanted = self.device.running.value("enable secret")
        return wanted is None or hashed(self.device, "enable", password) in wanted

    async def do_privilege(self, _match: Match) -> None:
        self.terminal.say(f"Current privilege level is {15 if self.privileged else 1}\n")

    async def do_users(self, _match: Match) -> None:
        self.terminal.say(
            "    Line       User       Host(s)              Idle       Location\n"
            f"*  1 vty 0     {self.user:<10} idle                 00:00:00   {self.peer}\n"
        )

    async def do_ping(self, match: Match) -> None:
        there = match.values[0] in (str(self.device.world.gateway), self.peer)
        self.terminal.say(
            "Type escape sequence to abort.\n"
            f"Sending 5, 100-byte ICMP Echos to {match.values[0]}, timeout is 2 seconds:\n"
            f"{'!!!!!' if there else '.....'}\n"
            f"Success rate is {100 if there else 0} percent ({5 if there else 0}/5)\n"
        )

    async def do_configure(self, _match: Match) -> None:
        self.terminal.say("Enter configuration commands, one per line.  End with CNTL/Z.\n")
        self.modes = [("", ())]

    async def left_by(self, bare: str) -> bool:
        return await super().left_by("exit" if bare == "quit" else bare)

    async def configure(self, line: str) -> None:
        if line.lstrip().lower().startswith("do "):
            start = len(line) - len(line.lstrip()) + 3
            await self.command(" " * start + line.lstrip()[3:])
            return
        await super().configure(line)

    # Saving, going back, starting again

    async def do_write(self, _match: Match) -> None:
        self.terminal.say("Building configuration...\n")
        if self.device.save():
            self.terminal.say("[OK]\n")
        else:
            self.terminal.say("startup-config file open failed (Not enough space)\n")

    async def do_copy(self, match: Match) -> None:
        await self.terminal.ask("Destination filename [startup-config]? ")
        await self.do_write(match)

    async def do_merge(self, _match: Match) -> None:
        await self.terminal.ask("Destination filename [running-config]? ")
        self.device.replace([*self.device.startup, *self.device.text])
        self.terminal.say(f"{len(''.join(self.device.startup))} bytes copied in 0.420 secs\n")

    async def do_replace(self, _match: Match) -> None:
        self.device.replace(self.device.startup)
        self.terminal.say("\nTotal number of passes: 1\nRollback Done\n\n")

    def _archived(self) -> str | None:
        path = self.device.running.value("archive", "path")
        if path is None:
            self.terminal.say("%No archive path is configured: `archive`, `path flash:NAME`\n")
            return None
        number = int(self.device.notes.get("archives", "0")) + 1
        self.device.notes["archives"] = str(number)
        return f"{path}-{number}"

    async def do_archive_config(self, _match: Match) -> None:
        self._archived()

    async def do_configure_revert(self, match: Match) -> None:
        name = self._archived()
        if name is None:
            return
        minutes = int(match.values[0])
        self.terminal.say(f"Rollback Confirmed Change: Backing up current running config to {name}\n\n")
        back = list(self.device.text)
        device = self.device
        self.device.arm("revert", minutes, partial(device.replace, back), note="\n".join(back))
        await self.do_configure(match)

    def _pending(self) -> bool:
        if "revert" in self.device.timers:
            return True
        self.terminal.say("%No Rollback Confirmed Change pending\n")
        return False

    async def do_confirm(self, _match: Match) -> None:
        if self._pending():
            self.device.disarm("revert")

    async def do_revert(self, _match: Match) -> None:
        if self._pending():
            back = self.device.timers["revert"].note
            self.device.disarm("revert")
            self.device.replace(back.splitlines())
            self.terminal.say("\nTotal number of passes: 1\nRollback Done\n\n")

    async def do_revert_timer(self, match: Match) -> None:
        if self._pending():
            back = self.device.timers["revert"].note
            self.device.arm(
                "revert", int(match.values[0]), partial(self.device.replace, back.splitlines()), note=back
            )

    async def _may_lose(self) -> bool:
        if not self.device.unsaved:
            return True
        answer = await self.terminal.ask("\nSystem configuration has been modified. Save? [yes/no]: ")
        if not re.fullmatch(r"y|ye|yes|n|no", answer.strip().lower()):
            self.terminal.say("% Please answer 'yes' or 'no'.\n")
            return await self._may_lose()
        if answer.strip().lower().startswith("y"):
            await self.do_write(_NOTHING)
        return True

    async def _sure(self) -> bool:
        return await self.terminal.choice("Proceed with reload? [confirm]") in ("\r", "\n", "y", "Y")

    async def do_reload(self, _match: Match) -> None:
        if await self._may_lose() and await self._sure():
            self.device.reboot()
            raise Gone

    async def do_reload_in(self, match: Match) -> None:
        hours, _, minutes = match.values[0].rpartition(":")
        if not minutes.isdecimal() or not (hours or "0").isdecimal():
            self.terminal.say(self.complaint(match.text, Incomplete(0)))
            return
        total = int(hours or 0) * 60 + int(minutes)
        if not await self._may_lose():
            return
        self.terminal.say(
            f"Reload scheduled in {total} minutes by {self.user} on vty0 ({self.peer})\n"
            "Reload reason: Reload Command\n"
        )
        if await self._sure():
            self.device.arm("reload", total, self.device.reboot, note=f"{self.user} on vty0 ({self.peer})")

    async def do_reload_at(self, _match: Match) -> None:
        self.terminal.say("%Clock must be set before using this command\n")

    async def do_reload_cancel(self, _match: Match) -> None:
        if self.device.disarm("reload"):
            self.terminal.say("\n\n***\n*** --- SHUTDOWN ABORTED ---\n***\n\n")
        else:
            self.terminal.say("%No reload is currently scheduled.\n")

    # Configuration lines that do more than stand there

    async def set_enable_secret(self, _path: tuple[str, ...], match: Match, negated: bool) -> bool:
        return not negated and self._hide(match, "enable", match.values[-1])

    async def set_username(self, _path: tuple[str, ...], match: Match, negated: bool) -> bool:
        return not negated and self._hide(match, match.values[0], match.values[-1])

    def _hide(self, match: Match, user: str, given: str) -> bool:
        """A password that was typed is stored as its hash."""
        before, _, password = given.rpartition("secret ")
        kind, _, rest = password.partition(" ")
        if kind in ("5", "8", "9") and rest:
            return False
        secret = f"9 $9${hashed(self.device, user, rest if kind == '0' and rest else password)}"
        words = f"{match.name} {before}{'' if user == 'enable' else 'secret '}{secret}"
        self.enter((), words)
        return True

    async def set_trunk_all(self, path: tuple[str, ...], _match: Match, _negated: bool) -> bool:
        self.device.running.remove(path, "switchport trunk allowed vlan")
        return True

    async def set_trunk_edit(self, path: tuple[str, ...], match: Match, _negated: bool) -> bool:
        name = "switchport trunk allowed vlan"
        had = self.device.running.value(*path, name)
        now = set(range(1, 4095)) if had is None else set() if had == "none" else vlans(had)
        change = vlans(match.values[0])
        now = now | change if match.words[4] == "add" else now - change
        self.enter(path, f"{name} {vlan_list(now) or 'none'}", "interface")
        return True

    async def set_banner(self, _path: tuple[str, ...], match: Match, negated: bool) -> bool:
        if negated:
            return False
        text = match.values[-1]
        mark = "^C" if text.startswith("^C") else text[0]
        body = text[len(mark) :]
        if mark not in body:
            self.terminal.say(f"Enter TEXT message.  End with the character '{mark}'.\n")
        while mark not in body:
            body += "\n" + await self.terminal.line()
        body = body[: body.index(mark)].strip("\n").replace("\n", " ")
        self.enter((), f"banner motd ^C{body}^C")
        return True


_NOTHING: Final = Match(Rule((), 0), (), ())
