"""A module's arguments judged by the collection's own documentation, doc fragments included.

What PowerShell's Ansible.Basic refuses is refused here in its words: unknown options, missing ones, other
types, values that are not among the choices.
"""

from __future__ import annotations

import ast
import shlex
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Mapping

_TRUE: Final = frozenset({"true", "yes", "on", "1", "y", "t"})
_FALSE: Final = frozenset({"false", "no", "off", "0", "n", "f"})
_SECRET: Final = ("password", "passwd", "secret", "token", "credential", "passphrase", "private_key", "pin")


class ModuleFailure(Exception):
    """A module ends as failed, with a message and further results."""

    def __init__(self, message: str, **results: Any) -> None:
        super().__init__(message)
        self.results = results


@dataclass(frozen=True)
class Documented:
    """What a module's documentation says of its options."""

    module: str
    options: Mapping[str, Mapping[str, Any]]

    def read(self, given: Mapping[str, Any], internal: tuple[str, ...] = ()) -> dict[str, Any]:
        """The arguments with defaults, as the module sees them.

        Args:
            given: What came.
            internal: Options that an action plugin adds and the documentation does not know.

        Raises:
            ModuleFailure: They are not what is documented.
        """
        known = {name.lower(): name for name in self.options}
        if "cmd" in known:
            known["_raw_params"] = "cmd"  # free-form text, which the documentation does not list
        for name, option in self.options.items():
            known |= {str(alias).lower(): name for alias in option.get("aliases") or ()}
        read = {key: value for key, value in given.items() if key in internal}
        unknown = [key for key in given if key not in internal and key.lower() not in known]
        if unknown:
            raise ModuleFailure(
                f"Unsupported parameters for ({self.module.rpartition('.')[2]}) module: "
                f"{', '.join(sorted(unknown))}. "
                f"Supported parameters include: {', '.join(sorted(self.options))}"
            )
        read |= {known[key.lower()]: value for key, value in given.items() if key not in internal}
        required = [name for name, option in self.options.items() if option.get("required")]
        missing = [name for name in required if read.get(name) is None]
        if missing:
            raise ModuleFailure(f"missing required arguments: {', '.join(sorted(missing))}")
        for name, option in self.options.items():
            value = read.get(name)
            read[name] = option.get("default") if value is None else _converted(name, value, option)
        return read


@cache
def documented(module: str) -> Documented | None:
    """What is documented of a module of an installed collection; none if it is not installed."""
    namespace, collection, name = module.split(".")
    found = find_spec("ansible_collections")
    for folder in found.submodule_search_locations if found and found.submodule_search_locations else ():
        base = Path(folder) / namespace / collection / "plugins"
        if (base / "modules" / f"{name}.ps1").exists():
            written = _documentation(base / "modules" / name)
            options = dict(written.get("options") or {})
            for fragment in written.get("extends_documentation_fragment") or ():
                options = _fragment(base, fragment) | options
            return Documented(module, options)
    return None


def is_secret(name: str) -> bool:
    """Whether an argument of this name holds something that no log may hold."""
    return any(word in name.lower() for word in _SECRET)


def redacted(value: Any, secrets: tuple[str, ...] = (), name: str = "") -> Any:
    """A value without what its names call secret."""
    if name in secrets or (name and is_secret(name) and not isinstance(value, bool)):
        return "(secret)"
    if isinstance(value, dict):
        return {key: redacted(each, secrets, str(key)) for key, each in value.items()}
    if isinstance(value, list):
        return [redacted(each, secrets) for each in value]
    return value


def _documentation(base: Path) -> dict[str, Any]:
    described = base.with_suffix(".yml")
    if described.exists():
        loaded = yaml.load(described.read_text(encoding="utf-8"), yaml.CSafeLoader)
        found: dict[str, Any] = loaded["DOCUMENTATION"]
        return found
    text = _literal(base.with_suffix(".py"), "DOCUMENTATION")
    written: dict[str, Any] = yaml.load(text, yaml.CSafeLoader)
    return written


def _fragment(base: Path, name: str) -> dict[str, Any]:
    """The options of a fragment of the collection; ansible-core's own describe no options here."""
    path = base / "doc_fragments" / f"{name.rsplit('.', maxsplit=1)[-1]}.py"
    if not path.exists():
        return {}
    loaded = yaml.load(_literal(path, "DOCUMENTATION"), yaml.CSafeLoader)
    return dict(loaded.get("options") or {})


def _literal(path: Path, name: str) -> str:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Assign) and any(
            isinstance(t, ast.Name) and t.id == name for t in node.targets
        ):
            return str(ast.literal_eval(node.value))
    return "{}"


def _converted(name: str, value: Any, option: Mapping[str, Any]) -> Any:
    kind = str(option.get("type") or "str")
    try:
        converted = _as(kind, value, option)
    except (KeyError, ValueError, TypeError) as error:
        raise ModuleFailure(
            f"argument for {name} is of type System.{type(value).__name__.capitalize()} "
            f"and we were unable to convert to {kind}"
        ) from error
    choices = option.get("choices")
    if choices and kind != "bool":
        allowed = [str(choice) for choice in choices]
        for each in converted if isinstance(converted, list) else [converted]:
            if str(each).lower() not in {choice.lower() for choice in allowed}:
                raise ModuleFailure(
                    f"value of {name} must be one of: {', '.join(allowed)}. Got no match for: {each}"
                )
    return converted


def _as(kind: str, value: Any, option: Mapping[str, Any]) -> Any:
    match kind:
        case "bool":
            return _truth(str(value).lower())
        case "int" | "float":
            return {"int": int, "float": float}[kind](value)
        case "list":
            many = value if isinstance(value, list) else [each.strip() for each in str(value).split(",")]
            inner = str(option.get("elements") or "raw")
            return many if inner == "raw" else [_as(inner, each, {}) for each in many]
        case "dict" if not isinstance(value, dict):
            return dict(part.split("=", 1) for part in shlex.split(str(value)))
        case "str" | "path" if not isinstance(value, str):
            if isinstance(value, dict | list):
                raise TypeError(kind)
            return str(value)
    return value


def _truth(word: str) -> bool:
    if word not in _TRUE | _FALSE:
        raise ValueError(word)
    return word in _TRUE
