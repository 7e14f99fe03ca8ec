"""The software of the lab's machines: small Debian packages in several versions."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lab.process import run

if TYPE_CHECKING:
    from pathlib import Path

MAINTAINER = "Lab <lab@example.invalid>"

# Any machine can be told that the scripts of its packages fail (see faults.py).
_FAULT = """\
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


@dataclass(frozen=True)
class Package:
    """What one package contains; `@VERSION@` in a file stands for the version."""

    summary: str
    files: dict[str, str] = field(default_factory=dict)
    depends: str = ""
    postinst: str = ""
    padding: int = 0


PACKAGES: dict[str, Package] = {
    "office-suite": Package(
        "word processor and spreadsheet of the lab",
        files={"usr/bin/office-suite": "#!/bin/sh\necho office-suite @VERSION@\n"},
        padding=300_000,
    ),
    "mail-client": Package(
        "mail client of the lab",
        files={"usr/bin/mail-client": "#!/bin/sh\necho mail-client @VERSION@\n"},
        depends="lab-openssl (>= 1.0)",
        padding=100_000,
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
        padding=50_000,
    ),
    "linux-image-lab": Package(
        "kernel of the lab: an upgrade asks for a reboot",
        files={"boot/vmlinuz-lab": "not a kernel, version @VERSION@\n"},
        postinst=_REBOOT,
        padding=200_000,
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
    tree = folder / f".{name}"
    for path, text in (package.files | _padding(name, package)).items():
        file = tree / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.replace("@VERSION@", version), encoding="utf-8")
        file.chmod(0o755 if text.startswith("#!") else 0o644)
    control = tree / "DEBIAN"
    control.mkdir(parents=True, exist_ok=True)
    (control / "control").write_text(_control(name, version, package), encoding="utf-8")
    script = control / "postinst"
    script.write_text(
        f'#!/bin/sh\nset -e\n[ "$1" = configure ] || exit 0\n{_FAULT}{package.postinst}', encoding="utf-8"
    )
    script.chmod(0o755)
    deb = folder / f"{name}_{version}_all.deb"
    run(["dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "--build", tree, deb])
    run(["rm", "-r", tree])
    return deb


def _padding(name: str, package: Package) -> dict[str, str]:
    if not package.padding:
        return {}
    line = f"{package.summary}\n"
    return {f"usr/share/{name}/padding": line * (package.padding // len(line))}


def _control(name: str, version: str, package: Package) -> str:
    depends = f"Depends: {package.depends}\n" if package.depends else ""
    return textwrap.dedent("""\
        Package: {name}
        Version: {version}
        Architecture: all
        Maintainer: {maintainer}
        Section: misc
        Priority: optional
        Installed-Size: {size}
        {depends}Description: {summary}
        """).format(
        name=name,
        version=version,
        maintainer=MAINTAINER,
        size=package.padding // 1024 + 8,
        depends=depends,
        summary=package.summary,
    )
