"""A private mirror of virus definitions in a lab's network, and ClamAV of Debian for its machines."""

from __future__ import annotations

import gzip
import hashlib
import shutil
import subprocess
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lab import cgroup, daemon, webserver
from lab.errors import LabError
from lab.network import inside, listens
from lab.places import CONTROLLER, cache_root
from lab.process import run

if TYPE_CHECKING:
    from lab.lab import Lab

PORT: Final = 8090
DATABASE: Final = "lab.cud"
EICAR: Final = "44d88612fea8a8f36de82e1278abb02f:68:Lab.Eicar"
"""The digest and size of the test file that every scanner calls a virus, and what this lab calls it."""
PACKAGES: Final = ("clamav", "clamav-freshclam")
_HEADER: Final = 512


class DefinitionMirror:
    """Serves a database of the lab's own: a versioned container, unsigned, as sigtool makes it."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self.folder = lab.state / "definitions"
        self.www = self.folder / "www"

    @property
    def url(self) -> str:
        """Of the database, as machines of the lab see it."""
        return f"http://{CONTROLLER}:{PORT}/{DATABASE}"

    def publish(self, version: int, *, hours_old: float = 0, signatures: tuple[str, ...] = (EICAR,)) -> Path:
        """Make a version and put it on the mirror; what was there is replaced whole."""
        self.www.mkdir(parents=True, exist_ok=True)
        place = self.www / DATABASE
        part = place.with_suffix(".part")
        part.write_bytes(container(version, hours_old=hours_old, signatures=signatures))
        part.replace(place)
        return place

    def break_off(self) -> None:
        """Leave half a file on the mirror, as a copy does that was cut off."""
        place = self.www / DATABASE
        data = place.read_bytes()
        # Whoever asks "newer than …?" in whole seconds has to see that it changed.
        time.sleep(1.1)
        place.write_bytes(data[: _HEADER + (len(data) - _HEADER) // 2])

    def serve(self) -> None:
        """Start the web server and wait until it answers."""
        places = self._lab.places
        self.www.mkdir(parents=True, exist_ok=True)
        arguments, log = [str(self.www), CONTROLLER, str(PORT)], self.folder / "access.log"
        script = Path(webserver.__file__)
        daemon.spawn_python(script, arguments, group=self._group(), netns=places.netns, log=log)
        until = time.monotonic() + 15
        while not inside(places.netns, lambda: listens(CONTROLLER, PORT)):
            if time.monotonic() > until:
                raise LabError(f"The mirror of definitions does not answer; see {log}.")
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop serving."""
        cgroup.destroy(self._group())

    def _group(self) -> Path:
        return cgroup.path(self._lab.places.name) / "definitions"


def install_clamav(lab: Lab) -> None:
    """Put ClamAV of the host's Debian into the lab's own repository, and install it on all machines.

    It is not in the base image, which most tests have no use for it in.
    """
    pool = lab.repository.www / "pool" / "lab"
    for deb in _packages(Path(lab.describe()["image"])):
        shutil.copyfile(deb, pool / deb.name)
    lab.repository.index()
    for machine in lab.machines():
        machine.run(["apt-get", "-q", "update"], timeout=120)
        environment = ["env", "DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1"]
        apt = ["apt-get", "-q", "-y", "--no-install-recommends", "install", *PACKAGES]
        machine.run([*environment, *apt], timeout=300)
        # Its daemon would ask ClamAV's servers, which nobody here can reach.
        machine.run(["systemctl", "disable", "--now", "clamav-freshclam.service"])


def _packages(image: Path) -> list[Path]:
    """Debian's packages and what they need beyond the image, fetched once."""
    cache = cache_root() / f"clamav-{image.name}"
    archives = cache / "archives"
    if not (cache / "complete").exists():
        (archives / "partial").mkdir(parents=True, exist_ok=True)
        options = (f"Dir::State::status={image}/var/lib/dpkg/status", f"Dir::Cache::archives={archives}")
        words = [word for option in options for word in ("-o", option)]
        what = ["--download-only", "-q", "-y", "--no-install-recommends", "install", *PACKAGES]
        run(["apt-get", *words, *what], timeout=600)
        (cache / "complete").touch()
    return sorted(archives.glob("*.deb"))


def container(version: int, *, hours_old: float = 0, signatures: tuple[str, ...] = (EICAR,)) -> bytes:
    """A database as if it had been made so many hours ago."""
    return _dated(_container(version, signatures), datetime.now(UTC).timestamp() - hours_old * 3600)


def _container(version: int, signatures: tuple[str, ...]) -> bytes:
    """What `sigtool --build` makes of signatures."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        (work / "COPYING").write_text("signatures of the lab\n", encoding="ascii")
        (work / "lab.hdb").write_text("".join(f"{line}\n" for line in signatures), encoding="ascii")
        words = [f"--build={DATABASE}", "--unsigned", f"--cvd-version={version}", "--datadir=."]
        done = subprocess.run(
            ["sigtool", *words],
            cwd=work,
            env={"SIGNDUSER": "lab", "PATH": "/usr/bin:/bin"},
            input="lab\n",
            capture_output=True,
            text=True,
            check=False,
        )
        if not (work / DATABASE).exists():
            raise LabError(f"sigtool made no database: {done.stdout}{done.stderr}")
        return (work / DATABASE).read_bytes()


def _dated(made: bytes, moment: float) -> bytes:
    """The container as it would be if it had been made at another moment.

    Its header holds the moment and the digest of the rest, which is an archive with the header in it again.
    """
    fields = made[:_HEADER].decode("ascii").rstrip().split(":")
    then = datetime.fromtimestamp(moment, UTC)
    changed = {fields[1]: f"{then:%d %b %Y %H-%M} +0000", fields[8]: str(int(moment))}
    body = gzip.decompress(made[_HEADER:])
    for old, new in changed.items():
        if len(old) != len(new) or old.encode("ascii") not in body:
            raise LabError("sigtool's container is not as the lab knows it.")
        body = body.replace(old.encode("ascii"), new.encode("ascii"))
    packed = gzip.compress(body)
    fields[1], fields[8] = changed.values()
    fields[5] = hashlib.md5(packed, usedforsecurity=False).hexdigest()
    return ":".join(fields).encode("ascii").ljust(_HEADER) + packed
