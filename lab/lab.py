"""A whole lab: machines, their network and their package repository."""

from __future__ import annotations

import fcntl
import json
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab import cgroup, handout, image, life, network
from lab.errors import LabError
from lab.machine import Machine
from lab.places import FIRST_HOST, MOST_MACHINES, Places, state_root
from lab.process import Progress, finished, run
from lab.repository import KEYRING, Repository

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator, Sequence

PROGRAMS = (
    *("apt-ftparchive", "dpkg-deb", "gpg", "ip", "mmdebstrap"),
    *("nsenter", "ssh", "ssh-keygen", "systemd-nspawn", "unshare"),
)

INOTIFY_INSTANCES = 8192


class Lab:
    """One lab by name; labs of different names know nothing of each other."""

    def __init__(self, name: str = "lab") -> None:
        self.name = name
        self.places = Places.of(name)
        self.repository = Repository(self.places)

    @property
    def state(self) -> Path:
        """The directory with known_hosts, items.yml, ssh_config, inventory.yml and the lab key."""
        return self.places.root

    def exists(self) -> bool:
        """Whether the lab is completely up."""
        return self.places.description.exists()

    def machines(self) -> list[Machine]:
        """The machines in order. An error names the command that brings the lab up."""
        return [
            Machine(self.places, row["name"], row["address"], row["attributes"])
            for row in self._description()["machines"]
        ]

    def machine(self, name: str) -> Machine:
        """One machine by name."""
        machines = {machine.name: machine for machine in self.machines()}
        if name not in machines:
            raise LabError(f"The lab {self.name!r} has no machine {name!r}. It has: {', '.join(machines)}.")
        return machines[name]

    def up(self, count: int = 6, progress: Progress | None = None) -> None:
        """Bring the lab up; does nothing if it is up with `count` machines already.

        Raises:
            LabError: it could not be brought up. What was made of it is removed again.
        """
        progress = progress or Progress(quiet=True)
        require_host()
        if not 1 <= count <= MOST_MACHINES:
            raise LabError(f"A lab has 1 to {MOST_MACHINES} machines, not {count}.")
        with self._alone():
            if self._stands(count):
                progress.say(f"the lab {self.name!r} is up already")
                return
            allow_many_machines(progress)
            base = image.ensure(progress)
            self._down()
            with life.whole_or_gone(progress, self._down):
                self._make(base, count, progress)

    def down(self) -> bool:
        """Remove the lab and everything that belongs to it, whole or half-made; whether there was any."""
        life.require_root()
        with self._alone():
            return self._down()

    def reset(self, names: Sequence[str] = ()) -> None:
        """Put machines (all, if none is named) back to their first day, and the repository with them."""
        base = Path(self._description()["image"])
        machines = [self.machine(name) for name in names] or self.machines()
        if not names:
            self.repository.restore()
        for machine in machines:
            machine.reset(base)
        for machine in machines:
            machine.wait_ready()
            self._install_authorities(machine)

    def trust(self, authority: str) -> None:
        """Let all machines accept SSH user certificates of this CA (the text of its .pub file)."""
        if not authority.startswith(("ssh-", "ecdsa-", "sk-")):
            raise LabError("That is not an SSH public key: a line like `ssh-ed25519 AAAA... name` is needed.")
        known = self._authorities()
        if authority.strip() not in known:
            (self.state / "authorities").write_text(
                "".join(f"{line}\n" for line in [*known, authority.strip()]), encoding="utf-8"
            )
        for machine in self.machines():
            self._install_authorities(machine)

    def execute(
        self,
        argv: Sequence[str | Path],
        *,
        text: str | None = None,
        env: dict[str, str] | None = None,
        timeout: float = 120,
    ) -> subprocess.CompletedProcess[str]:
        """Run a program in the lab's network; its status is the caller's to judge."""
        return network.inside(
            self.places.netns,
            lambda: finished(argv, text=text, env=env, timeout=timeout),
        )

    def ssh(
        self, machine: str, command: str, *options: str, timeout: float = 60
    ) -> subprocess.CompletedProcess[str]:
        """Run a command on a machine as user daicho with OpenSSH's client and the lab key."""
        config = self.state / "ssh_config"
        return self.execute(["ssh", "-F", config, *options, machine, command], timeout=timeout)

    def describe(self) -> dict[str, Any]:
        """The lab as `lab status` shows it."""
        machines = [machine.describe() for machine in self.machines()]
        return {
            "name": self.name,
            "state": str(self.state),
            "netns": self.places.netns,
            "image": self._description()["image"],
            "repository": {
                "serving": self.repository.serving(),
                "published": self.repository.published(),
                "faults": self.repository.faults(),
            },
            "machines": machines,
        }

    def _make(self, base: Path, count: int, progress: Progress) -> None:
        self.places.machines.mkdir(parents=True)
        self.places.layer.mkdir()
        network.create_bridge(self.places.netns)
        self.repository.create()
        self._make_layer(base)
        progress.say("package repository signed and served")
        machines = [
            Machine(self.places, f"ep{n + 1:02d}", f"10.77.0.{FIRST_HOST + n}", handout.attributes(n, count))
            for n in range(count)
        ]
        for machine in machines:
            machine.create()
            machine.start(base)
        handout.write(self.places, machines)
        progress.say(f"{count} machines switched on")
        for machine in machines:
            machine.wait_ready(timeout=120)
        progress.say("all machines answer ssh")
        rows = [{"name": m.name, "address": m.address, "attributes": m.attributes} for m in machines]
        description = {"name": self.name, "image": str(base), "machines": rows}
        self.places.description.write_text(json.dumps(description, indent=1), encoding="utf-8")

    def _make_layer(self, base: Path) -> None:
        """What all machines of this lab share: the lab's key, the package source and its index."""
        key, layer = self.places.user_key, self.places.layer
        life.make_key(key, f"lab {self.name}")
        for path in ("etc/ssh/lab_keys", "etc/apt/sources.list.d", "usr/share/keyrings"):
            (layer / path).mkdir(parents=True)
        public = key.with_suffix(".pub").read_text(encoding="utf-8")
        (layer / "etc/ssh/lab_keys/daicho").write_text(public, encoding="utf-8")
        sources = layer / "etc/apt/sources.list.d/lab.list"
        sources.write_text(self.repository.sources(), encoding="utf-8")
        self.repository.public_key(layer / KEYRING)
        update = (
            'mount -t overlay overlay -o "lowerdir=$1,upperdir=$2,workdir=$3,volatile" "$4" && '
            'mount --bind /dev "$4/dev" && chroot "$4" apt-get -q update'
        )
        work, root = self.state / "layer-work", self.state / "layer-root"
        work.mkdir()
        root.mkdir()
        enter = ["nsenter", f"--net=/run/netns/{self.places.netns}", "unshare", "--mount"]
        run([*enter, "sh", "-c", update, "sh", base, layer, work, root])
        shutil.rmtree(work)
        root.rmdir()

    def _down(self) -> bool:
        return life.remove(self.state, cgroup.path(self.name), self._unplug)

    def _unplug(self) -> bool:
        ours = network.namespaces(self.places.netns)
        for name in ours:
            network.delete(name)
        return bool(ours)

    def _stands(self, count: int) -> bool:
        if not self.exists():
            return False
        machines = self.machines()
        if any(machine.power() == "broken" for machine in machines):
            return False
        if len(machines) != count:
            raise LabError(
                f"The lab {self.name!r} is up with {len(machines)} machines, not {count}. "
                f"`python -m lab down --name {self.name}` removes it."
            )
        return True

    def _authorities(self) -> list[str]:
        file = self.state / "authorities"
        return file.read_text(encoding="utf-8").splitlines() if file.exists() else []

    def _install_authorities(self, machine: Machine) -> None:
        text = "".join(f"{line}\n" for line in self._authorities())
        (machine.root / "etc/ssh/daicho_ca.pub").write_text(text, encoding="utf-8")

    def _description(self) -> dict[str, Any]:
        return life.described(
            self.places.description,
            f"The lab {self.name!r} is not up. `python -m lab up --name {self.name}` brings it up.",
        )

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Only one process at a time makes or removes a lab of this name."""
        root = state_root()
        root.mkdir(parents=True, exist_ok=True)
        path = root / f".{self.name}.lock"
        with path.open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise LabError(
                    f"Another process is bringing the lab {self.name!r} up or down: wait for it."
                ) from error
            try:
                yield
            finally:
                path.unlink(missing_ok=True)


def require_host() -> None:
    """Check that this host can carry a lab, before anything is made."""
    life.require_host(PROGRAMS)
    image.codename()


def allow_many_machines(progress: Progress) -> None:
    """Raise the host's limit on inotify instances, of which each machine's systemd needs about eight.

    The kernel's 128 are for all processes of root together: past them a machine's systemd ends
    while booting ("Failed to allocate manager object").
    """
    limit = Path("/proc/sys/fs/inotify/max_user_instances")
    if int(limit.read_text(encoding="ascii")) < INOTIFY_INSTANCES:
        limit.write_text(str(INOTIFY_INSTANCES), encoding="ascii")
        progress.say(f"raised fs.inotify.max_user_instances of this host to {INOTIFY_INSTANCES}")
