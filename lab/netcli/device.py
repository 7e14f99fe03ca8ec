"""One simulated device: what it is configured to do, what it has saved, and what is wrong with it."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Final, Protocol

from lab.netcli.config import Configuration, load

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from ipaddress import IPv4Address, IPv4Network

    from lab.netcli.shell import Shell
    from lab.netcli.syntax import Syntax
    from lab.netcli.terminal import Terminal

_REMEMBERED: Final = 2_000
_ZONE: Final = timezone(timedelta(hours=9))


@dataclass(frozen=True, kw_only=True)
class World:
    """What all devices of a plane have in common."""

    network: IPv4Network
    operators: IPv4Network
    """Where sessions may come from: the devices' access lists say so."""
    port: int = 22
    user: str = "daicho"
    password: str = "daicho-pass"  # noqa: S105 - the lab's
    secret: str = "daicho-secret"  # noqa: S105 - the lab's
    """The password of the privileged mode."""
    minute: float = 60.0
    """Seconds that a minute of a device's timers lasts."""
    boot_seconds: float = 3.0
    line_ms: float = 0.0
    """What a device takes for one line."""
    latency_ms: float = 0.0
    """Round trip of the network, the login's too."""
    silent: bool = False
    """Who has lost its way to the operators is silent instead of refusing."""
    attempts: int = 5
    """Wrong passwords in a row after which logins are refused for `lock_minutes`."""
    lock_minutes: float = 2.0
    seed: str = "daicho"
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    """When the devices' clocks were right; with a `minute` of its own length they run faster or slower."""

    @property
    def gateway(self) -> IPv4Address:
        """The last address of the network."""
        return self.network.broadcast_address - 1


class Personality(Protocol):
    """How a vendor's devices behave."""

    @property
    def name(self) -> str:
        """The name that netmiko has for it."""
        ...

    @property
    def ports(self) -> Sequence[str]:
        """A switch's ports in order; a router has none that the lab plugs cables into."""
        ...

    @property
    def uplink(self) -> str:
        """The port by which it is reached."""
        ...

    @property
    def encoding(self) -> str:
        """Of what people write into descriptions."""
        ...

    @property
    def syntaxes(self) -> Mapping[str, Syntax]:
        """Configuration mode → what it takes; `""` is the top."""
        ...

    def base(self, device: Device) -> str:
        """The configuration of its first day."""
        ...

    def written(self, configuration: Configuration) -> list[str]:
        """The configuration as the device shows it, without what changes by itself."""
        ...

    def cut_off(self, device: Device, peer: IPv4Address) -> str:
        """Why packets from there do not come through any more; `""` if they do."""
        ...

    def refuses(self, device: Device, peer: IPv4Address) -> str:
        """Why a new session from there is refused although packets come through; `""` if it is not."""
        ...

    def admits(self, device: Device, user: str, password: str | None) -> bool:
        """Whether this login is right; without a password: whether the user exists."""
        ...

    def started(self, device: Device) -> None:
        """It has come up; what it does by itself begins again."""
        ...

    def shell(self, device: Device, terminal: Terminal, user: str, peer: str) -> Shell:
        """A session."""
        ...


@dataclass
class Timer:
    """Something that the device will do by itself."""

    what: str
    at: float
    """On the loop's clock."""
    handle: asyncio.TimerHandle
    note: str = ""


@dataclass
class Fault:
    """Something that is wrong with a device until it is cleared."""

    kind: str
    after: int = 0
    """Lines that a session gets through first."""
    text: str = ""
    seconds: float = 0.0


@dataclass
class Neighbour:
    """What hangs on a port."""

    port: str
    device: Device
    their_port: str


class Session(Protocol):
    """What a device can do to those who are logged in."""

    def abort(self) -> None: ...

    def mute(self) -> None: ...


