"""What can go wrong with a host, on demand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lab.errors import LabError

KINDS: Final = {
    "off": "it is off: connections are reset",
    "silent": "connections are taken and nobody ever answers",
    "http-500": "requests are answered with HTTP 500",
    "reset": "the connection is cut instead of an answer",
    "hang": "a module or script that begins never ends",
    "slow": "every module and script takes SECONDS longer",
    "reboot-in-task": "it reboots as soon as a module or script (whose name has TEXT in it) has begun",
    "reboot-never-ends": "a reboot never ends",
    "slow-boot": "a reboot takes SECONDS",
    "update-fails": "installing KB TEXT fails, `KB5050001` or `KB5050001=0x80070002`",
    "download-fails": "downloading KB TEXT fails, in the same form",
    "search-fails": "searching for updates fails, TEXT is the error `0x8024402C`",
    "disk-full": "no byte is left: files and updates fail with it",
    "certificate-expired": "its certificate expired yesterday",
    "certificate-future": "its certificate is valid from tomorrow, as a wrong clock shows it",
    "certificate-other-name": "its certificate is for another host",
    "certificate-other-ca": "its certificate is by an unknown authority",
    "ntlm-off": "it takes Kerberos only",
    "logon-refused": "no account is let in",
    "renamed": "its name is TEXT, and its certificate says so",
    "cp932": "programs write their output in CP932",
}
CERTIFICATE: Final = {
    kind: kind.removeprefix("certificate-") for kind in KINDS if kind.startswith("certificate-")
}
DISK_FULL: Final = 0x80070070


@dataclass(slots=True)
class Fault:
    """A fault of one host: the first `after` occasions go well, then it happens `times` times (0: always)."""

    kind: str
    text: str = ""
    seconds: float = 0.0
    after: int = 0
    times: int = 0

    def __post_init__(self) -> None:
        """Refuse what there is not."""
        if self.kind not in KINDS:
            raise LabError(f"There is no fault {self.kind!r}. There are:{listing()}")

    def due(self) -> bool:
        """Whether it happens on this occasion."""
        if self.after:
            self.after -= 1
            return False
        return True

    def names(self, kb: str) -> int:
        """The error with which this fault hits an update; 0 if it does not."""
        wanted, _equals, code = self.text.partition("=")
        if wanted and wanted.upper() != kb.upper():
            return 0
        return int(code, 16) if code else 0x80240022


def listing() -> str:
    """All faults, one to a line."""
    return "".join(f"\n  {kind:<23} {summary}" for kind, summary in KINDS.items())
