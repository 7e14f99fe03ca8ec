"""What the scripts in `daicho/endpoints/scripts` do to a host: one function for each script.

A module of an area holds the area's state, a dataclass under `@area("name")`, and its models:

    @area("printers")
    @dataclass
    class Printers:
        queues: dict[str, str] = field(default_factory=dict)

    @model("get_printers")
    def get_printers(host: Host, arguments: Mapping[str, Any]) -> dict[str, Any]:
        return {"printers": host.of(Printers).queues}

Models raise `ScriptError` where the script would throw. All modules here are imported at the start.
"""

from __future__ import annotations

import asyncio
import inspect
import pkgutil
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lab.winrm.host import Host


class ScriptError(Exception):
    """What a script throws: `kind` is its word for it, the text its message."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True)
class Model:
    """A script's name, what it does, and which of its arguments are secrets."""

    name: str
    function: Callable[[Host, Mapping[str, Any]], Any]
    secrets: tuple[str, ...]

    async def run(self, host: Host, arguments: Mapping[str, Any]) -> Any:
        """Do to the host what the script does; its one result."""
        result = self.function(host, arguments)
        if inspect.isawaitable(result):
            return await result
        await asyncio.sleep(0)
        return result


MODELS: Final[dict[str, Model]] = {}


def model[F: Callable[..., Any]](name: str, *, secrets: tuple[str, ...] = ()) -> Callable[[F], F]:
    """Register a function as the model of `<name>.ps1`; values of `secrets` never reach the log."""

    def register(function: F) -> F:
        if name in MODELS:
            raise ValueError(f"There are two models of {name}.ps1.")
        MODELS[name] = Model(name, function, secrets)
        return function

    return register


def load() -> Mapping[str, Model]:
    """Import every area; the models by the names of their scripts."""
    for found in pkgutil.iter_modules(__path__):
        import_module(f"{__name__}.{found.name}")
    return MODELS