@dataclass(eq=False)
class Device:
    """One device. `changed` is called after every change of what runs."""

    index: int
    name: str
    address: IPv4Address
    personality: Personality
    world: World
    changed: Callable[[Device], None] = lambda _device: None
    powered: Callable[[Device], None] = lambda _device: None
    """Called when it goes down or comes up."""
    faults: list[Fault] = field(default_factory=list)
    timers: dict[str, Timer] = field(default_factory=dict)
    sessions: set[Session] = field(default_factory=set)
    neighbours: list[Neighbour] = field(default_factory=list)
    patched: dict[str, tuple[bytes, ...]] = field(default_factory=dict)
    """What hangs on ports whose cables were moved, instead of what hung there on the first day."""
    typed: deque[str] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    up: bool = True
    boots: int = 0
    wrong_passwords: int = 0
    refusals: int = 0
    """All wrong passwords so far."""
    locked_until: float = 0.0
    key_number: int = 0
    """Rises when the device gets another host key."""
    notes: dict[str, str] = field(default_factory=dict)
    """What a personality remembers beside the configuration."""
    booted: float = field(default_factory=time.monotonic)
    _startup: list[str] | None = None
    _running: Configuration | None = None
    _written: list[str] | None = None

    # Configuration

    @property
    def running(self) -> Configuration:
        """What is configured now."""
        if self._running is None:
            self._running = load("\n".join(self.startup), self.personality.syntaxes)
        return self._running

    @property
    def startup(self) -> list[str]:
        """What it will start with, as it is written."""
        if self._startup is None:
            first = load(self.personality.base(self), self.personality.syntaxes)
            self._startup = self.personality.written(first)
        return self._startup

    @property
    def text(self) -> list[str]:
        """What is configured now, as it is written."""
        if self._running is None:
            return self.startup
        if self._written is None:
            self._written = self.personality.written(self._running)
        return self._written

    @property
    def unsaved(self) -> bool:
        """Whether a reload would lose something."""
        return self.text != self.startup

    def touched(self) -> None:
        """The running configuration was changed."""
        self._written = None
        self.changed(self)

    def save(self) -> bool:
        """Keep what runs; False if the flash memory is full."""
        if self.fault("flash-full"):
            return False
        self._startup = list(self.text)
        return True

    def replace(self, text: Sequence[str]) -> None:
        """Let the running configuration be this."""
        self._running = load("\n".join(text), self.personality.syntaxes)
        self.touched()

    # Power and time

    def reboot(self) -> None:
        """Go down at once and come up with what was saved."""
        self.power_off()
        loop = asyncio.get_running_loop()
        loop.call_later(self.world.boot_seconds, self.power_on)

    def power_off(self) -> None:
        """Nothing is left but what was saved."""
        for what in list(self.timers):
            self.disarm(what)
        self.up = False
        self._running = self._written = None
        self.notes.clear()
        self.wrong_passwords, self.locked_until = 0, 0.0
        self.drop_sessions()
        self.powered(self)

    def power_on(self) -> None:
        """Start with what was saved."""
        if not self.up:
            self.up, self.booted = True, time.monotonic()
            self.boots += 1
            self.personality.started(self)
            self.powered(self)

    def drop_sessions(self) -> None:
        """Everybody who is logged in is cut off."""
        for session in list(self.sessions):
            session.abort()

    def arm(self, what: str, minutes: float, act: Callable[[], None], note: str = "") -> None:
        """Do something in this many minutes of the device's time."""
        self.disarm(what)
        loop = asyncio.get_running_loop()
        seconds = minutes * self.world.minute

        def due() -> None:
            self.timers.pop(what, None)
            act()

        self.timers[what] = Timer(what, loop.time() + seconds, loop.call_later(seconds, due), note)

    def disarm(self, what: str) -> bool:
        """Do not do it after all; whether it was going to."""
        timer = self.timers.pop(what, None)
        if timer is not None:
            timer.handle.cancel()
        return timer is not None

    def uptime(self) -> float:
        """Seconds since it came up, in its own time."""
        return (time.monotonic() - self.booted) / self.world.minute * 60

    def clock(self) -> datetime:
        """What its clock shows, in the site's zone; it runs as fast as its timers."""
        began = self.world.began
        return (began + (datetime.now(UTC) - began) * (60 / self.world.minute)).astimezone(_ZONE)

    def remaining(self, what: str) -> float | None:
        """Seconds of the device's time until something happens; None if it will not."""
        timer = self.timers.get(what)
        if timer is None:
            return None
        return max(0.0, (timer.at - asyncio.get_running_loop().time()) / self.world.minute * 60)

    # Who may come in

    def lost_to(self, peer: IPv4Address) -> str:
        """Why nobody there can reach it; `""` if they can."""
        return "it is off" if not self.up else self.personality.cut_off(self, peer)

    def login(self, user: str, password: str) -> bool:
        """Judge a password, and count the wrong ones."""
        if time.monotonic() < self.locked_until:
            self.refusals += 1
            return False
        if self.personality.admits(self, user, password):
            self.wrong_passwords = 0
            return True
        self.wrong_passwords += 1
        self.refusals += 1
        if self.wrong_passwords >= self.world.attempts:
            self.locked_until = time.monotonic() + self.world.lock_minutes * self.world.minute
            self.wrong_passwords = 0
        return False

    # Faults

    def fault(self, kind: str) -> Fault | None:
        """The fault of this kind, if the device has it."""
        return next((fault for fault in self.faults if fault.kind == kind), None)

    @property
    def serial(self) -> str:
        return f"FOC{2000 + self.index // 1000:04d}{self.index % 1000:03d}X"

    def mac(self, port: int) -> bytes:
        """The hardware address of a port, or of what hangs on it from 1000 on."""
        return b"\x02" + self.index.to_bytes(3) + port.to_bytes(2)


def hashed(device: Device, user: str, password: str) -> str:
    """What a device writes instead of a password: the same for the same password on it."""
    digest = hashlib.sha256(f"{device.world.seed}/{device.name}/{user}/{password}".encode()).digest()
    return base64.b64encode(digest, altchars=b"./").decode()[:43]


def knows(device: Device, user: str, password: str | None) -> bool:
    """Whether a `username` line has this user, and with this password if one is given."""
    line = device.running.value(f"username {user}")
    return line is not None and (password is None or hashed(device, user, password) in line)
