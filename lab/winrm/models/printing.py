"""What the scripts for a print server do: queues, their ports, and what waits in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lab.winrm.host import area
from lab.winrm.models import ScriptError, model

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lab.winrm.host import Host

_TEST_PAGE = "Test Page"


@area("print_server")
@dataclass
class PrintServer:
    """A print server; a queue is `{port, driver, location, comment, share, jobs, paused}`."""

    queues: dict[str, dict[str, Any]] = field(default_factory=dict)
    ports: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Standard TCP/IP ports: `{host, number, lpr}`."""
    drivers: list[str] = field(default_factory=lambda: ["Lab Driver", "Microsoft PCL6 Class Driver"])
    silent: list[str] = field(default_factory=list)
    """Addresses where no printer takes jobs."""
    printed: list[list[str]] = field(default_factory=list)
    """Address and job."""

    def flow(self, name: str) -> None:
        """Print what waits, unless the queue is paused or its printer takes nothing."""
        queue = self.queues[name]
        host = self.ports.get(queue["port"], {}).get("host", "")
        if host and host not in self.silent and not queue["paused"]:
            self.printed += [[host, job] for job in queue["jobs"]]
            queue["jobs"] = []

    def leave(self, port: str) -> None:
        """A port of ours through which nobody prints any more is gone."""
        if port.startswith("IP_") and all(each["port"] != port for each in self.queues.values()):
            self.ports.pop(port, None)


@model("get_print_queues")
def get_print_queues(host: Host, _arguments: Mapping[str, Any]) -> dict[str, Any]:
    """All of it."""
    its = host.of(PrintServer)
    told = [{"name": name, **queue, "jobs": len(queue["jobs"])} for name, queue in its.queues.items()]
    other = {"host": "", "number": 0, "lpr": ""}
    ports = {queue["port"]: its.ports.get(queue["port"], other) for queue in its.queues.values()}
    return {"queues": told, "ports": {**its.ports, **ports}, "drivers": list(its.drivers)}


@model("set_print_queue")
def set_print_queue(host: Host, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Make one, or change its port and place."""
    its, name = host.of(PrintServer), str(arguments["name"])
    queue = its.queues.get(name)
    if queue is None and arguments["driver"] not in its.drivers:
        raise ScriptError("error", "The specified driver does not exist.")
    changed: dict[str, Any] = {key: arguments[key] for key in ("location",) if key in arguments}
    if want := arguments.get("port"):
        changed["port"] = _port(its, want)
    old = queue["port"] if queue else ""
    if queue is None:
        more = {key: arguments[key] for key in ("driver", "comment", "share")}
        its.queues[name] = {"location": "", "jobs": [], "paused": False, **more, **changed}
    else:
        queue.update(changed)
    its.leave(old)
    its.flow(name)
    return {"made": queue is None}


@model("remove_print_queue")
def remove_print_queue(host: Host, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Remove one in which nothing waits."""
    its, name = host.of(PrintServer), str(arguments["name"])
    queue = its.queues.get(name)
    if queue is None:
        return {"waiting": 0}
    if (to := arguments["to"]) and to not in its.queues:
        raise ScriptError("no_queue", to)
    old = queue["port"]
    if queue["jobs"] and to:
        queue["port"] = its.queues[to]["port"]
        its.flow(name)
        queue["port"] = old
    if waiting := len(queue["jobs"]):
        return {"waiting": waiting}
    del its.queues[name]
    its.leave(old)
    return {"waiting": 0}


@model("print_test_page")
def print_test_page(host: Host, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Windows' own page."""
    its, name = host.of(PrintServer), str(arguments["name"])
    if name not in its.queues:
        raise ScriptError("no_queue", name)
    its.queues[name]["jobs"].append(_TEST_PAGE)
    its.flow(name)
    taken = _TEST_PAGE not in its.queues[name]["jobs"]
    return {"taken": taken, "why": "" if taken else "Error, Printing"}


def _port(its: PrintServer, want: Mapping[str, Any]) -> str:
    for name, port in its.ports.items():
        same = port["host"] == want["host"] and port["lpr"] == want["lpr"]
        if same and (want["lpr"] or port["number"] == want["number"]):
            return name
    name = f"IP_{want['host']}"
    if name in its.ports:
        name += f"_{want['number']}{want['lpr']}"
    its.ports[name] = {"host": want["host"], "number": want["number"], "lpr": want["lpr"]}
    return name
