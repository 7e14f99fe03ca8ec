"""The lab's directory: real Samba domain controllers, a member file server, and OpenLDAP."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lab import (
    cgroup,
    domain_build,
    domain_files,
    domain_network,
    domain_template,
    domain_versions,
    ldif,
    life,
    network,
)
from lab.domain_ldap import SERVICE_DN
from lab.domain_machine import Machine
from lab.domain_places import DomainPlaces
from lab.domain_plan import BASE, CONTROLLER, CONTROLLERS, LDAP_BASE, POPULATIONS, SERVERS, SERVICE
from lab.errors import CommandError, LabError
from lab.process import Progress, finished

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Collection, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from lab.ldif import Entry

PROGRAMS: Final = ("ip", "nsenter", "samba", "samba-tool", "smbd", "winbindd", "slapd", "ldapsearch", "kinit")
OPTIONAL: Final = ("dc2", "fs1", "ldap1")
_POLL_S: Final = 0.1


class Domain:
    """One directory by name; those of different names know nothing of each other."""

    base = BASE
    ldap_base = LDAP_BASE
    bind_dn = f"CN={SERVICE},CN=Users,{BASE}"
    """A domain administrator; its password is `secret("svc-daicho")`."""
    ldap_bind_dn = SERVICE_DN
    """Who may change ldap1; the password is `secret("ldap1")`."""

    def __init__(self, name: str = "lab") -> None:
        self.name = name
        self.places = DomainPlaces.of(name)

    @property
    def state(self) -> Path:
        """The directory with ca.crt, krb5.conf, secrets/."""
        return self.places.root

    @property
    def ca(self) -> Path:
        """The certificate of the CA that signed every server's."""
        return self.places.authority

    @property
    def krb5_config(self) -> Path:
        return self.places.krb5_config

    @property
    def netns(self) -> str:
        """The controller's network namespace: `ip netns exec` finds servers and names there."""
        return self.places.netns(CONTROLLER)

    @property
    def environment(self) -> dict[str, str]:
        """What programs on the controller have to know."""
        return {
            "KRB5_CONFIG": str(self.krb5_config),
            "KRB5CCNAME": f"FILE:{self._tickets}",
            "LDAPTLS_CACERT": str(self.ca),
        }

    @property
    def _tickets(self) -> Path:
        return self.state / "krb5cc"

    def secret_file(self, name: str = SERVICE) -> Path:
        """The file with one password and nothing else.

        Names: administrator, svc-daicho, people (of everybody in the population), ldap1.
        """
        return self.places.secrets / name

    def secret(self, name: str = SERVICE) -> str:
        return self.secret_file(name).read_text(encoding="utf-8")

    def address(self, machine: str) -> str:
        return SERVERS[machine].address

    def fqdn(self, machine: str) -> str:
        return SERVERS[machine].fqdn

    def uri(self, machine: str = "dc1") -> str:
        """Its LDAPS address."""
        return f"ldaps://{SERVERS[machine].fqdn}"

    # Its life

    def up(self, people: int = 300, parts: Collection[str] = (), progress: Progress | None = None) -> None:
        """Bring dc1 up, and of dc2, fs1, ldap1 those in `parts`; does nothing if just these are up.

        Raises:
            LabError: it could not be brought up. What was made of it is removed again.
        """
        progress = progress or Progress(quiet=True)
        _require(people, parts)
        machines = ["dc1", *(name for name in OPTIONAL if name in parts)]
        if self.places.state.exists():
            self._stands(people, machines)
            progress.say(f"the domain {self.name!r} is up already")
            return
        self.down()
        with life.whole_or_gone(progress, self.down):
            self._make(people, machines, progress)

    def down(self) -> bool:
        """Remove it, whole or half-made; whether there was any."""
        there = life.remove(self.state, self.places.group, lambda: domain_network.delete(self.places))
        domain_template.clear_interrupted()
        return there

    def reset(self, only: Collection[str] = ()) -> None:
        """Everything as on the first day, or some machines: on, with the data of the template.

        Of the machines that know each other (dc1, dc2, fs1) none can go back alone.
        """
        found = self._description()
        names = [name for name in found["machines"] if not only or name in only]
        whole = names == found["machines"]
        for group in [self.places.group] if whole else [self.machine(name).group for name in names]:
            cgroup.destroy(group)
        self._tickets.unlink(missing_ok=True)
        domain_template.copy(Path(found["template"]), self.places, names)
        for name in names:
            domain_network.plug(self.places, name, connected=True)
        self._start(names)

    def _make(self, people: int, machines: list[str], progress: Progress) -> None:
        template = domain_template.ensure(people, tuple(machines), progress)
        places = self.places
        places.root.mkdir(parents=True, mode=0o700)
        domain_template.copy(template, places, machines)
        domain_network.create(places, machines)
        self._hand_out(machines)
        progress.say(f"disks of {', '.join(machines)} copied from {template.name}")
        self._start(machines)
        found = {"name": self.name, "people": people, "machines": machines, "template": str(template)}
        places.state.write_text(json.dumps(found), encoding="utf-8")
        progress.say("all servers answer")

    def _hand_out(self, machines: list[str]) -> None:
        places = self.places
        places.controller_files.mkdir(parents=True, exist_ok=True)
        (places.controller_files / "hosts").write_text(domain_files.hosts(machines), encoding="utf-8")
        resolver = domain_files.resolv_conf(machines)
        (places.controller_files / "resolv.conf").write_text(resolver, encoding="utf-8")
        places.krb5_config.write_text(domain_files.krb5_conf(machines), encoding="utf-8")

    def _start(self, names: Sequence[str]) -> None:
        machines = [Machine(self.places, SERVERS[name]) for name in names]
        # A member that finds no domain controller does not look again for half a minute.
        for machine in machines:
            if machine.server.name != "fs1":
                machine.start()
        machines[0].wait_ready()
        for machine in machines:
            machine.start()
        self._wait_ready(machines)

    def _wait_ready(self, machines: Sequence[Machine]) -> None:
        for machine in machines:
            machine.wait_ready()
        running = {name for name in SERVERS if Machine(self.places, SERVERS[name]).running()}
        if "fs1" in running and running & {*CONTROLLERS}:
            self._wait_for_logons()

    def _wait_for_logons(self, timeout: float = 60) -> None:
        """A file server that listens may still be looking for its domain controller."""
        until = time.monotonic() + timeout
        with domain_build.login_file(self.places, SERVICE, SERVICE) as login:
            argv = ["smbclient", f"//{self.fqdn('fs1')}/home", f"--authentication-file={login}", "-c", "exit"]
            while (done := self._there(argv)).returncode:
                if time.monotonic() > until:
                    raise LabError(f"fs1 lets nobody in: {done.stdout.strip()}")
                time.sleep(_POLL_S)

    def _stands(self, people: int, machines: list[str]) -> None:
        found = self._description()
        if (found["people"], found["machines"]) != (people, machines):
            raise LabError(
                f"The domain {self.name!r} is up with {', '.join(found['machines'])} "
                f"and {found['people']} people. "
                f"`python -m lab domain down --name {self.name}` removes it."
            )

    # What can happen to it

    def machine(self, name: str) -> Machine:
        """One machine by name."""
        machines = self._description()["machines"]
        if name not in machines:
            raise LabError(f"The domain {self.name!r} has no {name!r}. It has: {', '.join(machines)}.")
        return Machine(self.places, SERVERS[name])

    def start(self, name: str) -> None:
        """Start a machine's servers and wait until they answer; with power and cable."""
        self.machine(name).power(on=True)
        self._wait_ready([self.machine(name)])

    def stop(self, name: str) -> None:
        """Shut a machine's servers down properly: who asks is refused."""
        self.machine(name).stop()

    def kill(self, name: str) -> None:
        """Kill a machine's servers in the middle of what they do: who asks is refused."""
        self.machine(name).kill()

    def power_off(self, name: str) -> None:
        """Cut a machine's power: who asks waits in vain. `start` gives it back."""
        self.machine(name).power(on=False)

    def keep_version(self, at: datetime) -> str:
        """Keep the share `dept` as it is, as a previous version of this moment; its name (`@GMT-…`)."""
        return domain_versions.keep(self.machine("fs1"), at)

    # Being there

    def visit(self) -> AbstractContextManager[None]:
        """Be on the controller, with this thread and what it starts from here on."""
        self._description()
        return domain_network.visit(self.places)

    def inside[T](self, work: Callable[[], T]) -> T:
        """Run a function on the controller in a thread of its own."""
        self._description()
        return self._inside(work)

    def _inside[T](self, work: Callable[[], T]) -> T:
        def there() -> T:
            domain_network.enter(self.places)
            return work()

        return network.in_thread(there)

    def execute(
        self, argv: Sequence[str | Path], *, text: str | None = None, timeout: float = 120
    ) -> subprocess.CompletedProcess[str]:
        """Run a program on the controller; its status is the caller's to judge."""
        self._description()
        return self._there(argv, text=text, timeout=timeout)

    def _there(
        self, argv: Sequence[str | Path], *, text: str | None = None, timeout: float = 120
    ) -> subprocess.CompletedProcess[str]:
        env = os.environ | self.environment
        return self._inside(
            lambda: finished(argv, text=text, timeout=timeout, env=env, errors="surrogateescape")
        )

    # Witnesses

    def ldapsearch(
        self, query: str, *attributes: str, server: str = "dc1", base: str = "", scope: str = "sub"
    ) -> list[Entry]:
        """What OpenLDAP's client finds over LDAPS as the service account, in pages.

        Raises:
            CommandError: it could not ask; status 32 (no such base) is no error but an empty list.
        """
        plain = server == "ldap1"
        who = (self.ldap_bind_dn, "ldap1") if plain else (self.bind_dn, SERVICE)
        argv = [
            *(
                "ldapsearch",
                "-x",
                "-LLL",
                "-o",
                "ldif-wrap=no",
                "-E",
                "pr=1000/noprompt",
                "-H",
                self.uri(server),
            ),
            *("-D", who[0], "-y", str(self.secret_file(who[1])), "-s", scope),
            *("-b", base or (LDAP_BASE if plain else BASE), query, *attributes),
        ]
        done = self.execute(argv)
        if done.returncode not in {0, 32}:
            raise CommandError(argv, done.returncode, done.stdout + done.stderr)
        return ldif.read(done.stdout)

    def samba_tool(self, *words: str, on: str = "dc1", text: str | None = None) -> str:
        """What `samba-tool` says on a machine, where it needs no password."""
        return self.machine(on).run(["samba-tool", *words], text=text)

    def smbclient(self, share: str, commands: str, user: str = SERVICE, password: str = SERVICE) -> str:
        """What `smbclient` says on the controller to `//fs1/SHARE`; `password` names a secret.

        It goes to a domain controller if the share is `sysvol` or `netlogon`.

        Raises:
            CommandError: it failed.
        """
        host = self.fqdn("dc1" if share in {"sysvol", "netlogon"} else "fs1")
        with domain_build.login_file(self.places, user, password) as login:
            argv = ["smbclient", f"//{host}/{share}", f"--authentication-file={login}", "-c", commands]
            done = self.execute(argv)
        # It ends with 0 although a command failed.
        if done.returncode or "NT_STATUS_" in done.stdout:
            raise CommandError(argv, done.returncode, done.stdout + done.stderr)
        return done.stdout

    def describe(self) -> dict[str, Any]:
        """The domain as `status` shows it."""
        found = self._description()
        rows = [Machine(self.places, SERVERS[name]) for name in found["machines"]]
        return {
            **found,
            "state": str(self.state),
            "netns": self.netns,
            "machines": [
                {
                    "name": machine.server.name,
                    "fqdn": machine.server.fqdn,
                    "address": machine.server.address,
                    "running": machine.running(),
                    "connected": domain_network.plugged(self.places, machine.server.name),
                }
                for machine in rows
            ],
        }

    def _description(self) -> dict[str, Any]:
        return life.described(
            self.places.state,
            f"The domain {self.name!r} is not up. `python -m lab domain up --name {self.name}` brings it up.",
        )


def require_host() -> None:
    """Check that this host can carry a domain, before anything is made."""
    life.require_host(PROGRAMS)


def _require(people: int, parts: Collection[str]) -> None:
    require_host()
    if unknown := set(parts) - {*OPTIONAL, "dc1"}:
        raise LabError(
            f"The domain has no part {', '.join(sorted(unknown))}. There are: {', '.join(OPTIONAL)}."
        )
    if people not in POPULATIONS:
        sizes = ", ".join(map(str, POPULATIONS))
        raise LabError(f"A domain has {sizes} people, not {people}.")


__all__ = ["CONTROLLERS", "Domain", "require_host"]
