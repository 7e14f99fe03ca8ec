"""One machine of the lab: its power button, its console, its disk."""

from __future__ import annotations

import shutil
import time
import uuid
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab import cgroup, daemon, network
from lab.errors import CommandError, LabError
from lab.life import make_key
from lab.process import run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lab.places import Places


@dataclass(frozen=True)
class Machine:
    """A Debian machine with systemd as its first process, in a network namespace of its own."""

    places: Places
    name: str
    address: str
    attributes: dict[str, str | int] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        return self.places.machines / self.name

    @property
    def netns(self) -> str:
        return self.places.machine_netns(self.name)

    @property
    def group(self) -> Path:
        """The control group of all its processes."""
        return cgroup.path(self.places.name) / self.name

    @property
    def console(self) -> Path:
        """What the machine and its supervisor print."""
        return self.folder / "console.log"

    @property
    def root(self) -> Path:
        """The machine's file system as seen from the host, on or off."""
        return Path(f"/proc/{self._supervisor()}/root{self.folder}/root")

    def create(self) -> None:
        """Give the machine an identity of its own and a network; it is not switched on yet."""
        for part in ("identity/etc/ssh", "upper", "work", "root"):
            (self.folder / part).mkdir(parents=True)
        etc = self.folder / "identity/etc"
        (etc / "hostname").write_text(f"{self.name}\n", encoding="utf-8")
        (etc / "hosts").write_text(f"127.0.0.1 localhost\n{self.address} {self.name}\n", encoding="utf-8")
        (etc / "machine-id").write_text(f"{uuid.uuid4().hex}\n", encoding="utf-8")
        key = etc / "ssh/ssh_host_ed25519_key"
        make_key(key, self.name)
        run(["mkfifo", "--mode=0600", self.folder / "control"])
        network.connect(self.places.netns, self.netns, self.name, self.address)

    def start(self, image: Path) -> None:
        """Put the machine together and switch it on for the first time."""
        group = f"{cgroup.PARENT}/{self.places.name}/{self.name}"
        layers = f"{self.folder / 'identity'}:{self.places.layer}:{image}"
        script = str(files("lab").joinpath("supervise.sh"))
        pid = daemon.spawn_supervisor(
            [script, self.name, str(self.folder), group, layers],
            group=self.group / "supervisor",
            netns=self.netns,
            log=self.console,
        )
        (self.folder / "pid").write_text(str(pid), encoding="ascii")

    def reset(self, image: Path) -> None:
        """Back to the machine's first day: same name, address and keys, a fresh disk, no faults."""
        cgroup.destroy(self.group)
        for part in ("upper", "work"):
            shutil.rmtree(self.folder / part)
            (self.folder / part).mkdir()
        for left in ("no-return", "boot-delay", "faults", "power"):
            (self.folder / left).unlink(missing_ok=True)
        network.plug(self.places.netns, self.name, connected=True)
        self.start(image)

    def host_key(self) -> str:
        """The public key by which SSH clients know the machine: `ssh-ed25519 AAAA...`."""
        line = (self.folder / "identity/etc/ssh/ssh_host_ed25519_key.pub").read_text(encoding="utf-8")
        return " ".join(line.split()[:2])

    def power(self) -> str:
        """`on`, `off`, or `broken` when the supervisor has ended."""
        if not daemon.alive(self.group / "supervisor"):
            return "broken"
        state = self.folder / "power"
        return state.read_text(encoding="ascii").strip() if state.exists() else "off"

    def power_on(self, timeout: float = 60) -> None:
        """Press the power button and wait until the machine answers SSH."""
        state = self.power()
        if state == "broken":
            raise LabError(f"{self.name}: its supervisor has ended; `reset` makes the machine anew.")
        if state == "off":
            (self.folder / "control").write_text("on\n", encoding="ascii")
        self.wait_ready(timeout)

    def power_off(self, timeout: float = 60) -> None:
        """Shut the machine down in good order."""
        if self.power() == "on":
            self.run(["systemctl", "poweroff", "--no-block"])
            self.wait_off(timeout)

    def power_cut(self, timeout: float = 20) -> None:
        """Pull the plug: every process is gone at once."""
        if self.power() == "on":
            (self.group / "boot" / "cgroup.kill").write_text("1", encoding="ascii")
            self.wait_off(timeout)

    def wait_off(self, timeout: float = 60) -> None:
        self._wait(lambda: self.power() == "off", "is not off", timeout)

    def wait_ready(self, timeout: float = 60) -> None:
        """Wait until sshd greets and systemd has finished starting up."""
        bridge = self.places.netns
        self._wait(
            lambda: network.inside(bridge, lambda: network.answers_ssh(self.address)),
            "does not answer ssh",
            timeout,
        )
        self._wait(lambda: self.systemd() in {"running", "degraded"}, "has not finished booting", timeout)

    def systemd(self) -> str:
        """Systemd's own word for its state (`running`, `degraded`, `starting`), or `-` without power."""
        if self.power() != "on":
            return "-"
        try:
            return self.run(["systemctl", "is-system-running"], timeout=20).strip()
        except CommandError as error:
            word = error.output.split("\n")[0]
            return word if word.isalpha() else "starting"
        except LabError:
            return "starting"

    def boot_id(self) -> str:
        return self.run(["cat", "/proc/sys/kernel/random/boot_id"]).strip()

    def run(self, argv: Sequence[str], *, text: str | None = None, timeout: float = 60) -> str:
        """Run a program as root on the machine's console, without SSH; returns its output."""
        enter = ["nsenter", f"--target={self._first_process()}", "--all", "--wd=/"]
        return run([*enter, "env", "-i", f"PATH={_PATH}", *argv], text=text, timeout=timeout)

    def faults(self) -> list[str]:
        """The faults that the machine has at the moment."""
        record = self.folder / "faults"
        return record.read_text(encoding="utf-8").split() if record.exists() else []

    def describe(self) -> dict[str, Any]:
        """The machine as a row of `lab status`."""
        return {
            "name": self.name,
            "address": self.address,
            "power": self.power(),
            "systemd": self.systemd(),
            "faults": self.faults(),
            "attributes": self.attributes,
        }

    def _wait(self, condition: Any, what: str, timeout: float) -> None:
        until = time.monotonic() + timeout
        while not condition():
            if self.power() == "broken":
                raise LabError(f"{self.name}: its supervisor has ended:\n{self._last_words()}")
            if time.monotonic() > until:
                raise LabError(f"{self.name} {what} after {timeout:g} s:\n{self._last_words()}")
            time.sleep(0.1)

    def _last_words(self) -> str:
        text = self.console.read_text(encoding="utf-8", errors="replace") if self.console.exists() else ""
        return "\n".join(text.splitlines()[-5:]) or f"(nothing on its console {self.console})"

    def _supervisor(self) -> int:
        try:
            return int((self.folder / "pid").read_text(encoding="ascii"))
        except FileNotFoundError as error:
            raise LabError(f"The lab {self.places.name!r} has no machine {self.name}.") from error

    def _first_process(self) -> int:
        """Systemd's process id as the host counts."""
        try:
            line = (self.group / "boot/payload/init.scope/cgroup.procs").read_text(encoding="ascii")
            return int(line.split()[0])
        except (FileNotFoundError, IndexError) as error:
            raise LabError(f"{self.name} is off or still booting: nothing can be run on it.") from error


_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
