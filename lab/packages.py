"""The software of the lab's machines: small Debian packages in several versions."""

from __future__ import annotations

import tempfile
import textwrap
from dataclasses import dataclass, field
from pathlib import Path

from lab.errors import LabError
from lab.process import run

MAINTAINER = "Lab <lab@example.invalid>"

# Any machine can be told that the scripts of its packages fail (see machine_faults.py).
_CONFIGURE = """\
#!/bin/sh
set -e
[ "$1" = configure ] || exit 0
if [ -x /etc/lab/die-in-upgrade ]; then
  /etc/lab/die-in-upgrade
fi
if [ -e /etc/lab/failing-postinst ]; then
  echo "$DPKG_MAINTSCRIPT_PACKAGE: the post-installation script fails on purpose (lab fault)" >&2
  exit 1
fi
"""

_RESTART = """\
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  systemctl restart print-agent.service
else
  systemctl enable print-agent.service
fi
"""

# On an upgrade ($2 is the version before) only, as the kernel packages of Debian do.
_REBOOT = """\
if [ -n "$2" ]; then
  touch /run/reboot-required
  echo "$DPKG_MAINTSCRIPT_PACKAGE" >> /run/reboot-required.pkgs
fi
"""

_UNIT = """\
[Unit]
Description=Print agent of the lab

[Service]
ExecStart=/usr/lib/print-agent/print-agent
Restart=on-failure

[Install]
WantedBy=multi-user.target
"""

_AGENT = """\
#!/bin/sh
echo "print-agent @VERSION@ is ready"
exec sleep infinity
"""

# Keeps the library mapped and is not restarted by any package's script: needrestart's case.
_NOTIFIER = """\
[Unit]
Description=Mail notifier of the lab

[Service]
Environment=LD_PRELOAD=/usr/lib/lab-openssl/liblabssl.so.1
ExecStart=/usr/bin/sleep infinity

[Install]
WantedBy=multi-user.target
"""

_ENABLE = """\
systemctl enable mail-notifier.service
"""


@dataclass(frozen=True)
class Package:
    """What one package contains; `@VERSION@` in a file stands for the version."""

    summary: str
    files: dict[str, str] = field(default_factory=dict)
    depends: str = ""
    postinst: str = ""
    library: str = ""


PACKAGES: dict[str, Package] = {
    "office-suite": Package(
        "word processor and spreadsheet of the lab",
        files={"usr/bin/office-suite": "#!/bin/sh\necho office-suite @VERSION@\n"},
    ),
    "mail-client": Package(
        "mail client of the lab",
        files={
            "usr/bin/mail-client": "#!/bin/sh\necho mail-client @VERSION@\n",
            "usr/lib/systemd/system/mail-notifier.service": _NOTIFIER,
        },
        depends="lab-openssl (>= 1.0)",
        postinst=_ENABLE,
    ),
    "print-agent": Package(
        "print agent of the lab, a service",
        files={
            "usr/lib/print-agent/print-agent": _AGENT,
            "usr/lib/systemd/system/print-agent.service": _UNIT,
        },
        depends="lab-openssl (>= 1.0)",
        postinst=_RESTART,
    ),
    "lab-openssl": Package(
        "library that other packages of the lab depend on",
        files={"usr/share/lab-openssl/version": "@VERSION@\n"},
        library="usr/lib/lab-openssl/liblabssl.so.1",
    ),
    "linux-image-lab": Package(
        "kernel of the lab: an upgrade asks for a reboot",
        files={"boot/vmlinuz-lab": "not a kernel, version @VERSION@\n"},
        postinst=_REBOOT,
    ),
}

# name of a publication -> suite -> package -> version
PUBLICATIONS: dict[str, dict[str, dict[str, str]]] = {
    "release": {"lab": dict.fromkeys(PACKAGES, "1.0")},
    "security-2026-11": {
        "lab-security": {
            "lab-openssl": "1.0+security1",
            "linux-image-lab": "1.0+security1",
            "office-suite": "1.0+security1",
            "print-agent": "1.0+security1",
        },
        "lab": {"mail-client": "1.1"},
    },
    "security-2026-12": {
        "lab-security": {"lab-openssl": "1.0+security2", "office-suite": "1.0+security2"},
    },
}


def build(name: str, version: str, folder: Path, package: Package | None = None) -> Path:
    """Build one .deb into `folder` and return its path."""
    package = package or PACKAGES[name]
    deb = folder / f"{name}_{version}_all.deb"
    with tempfile.TemporaryDirectory() as work:
        tree = Path(work) / "tree"
        for path, text in package.files.items():
            _place(tree / path, text.replace("@VERSION@", version).encode())
        if package.library:
            # A real shared object, told apart from other versions by what follows its end.
            _place(tree / package.library, _shared_object().read_bytes() + version.encode())
        _place(tree / "DEBIAN/control", _control(name, version, package).encode())
        _place(tree / "DEBIAN/postinst", (_CONFIGURE + package.postinst).encode())
        run(["dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "--build", tree, deb])
    return deb


def _place(file: Path, content: bytes) -> None:
    for folder in reversed([parent for parent in file.parents if not parent.exists()]):
        folder.mkdir(mode=0o755)
    file.write_bytes(content)
    file.chmod(0o755 if content.startswith(b"#!") else 0o644)


def _shared_object() -> Path:
    """Any small library that every Debian has will do: dpkg itself needs this one."""
    for line in run(["/sbin/ldconfig", "-p"]).splitlines():
        if line.strip().startswith("libz.so.1 "):
            return Path(line.split(" => ")[1])
    raise LabError("This host has no libz.so.1, which the lab's packages take as their sample library.")


def _control(name: str, version: str, package: Package) -> str:
    depends = f"Depends: {package.depends}\n" if package.depends else ""
    return textwrap.dedent("""\
        Package: {name}
        Version: {version}
        Architecture: all
        Maintainer: {maintainer}
        Section: misc
        Priority: optional
        {depends}Description: {summary}
        """).format(
        name=name,
        version=version,
        maintainer=MAINTAINER,
        depends=depends,
        summary=package.summary,
    )
