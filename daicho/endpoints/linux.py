"""Short programs on Linux machines over OpenSSH, with the run's own certificate.

What a program needs is on its input; a command line, which every process there can read, holds no secret.
"""

from __future__ import annotations

import shlex
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from daicho.craft import Trouble, Unreachable
from daicho.i18n import N_
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Self

    from daicho.craft import Bench

USER: Final = "daicho"
_SSH_FAILED: Final = 255
_AWAY: Final = (
    *("timed out", "Connection refused", "No route to host", "Network is unreachable"),
    *("Could not resolve", "closed by remote host", "Connection reset", "not responding"),
)


class LinuxSilent(Unreachable):
    """Nobody answers, or the connection broke."""

    sentence = N_("{machine} cannot be reached over SSH: {said}")


class LinuxRefused(Trouble):
    """It does not let us in, or it is not the machine that it should be."""

    sentence = N_("{machine} was not logged on to over SSH: {said}")


class ProgramFailed(Trouble):
    """A program ended otherwise than it should."""

    sentence = N_("{machine}: {what} ended with code {code}: {said}")


@dataclass(frozen=True, kw_only=True)
class Linux:
    """One machine; each call is a session of its own."""

    name: str
    address: str
    port: int
    user: str
    key: Path
    known_hosts: Path

    @classmethod
    def of(cls, name: str, variables: Mapping[str, object], bench: Bench) -> Self:
        """A target, from what the door says of it."""
        return cls(
            name=name,
            address=str(variables.get("ansible_host") or name),
            port=int(str(variables.get("ansible_port") or 22)),
            user=str(variables.get("ansible_user") or USER),
            key=bench.key,
            known_hosts=bench.known_hosts,
        )

    def run(self, what: str, program: str, *words: str, given: str = "", limit_s: float = 60) -> str:
        """What a shell program prints, run by root.

        Args:
            what: How it is called in messages.
            program: For /bin/sh.
            words: Its `$1`, `$2` …
            given: Its input; a secret belongs here.
            limit_s: Seconds after which it is given up.

        Raises:
            LinuxSilent: Nobody answers, or the connection broke: whether it was done is not known.
            LinuxRefused: The machine does not let us in, or has another host key.
            ProgramFailed: It ended otherwise than with 0.
        """
        remote = shlex.join(["sudo", "-n", "/bin/sh", "-c", program, what, *words])
        try:
            done = subprocess.run(
                [*self._ssh(), remote],
                input=given,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                timeout=limit_s,
            )
        except subprocess.TimeoutExpired as error:
            said = _("no end after {seconds} s").format(seconds=round(limit_s))
            raise LinuxSilent(machine=self.name, said=said) from error
        if done.returncode == 0:
            return done.stdout
        said = " ".join(done.stderr.split())[-400:] or " ".join(done.stdout.split())[-400:]
        if done.returncode != _SSH_FAILED:
            raise ProgramFailed(machine=self.name, what=what, code=done.returncode, said=said)
        wrong = LinuxSilent if any(word in said for word in _AWAY) else LinuxRefused
        raise wrong(machine=self.name, said=said)

    def _ssh(self) -> list[str]:
        options = (
            *("BatchMode=yes", "IdentitiesOnly=yes", "StrictHostKeyChecking=yes", "ConnectTimeout=10"),
            *("ServerAliveInterval=10", "ServerAliveCountMax=3", "LogLevel=ERROR", "ControlPath=none"),
            f"UserKnownHostsFile={self.known_hosts}",
            "GlobalKnownHostsFile=/dev/null",
        )
        said = [word for option in options for word in ("-o", option)]
        return [
            *("ssh", "-F", "/dev/null", "-T", *said, "-i", str(self.key), "-p", str(self.port)),
            f"{self.user}@{self.address}",
        ]


def is_windows(variables: Mapping[str, object]) -> bool:
    """Whether a target's item says that its system is Windows."""
    item = variables.get("daicho_item")
    return isinstance(item, dict) and str(item.get("os", "")).casefold().startswith("windows")
