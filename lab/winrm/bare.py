"""The scripts and programs that Ansible's plugins send besides modules, each known by what only it has."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import ntpath
import re
import time
from typing import TYPE_CHECKING, Final

from lab.winrm.areas import Files, System, filetime
from lab.winrm.modules.files import file_key, written

if TYPE_CHECKING:
    from collections.abc import Callable

    from lab.winrm.host import Host
    from lab.winrm.payload import Payload

type Said = tuple[int, bytes, bytes]
type Answer = Callable[[Host, str], Said]

_HOME: Final = r"C:\Users\svc-daicho"
_DELAY: Final = re.compile(r"shutdown\.exe /r /t (\d+)")
_NOTICE: Final = re.compile(r"shutdown\.exe /r /t \d+ /c ['‘’‚‛](.*?)['‘’‚‛] \| Set-Variable", re.DOTALL)
_EXPECTED: Final = re.compile(r"'(success-[0-9a-f-]+)'")


def find(source: str) -> tuple[str, Answer | None]:
    """The name of a script and what it does; none if it is unknown."""
    for mark, answer in _SCRIPTS.items():
        if mark in source:
            return answer.__name__, answer
    return "", None


def boot_time(host: Host, _source: str) -> Said:
    """win_reboot and win_updates ask it before a reboot, and after it until it differs."""
    return _text(str(filetime(host.booted_at)))


def reboot(host: Host, source: str) -> Said:
    """Let the host start again, after the delay that shutdown.exe is given."""
    delay = float(_DELAY.findall(source)[0])
    notice = _NOTICE.search(source)
    if notice and host.of(System).logged_on:
        host.of(System).notices.append(notice.group(1).replace("''", "'"))
    if host.of(System).reboot_planned_at:
        said = {"stdout": "", "stderr": "A system shutdown has already been scheduled.(1190)", "rc": 1190}
        return _text(json.dumps(said))
    seconds = delay if host.world.shutdown_delay else 0.05
    host.of(System).reboot_planned_at = time.time() + seconds
    asyncio.get_running_loop().call_later(seconds, host.reboot)
    return _text(json.dumps({"stdout": "", "stderr": "", "rc": 0}))


def abort_shutdown(host: Host, _source: str) -> Said:
    """There was one already: it is called off, so that ours can be."""
    host.of(System).reboot_planned_at = 0.0
    return _text("")


def logon_screen(_host: Host, source: str) -> Said:
    """Whether the logon screen is there; the script says `success-…` then."""
    expected = _EXPECTED.search(source)
    return _text(expected.group(1) if expected else "")


def servicing(_host: Host, _source: str) -> Said:
    """Whether Windows still works on updates: it does not."""
    return _text("")


def remove(host: Host, source: str) -> Said:
    """Remove what a task left in a temporary folder."""
    path = re.search(r"Remove-Item '?(.+?)'? -Force", source)
    if path:
        beginning = file_key(path.group(1))
        kept = host.of(Files)
        kept.contents = {name: data for name, data in kept.contents.items() if not name.startswith(beginning)}
    return _text("")


def whoami(host: Host, _source: str) -> Said:
    """Who and where a session is."""
    return _text(host.of(System).name.upper())


_SCRIPTS: Final[dict[str, Answer]] = {
    "LastBootUpTime).LastBootUpTime.ToFileTime()": boot_time,
    "LastBootUpTime.ToFileTime()": boot_time,
    "shutdown.exe /r /t": reboot,
    "shutdown.exe /a": abort_shutdown,
    "AutoLogonChecked' -ErrorAction Stop; '": logon_screen,
    "ServicingInProgress": servicing,
    "Remove-Item": remove,
    "$env:COMPUTERNAME": whoami,
}


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
