"""What can be done to devices behind their operators' backs: JSON lines over a Unix socket."""

from __future__ import annotations

import asyncio
import json
import resource
from typing import TYPE_CHECKING, Any, Final

from lab.errors import LabError
from lab.netcli.device import Fault
from lab.netcli.switch import replug
from lab.netcli.syntax import Match

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from lab.netcli.device import Device

KINDS: Final = {
    "drop": "a session breaks off after N lines (text `config`: N lines of configuration), once",
    "hang": "a session says nothing more after N lines, once",
    "reboot": "it starts again after N lines, once; without N at once; what was not saved is lost",
    "refuse": "lines with this text are refused as errors",
    "flash-full": "saving fails",
    "prompt": "its prompt is this text",
    "banner": "this text stands before the first prompt",
    "slow-echo": "each key takes this many seconds to appear (0.01)",
    "power-off": "it is off, until the fault is cleared",
    "new-host-key": "it shows another host key, until the fault is cleared",
}
_AT_ONCE: Final = ("reboot",)


class Control:
    """Does what it is told to the devices of this process."""

    def __init__(self, devices: list[Device]) -> None:
        """Know the devices by name and by address."""
        self._devices = {device.name: device for device in devices}
        self._devices |= {str(device.address): device for device in devices}
        self._distinct = devices

    async def listen(self, where: Path) -> None:
        """Serve on a Unix socket; one request a line, one answer a line."""
        await asyncio.start_unix_server(self._serve, where)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            try:
                answer: dict[str, Any] = {"answer": self.do(json.loads(line))}
            except LabError as error:
                answer = {"error": str(error)}
            writer.write(json.dumps(answer).encode() + b"\n")
            await writer.drain()
        writer.close()

    def do(self, request: Mapping[str, Any]) -> Any:
        """Answer one request.

        Raises:
            LabError: There is no such device, fault or action.
        """
        actions: dict[str, Callable[[Mapping[str, Any]], Any]] = {
            "status": self._status,
            "devices": self._all,
            "running": lambda asked: self._device(asked).text,
            "startup": lambda asked: self._device(asked).startup,
            "typed": lambda asked: list(self._device(asked).typed),
            "fault": self._fault,
            "clear": self._clear,
            "edit": self._edit,
            "save": lambda asked: self._device(asked).save(),
            "replug": self._replug,
        }
        action = actions.get(str(request.get("do")))
        if action is None:
            raise LabError(f"The devices cannot {request.get('do')!r}; they can {', '.join(actions)}.")
        return action(request)

    def _device(self, asked: Mapping[str, Any]) -> Device:
        name = str(asked.get("device"))
        if name not in self._devices:
            raise LabError(f"There is no device {name!r}. `python -m lab devices status` lists them.")
        return self._devices[name]

    def _status(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        device = self._device(asked)
        operators = device.world.operators
        return {
            "name": device.name,
            "address": str(device.address),
            "platform": device.personality.name,
            "lost": device.lost_to(operators.network_address + 1),
            "up": device.up,
            "boots": device.boots,
            "unsaved": device.unsaved,
            "sessions": len(device.sessions),
            "timers": {what: device.remaining(what) for what in device.timers},
            "faults": [fault.kind for fault in device.faults],
            "refusals": device.refusals,
        }

    def _all(self, _asked: Mapping[str, Any]) -> dict[str, Any]:
        usage = resource.getrusage(resource.RUSAGE_SELF)
        return {
            "devices": [self._status({"device": device.name}) for device in self._distinct],
            "memory": usage.ru_maxrss * 1024,
            "cpu": usage.ru_utime + usage.ru_stime,
        }

    def _fault(self, asked: Mapping[str, Any]) -> None:
        device, kind = self._device(asked), str(asked.get("kind"))
        if kind not in KINDS:
            listing = "".join(f"\n  {name:<13} {summary}" for name, summary in KINDS.items())
            raise LabError(f"There is no fault {kind!r}. There are:{listing}")
        after = int(asked.get("after", 0))
        if kind in _AT_ONCE and not after:
            device.reboot()
            return
        self._clear({"device": device.name, "kind": kind})
        device.faults.append(Fault(kind, after, str(asked.get("text", "")), float(asked.get("seconds", 0))))
        if kind == "power-off":
            device.power_off()
        elif kind == "new-host-key":
            device.key_number += 1

    def _replug(self, asked: Mapping[str, Any]) -> None:
        """Stations hang on other ports; a device that is not named: they hang nowhere."""
        for mac, name, port in asked.get("cables", []):
            to = None
            if name:
                device = self._device({"device": name})
                if port not in device.personality.ports:
                    raise LabError(f"{device.name} has no port {port!r} for the office.")
                to = (device, str(port))
            replug(self._distinct, bytes.fromhex(str(mac).replace(":", "")), to)

    def _clear(self, asked: Mapping[str, Any]) -> list[str]:
        device, kind = self._device(asked), asked.get("kind")
        gone = [fault for fault in device.faults if kind in (None, fault.kind)]
        device.faults = [fault for fault in device.faults if fault not in gone]
        for fault in gone:
            if fault.kind == "power-off":
                device.power_on()
            elif fault.kind == "new-host-key":
                device.key_number -= 1
        return [fault.kind for fault in gone]

    def _edit(self, asked: Mapping[str, Any]) -> None:
        """A second operator's lines: entered at the device's top, sections by their own lines."""
        device = self._device(asked)
        syntaxes = device.personality.syntaxes
        stack: list[tuple[str, tuple[str, ...]]] = [("", ())]
        for line in asked.get("lines", []):
            negated = line.strip().startswith("no ")
            body = line.strip().removeprefix("no ")
            while True:
                mode, path = stack[-1]
                reading = syntaxes[mode].read(body, naming=negated)
                if isinstance(reading, Match) or len(stack) == 1:
                    break
                stack.pop()
            if not isinstance(reading, Match):
                raise LabError(f"{device.name} does not take the line {line!r}.")
            if negated:
                device.running.remove(path, reading.name)
                continue
            device.running.put(path, reading)
            if reading.rule.opens:
                stack.append((reading.rule.opens, (*path, reading.name)))
        device.touched()
