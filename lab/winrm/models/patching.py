"""What a terminal is offered by Windows Update or finds in a folder, and how its services stand."""

from __future__ import annotations

import ntpath
import re
from typing import TYPE_CHECKING, Any

from lab.winrm.areas import Files, Services, Updates
from lab.winrm.models import ScriptError, model
from lab.winrm.modules.updates import signed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lab.winrm.host import Host

_STATES = {"started": "Running", "stopped": "Stopped"}


@model("search_updates")
def search_updates(host: Host, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Ask the service, or look into the folder."""
    if arguments["source"] == "offline":
        return {"hresult": 0, "updates": _in_folder(host, str(arguments["folder"]))}
    if fault := host.spend("search-fails"):
        return {"hresult": signed(int(fault.text or "0x8024402C", 16)), "updates": []}
    return {"hresult": 0, "updates": [_told(each) for each in host.of(Updates).wanting() if not each.hidden]}


@model("get_services")
def get_services(host: Host, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The states of those that are asked for, as Windows words them."""
    known = {name.casefold(): each for name, each in host.of(Services).by_name.items()}
    found = {name: known.get(str(name).casefold()) for name in arguments["names"]}
    return {
        "states": {
            name: _STATES.get(each.state, each.state) if each else "absent" for name, each in found.items()
        }
    }


def _told(update: Any) -> dict[str, Any]:
    return {
        "id": update.id,
        "kbs": [update.kb],
        "title": update.title,
        "classes": update.categories,
        "bytes": update.size,
        "downloaded": update.state == "downloaded",
        "optional": update.optional,
        "removable": True,
    }


def _in_folder(host: Host, folder: str) -> list[dict[str, Any]]:
    beginning = folder.casefold().rstrip("\\") + "\\"
    contents = host.of(Files).contents
    if beginning not in contents:
        raise ScriptError("error", f"Cannot find path '{folder}' because it does not exist.")
    found = []
    for path, data in sorted(contents.items()):
        number = re.search(r"kb[0-9]+", ntpath.basename(path))
        if path.startswith(beginning) and path.endswith(".msu") and number:
            found.append(
                {
                    "id": path,
                    "kbs": [number[0].upper()],
                    "title": ntpath.basename(path),
                    "classes": [],
                    "bytes": len(data),
                    "downloaded": True,
                    "optional": False,
                    "removable": False,
                }
            )
    return found
