"""What a command line on a host comes to: the bootstraps of ansible-core and of daicho, and little else.

A host here runs no PowerShell. It knows modules by their names (`lab.winrm.modules`), scripts of ours by
their text (`lab.winrm.models`), and the few bare scripts of Ansible's plugins (`lab.winrm.bare`). All else
fails loudly.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import re
import time
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final

from lab.winrm import bare, modules, payload
from lab.winrm.areas import System
from lab.winrm.arguments import redacted
from lab.winrm.host import Arrival
from lab.winrm.models import ScriptError
from lab.winrm.shipped import same

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lab.winrm.host import Host
    from lab.winrm.shipped import Shipped
    from lab.winrm.wsman import Process

_POWERSHELL: Final = re.compile(
    r"^(?:powershell|pwsh)(?:\.exe)?\s.*-(?:EncodedCommand|enc|e)\s+(\S+)\s*$", re.IGNORECASE
)
_LONGEST: Final = 8191
"""Characters that cmd.exe takes in one line."""
_CLIXML: Final = (
    '#< CLIXML\r\n<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">'
    '<S S="Error">{}_x000D__x000A_</S></Objs>'
)


@dataclass(frozen=True)
class Ending:
    """How a command ended."""

    code: int
    stdout: bytes = b""
    stderr: bytes = b""


def complaint(text: str) -> Ending:
    """An ending as PowerShell ends with an error that nobody caught."""
    said = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return Ending(1, b"", _CLIXML.format(said).encode())


class Interpreter:
    """Carries out the commands of all hosts."""

    def __init__(self, shipped: Shipped) -> None:
        """Know our scripts."""
        self._shipped = shipped

    async def launch(self, host: Host, process: Process) -> None:
        """Carry one command out, to its end."""
        try:
            ending = await self._carry_out(host, process)
        except Exception as error:  # noqa: BLE001 - a broken model is to be seen by who asked
            ending = complaint(f"the lab itself failed: {type(error).__name__}: {error}")
        if host.fault("cp932"):
            ending = Ending(ending.code, _as_cp932(ending.stdout), _as_cp932(ending.stderr))
        process.end(ending.code, ending.stdout, ending.stderr)

    async def _carry_out(self, host: Host, process: Process) -> Ending:
        if len(process.line) > _LONGEST:
            return Ending(1, b"", b"The command line is too long.\r\n")
        found = _POWERSHELL.match(process.line)
        if not found:
            word = process.line.split()[0] if process.line else ""
            host.arrived(Arrival(time.time(), process.user, "command", word, {}, code=1))
            said = f"'{word}' is not recognized as an internal or external command,\r\n"
            return Ending(1, b"", said.encode())
        try:
            source = _decoded(found.group(1))
        except (binascii.Error, UnicodeDecodeError):
            return complaint("Cannot process the command because the value of -EncodedCommand is not valid.")
        if source == self._shipped.bootstrap:
            return await self._ours(host, process, await process.stdin())
        if payload.BOOTSTRAP in source:
            return await self._ansible(host, process, await process.stdin())
        return await self._bare(host, process, source)

    async def _ours(self, host: Host, process: Process, data: bytes) -> Ending:
        try:
            given = json.loads(data)
            errands = [(each["script"], each) for each in given.get("errands") or [given]]
        except (ValueError, KeyError, TypeError, AttributeError):
            return complaint("ConvertFrom-Json : Invalid JSON primitive.")
        computer = host.of(System).name.upper()
        if (given.get("host") or computer).upper() != computer:
            other = {"ok": False, "host": computer, "kind": "other_machine", "message": computer}
            return _lines([other] * len(errands))
        return _lines([await self._errand(host, process, script, errand) for script, errand in errands])

    async def _errand(
        self, host: Host, process: Process, script: str, errand: Mapping[str, Any]
    ) -> dict[str, Any]:
        arguments = errand.get("arguments") or {}
        answer: dict[str, Any] = {"ok": False, "host": host.of(System).name.upper()}
        name, model = self._shipped.find(script)
        shown = redacted(arguments, model.secrets) if model else {}
        called = name or str(errand.get("name", "")) or "(a script without a name)"
        arrival = host.arrived(Arrival(time.time(), process.user, "script", called, shown))
        if model is None:
            what = "has no model" if name else "is not one that daicho ships"
            answer |= {"kind": "no_model", "message": f"the lab cannot run {called}: it {what}"}
        else:
            try:
                await _begun(host, name)
                answer |= {"ok": True, "result": await model.run(host, arguments)}
            except ScriptError as error:
                answer |= {"kind": error.kind, "message": str(error)}
        arrival.code = 0
        return answer

    async def _ansible(self, host: Host, process: Process, data: bytes) -> Ending:
        try:
            found = payload.decode(data)
        except payload.NotDecoded as error:
            return complaint(f"the lab does not understand this payload of Ansible: {error}")
        if found.form == "program":
            arrival = Arrival(time.time(), process.user, "file", found.name, redacted(found.arguments))
            host.arrived(arrival)
            ending = Ending(*bare.program(host, found))
            arrival.code = ending.code
            return ending
        if found.form == "script":
            host.arrived(Arrival(time.time(), process.user, "script", found.name, {}, code=1))
            return complaint(f"the lab cannot run {found.name}: it runs no PowerShell")
        arrival = modules.arrival(found, process.user, self._shipped)
        host.arrived(arrival)
        await _begun(host, found.name)
        code, result = await modules.run(host, found, self._shipped)
        arrival.code = code
        return Ending(code, (json.dumps(result) + "\r\n").encode())

    async def _bare(self, host: Host, process: Process, source: str) -> Ending:
        name, answer = bare.find(source)
        arrival = host.arrived(Arrival(time.time(), process.user, "bare", name or source[:120], {}))
        if answer is None:
            arrival.code = 1
            return complaint(f"the lab cannot run this script: {source[:200]!r}")
        ending = Ending(*answer(host))
        arrival.code = ending.code
        return ending


async def _begun(host: Host, name: str) -> None:
    """What may happen to a host once a task has begun."""
    seconds = host.world.task_seconds
    if (slow := host.fault("slow")) is not None:
        seconds += slow.seconds
    if seconds:
        await asyncio.sleep(seconds)
    rebooting = host.fault("reboot-in-task")
    if rebooting and rebooting.text in name and host.spend("reboot-in-task"):
        asyncio.get_running_loop().call_soon(partial(host.reboot, hard=True))
        await asyncio.sleep(3600)
    hanging = host.fault("hang")
    if hanging and hanging.text in name and host.spend("hang"):
        await asyncio.sleep(86_400)


@lru_cache(64)
def _decoded(text: str) -> str:
    return same(base64.b64decode(text, validate=True).decode("utf-16-le"))


def _lines(answers: Sequence[Mapping[str, Any]]) -> Ending:
    return Ending(0, "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in answers).encode())


def _as_cp932(data: bytes) -> bytes:
    return data.decode("utf-8", errors="replace").encode("cp932", errors="replace")
