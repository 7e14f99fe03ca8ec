"""Start Nornir on network devices and turn what it brings back into ours.

The tasks are content (`nornir_tasks/`), as playbooks are: they are loaded from where the settings say.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import sys
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from nornir import InitNornir
from nornir.core.plugins.inventory import InventoryPluginRegister

from daicho.errors import DaichoError
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.items.nornir import DaichoItems

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from types import ModuleType

    from nornir.core.task import AggregatedResult, MultiResult, Result, Task

_PACKAGE: Final = "nornir_tasks"
_WORKERS: Final = 25
"""A session mostly waits for its device; on two busy cores 50 at once ran into each other's time limits."""


class TaskMissing(DaichoError):
    """The content has no such task."""

    sentence = N_("{path} has no task {verb}. Is DAICHO_CONTENT the folder with playbooks and nornir_tasks?")


@dataclass(frozen=True, kw_only=True)
class Errand:
    """What Nornir has to do, where, and with whose key."""

    content: Path
    """The folder that holds `nornir_tasks`."""
    state: Path
    """The site's state: its ledger names the devices."""
    key: Path
    """The private key that the door made; the certificate lies beside it."""
    known_hosts: Path
    targets: Sequence[str]
    connect_seconds: float = 10.0
    read_seconds: float = 20.0


@dataclass(frozen=True)
class Brought:
    """What came back: from each device its facts, or in words why not."""

    facts: Mapping[str, Mapping[str, Any]]
    failures: Mapping[str, str]


def read_state(errand: Errand, told: Callable[[str], None] | None = None) -> Brought:
    """The state of devices, many at a time. Nothing on them is changed.

    Args:
        errand: Which devices; none are an empty result.
        told: Called with each device's name as it is done, from any thread.
    """
    if not errand.targets:
        return Brought({}, {})
    logging.getLogger("paramiko").addHandler(logging.NullHandler())
    verb = load(errand.content, "read_state")
    access = load(errand.content, "devices").Access(
        key=errand.key,
        known_hosts=errand.known_hosts,
        connect_seconds=errand.connect_seconds,
        read_seconds=errand.read_seconds,
    )

    def one(task: Task) -> Result:
        try:
            result: Result = verb.read_state(task, access)
            return result
        finally:
            if told:
                told(task.host.name)

    return _sorted_out(_nornir(errand).run(task=one, name="read_state"))


def platforms_read(content: Path) -> frozenset[str]:
    """The platforms whose state can be read."""
    return frozenset(load(content, "read_state").READERS)


_loading: Final = Lock()


def load(content: Path, verb: str) -> ModuleType:
    """A module of the content's tasks.

    Raises:
        TaskMissing: There is none of this name.
    """
    folder = content / _PACKAGE
    with _loading:
        if _PACKAGE not in sys.modules:
            spec = importlib.util.spec_from_file_location(
                _PACKAGE, folder / "__init__.py", submodule_search_locations=[str(folder)]
            )
            if spec is None or spec.loader is None or not (folder / "__init__.py").exists():
                raise TaskMissing(path=str(folder), verb=verb)
            package = importlib.util.module_from_spec(spec)
            sys.modules[_PACKAGE] = package
            spec.loader.exec_module(package)
        return importlib.import_module(f"{_PACKAGE}.{verb}")


def _nornir(errand: Errand) -> Any:
    # From a wheel the entry point says the same; from anywhere else this does.
    InventoryPluginRegister.register("DaichoItems", DaichoItems)
    return InitNornir(
        inventory={
            "plugin": "DaichoItems",
            "options": {"state": str(errand.state), "targets": list(errand.targets)},
        },
        runner={"plugin": "threaded", "options": {"num_workers": min(_WORKERS, len(errand.targets))}},
        logging={"enabled": False},
    )


def _sorted_out(results: AggregatedResult) -> Brought:
    facts: dict[str, Mapping[str, Any]] = {}
    failures: dict[str, str] = {}
    for name, result in results.items():
        if result.failed:
            failures[name] = _why(result)
        else:
            facts[name] = result[0].result
    return Brought(facts, failures)


def _why(result: MultiResult) -> str:
    error = result[0].exception
    if isinstance(error, DaichoError):
        return str(error)
    return _("{kind}: {text}").format(kind=type(error).__name__, text=error)
