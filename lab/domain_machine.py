"""One machine of the lab's directory: on, off, killed, without power; and commands on it."""

from __future__ import annotations

import os
import shlex
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lab import cgroup, daemon, domain_network, network
from lab.domain_plan import CONTROLLER, CONTROLLERS, Server
from lab.errors import CommandError, LabError
from lab.process import finished

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Sequence

    from lab.domain_places import DomainPlaces

_SCRIPT: Final = Path(__file__).with_name("domain_machine.sh")
_CONTROLLER: Final = "exec samba --foreground --no-process-group"
_MEMBER: Final = "winbindd -F --no-process-group & exec smbd -F --no-process-group"
# slapd makes room for as many connections as it may open files: without a limit, gigabytes on some hosts.
_LDAP: Final = "ulimit -n 4096; exec slapd -d 0 -F /etc/ldap/slapd.d -h 'ldapi:/// ldap://{0} ldaps://{0}'"
# In a group of the domain: when it goes down, a program of a killed command ends too.
_JOIN: Final = 'mkdir -p "$1" && echo $$ > "$1/cgroup.procs" && shift && exec "$@"'
# Without fsync: a power cut here means losing processes, not the host's page cache.
_ENVIRONMENT: Final = {"TDB_NO_FSYNC": "1", "KRB5CCNAME": "FILE:/run/krb5cc"}
_POLL_S: Final = 0.02


class Machine:
    """A machine by the name and address of the plan; its files are under its folder's `root`."""

    def __init__(self, places: DomainPlaces, server: Server) -> None:
        self.places = places
        self.server = server

    @property
    def root(self) -> Path:
        return self.places.machine(self.server.name) / "root"

    @property
    def group(self) -> Path:
        return self.places.group / self.server.name

    def running(self) -> bool:
        return daemon.alive(self.group)

    def start(self) -> None:
        """Start its servers; does not wait for them."""
        if self.running():
            return
        log = self.places.machine(self.server.name) / "console.log"
        words = self._mounted(["sh", "-c", self._servers()])
        argv = ["env", *(f"{key}={value}" for key, value in _ENVIRONMENT.items()), *words]
        daemon.spawn(argv, group=self.group, netns=self.places.netns(self.server.name), log=log)

    def _servers(self) -> str:
        if self.server.name in CONTROLLERS:
            return _CONTROLLER
        return _LDAP.format(self.server.address) if self.server.name == "ldap1" else _MEMBER

    def wait_ready(self, timeout: float = 60) -> None:
        """Wait until every port of it accepts connections, seen from the controller.

        Raises:
            LabError: its servers ended, or did not come up in time.
        """
        network.inside(self.places.netns(CONTROLLER), lambda: self._wait(time.monotonic() + timeout))

    def _wait(self, until: float) -> None:
        missing = list(self.server.ports)
        while missing:
            missing = [port for port in missing if not network.listens(self.server.address, port)]
            if missing and (time.monotonic() > until or not self.running()):
                raise LabError(
                    f"{self.server.name} does not listen on {', '.join(map(str, missing))}: see "
                    f"{self.places.machine(self.server.name)}/console.log and root/var/log."
                )
            time.sleep(_POLL_S if missing else 0)

    def stop(self, timeout: float = 20) -> None:
        """End its servers as a shutdown does; what still runs after `timeout` seconds is killed."""
        for pid in cgroup.processes(self.group):
            _terminate(pid)
        until = time.monotonic() + timeout
        while self.running() and time.monotonic() < until:
            time.sleep(_POLL_S)
        self.kill()

    def kill(self) -> None:
        """End its servers at once, in the middle of whatever they do; the machine itself answers on."""
        cgroup.destroy(self.group)

    def power(self, *, on: bool) -> None:
        """Cut its power: servers and cable at once, so that nobody is even refused. Or give it back."""
        if on:
            domain_network.plug(self.places, self.server.name, connected=True)
            self.start()
        else:
            domain_network.plug(self.places, self.server.name, connected=False)
            self.kill()

    def execute(
        self, argv: Sequence[str | Path], *, text: str | None = None, timeout: float = 120
    ) -> subprocess.CompletedProcess[str]:
        """Run a program on the machine, servers on or off; its status is the caller's to judge."""
        words = [str(word) for word in argv]
        netns = f"--net=/run/netns/{self.places.netns(self.server.name)}"
        running = cgroup.processes(self.group)
        if running:
            inside = ["nsenter", f"--target={running[0]}", "--mount", "--uts", netns, *words]
        else:
            inside = ["nsenter", netns, *self._mounted(words)]
        return finished(
            ["sh", "-c", _JOIN, "sh", str(self.places.group / "tools"), *inside],
            text=text,
            timeout=timeout,
            env=os.environ
            | {
                "KRB5_CONFIG": str(self.places.krb5_config),
                "KRB5CCNAME": "FILE:/run/krb5cc",
                "TDB_NO_FSYNC": "1",
            },
        )

    def run(self, argv: Sequence[str | Path], *, text: str | None = None, timeout: float = 120) -> str:
        """As `execute`, for programs that must succeed: their standard output.

        Raises:
            CommandError: it ended with a status other than 0.
        """
        done = self.execute(argv, text=text, timeout=timeout)
        if done.returncode:
            shown = [self.server.name, "$", shlex.join(str(word) for word in argv)]
            raise CommandError(shown, done.returncode, done.stdout + done.stderr)
        return done.stdout

    def _mounted(self, words: Sequence[str]) -> list[str]:
        folder = self.places.machine(self.server.name)
        own = ["unshare", "--mount", "--uts", "--propagation", "private"]
        return [*own, "sh", str(_SCRIPT), str(folder), self.server.name, *words]


def _terminate(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        return
