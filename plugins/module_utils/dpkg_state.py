"""What dpkg, systemd and needrestart say about a machine; parsing kept apart from asking.

Runs on the targets: the standard library of Python 3.9 and nothing else.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

REBOOT_REQUIRED = Path("/var/run/reboot-required")
REBOOT_PACKAGES = Path("/var/run/reboot-required.pkgs")
NEEDRESTART = "/usr/sbin/needrestart"
QUERY = ("dpkg-query", "--show", "--showformat=${binary:Package}\t${db:Status-Abbrev}\t${Version}\n")


class Answer(NamedTuple):
    """How a program ended and what it printed."""

    code: int
    out: str
    err: str


def ask(*command: str, seconds: float = 120) -> Answer:
    """Run a reading program in the C locale; code 127 when it is not there, 124 when it hangs."""
    environment = {**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(  # fixed programs, names checked by the caller
            command,
            capture_output=True,
            text=True,
            errors="replace",
            env=environment,
            timeout=seconds,
            check=False,
        )
    except FileNotFoundError as error:
        return Answer(127, "", str(error))
    except subprocess.TimeoutExpired:
        return Answer(124, "", f"{command[0]} did not end within {seconds:.0f} s")
    return Answer(done.returncode, done.stdout, done.stderr)


def parse_versions(text: str, native: str = "") -> dict[str, str]:
    """Return name to version of the packages that are really installed.

    Args:
        text: What dpkg-query printed in the format of `QUERY`.
        native: The machine's architecture, whose names carry no suffix (as apt writes them).
    """
    versions = {}
    for line in text.splitlines():
        name, status, version = line.split("\t")
        # The second letter is the state: i installed; c only configuration files left; others half-done.
        if status[1:2] == "i":
            versions[name.removesuffix(f":{native}") if native else name] = version
    return versions


def parse_failed_units(text: str) -> list[str]:
    """Return the units of `systemctl list-units --state=failed --plain --no-legend`."""
    return sorted(line.split()[0] for line in text.splitlines() if line.strip())


class Needrestart(NamedTuple):
    """What `needrestart -b` found: a newer kernel waiting, services that run old code."""

    kernel_pending: bool
    services: list[str]


def parse_needrestart(text: str) -> Needrestart:
    """Read needrestart's batch output; KSTA 2 and 3 mean that another kernel than the running one waits."""
    kernel = re.search(r"^NEEDRESTART-KSTA: (\d+)$", text, re.MULTILINE)
    services = re.findall(r"^NEEDRESTART-SVC: (\S+)$", text, re.MULTILINE)
    return Needrestart(kernel is not None and kernel[1] in {"2", "3"}, sorted(services))


def installed(names: list[str] | None = None) -> dict[str, str]:
    """Return the installed versions, of all packages or of those named."""
    native = ask("dpkg", "--print-architecture").out.strip()
    found = parse_versions(ask(*QUERY).out, native)
    return found if names is None else {name: found[name] for name in names if name in found}


def failed_units() -> list[str]:
    """Return the units that systemd reports as failed; none where there is no systemd."""
    return parse_failed_units(ask("systemctl", "list-units", "--state=failed", "--plain", "--no-legend").out)


def inactive(services: list[str]) -> dict[str, str]:
    """Return the given services that are not active, with the state that systemd reports."""
    if not services:
        return {}
    answer = ask("systemctl", "is-active", "--", *services)
    states = answer.out.split() or ["unknown"] * len(services)
    return {name: state for name, state in zip(services, states) if state != "active"}  # noqa: B905  # strict= is Python 3.10


def starting() -> bool:
    """Whether the machine is still on its way up."""
    return ask("systemctl", "is-system-running").out.strip() in {"initializing", "starting"}


def reboot_reasons(*, kernel: bool = True) -> list[str]:
    """Return what asks for a reboot: package names, or `kernel`; empty when nothing does."""
    reasons = []
    if REBOOT_REQUIRED.exists():
        listed = REBOOT_PACKAGES.read_text(encoding="utf-8").split() if REBOOT_PACKAGES.exists() else []
        reasons = sorted(set(listed)) or ["reboot-required"]
    if kernel and parse_needrestart(ask(NEEDRESTART, "-b", "-k").out).kernel_pending:
        reasons.append("kernel")
    return reasons


def dpkg_trouble(admin: Path = Path("/var/lib/dpkg")) -> str | None:
    """Return why dpkg must be repaired by hand first, as a sentence, or None when it is sound."""
    journal = admin / "updates"
    if journal.is_dir() and any(entry.name.isdigit() for entry in journal.iterdir()):
        return (
            "An earlier dpkg run was interrupted. Run `dpkg --configure -a` on the machine, then plan again."
        )
    audit = ask("dpkg", "--audit").out.strip()
    if audit:
        names = sorted(set(re.findall(r"^ (\S+)", audit, re.MULTILINE)))
        # Not --fix-broken: it leaves a package that lost power while it was unpacked as it is, with status 0.
        return (
            f"dpkg reports half-done packages ({', '.join(names)}). Run `dpkg --configure -a` and, for what "
            f"it leaves, `apt-get --reinstall install {' '.join(names)}` on the machine, then plan again."
        )
    return None
