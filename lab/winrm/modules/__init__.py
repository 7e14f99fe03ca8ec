"""What modules do to a host: one function for each that is modelled, arguments judged by its documentation.

    @module("ansible.windows.win_ping")
    def win_ping(host: Host, arguments: Mapping[str, Any], call: Call) -> Result:
        return {"ping": arguments["data"]}

A module without a model fails and says so.
"""

from __future__ import annotations

import asyncio
import inspect
import pkgutil
import time
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from lab.winrm.arguments import Documented, ModuleFailure, documented, redacted
from lab.winrm.host import Arrival, area

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lab.winrm.host import Host
    from lab.winrm.payload import Payload
    from lab.winrm.shipped import Shipped

type Result = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """How a module is called."""

    check: bool
    become: str
    environment: Mapping[str, str]
    asynchronous: bool
    shipped: Shipped


@dataclass(frozen=True)
class _Module:
    function: Callable[[Host, Mapping[str, Any], Call], Any]
    internal: tuple[str, ...]


@area("jobs")
@dataclass
class Jobs:
    """Asynchronous tasks by their id; what `async_status` reads."""

    results: dict[str, Result] = field(default_factory=dict)


MODULES: Final[dict[str, _Module]] = {}


def module[F: Callable[..., Any]](name: str, *, internal: tuple[str, ...] = ()) -> Callable[[F], F]:
    """Register the model of a module; `internal` are options that its action plugin adds."""

    def register(function: F) -> F:
        MODULES[name] = _Module(function, internal)
        return function

    return register


def load() -> None:
    """Import all models."""
    for found in pkgutil.iter_modules(__path__):
        import_module(f"{__name__}.{found.name}")


def arrival(found: Payload, user: str, shipped: Shipped) -> Arrival:
    """What came, for the log: without what its names or its documentation call secret."""
    known = documented(found.name) if found.name.count(".") == 2 else None
    secrets = tuple(name for name, each in known.options.items() if each.get("no_log")) if known else ()
    shown = redacted(found.arguments, secrets)
    if text := found.arguments.get("script"):
        shown["script"] = shipped.find(str(text))[0] or f"{str(text)[:80]} …"
    return Arrival(time.time(), user, "module", found.name, shown, check=found.check, become=found.become)


async def run(host: Host, found: Payload, shipped: Shipped) -> tuple[int, Result]:
    """Carry a module out; its exit status and result."""
    if found.asynchronous is None:
        return await _run(host, found, shipped)
    job = f"{found.asynchronous.job}.{4000 + len(host.of(Jobs).results)}"
    answer: Result = {"started": True, "finished": False, "ansible_job_id": job}
    answer["results_file"] = f"{found.asynchronous.folder}\\{job}"
    host.of(Jobs).results[job] = dict(answer)
    host.start(job, _later(host, found, shipped, job))
    return 0, answer | {"_ansible_suppress_tmpdir_delete": True, "ansible_async_watchdog_pid": 4242}


async def _later(host: Host, found: Payload, shipped: Shipped, job: str) -> None:
    timeout = found.asynchronous.timeout if found.asynchronous else None
    try:
        async with asyncio.timeout(timeout):
            _code, result = await _run(host, found, shipped)
    except TimeoutError:
        result = {"failed": True, "msg": "timed out waiting for module completion"}
    host.of(Jobs).results[job] = {"started": True, "ansible_job_id": job} | result | {"finished": True}


async def _run(host: Host, found: Payload, shipped: Shipped) -> tuple[int, Result]:
    call = Call(found.check, found.become, found.environment, found.asynchronous is not None, shipped)
    read: Result = {}
    try:
        model = _modelled(found.name)
        read = _documented(found.name).read(found.arguments, model.internal)
        result = model.function(host, read, call)
        if inspect.isawaitable(result):
            result = await result
    except ModuleFailure as failure:
        result = {"failed": True, "msg": str(failure)} | failure.results
    result.setdefault("changed", False)
    if found.internal.get("inject_invocation", True):
        result.setdefault("invocation", {"module_args": read})
    return int(bool(result.get("failed"))), result


def _modelled(name: str) -> _Module:
    if name not in MODULES:
        raise ModuleFailure(f"the lab cannot run {name}: it has no model of it")
    return MODULES[name]


def _documented(name: str) -> Documented:
    known = documented(name)
    if known is None:
        raise ModuleFailure(f"the lab has no collection with {name}")
    return known
