"""Ansible with all its collections, as a user would install it: apart from this environment, by uv."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_PACKAGES: Final = ("ansible==14.5.0", "paramiko<5")


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What a playbook took, its start included."""

    seconds: float
    cpu: float
    failed: str
    """The end of what it said if it failed; empty: it did not."""


def playbook(folder: Path, hosts: Mapping[str, Mapping[str, Any]], tasks: list[dict[str, Any]]) -> Cost:
    """Run tasks on hosts; `fetch` comes before.

    Args:
        folder: A place for the files, and the home in which it finds `.ssh/known_hosts`.
        hosts: Name → variables.
        tasks: As in a playbook.
    """
    inventory, play = folder / "rival-hosts.json", folder / "rival.json"
    inventory.write_text(json.dumps({"all": {"hosts": hosts}}), encoding="utf-8")
    play.write_text(json.dumps([{"hosts": "all", "gather_facts": False, "tasks": tasks}]), encoding="utf-8")
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = _run(folder, "--offline", "ansible-playbook", "-i", str(inventory), "--forks", "20", str(play))
    seconds, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(
        seconds=seconds,
        cpu=after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        failed=(done.stdout + done.stderr)[-600:] if done.returncode else "",
    )


def fetch(folder: Path) -> None:
    """Have it here and warm, so that only the work is measured."""
    _run(folder, "ansible-playbook", "--version")


def _run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    uv = shutil.which("uv") or str(Path(".tools/bin/uv"))
    packages = [word for package in _PACKAGES for word in ("--with", package)]
    here = {
        **os.environ,
        "UV_COMPILE_BYTECODE": "1",
        "UV_CACHE_DIR": os.environ.get("UV_CACHE_DIR") or str(Path("~/.cache/uv").expanduser()),
        "HOME": str(folder),
        "ANSIBLE_CONFIG": str(folder / "none.cfg"),
    }
    here.pop("PYTHONDONTWRITEBYTECODE", None)
    (folder / "none.cfg").touch()
    return subprocess.run(
        [uv, "tool", "run", "--python", "3.13", "--from", "ansible-core", *packages, *words],
        env=here,
        capture_output=True,
        text=True,
        check=False,
    )
