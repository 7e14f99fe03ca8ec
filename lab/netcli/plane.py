"""A plane of simulated devices, for tests and for the lab's command: started, told what to do, ended."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from datetime import datetime
from ipaddress import IPv4Network
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from lab.errors import LabError
from lab.netcli import fleet
from lab.netcli.device import World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from lab.netcli.device import Device

LOOPBACK: Final = IPv4Network("127.77.0.0/16")
ROOT: Final = Path(__file__).resolve().parents[2]
EVERYBODY: Final = "cisco_ios,alaxala_ax36s,nec_ix,yamaha,apresia_aeos"


def loopback_world(**changes: Any) -> World:
    """A world on this machine's own addresses 127.77.x.y, which needs no rights; timers run fast."""
    given: dict[str, Any] = {
        "network": LOOPBACK,
        "operators": IPv4Network("127.0.0.0/24"),
        "minute": 1.0,
        "boot_seconds": 0.3,
        **changes,
    }
    return World(**{"port": _free_port(), **given})


def world_from(given: Mapping[str, Any]) -> World:
    """A world as `Plane.describe` wrote it down."""
    read: dict[str, Any] = {key: IPv4Network(given[key]) for key in ("network", "operators")}
    return World(**{**given, **read, "began": datetime.fromisoformat(given["began"])})


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((str(LOOPBACK.network_address + 1), 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Plane:
    """Devices in a process of their own. `with Plane(folder, loopback_world(), 3) as plane:`."""

    folder: Path
    world: World
    count: int
    mix: str = "cisco_ios"
    process: subprocess.Popen[bytes] | None = None
    devices: list[Device] = field(default_factory=list)
    """What the devices are; what they are doing is asked by the methods."""

    def __post_init__(self) -> None:
        """Work out names and addresses; nothing runs yet."""
        self.devices = fleet.fleet(self.world, self.count, self.mix)

    def __enter__(self) -> Self:
        """Start, and wait until all devices answer."""
        self.start()
        return self

    def __exit__(self, *_failure: object) -> None:
        """End the process."""
        self.stop()

    @classmethod
    def at(cls, folder: Path) -> Plane:
        """The plane that was described in this folder.

        Raises:
            LabError: There is none.
        """
        try:
            given = json.loads((folder / "plane.json").read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise LabError(f"There are no simulated devices in {folder}.") from error
        return cls(folder, world_from(given["world"]), given["count"], given["mix"])

    # The process

    def describe(self) -> list[str]:
        """Write everything that the process needs; the words that start it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        world = asdict(self.world) | {"began": self.world.began.isoformat()}
        world |= {key: str(world[key]) for key in ("network", "operators")}
        text = json.dumps({"world": world, "count": self.count, "mix": self.mix})
        (self.folder / "plane.json").write_text(text, encoding="utf-8")
        (self.folder / "known_hosts").write_text(self.known_hosts(), encoding="utf-8")
        for left in ("ready", "control"):
            (self.folder / left).unlink(missing_ok=True)
        return [sys.executable, "-m", "lab.netcli", str(self.folder / "plane.json")]

    def start(self, timeout: float = 60) -> None:
        """Start the process and wait until all devices answer.

        Raises:
            LabError: They do not.
        """
        words = self.describe()
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                words, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        process = self.process
        try:
            self.await_ready(lambda: process.poll() is None, timeout)
        except LabError:
            self.stop()
            raise

    def await_ready(self, alive: Callable[[], bool], timeout: float = 60) -> None:
        """Wait until all devices answer, as long as their process is alive.

        Raises:
            LabError: They do not.
        """
        until = time.monotonic() + timeout
        while not (self.folder / "ready").exists():
            if not alive() or time.monotonic() > until:
                said = (self.folder / "log").read_text(encoding="utf-8", errors="replace")
                raise LabError(f"The simulated devices did not start:\n{said[-2000:]}")
            time.sleep(0.01)

    def stop(self) -> None:
        """End the process."""
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None

    # What can be done to devices

    def ask(self, do: str, **facts: Any) -> Any:
        """Put a request to the process.

        Raises:
            LabError: It was refused, or the process is not there.
        """
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(30)
                line.connect(str(self.folder / "control"))
                line.sendall(json.dumps({"do": do, **facts}).encode() + b"\n")
                with line.makefile("rb") as reader:
                    answer = json.loads(reader.readline())
        except OSError as error:
            raise LabError(
                f"The simulated devices in {self.folder} do not answer: {error.strerror}."
            ) from error
        if "error" in answer:
            raise LabError(answer["error"])
        return answer["answer"]

    def running(self, name: str) -> str:
        """The running configuration, as the device itself knows it."""
        return "\n".join(self.ask("running", device=name)) + "\n"

    def startup(self, name: str) -> str:
        """The saved configuration."""
        return "\n".join(self.ask("startup", device=name)) + "\n"

    def status(self, name: str) -> dict[str, Any]:
        """Whether it is up, reachable, unsaved; its timers, sessions and faults."""
        found: dict[str, Any] = self.ask("status", device=name)
        return found

    def typed(self, name: str) -> list[str]:
        """All lines that were typed on it, in order, whoever typed them."""
        found: list[str] = self.ask("typed", device=name)
        return found

    def fault(self, name: str, kind: str, **facts: Any) -> None:
        """Let it misbehave: `control.KINDS`; facts: `after` (lines), `text`, `seconds`."""
        self.ask("fault", device=name, kind=kind, **facts)

    def clear(self, name: str, kind: str | None = None) -> None:
        """End one kind of misbehaviour, or all."""
        self.ask("clear", device=name, kind=kind)

    def edit(self, name: str, lines: Sequence[str]) -> None:
        """A second operator changes the running configuration at this very moment."""
        self.ask("edit", device=name, lines=list(lines))

    def replug(self, *cables: tuple[str, str, str]) -> None:
        """Move cables: hardware address (`02:50:52:00:00:01`), device and port (`""`, `""`: pulled out).

        The device's MAC table follows at once; an address that the lab did not know becomes a station.
        """
        self.ask("replug", cables=[list(each) for each in cables])

    def save(self, name: str) -> None:
        """A second operator saves."""
        self.ask("save", device=name)

    def wait(self, name: str, timeout: float = 10, **wanted: Any) -> dict[str, Any]:
        """Until its status has these values: `plane.wait("sw0001", up=True, unsaved=False)`.

        Raises:
            LabError: It has not, in time.
        """
        until = time.monotonic() + timeout
        while True:
            found = self.status(name)
            if all(found[key] == value for key, value in wanted.items()):
                return found
            if time.monotonic() > until:
                raise LabError(f"{name} has not become {wanted} within {timeout:g} s; it is {found}.")
            time.sleep(0.02)

    # What an operator gets

    def trust(self, *public_keys: str) -> None:
        """From now on these keys, and certificates of these CAs, log in as users that the devices know."""
        with (self.folder / "trusted").open("a", encoding="utf-8") as file:
            file.writelines(f"{key.strip()}\n" for key in public_keys)

    def known_hosts(self) -> str:
        """The devices' host keys, as an SSH client wants them."""
        return fleet.known_hosts(self.devices, self.world.port)

    def items(self) -> list[dict[str, str]]:
        """The devices as items that daicho imports."""

        def block(device: Device) -> Sequence[Device]:
            start = device.index // fleet.BLOCK * fleet.BLOCK
            return self.devices[start : start + fleet.BLOCK]

        return [fleet.item(device, block) for device in self.devices]

    def of(self, platform: str) -> Iterable[Device]:
        """The devices of one personality."""
        return [device for device in self.devices if device.personality.name == platform]
