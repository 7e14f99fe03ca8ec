"""win_service, win_service_info."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lab.winrm.areas import Service, Services
from lab.winrm.arguments import ModuleFailure
from lab.winrm.modules import Call, Result, module

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lab.winrm.host import Host


@module("ansible.windows.win_service")
def win_service(host: Host, arguments: Mapping[str, Any], call: Call) -> Result:
    """Its state and how it starts; nothing else is modelled."""
    services, name = host.of(Services).by_name, str(arguments["name"])
    key = next((each for each in services if each.lower() == name.lower()), name)
    if key not in services:
        if arguments["state"] == "absent":
            return {"changed": False, "exists": False}
        raise ModuleFailure(f"A service with the name '{name}' could not be found")
    if arguments["state"] == "absent":
        if not call.check:
            del services[key]
        return {"changed": True, "exists": False}
    found = services[key]
    wanted = Service(**vars(found))
    wanted.start_mode = arguments["start_mode"] or found.start_mode
    again = arguments["state"] == "restarted"
    wanted.state = "started" if again else arguments["state"] or found.state
    if wanted.state == "started" and wanted.start_mode == "disabled":
        raise ModuleFailure(f"Service '{found.display_name} ({key})' cannot be started: it is disabled.")
    changed = wanted != found or again
    if changed and not call.check:
        services[key] = wanted
    return {"changed": changed, **_told(key, wanted)}


@module("ansible.windows.win_service_info")
def win_service_info(host: Host, arguments: Mapping[str, Any], _call: Call) -> Result:
    """Those of a name, or all."""
    wanted = str(arguments["name"] or "").lower()
    services = host.of(Services).by_name
    found = [_told(name, each) for name, each in services.items() if wanted in {"", "*", name.lower()}]
    return {"exists": bool(found), "services": found}


def _told(name: str, service: Service) -> Result:
    return {
        "name": name,
        "display_name": service.display_name,
        "state": service.state,
        "start_mode": service.start_mode,
        "dependencies": service.dependencies,
        "exists": True,
    }
