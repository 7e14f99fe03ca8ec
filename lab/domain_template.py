"""Templates: a domain of a size and with certain machines is made once, and copied ever after."""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from lab import cgroup, domain_build, domain_files, domain_network
from lab.domain_machine import Machine
from lab.domain_places import DomainPlaces
from lab.domain_plan import CONTROLLERS, JOINED, SERVERS
from lab.domain_tls import Authority
from lab.errors import LabError
from lab.places import cache_root
from lab.process import run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lab.process import Progress

_SOURCES: Final = (
    *("domain_build.py", "domain_files.py", "domain_ldap.py", "domain_logins.py", "domain_people.py"),
    *("domain_plan.py", "domain_seed.py", "domain_tls.py", "population.py"),
)
_KEPT_DAYS: Final = 60
"""Long before the certificates end, and before deleted objects are forgotten."""


@dataclass(frozen=True)
class Recipe:
    """What a template holds: so many people, and which machines joined besides dc1."""

    people: int
    joined: tuple[str, ...]
    digest: str
    """What it is made of."""

    @property
    def name(self) -> str:
        return "-".join(["domain", self.digest, str(self.people), *self.joined])


def _digest() -> str:
    """12 hex digits: other code or another Samba gives other templates."""
    hasher = hashlib.sha256()
    for source in _SOURCES:
        hasher.update(files("lab").joinpath(source).read_bytes())
    hasher.update(run(["dpkg-query", "--show", "samba-ad-dc", "slapd"]).encode())
    return hasher.hexdigest()[:12]


def ensure(people: int, parts: tuple[str, ...], progress: Progress) -> Path:
    """The folder of the template; made if it is not there, or grown old."""
    joined = tuple(name for name in JOINED if name in parts)
    cache = cache_root().absolute()
    cache.mkdir(parents=True, exist_ok=True)
    recipes = [Recipe(people, each, _digest()) for each in dict.fromkeys([(), joined])]
    found = cache / recipes[-1].name
    if _fresh(found):
        return found
    with _lock(progress, f"making the domain template {found.name}"):
        if not _fresh(found):
            _tidy()
            for recipe in recipes:
                if not _fresh(cache / recipe.name):
                    _make(recipe, cache, progress)
    return found


def clear_interrupted() -> None:
    """Remove what a killed build left, unless one is going on."""
    if not cache_root().is_dir():
        return
    with (cache_root() / "domain.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        _tidy()


def _tidy() -> None:
    places = _building()
    cgroup.destroy(places.group)
    domain_network.delete(places)
    shutil.rmtree(places.root, ignore_errors=True)


def _building() -> DomainPlaces:
    """Where templates are made: one place for each cache."""
    cache = cache_root().absolute()
    mark = hashlib.sha256(str(cache).encode()).hexdigest()[:6]
    return DomainPlaces(f"template-{mark}", cache / "build-domain")


def _fresh(template: Path) -> bool:
    try:
        made = (template / "template.json").stat().st_mtime
    except FileNotFoundError:
        return False
    return time.time() - made < _KEPT_DAYS * 86_400


def _make(recipe: Recipe, cache: Path, progress: Progress) -> None:
    progress.say(f"making the domain template {recipe.name} (once)")
    places = _building()
    try:
        if recipe.joined:
            run(["cp", "-a", cache / replace(recipe, joined=()).name, places.root])
            (places.root / "template.json").unlink()
        else:
            places.root.mkdir(mode=0o700)
        _fill(places, recipe, progress)
        shutil.rmtree(cache / recipe.name, ignore_errors=True)
        (places.root / "template.json").write_text(json.dumps({"people": recipe.people}), encoding="utf-8")
        places.root.rename(cache / recipe.name)
    finally:
        _tidy()
    progress.say("the template is ready")


def _fill(places: DomainPlaces, recipe: Recipe, progress: Progress) -> None:
    machines = ["dc1", *recipe.joined]
    domain_network.create(places, [*machines, *([] if recipe.joined else ["ldap1"])])
    places.krb5_config.write_text(domain_files.krb5_conf(["dc1"]), encoding="utf-8")
    if not recipe.joined:
        authority = Authority.create()
        authority.write(places.authority)
        authority.keep(places.root / "ca.key")
        domain_build.fresh_passwords(places)
        domain_build.first_controller(places, authority, recipe.people, progress)
        domain_build.plain_directory(places, authority, recipe.people)
        progress.say("the plain LDAP directory is filled")
        return
    authority = Authority.load(places.authority, places.root / "ca.key")
    first = Machine(places, SERVERS["dc1"])
    domain_build.write_names(first, machines)
    first.start()
    first.wait_ready()
    for name in recipe.joined:
        domain_build.join(places, authority, name, machines)
        progress.say(f"{name} joined the domain")
    _settle(places, recipe, progress)


def _settle(places: DomainPlaces, recipe: Recipe, progress: Progress) -> None:
    """Let everything run together until both domain controllers agree, then switch off."""
    machines = [Machine(places, SERVERS[name]) for name in ("dc1", *recipe.joined)]
    for machine in machines:
        machine.start()
    for machine in machines:
        machine.wait_ready()
    if "dc2" in recipe.joined:
        domain_build.replicate(places)
        progress.say("the domain controllers replicate")
    if "fs1" in recipe.joined:
        domain_build.open_shares(places)
    # Members first, so that nobody asks in vain.
    for machine in sorted(machines, key=lambda each: each.server.name in CONTROLLERS):
        machine.stop()


@contextmanager
def _lock(progress: Progress, what: str) -> Iterator[None]:
    with (cache_root() / "domain.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress.say(f"another process is at it already: waiting ({what})")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def copy(template: Path, places: DomainPlaces, machines: list[str]) -> None:
    """Lay the machines' disks out as the template has them, and what the controller needs.

    Raises:
        LabError: the template has no such machine.
    """
    for name in machines:
        source = template / "machines" / name
        if not source.is_dir():
            raise LabError(f"The template {template.name} has no machine {name}.")
        target = places.machine(name)
        shutil.rmtree(target, ignore_errors=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        run(["cp", "-a", "--sparse=auto", source, target])
    shutil.rmtree(places.secrets, ignore_errors=True)
    run(["cp", "-a", template / "secrets", template / "ca.crt", places.root])
