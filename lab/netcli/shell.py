"""A session with a device: prompts, modes, and what goes wrong on demand."""

from __future__ import annotations

import asyncio
import re
from abc import ABC, abstractmethod
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Final

from lab.netcli.syntax import Match, Unknown
from lab.netcli.terminal import Gone

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from lab.netcli.device import Device
    from lab.netcli.syntax import Misreading, Reading, Syntax
    from lab.netcli.terminal import Terminal

type Show = Callable[[Device, Match], list[str]]

_CTRL_C: Final = "\x03"
_CTRL_Z: Final = "\x1a"
_PIPE: Final = re.compile(r"^(?P<command>.*?)\s*\|\s*(?P<filter>\S+)\s+(?P<pattern>.+)$")


class Shell(ABC):
    """What a personality says to what is typed; ends with `Gone`."""

    def __init__(self, device: Device, terminal: Terminal, user: str, peer: str) -> None:
        """Serve one login."""
        self.device, self.terminal, self.user, self.peer = device, terminal, user, peer
        self._received = 0
        self._received_configuring = 0

    @property
    @abstractmethod
    def configuring(self) -> bool:
        """Whether lines change the configuration now."""

    @abstractmethod
    def prompt(self) -> str:
        """What invites the next line."""

    @abstractmethod
    async def execute(self, line: str) -> None:
        """Do what a line says."""

    @abstractmethod
    def refusal(self, line: str) -> str:
        """How the device refuses a line that it should take: the fault `refuse`."""

    async def greet(self) -> None:
        """Before the first prompt."""
        if banner := self.device.fault("banner"):
            self.terminal.say(banner.text.replace("\\n", "\n") + "\n")

    async def run(self) -> None:
        """Serve until the other end, or the device, hangs up."""
        await self.greet()
        while True:
            if fault := self.device.fault("slow-echo"):
                self.terminal.echo_seconds = fault.seconds or 0.01
            shown = self.device.fault("prompt")
            line = await self.terminal.line(shown.text if shown else self.prompt())
            if line == _CTRL_C:
                continue
            await self._receive(line)

    async def _receive(self, line: str) -> None:
        if line and line != _CTRL_Z:
            self.device.typed.append(line)
            self._received += 1
            self._received_configuring += self.configuring
        if self.device.world.line_ms:
            await self.terminal.pause(self.device.world.line_ms / 1000)
        await self._misfortunes()
        refused = self.device.fault("refuse")
        if refused and refused.text in line and line:
            self.terminal.say(self.refusal(line))
            return
        await self.execute(line)

    async def _misfortunes(self) -> None:
        for fault in list(self.device.faults):
            count = self._received_configuring if fault.text == "config" else self._received
            if fault.kind not in ("drop", "hang", "reboot") or count <= fault.after:
                continue
            self.device.faults.remove(fault)
            if fault.kind == "hang":
                self.terminal.flush()
                await asyncio.sleep(fault.seconds or 3600)
            elif fault.kind == "reboot":
                self.device.reboot()
            raise Gone


