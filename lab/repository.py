"""The lab's package repository: two signed suites, served to the machines over HTTP."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

from lab import cgroup, daemon, packages, webserver
from lab.errors import LabError
from lab.network import inside, listens
from lab.places import CONTROLLER, REPOSITORY_PORT
from lab.process import run

if TYPE_CHECKING:
    from lab.places import Places

SUITES = {"lab": "Lab", "lab-security": "Lab-Security"}
KEYRING = "usr/share/keyrings/lab.gpg"


class Repository:
    """The repository of one lab: its key, its pool, its indexes, its server."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self.folder = places.repository
        self.www = self.folder / "www"
        self._gnupg = self.folder / "gnupg"

    def create(self) -> None:
        """A new signing key, the release's packages, and the server."""
        self._gnupg.mkdir(parents=True, mode=0o700)
        self._gpg("--passphrase", "", "--quick-generate-key", "Lab repository", "ed25519", "sign", "never")
        self.publish("release")
        self.serve()

    def public_key(self, target: Path) -> None:
        """Write the keyring that the machines trust."""
        self._gpg("--output", str(target), "--export")

    def sources(self) -> str:
        """The machines' sources.list."""
        url = f"http://{CONTROLLER}:{REPOSITORY_PORT}"
        return "".join(f"deb [signed-by=/{KEYRING}] {url} {suite} main\n" for suite in SUITES)

    def published(self) -> list[str]:
        """What was published so far, in order."""
        return self._record().read_text(encoding="utf-8").split() if self._record().exists() else []

    def publish(self, name: str) -> list[str]:
        """Add a publication's packages to the pool; returns them as `suite: package version`."""
        if self.faults():
            raise LabError(
                "The repository has faults: clear them first (`python -m lab fault repository --clear`)."
            )
        if name not in packages.PUBLICATIONS:
            names = ", ".join(packages.PUBLICATIONS)
            raise LabError(f"There is no publication {name!r}. There are: {names}.")
        added = []
        for suite, versions in packages.PUBLICATIONS[name].items():
            pool = self.www / "pool" / suite
            pool.mkdir(parents=True, exist_ok=True)
            for package, version in versions.items():
                packages.build(package, version, pool)
                added.append(f"{suite}: {package} {version}")
        self.index()
        if name not in self.published():
            with self._record().open("a", encoding="utf-8") as record:
                record.write(f"{name}\n")
        return added

    def restore(self) -> None:
        """Back to the release: what was published after it is gone, and so are all faults."""
        shutil.rmtree(self.www / "pool")
        self._record().unlink()
        (self.folder / "faults").unlink(missing_ok=True)
        shutil.rmtree(self.folder / "untampered", ignore_errors=True)
        self.publish("release")
        if not self.serving():
            self.serve()

    def index(self, *, valid_until: str | None = None) -> None:
        """Write and sign the indexes anew; `valid_until` (an RFC 5322 date) makes them expire."""
        fresh = self.www / "dists.new"
        shutil.rmtree(fresh, ignore_errors=True)
        for suite, label in SUITES.items():
            self._index_suite(fresh / suite, suite, label, valid_until)
        old = self.www / "dists.old"
        if (self.www / "dists").exists():
            (self.www / "dists").rename(old)
        fresh.rename(self.www / "dists")
        shutil.rmtree(old, ignore_errors=True)

    def _index_suite(self, folder: Path, suite: str, label: str, valid_until: str | None) -> None:
        architecture = run(["dpkg", "--print-architecture"]).strip()
        binary = folder / "main" / f"binary-{architecture}"
        binary.mkdir(parents=True)
        (self.www / "pool" / suite).mkdir(parents=True, exist_ok=True)
        listing = run(["env", "-C", self.www, "apt-ftparchive", "packages", f"pool/{suite}"])
        (binary / "Packages").write_text(listing, encoding="utf-8")
        fields = {
            "Origin": "Lab",
            "Label": label,
            "Suite": suite,
            "Codename": suite,
            "Components": "main",
            "Architectures": architecture,
            "Description": "Software of the lab",
        }
        options = [f"-oAPT::FTPArchive::Release::{key}={value}" for key, value in fields.items()]
        release = run(["apt-ftparchive", *options, "release", folder])
        if valid_until:
            release = f"Valid-Until: {valid_until}\n{release}"
        (folder / "Release").write_text(release, encoding="utf-8")
        self._gpg("--output", str(folder / "InRelease"), "--clearsign", str(folder / "Release"))

    def serve(self) -> None:
        """Start the web server and wait until it answers."""
        arguments = [str(self.www), CONTROLLER, str(REPOSITORY_PORT)]
        log = self.folder / "access.log"
        script = Path(webserver.__file__)
        daemon.spawn_python(script, arguments, group=self._group(), netns=self._places.netns, log=log)
        until = time.monotonic() + 15
        while not inside(self._places.netns, lambda: listens(CONTROLLER, REPOSITORY_PORT)):
            if time.monotonic() > until:
                raise LabError(f"The repository's web server does not answer; see {log}.")
            time.sleep(0.05)

    def stop(self) -> None:
        cgroup.destroy(self._group())

    def serving(self) -> bool:
        return daemon.alive(self._group())

    def faults(self) -> list[str]:
        """The faults that the repository has at the moment."""
        record = self.folder / "faults"
        return record.read_text(encoding="utf-8").split() if record.exists() else []

    def _group(self) -> Path:
        return cgroup.path(self._places.name) / "repository"

    def _record(self) -> Path:
        return self.folder / "published"

    def _gpg(self, *arguments: str) -> None:
        home = f"--homedir={self._gnupg}"
        try:
            run(["gpg", home, "--batch", "--yes", "--quiet", "--pinentry-mode=loopback", *arguments])
        finally:
            # gpg leaves an agent running, which nobody would end.
            run(["gpgconf", home, "--kill", "all"])
