"""win_regedit, win_reg_stat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lab.winrm.areas import Registry
from lab.winrm.modules import Call, Result, module

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lab.winrm.host import Host


def _key(path: str) -> str:
    return path.replace("/", "\\").rstrip("\\").lower()


@module("ansible.windows.win_regedit")
def win_regedit(host: Host, arguments: Mapping[str, Any], call: Call) -> Result:
    """One value, or a key with all below it taken away."""
    registry, key = host.of(Registry), _key(arguments["path"])
    name = f"{key}!{(arguments['name'] or '').lower()}"
    if arguments["state"] == "present":
        changed = registry.values.get(name) != arguments["data"] or name not in registry.values
        if changed and not call.check:
            registry.values[name] = arguments["data"]
        return {"changed": changed, "data_changed": changed, "data_type_changed": False}
    whole = arguments["name"] is None
    gone = [each for each in registry.values if each == name or (whole and _below(each, key))]
    if not call.check:
        registry.values = {each: value for each, value in registry.values.items() if each not in gone}
    return {"changed": bool(gone), "data_changed": bool(gone), "data_type_changed": False}


@module("ansible.windows.win_reg_stat")
def win_reg_stat(host: Host, arguments: Mapping[str, Any], _call: Call) -> Result:
    """Whether a value or a key is there."""
    values, key = host.of(Registry).values, _key(arguments["path"])
    if arguments["name"] is None:
        return {"exists": any(_below(each, key) for each in values)}
    name = f"{key}!{arguments['name'].lower()}"
    return {"exists": name in values, **({"value": values[name]} if name in values else {})}


def _below(name: str, key: str) -> bool:
    return name.startswith((f"{key}!", f"{key}\\"))
