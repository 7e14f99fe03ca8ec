"""What is done on a Debian machine itself: sent there as text, run by its own Python as root.

The standard library only, and nothing newer than Python 3.9. The counterpart of `scripts/*_software.ps1`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

_ENV = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
_KEEP = ("-o", "Dpkg::Options::=--force-confold", "-o", "DPkg::Lock::Timeout=60")


class NotDoneError(Exception):
    """It could not be done; `kind` in a word."""

    def __init__(self, kind: str, message: str) -> None:
        """Keep both."""
        super().__init__(message)
        self.kind = kind


def answer(errand: dict[str, Any]) -> None:
    """Do an errand and print one line of JSON."""
    told: dict[str, Any]
    try:
        _see_who_this_is(errand["host"])
        told = {"ok": True, "result": _ERRANDS[errand["name"]](errand["arguments"])}
    except NotDoneError as error:
        told = {"ok": False, "kind": error.kind, "message": str(error)}
    except (OSError, LookupError, ValueError) as error:
        told = {"ok": False, "kind": "error", "message": f"{type(error).__name__}: {error}"}
    sys.stdout.write(json.dumps(told) + "\n")


def _see_who_this_is(name: str) -> None:
    here = socket.gethostname().partition(".")[0]
    if here.lower() != name.partition(".")[0].lower():
        raise NotDoneError("other_machine", here)


def get_software(arguments: dict[str, Any]) -> dict[str, Any]:
    """Which packages are there and offered, which programs run, how much room there is."""
    if arguments["refresh"]:
        _ran(
            ["apt-get", "update", "-q", "-o", "APT::Update::Error-Mode=any"],
            "the package lists cannot be read",
        )
    versions = {name: found for name in arguments["products"] if (found := _installed(name))}
    return {
        "versions": versions,
        "offered": {name: _offered(name) for name in arguments["products"]},
        "running": sorted(_running() & set(arguments["processes"])),
        "disk_free_mb": shutil.disk_usage("/var").free // 1048576,
        "user": _user(),
    }


def install_software(arguments: dict[str, Any]) -> dict[str, Any]:
    """Install one package in one version, whose SHA-256 is the approved one in the signed index."""
    name, version = arguments["product"], arguments["version"]
    if arguments["pinned"] and _offered(name).get(version) != arguments["sha256"]:
        raise NotDoneError("other_file", _offered(name).get(version, "-"))
    more = ["--allow-downgrades"] if arguments["downgrade"] else []
    _apt("install", "--no-remove", "--no-install-recommends", *more, f"{name}={version}")
    return {"exit_code": 0}


def remove_software(arguments: dict[str, Any]) -> dict[str, Any]:
    """Remove one package; what hangs on it must not go along."""
    name = arguments["product"]
    if not _installed(name):
        return {"exit_code": 0}
    gone = re.findall(
        r"^Remv (\S+)", _ran(["apt-get", "-s", "remove", name], "it cannot be removed"), re.MULTILINE
    )
    if others := sorted(set(gone) - {name}):
        raise NotDoneError("others", f"{', '.join(others)} would be removed, too")
    _apt("remove", name)
    return {"exit_code": 0}


def _apt(*words: str) -> None:
    _ran(["apt-get", "-q", "-y", *_KEEP, *words], "apt failed")


def _installed(name: str) -> str:
    words = ["dpkg-query", "-W", "-f", "${db:Status-Status} ${Version}", name]
    done = subprocess.run(words, env=_ENV, capture_output=True, text=True, check=False)
    status, _space, version = done.stdout.partition(" ")
    return version if status == "installed" else ""


def _offered(name: str) -> dict[str, str]:
    """Version → SHA-256 of what the archives have."""
    done = subprocess.run(
        ["apt-cache", "show", "--", name],
        env=_ENV,
        capture_output=True,
        text=True,
        check=False,
    )
    found = {}
    for paragraph in done.stdout.split("\n\n"):
        fields = dict(re.findall(r"^(Package|Version|SHA256): (\S+)$", paragraph, re.MULTILINE))
        if fields.get("Package") == name and "SHA256" in fields:
            found[fields["Version"]] = fields["SHA256"].lower()
    return found


def _running() -> set[str]:
    names = set()
    for comm in Path("/proc").glob("[0-9]*/comm"):
        try:
            names.add(comm.read_text(encoding="utf-8", errors="replace").strip())
        except OSError:  # it has ended meanwhile
            continue
    return names


def _user() -> str:
    done = subprocess.run(["who"], env=_ENV, capture_output=True, text=True, check=False)
    return ", ".join(sorted({line.split()[0] for line in done.stdout.splitlines() if line.strip()}))


def _ran(words: list[str], wrong: str) -> str:
    """What a program prints; in plain words why it failed."""
    done = subprocess.run(words, env=_ENV, capture_output=True, text=True, check=False, cwd="/")
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.startswith(("E:", "dpkg: error"))]
        full = os.strerror(28).lower() in (done.stderr + done.stdout).lower()
        why = " ".join(said or done.stderr.splitlines()[-1:])
        raise NotDoneError("no_space" if full else "error", f"{wrong}: {why}"[:500])
    return done.stdout


_ERRANDS = {each.__name__: each for each in (get_software, install_software, remove_software)}
