"""The base image: Debian of the host's own release, built once and shared by all machines."""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING

from lab import packages
from lab.errors import CommandError, LabError
from lab.places import cache_root
from lab.process import run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lab.process import Progress

INCLUDE = (
    "apt-utils",
    "dbus",
    "gnupg",
    "iproute2",
    "iputils-ping",
    "libpam-systemd",
    "needrestart",
    "openssh-server",
    "procps",
    "python3-apt",
    "python3-minimal",
    "sudo",
    "systemd",
    "systemd-sysv",
)
BUILD_SECONDS = 1200


def codename() -> str:
    """The release of the host, which the machines get too (for example `bookworm`)."""
    release = platform.freedesktop_os_release()
    if release.get("ID") != "debian" or "VERSION_CODENAME" not in release:
        raise LabError("The lab needs a Debian host (12 or later): its machines are of the host's release.")
    return release["VERSION_CODENAME"]


def digest() -> str:
    """What the image is made of, in 12 hex digits: another recipe gives another image."""
    hasher = hashlib.sha256(codename().encode())
    hasher.update("\n".join(INCLUDE).encode())
    for source in ("customize.sh", "packages.py"):
        hasher.update(files("lab").joinpath(source).read_bytes())
    return hasher.hexdigest()[:12]


def ensure(progress: Progress) -> Path:
    """The root directory of the base image; built if it is not there yet."""
    cache = cache_root()
    cache.mkdir(parents=True, exist_ok=True)
    image = cache / f"base-{codename()}-{digest()}"
    if image.is_dir():
        progress.say(f"base image {image.name} is there")
        return image
    with _lock(cache / "lock", progress):
        if not image.is_dir():
            _clear(cache)
            _build(image, progress)
    return image


@contextmanager
def _lock(path: Path, progress: Progress) -> Iterator[None]:
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress.say("another process is building the base image: waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _clear(cache: Path) -> None:
    """Remove what interrupted builds left; nobody builds while we hold the lock."""
    for left in cache.glob("build-*"):
        shutil.rmtree(left)


def _build(image: Path, progress: Progress) -> None:
    progress.say(f"building the base image {image.name} (once; about a minute and a half)")
    work = Path(tempfile.mkdtemp(prefix="build-", dir=image.parent))
    try:
        root = work / "root"
        (work / "packages").mkdir()
        for name, version in packages.PUBLICATIONS["release"]["lab"].items():
            packages.build(name, version, work / "packages")
        (work / "apt.conf").write_text(_fetch_options(), encoding="utf-8")
        _bootstrap(work, root, progress)
        root.rename(image)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    progress.say("the base image is ready")


def _bootstrap(work: Path, root: Path, progress: Progress) -> None:
    log = work.parent / "build.log"
    with as_file(files("lab").joinpath("customize.sh")) as hook, log.open("w") as output:
        argv = [
            # A mount namespace of its own: an interrupted build leaves no mounts behind.
            *("unshare", "--mount", "--propagation", "private"),
            *("mmdebstrap", "--variant=apt", "--mode=root", f"--include={','.join(INCLUDE)}"),
            f"--aptopt={work / 'apt.conf'}",
            *("--dpkgopt=force-unsafe-io", "--skip=cleanup/reproducible"),
            f"--customize-hook=copy-in {work / 'packages'} /",
            '--customize-hook=mv "$1/packages" "$1/lab-packages"',
            f"--customize-hook={hook}",
            *(codename(), str(root), *_sources()),
        ]
        builder = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=_environment()
        )
        try:
            _watch(builder, progress)
        finally:
            builder.terminate()
            builder.wait()
    if builder.returncode:
        raise CommandError(["mmdebstrap"], builder.returncode, log.read_text(errors="replace"))
    log.unlink()


def _watch(builder: subprocess.Popen[bytes], progress: Progress) -> None:
    for waited in range(0, BUILD_SECONDS, 15):
        try:
            builder.wait(timeout=15)
        except subprocess.TimeoutExpired:
            progress.say(f"building the base image ... ({waited + 15} s)")
        else:
            return
    raise LabError(f"The base image was not built within {BUILD_SECONDS} s: is the Debian mirror reachable?")


def _environment() -> dict[str, str]:
    return {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "LC_ALL": "C.UTF-8",
        "DEBIAN_FRONTEND": "noninteractive",
        **{name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")},
    }


def _sources() -> list[str]:
    """The Debian mirrors that the host itself uses, else the well-known ones."""
    release = codename()
    listing = run(
        [
            "apt-get",
            "indextargets",
            "--format",
            "$(ORIGIN)|deb $(REPO_URI) $(RELEASE) main|$(RELEASE)|$(COMPONENT)",
            "Created-By: Packages",
        ]
    )
    rows = [line.split("|") for line in listing.splitlines()]
    wanted = {release, f"{release}-updates", f"{release}-security"}
    found = [row[1] for row in rows if row[0] == "Debian" and row[2] in wanted and row[3] == "main"]
    return list(dict.fromkeys(found)) or [
        f"deb http://deb.debian.org/debian {release} main",
        f"deb http://deb.debian.org/debian-security {release}-security main",
    ]


def _fetch_options() -> str:
    """How the host's apt reaches its mirrors (proxy, certificates); not kept in the image."""
    kept = ("Acquire::http", "Acquire::https", "Acquire::Check-Valid-Until", "Acquire::Retries")
    lines = run(["apt-config", "dump", "Acquire"]).splitlines()
    return "".join(f"{line}\n" for line in lines if line.startswith(kept))
