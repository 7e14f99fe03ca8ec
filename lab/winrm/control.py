"""What can be asked of hosts and done to them behind the controller's back: JSON lines over a Unix socket."""

from __future__ import annotations

import asyncio
import json
import resource
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from lab.errors import LabError
from lab.winrm.areas import System
from lab.winrm.faults import Fault
from lab.winrm.host import AREAS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lab.winrm.host import Host
    from lab.winrm.population import Population
    from lab.winrm.server import Server


class Control:
    """Does what it is told to the hosts of this process."""

    def __init__(self, population: Population, server: Server) -> None:
        """Know the hosts and who serves them."""
        self._population, self._server = population, server

    async def listen(self, where: Path) -> None:
        """Serve on a Unix socket; one request a line, one answer a line."""
        await asyncio.start_unix_server(self._serve, where, limit=1 << 24)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            try:
                answer: dict[str, Any] = {"answer": self.do(json.loads(line))}
            except LabError as error:
                answer = {"error": str(error)}
            writer.write(json.dumps(answer, default=_as_json).encode() + b"\n")
            await writer.drain()
        writer.close()

    def do(self, request: Mapping[str, Any]) -> Any:
        """Answer one request.

        Raises:
            LabError: There is no such host, fault or action.
        """
        actions: dict[str, Callable[[Mapping[str, Any]], Any]] = {
            "summary": self._summary,
            "status": lambda asked: self._status(self._host(asked)),
            "touched": lambda _asked: [self._status(host) for host in self._population.touched()],
            "state": lambda asked: self._host(asked).state(),
            "set": self._set,
            "fault": self._fault,
            "clear": self._clear,
            "power": lambda asked: self._host(asked).switch(on=bool(asked.get("on"))),
            "reboot": lambda asked: self._host(asked).reboot(hard=True),
            "wire": self._wire,
        }
        action = actions.get(str(request.get("do")))
        if action is None:
            raise LabError(f"The terminals cannot {request.get('do')!r}; they can {', '.join(actions)}.")
        return action(request)

    def _host(self, asked: Mapping[str, Any]) -> Host:
        name = str(asked.get("host"))
        found = self._population.named(name)
        if found is None:
            raise LabError(f"There is no terminal {name!r}. `python -m lab windows status` lists them.")
        return found

    def _summary(self, _asked: Mapping[str, Any]) -> dict[str, Any]:
        usage = resource.getrusage(resource.RUSAGE_SELF)
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
        return {
            "count": self._population.count,
            "up": sum(host.up for host in self._population),
            "touched": len(self._population.touched()),
            "memory": int(pages) * resource.getpagesize(),
            "cpu": usage.ru_utime + usage.ru_stime,
            **self._server.counts,
        }

    def _status(self, host: Host) -> dict[str, Any]:
        never = host.returns_in == float("inf")
        return {
            "name": host.name,
            "address": host.address,
            "up": host.up,
            "boots": host.boots,
            "returns_in": None if never else round(host.returns_in, 3),
            "shells": len(host.shells),
            "running": sorted(host.running),
            "arrived": len(host.wire),
            "faults": [asdict(fault) for fault in host.faults],
        }

    def _set(self, asked: Mapping[str, Any]) -> None:
        host = self._host(asked)
        for path, value in dict(asked.get("values") or {}).items():
            put(host, path, value)

    def _fault(self, asked: Mapping[str, Any]) -> None:
        host = self._host(asked)
        known = {each.name for each in fields(Fault)}
        fault = Fault(**{key: value for key, value in asked.items() if key in known})
        if not fault.text:
            self._clear({"host": host.name, "kind": fault.kind})
        host.faults.append(fault)
        if fault.kind == "off":
            host.cut_off()
        if fault.kind == "renamed":
            host.of(System).name = fault.text

    def _clear(self, asked: Mapping[str, Any]) -> list[str]:
        host, kind = self._host(asked), asked.get("kind")
        gone = [fault.kind for fault in host.faults if kind in (None, fault.kind)]
        host.faults = [fault for fault in host.faults if kind not in (None, fault.kind)]
        if "renamed" in gone:
            host.of(System).name = host.name
        if "reboot-never-ends" in gone and host.returns_in:
            host.switch(on=True)
        return gone

    def _wire(self, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
        arrivals = [asdict(each) for each in self._host(asked).wire]
        return [each | {"host": str(asked["host"])} for each in arrivals]


def put(host: Host, path: str, value: Any) -> None:
    """Change one value of a host's state: `system.free`, `updates.offered.KB5050001.state`.

    Elements of lists are named by their `kb`, `name` or `id`, or by their number; a key that is new in a
    mapping is added.

    Raises:
        LabError: There is no such place, or the value does not fit there.
    """
    name, _dot, rest = path.partition(".")
    there = host.area(name)
    tree = asdict(there)
    if rest:
        _put(tree, rest, value, path)
    else:
        tree = value
    try:
        made = TypeAdapter(AREAS[name]).validate_python(tree)
    except ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise LabError(f"{path} cannot be {value!r}: {told}.") from error
    if lost := _lost(tree, asdict(made)):
        raise LabError(f"There is no {path!r}: nothing is called {lost!r} there.")
    for each in fields(AREAS[name]):
        setattr(there, each.name, getattr(made, each.name))


def _put(tree: Any, rest: str, value: Any, path: str) -> None:
    key, _dot, deeper = rest.partition(".")
    if isinstance(tree, list):
        place: Any = next((n for n, each in enumerate(tree) if _is_called(each, key, n)), None)
    else:
        # A key with dots in it (a file's path) is found whole.
        key, deeper = (rest, "") if isinstance(tree, dict) and rest in tree else (key, deeper)
        place = key if isinstance(tree, dict) and (key in tree or not deeper) else None
    if place is None:
        raise LabError(f"There is no {path!r}: nothing is called {key!r} there.")
    if deeper:
        _put(tree[place], deeper, value, path)
    else:
        tree[place] = value


def _lost(given: Any, made: Any) -> str:
    """A key that was given and did not become part of the state."""
    if isinstance(given, dict) and isinstance(made, dict):
        gone = [str(key) for key in given if key not in made]
        return next(
            filter(None, [*gone, *(_lost(given[key], made[key]) for key in given if key in made)]), ""
        )
    if isinstance(given, list) and isinstance(made, list):
        return next(filter(None, map(_lost, given, made)), "")
    return ""


def _is_called(each: Any, key: str, number: int) -> bool:
    names = (each.get(name) for name in ("kb", "name", "id")) if isinstance(each, dict) else ()
    return key == str(number) or key in names


def _as_json(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    raise TypeError(type(value).__name__)
