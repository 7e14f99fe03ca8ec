"""The scripts and programs that Ansible's plugins send besides modules, each known by its text."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import ntpath
import re
import time
from functools import partial
from typing import TYPE_CHECKING, Final

from lab.winrm.areas import Files, System, filetime
from lab.winrm.modules.files import file_key, written

if TYPE_CHECKING:
    from collections.abc import Callable

    from lab.winrm.host import Host
    from lab.winrm.payload import Payload

type Said = tuple[int, bytes, bytes]
type Answer = Callable[[Host, re.Match[str]], Said]

_HOME: Final = r"C:\Users\svc-daicho"


def find(source: str) -> tuple[str, Callable[[Host], Said] | None]:
    """The name of a script and what it does; none if it is unknown."""
    whole = source.removesuffix(_EXIT).strip()
    for answer, pattern in _SCRIPTS.items():
        if found := re.fullmatch(pattern, whole, re.DOTALL):
            return answer.__name__, partial(_answered, answer, found)
    return "", None


def _answered(answer: Answer, found: re.Match[str], host: Host) -> Said:
    return answer(host, found)


def boot_time(host: Host, _found: re.Match[str]) -> Said:
    """win_reboot and win_updates ask it before a reboot, and after it until it differs."""
    return _text(str(filetime(host.booted_at)))


def reboot(host: Host, found: re.Match[str]) -> Said:
    """Let the host start again, after the delay that shutdown.exe is given; who is logged on is told."""
    delay, notice = found.groups()
    system = host.of(System)
    if system.logged_on:
        system.notices.append(notice.replace("''", "'"))
    if system.reboot_planned_at:
        said = {"stdout": "", "stderr": "A system shutdown has already been scheduled.(1190)", "rc": 1190}
        return _text(json.dumps(said))
    seconds = float(delay) if host.world.shutdown_delay else 0.05
    system.reboot_planned_at = time.time() + seconds
    asyncio.get_running_loop().call_later(seconds, _due, host)
    return _text(json.dumps({"stdout": "", "stderr": "", "rc": 0}))


def _due(host: Host) -> None:
    if host.of(System).reboot_planned_at:
        host.reboot()


def abort_shutdown(host: Host, _found: re.Match[str]) -> Said:
    """There was one already: it is called off, so that ours can be."""
    host.of(System).reboot_planned_at = 0.0
    return _text("")


def logon_screen(_host: Host, found: re.Match[str]) -> Said:
    """The logon screen is there; the script says `success-…` then."""
    return _text(found.group(1))


def servicing(_host: Host, _found: re.Match[str]) -> Said:
    """Whether Windows still works on updates: it does not."""
    return _text("")


def remove(host: Host, found: re.Match[str]) -> Said:
    """Remove what a task left in a temporary folder."""
    beginning, kept = file_key(found.group(1)), host.of(Files)
    kept.contents = {path: data for path, data in kept.contents.items() if not path.startswith(beginning)}
    return _text("")


_EXIT: Final = (
    "; If (-not $?) { If (Get-Variable LASTEXITCODE -ErrorAction SilentlyContinue) "
    "{ exit $LASTEXITCODE } Else { exit 1 } }"
)
"""What the collection's plugins append to each command."""
_SCRIPTS: Final[dict[Answer, str]] = {
    boot_time: (
        r"\(Get-CimInstance -ClassName Win32_OperatingSystem -Property LastBootUpTime\)"
        r"\.LastBootUpTime\.ToFileTime\(\)"
    ),
    reboot: (
        r"\$ErrorActionPreference = 'Continue'\s+if \(\$(?:True|False)\) \{\s+Remove-Item -LiteralPath .*"
        r"shutdown\.exe /r /t (\d+) /c ['‘’‚‛](.*?)['‘’‚‛] \| Set-Variable stdout .*"
        r"ConvertTo-Json -Compress -InputObject @\{.*\}"
    ),
    abort_shutdown: r"C:\\Windows\\System32\\shutdown\.exe /a",
    logon_screen: (
        r"Get-Item -LiteralPath 'HKLM:\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Winlogon"
        r"\\AutoLogonChecked' -ErrorAction Stop; '(success-[0-9a-f-]+)'"
    ),
    servicing: r"try \{\s+\$propParams = @\{.*Name = 'ServicingInProgress'.*catch \{\s+exit 0\s+\}",
    remove: r"Remove-Item ('[^']*'|[^\s;']+) -Force(?: -Recurse)?",
}
"""Patterns of whole scripts."""


def program(host: Host, found: Payload) -> Said:
    """The small programs of the `winrm` connection: folders, home, files to and fro."""
    given = found.arguments
    match found.name:
        case "powershell_mkdtemp.ps1":
            folder = given["Directory"].replace("%TEMP%", rf"{_HOME}\AppData\Local\Temp")
            return _text(ntpath.join(folder, given["Name"]))
        case "powershell_expand_user.ps1":
            return _text(given["Path"].replace("~", _HOME, 1))
        case "winrm_put_file.ps1":
            data = b"".join(base64.b64decode(line) for line in found.further.split() if line)
            if not written(host, given["Path"], data):
                return 1, b"", "ディスクに十分な空き領域がありません。\r\n".encode()
            return _text(json.dumps({"sha1": hashlib.sha1(data).hexdigest()}))  # noqa: S324 - as the client asks
        case "winrm_fetch_file.ps1":
            return _fetch(host, given["Path"], given["Offset"], given["BufferSize"])
    return 1, b"", f"the lab cannot run {found.name}\r\n".encode()


def _fetch(host: Host, path: str, offset: int, size: int) -> Said:
    data = host.of(Files).contents.get(file_key(path))
    if data is None:
        return 1, b"", f"{path} does not exist\r\n".encode()
    return _text(base64.b64encode(data[offset : offset + size]).decode("ascii"))


def _text(text: str) -> Said:
    return 0, f"{text}\r\n".encode(), b""
