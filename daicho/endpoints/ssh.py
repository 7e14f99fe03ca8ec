"""Debian endpoints: OpenSSH with the run's own certificate, and a program of ours on its input."""

from __future__ import annotations

import json
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from daicho.craft import Trouble, Unreachable
from daicho.endpoints.wrong import NotDone, NotInTime, NotUnderstood
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from daicho.endpoints.endpoint_craft import Host, Reach
    from daicho.endpoints.session import Endpoint

_USER: Final = "daicho"
_OURS: Final = 255
"""What ssh ends with when it is ssh that failed."""
_BOOT: Final = "import json,sys;e=json.loads(sys.stdin.read());exec(e['program'],s:={});s['answer'](e)"
"""The only command that is ever started there; whatever it is to do comes on its input."""


@dataclass(frozen=True, kw_only=True)
class Login:
    """How a run logs on to machines."""

    key: Path
    """Its private key; the certificate lies beside it."""
    known_hosts: Path


@dataclass(frozen=True, kw_only=True)
class DebianHost:
    """A Debian machine; each script is a connection of its own."""

    endpoint: Endpoint
    login: Login
    os: str = "debian"

    def run(self, name: str, arguments: Mapping[str, object], *, limit_s: float = 300) -> dict[str, Any]:
        """What the program for Debian makes of an errand of this name.

        Raises:
            Unreachable: ssh does not get there.
            NotDone: It says why it could not.
            Trouble: It took too long, or answered what is no answer.
        """
        errand = {
            "program": _program(),
            "name": name,
            "host": self.endpoint.name,
            "arguments": dict(arguments),
        }
        try:
            done = subprocess.run(
                [*self._ssh(), "sudo", "-n", "python3", "-I", "-c", f'"{_BOOT}"'],
                input=json.dumps(errand, ensure_ascii=False),
                capture_output=True,
                text=True,
                timeout=limit_s,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise NotInTime(script=name, address=self.endpoint.address, seconds=round(limit_s)) from error
        if done.returncode == _OURS:
            raise Unreachable(why=_last(done.stderr) or _("ssh does not get there"))
        return self._answer(name, done)

    def _ssh(self) -> list[str]:
        options = {
            "UserKnownHostsFile": self.login.known_hosts,
            "StrictHostKeyChecking": "yes",
            "IdentitiesOnly": "yes",
            "IdentityAgent": "none",
            "BatchMode": "yes",
            "ConnectTimeout": 10,
            "ServerAliveInterval": 15,
            "LogLevel": "ERROR",
        }
        said = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
        port = ["-p", str(self.endpoint.port)] if self.endpoint.port else []
        return [
            "ssh",
            "-F",
            "/dev/null",
            "-i",
            str(self.login.key),
            *said,
            *port,
            f"{_USER}@{self.endpoint.address}",
        ]

    def _answer(self, name: str, done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
        try:
            answer = json.loads((done.stdout.splitlines() or [""])[-1])
            if answer["ok"]:
                result: dict[str, Any] = answer["result"]
                return result
            failed = NotDone(str(answer["kind"]), script=name, why=str(answer["message"]))
        except (ValueError, LookupError, TypeError) as error:
            raise NotUnderstood(
                script=name, address=self.endpoint.address, code=done.returncode, said=_last(done.stderr)
            ) from error
        if failed.kind == "other_machine":
            said = _("under {address} answers {found}, not {wanted}; nothing was done there")
            raise Trouble(
                why=said.format(
                    address=self.endpoint.address, found=failed.facts["why"], wanted=self.endpoint.name
                )
            )
        raise failed


def debian(login: Login) -> Reach:
    """How Debian endpoints are logged on to."""

    @contextmanager
    def reach(endpoint: Endpoint) -> Iterator[Host]:
        yield DebianHost(endpoint=endpoint, login=login)

    return reach


@cache
def _program() -> str:
    return files("daicho.endpoints").joinpath("debian.py").read_text(encoding="utf-8")


def _last(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:300] if lines else ""
