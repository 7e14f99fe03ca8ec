"""Windows terminals in a process of their own, for tests and for the lab's command: started, told, ended."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field, replace
from ipaddress import IPv4Network
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from lab.errors import LabError
from lab.winrm.population import item
from lab.winrm.world import World, name_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ROOT: Final = Path(__file__).resolve().parents[2]
_DESCRIPTION: Final = "windows.json"


@dataclass
class Windows:
    """Terminals by the thousand. `with Windows(folder, 3) as windows: windows.state("pc00001")`."""

    folder: Path
    count: int
    world: World = field(default_factory=World)
    process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start, and wait until they answer."""
        self.start()
        return self

    def __exit__(self, *_failure: object) -> None:
        """End the process."""
        self.stop()

    @classmethod
    def at(cls, folder: Path) -> Windows:
        """The terminals that were described in this folder.

        Raises:
            LabError: There are none.
        """
        try:
            given = json.loads((folder / _DESCRIPTION).read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise LabError(f"There are no Windows terminals in {folder}.") from error
        return cls(folder, given["count"], world_from(given["world"]))

    # The process

    def describe(self) -> list[str]:
        """Write everything that the process needs; the words that start it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.world = _complete(self.world)
        world = asdict(self.world) | {"network": str(self.world.network)}
        with os.fdopen(
            os.open(self.folder / _DESCRIPTION, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w"
        ) as file:
            json.dump({"world": world, "count": self.count}, file)
        for left in ("ready", "control"):
            (self.folder / left).unlink(missing_ok=True)
        return [sys.executable, "-m", "lab.winrm", str(self.folder / _DESCRIPTION)]

    def start(self, timeout: float = 60) -> None:
        """Start the process and wait until the terminals answer.

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
        """Wait until the terminals answer, as long as their process is alive.

        Raises:
            LabError: They do not.
        """
        until = time.monotonic() + timeout
        while not (self.folder / "ready").exists():
            if not alive() or time.monotonic() > until:
                said = (self.folder / "log").read_text(encoding="utf-8", errors="replace")
                raise LabError(f"The Windows terminals did not start:\n{said[-2000:]}")
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

    # What can be asked of terminals and done to them

    def ask(self, do: str, **facts: Any) -> Any:
        """Put a request to the process.

        Raises:
            LabError: It was refused, or the process is not there.
        """
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(60)
                line.connect(str(self.folder / "control"))
                line.sendall(json.dumps({"do": do, **facts}).encode() + b"\n")
                with line.makefile("rb") as reader:
                    answer = json.loads(reader.readline())
        except OSError as error:
            raise LabError(f"The Windows terminals in {self.folder} do not answer: {error}.") from error
        if "error" in answer:
            raise LabError(answer["error"])
        return answer["answer"]

    def state(self, host: str) -> dict[str, Any]:
        """All areas of a terminal's state, without passwords."""
        found: dict[str, Any] = self.ask("state", host=host)
        return found

    def set(self, host: str, values: Mapping[str, Any]) -> None:
        """Change values: `{"system.free": 0, "updates.offered.KB5050001.state": "installed"}`."""
        self.ask("set", host=host, values=dict(values))

    def fault(self, host: str, kind: str, **facts: Any) -> None:
        """Let it misbehave; `facts`: text, seconds, after (so many occasions go well), times (0: always)."""
        self.ask("fault", host=host, kind=kind, **facts)

    def clear(self, host: str, kind: str | None = None) -> list[str]:
        """Take a fault away, or all; the kinds that it had."""
        found: list[str] = self.ask("clear", host=host, **({"kind": kind} if kind else {}))
        return found

    def power(self, host: str, *, on: bool) -> None:
        """Switch it on or off."""
        self.ask("power", host=host, on=on)

    def reboot(self, host: str) -> None:
        """Somebody starts it again."""
        self.ask("reboot", host=host)

    def wire(self, host: str) -> list[dict[str, Any]]:
        """What arrived there, in order: form, name, arguments without secrets, check, become, code."""
        found: list[dict[str, Any]] = self.ask("wire", host=host)
        return found

    def arrived(self, host: str, form: str = "module") -> list[str]:
        """The names of what arrived, of one form (`module`, `script`, `bare`, `file`, `command`)."""
        return [each["name"] for each in self.wire(host) if each["form"] == form]

    def status(self, host: str) -> dict[str, Any]:
        """Whether it is up, when it returns, how often it booted, its shells and faults."""
        found: dict[str, Any] = self.ask("status", host=host)
        return found

    def summary(self) -> dict[str, Any]:
        """How many there are and are up; the process's memory, CPU and counts."""
        found: dict[str, Any] = self.ask("summary")
        return found

    def wait(self, host: str, timeout: float = 10, **wanted: Any) -> dict[str, Any]:
        """Until its status has these values: `windows.wait("pc00001", up=True)`.

        Raises:
            LabError: It has not, in time.
        """
        until = time.monotonic() + timeout
        while True:
            found = self.status(host)
            if all(found[key] == value for key, value in wanted.items()):
                return found
            if time.monotonic() > until:
                raise LabError(f"{host} has not become {wanted} within {timeout:g} s; it is {found}.")
            time.sleep(0.02)

    # What a client gets

    @property
    def ca(self) -> Path:
        """The certificate of the authority that signed the terminals' certificates."""
        return self.folder / "ca.crt"

    @property
    def names(self) -> list[str]:
        """Of all terminals."""
        return [name_of(index) for index in range(self.count)]

    def address(self, host: str) -> str:
        """Of a terminal by its name."""
        return str(self.world.address(int(host.removeprefix("pc")) - 1))

    def items(self) -> list[dict[str, Any]]:
        """The terminals as items that daicho imports."""
        return [item(self.world, index) for index in range(self.count)]

    def variables(self) -> dict[str, Any]:
        """Ansible's connection variables, the same for all; the password in clear."""
        return {
            "ansible_connection": "winrm",
            "ansible_port": self.world.port,
            "ansible_winrm_scheme": "https",
            "ansible_winrm_transport": "ntlm",
            "ansible_winrm_message_encryption": "always",
            "ansible_winrm_ca_trust_path": str(self.ca),
            "ansible_user": self.world.login,
            "ansible_password": self.world.password,
        }

    def inventory(self) -> dict[str, Any]:
        """An inventory for ansible-playbook alone, without daicho; YAML includes JSON."""
        hosts = {name: {"ansible_host": self.address(name)} for name in self.names}
        return {"all": {"vars": self.variables(), "hosts": hosts}}


def world_from(given: Mapping[str, Any]) -> World:
    """A world as `Windows.describe` wrote it down."""
    return World(**{**given, "network": IPv4Network(given["network"])})


def _complete(world: World) -> World:
    """A world with passwords that nobody knows yet, and a first day."""
    return replace(
        world,
        password=world.password or secrets.token_urlsafe(18),
        administrator_password=world.administrator_password or secrets.token_urlsafe(18),
        began=world.began or time.time(),
    )


def loopback_world(**changes: Any) -> World:
    """A world on this machine's own addresses 127.86.x.y, which needs no rights, at a port of its own."""
    return World(**{"port": free_port(World().network), **changes})


def free_port(network: IPv4Network) -> int:
    """A port that nobody uses on these addresses of this machine."""
    with socket.socket() as probe:
        probe.bind((str(network.network_address + 1), 0))
        port: int = probe.getsockname()[1]
        return port