class ModalShell(Shell):
    """Command lines with a privileged mode and nested configuration modes: IOS and those that follow it."""

    negation: ClassVar[str] = "no"
    default_hostname: ClassVar[str] = "Switch"
    shows: ClassVar[Mapping[str, Show]] = {}
    """Handlers that only show something; all others are methods `do_NAME`."""

    def __init__(self, device: Device, terminal: Terminal, user: str, peer: str) -> None:
        """Serve one login, outside the privileged mode."""
        super().__init__(device, terminal, user, peer)
        self.privileged = False
        self.modes: list[tuple[str, tuple[str, ...]]] = []
        """Configuration modes, each with its section's path; empty outside."""

    @property
    def configuring(self) -> bool:
        return bool(self.modes)

    @property
    def hostname(self) -> str:
        return (self.device.running.value("hostname") or self.default_hostname).strip('"')

    # What a vendor's own shell says

    @property
    @abstractmethod
    def commands(self) -> Syntax:
        """The operation commands that may be given now."""

    @abstractmethod
    def complaint(self, line: str, reading: Reading) -> str:
        """The device's words for a line that it does not take."""

    def refusal(self, line: str) -> str:
        return self.complaint(line, Unknown(len(line) - len(line.lstrip())))

    # What all of them know

    def opens(self, password: str) -> bool:
        """Whether this is the password of the privileged mode."""
        return password == self.device.world.secret

    refused: ClassVar[str] = "% Bad secrets\n\n"
    """Said after three wrong passwords for the privileged mode."""

    async def do_enable(self, _match: Match) -> None:
        for _ in range(0 if self.privileged else 3):
            if self.opens(await self.terminal.secret("Password: ")):
                self.privileged = True
                return
        if not self.privileged:
            self.terminal.say(self.refused)

    async def do_disable(self, _match: Match) -> None:
        self.privileged = False

    async def do_leave(self, _match: Match) -> None:
        raise Gone

    async def do_nothing(self, _match: Match) -> None:
        pass

    async def do_length(self, match: Match) -> None:
        self.terminal.height = int(match.values[0])

    async def do_width(self, match: Match) -> None:
        self.terminal.width = int(match.values[0])

    async def do_configure(self, _match: Match) -> None:
        self.modes = [("", ())]

    def enter(self, path: tuple[str, ...], line: str, mode: str = "") -> None:
        """Put a line into the running configuration as if it had been typed there."""
        reading = self.device.personality.syntaxes[mode].read(line)
        if isinstance(reading, Match):
            self.device.running.put(path, reading)

    # Running lines

    async def execute(self, line: str) -> None:
        if line == _CTRL_Z:
            line = "end" if self.modes else ""
        bare = line.strip()
        if not bare or bare.startswith("!"):
            return
        if self.modes:
            await self.configure(line)
        else:
            await self.command(line)

    async def command(self, line: str) -> None:
        """A line of the operation modes; `| include WORD` and its kin filter what it shows."""
        command, keep = self.filtered(line)
        reading = self.commands.read(command)
        if not isinstance(reading, Match):
            self.terminal.say(self.complaint(line, reading))
            return
        if show := self.shows.get(reading.rule.does):
            await self.terminal.pages([each for each in show(self.device, reading) if keep(each)])
            return
        handler: Callable[[Match], Awaitable[None]] = getattr(self, f"do_{reading.rule.does}")
        await handler(reading)

    def filtered(self, line: str) -> tuple[str, Callable[[str], bool]]:
        """A command without its filter, and which lines of its output the filter lets through."""
        found = _PIPE.match(line)
        if not found:
            return line, lambda _line: True
        pattern = re.compile(found["pattern"].strip().strip('"'))
        if found["filter"].startswith("b"):
            begun = False

            def begin(text: str) -> bool:
                nonlocal begun
                begun = begun or bool(pattern.search(text))
                return begun

            return found["command"], begin
        wanted = not found["filter"].startswith("e")
        return found["command"], lambda text: bool(pattern.search(text)) == wanted

    async def configure(self, line: str) -> None:
        """A line of the configuration modes; one of an outer mode leaves the inner ones."""
        bare = line.strip()
        if await self.left_by(bare):
            return
        body, negated, start = self._negated(line)
        best: Misreading | None = None
        for depth in range(len(self.modes), 0, -1):
            mode, path = self.modes[depth - 1]
            reading = self.device.personality.syntaxes[mode].read(body, naming=negated)
            if isinstance(reading, Match):
                await self._apply(depth, path, reading, negated=negated)
                return
            if best is None or reading.column > best.column:
                best = reading
        if best is not None:
            self.terminal.say(self.complaint(line, replace(best, column=best.column + start)))

    async def left_by(self, bare: str) -> bool:
        """Whether the line leaves a mode; it has then been left."""
        if bare == "end":
            self.modes.clear()
        elif bare == "exit":
            self.modes.pop()
        else:
            return False
        return True

    def _negated(self, line: str) -> tuple[str, bool, int]:
        word = f"{self.negation} "
        start = len(line) - len(line.lstrip())
        if not line.lstrip().lower().startswith(word):
            return line, False, 0
        return line[start + len(word) :], True, start + len(word)

    async def _apply(self, depth: int, path: tuple[str, ...], match: Match, *, negated: bool) -> None:
        del self.modes[depth:]
        objection = self.objects(path, match, negated=negated)
        if objection is not None:
            self.terminal.say(objection)
            return
        special: Callable[[tuple[str, ...], Match, bool], Awaitable[bool]] | None = None
        if match.rule.does:
            special = getattr(self, f"set_{match.rule.does}")
        running = self.device.running
        if special is None or not await special(path, match, negated):
            if negated:
                running.remove(path, match.name)
            else:
                running.put(path, match)
                if match.rule.opens:
                    self.modes.append((match.rule.opens, (*path, match.name)))
        self.device.touched()

    def objects(self, path: tuple[str, ...], match: Match, *, negated: bool) -> str | None:  # noqa: ARG002
        """The device's words against a line whose form is right; None if it has none."""
        return None
