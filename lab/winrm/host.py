"""One terminal: what it is, what it does at this moment, and areas of state, made when they are asked for."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import asdict, dataclass, is_dataclass
from typing import TYPE_CHECKING, Any, Final

from lab.errors import LabError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from lab.winrm.faults import Fault
    from lab.winrm.world import World
    from lab.winrm.wsman import Shell

AREAS: Final[dict[str, type[Any]]] = {}
_KEPT: Final = 2000
"""Of what arrived at a host, this many entries."""


def area[T](name: str) -> Callable[[type[T]], type[T]]:
    """Register a dataclass as an area of every host's state, `state HOST` shows it under this name.

    Its fields hold what JSON holds (or dataclasses of it) and have defaults. A class method `first(host)`
    makes the first day's state instead of the defaults; methods `rebooted(host)` and `installed(host, kb)`
    are called when that has happened; a method `shown()` gives what may be seen, if that is not everything.
    """

    def register(cls: type[T]) -> type[T]:
        if not is_dataclass(cls) or AREAS.setdefault(name, cls) is not cls:
            raise TypeError(f"The area {name!r} must be one dataclass.")
        return cls

    return register


@dataclass(slots=True)
class Arrival:
    """Something that came over the wire, secrets taken out."""

    at: float
    user: str
    form: str
    """`module`, `script` (of ours), `bare` (a script of a plugin of Ansible), `file`, `command`."""
    name: str
    arguments: dict[str, Any]
    check: bool = False
    become: str = ""
    code: int | None = None
    """The exit status; none while it runs, or when it never ended."""


class Host:
    """A terminal. Idle ones hold nothing but their name and place."""

    __slots__ = (
        *("_areas", "_wire", "_woken_at"),
        *(
            "address",
            "boots",
            "connections",
            "faults",
            "index",
            "lets_in",
            "name",
            "running",
            "shells",
            "world",
        ),
    )

    def __init__(self, index: int, name: str, world: World, returns_at: float) -> None:
        """Know its place; `returns_at` is when it is switched on (Unix time)."""
        self.index, self.name, self.world = index, name, world
        self.address = str(world.address(index))
        self.boots = 0
        self.shells: dict[str, Shell] = {}
        self.connections: set[asyncio.Transport] = set()
        self.faults: list[Fault] = []
        self.running: dict[str, asyncio.Task[None]] = {}
        """What goes on without a shell: asynchronous tasks, installations of updates."""
        self._areas: dict[str, Any] = {}
        self._wire: deque[Arrival] | None = None
        self._woken_at = returns_at
        self.lets_in: Callable[[str], bool] = lambda _address: True
        """Whether its firewall takes a connection from an address."""

    def of[T](self, cls: type[T]) -> T:
        """An area of its state, made on the first call."""
        name = next(name for name, each in AREAS.items() if each is cls)
        found: T = self.area(name)
        return found

    def area(self, name: str) -> Any:
        """The same by the area's name.

        Raises:
            LabError: There is no such area.
        """
        if name not in self._areas:
            if name not in AREAS:
                raise LabError(f"Hosts have no {name!r}. They have {', '.join(sorted(AREAS))}.")
            cls = AREAS[name]
            self._areas[name] = cls.first(self) if hasattr(cls, "first") else cls()
        return self._areas[name]

    def state(self) -> dict[str, Any]:
        """All areas, as JSON holds them; no password."""
        areas = ((name, self.area(name)) for name in sorted(AREAS))
        return {name: each.shown() if hasattr(each, "shown") else asdict(each) for name, each in areas}

    # Power

    @property
    def up(self) -> bool:
        """Whether it answers at this moment."""
        return time.time() >= self._woken_at and not self.fault("off")

    @property
    def booted_at(self) -> float:
        """Unix time of its last start."""
        return self._woken_at if self.boots else self.world.began - 86_400 - self.index

    @property
    def returns_in(self) -> float:
        """Seconds until it is there again, 0 if it is."""
        return max(0.0, self._woken_at - time.time())

    def switch(self, *, on: bool) -> None:
        """Somebody presses its button, unless it is so already."""
        if on == self.up:
            return
        self._woken_at = time.time() if on else float("inf")
        if on:
            self.boots += 1
            self.tell("rebooted")
        else:
            self._end_all()

    def reboot(self, *, hard: bool = False) -> None:
        """Start again now: what ran is gone, what waited for a reboot happens.

        Where hosts boot in no time nothing is cut off, unless it is `hard`: a test need not wait for its
        client's patience.
        """
        never = self.fault("reboot-never-ends")
        slow = self.fault("slow-boot")
        seconds = slow.seconds if slow else self.world.boot_seconds
        if hard or never or seconds:
            self._end_all()
        self.boots += 1
        self._woken_at = float("inf") if never else time.time() + seconds
        self.tell("rebooted")

    def tell(self, event: str, *facts: Any) -> None:
        """Call the method of this name of all areas that have one: `rebooted`, `installed(host, kb)`."""
        if event == "installed":
            areas = [self.area(name) for name, cls in AREAS.items() if hasattr(cls, event)]
        else:
            areas = list(self._areas.values())
        for each in areas:
            if hasattr(each, event):
                getattr(each, event)(self, *facts)

    def start(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Let something go on until it ends or the host does."""
        task = asyncio.get_running_loop().create_task(work)
        self.running[name] = task
        task.add_done_callback(lambda _task: self.running.pop(name, None))

    def cut_off(self) -> None:
        """Who is connected is so no longer."""
        for transport in list(self.connections):
            transport.abort()

    def _end_all(self) -> None:
        self.cut_off()
        for shell in self.shells.values():
            for process in shell.processes.values():
                process.kill()
        self.shells.clear()
        for task in list(self.running.values()):
            task.cancel()

    # Faults and what arrived

    def fault(self, kind: str) -> Fault | None:
        """Its fault of a kind, if it has one."""
        return next((each for each in self.faults if each.kind == kind), None)

    def spend(self, kind: str) -> Fault | None:
        """The same, and one time less of those that happen a number of times."""
        found = self.fault(kind)
        return found if found and self.spent(found) else None

    def spent(self, fault: Fault) -> bool:
        """Whether a fault happens on this occasion; one that happens a number of times has one less."""
        if not fault.due():
            return False
        if fault.times == 1:
            self.faults.remove(fault)
        elif fault.times > 1:
            fault.times -= 1
        return True

    def arrived(self, arrival: Arrival) -> Arrival:
        """Write down what came; its `code` is filled in when it ends."""
        if self._wire is None:
            self._wire = deque(maxlen=_KEPT)
        self._wire.append(arrival)
        return arrival

    @property
    def touched(self) -> bool:
        """Whether anybody spoke to it, or changed it."""
        return bool(self._wire or self._areas or self.faults or self.boots)

    @property
    def wire(self) -> list[Arrival]:
        """What came, in order."""
        return list(self._wire or ())
