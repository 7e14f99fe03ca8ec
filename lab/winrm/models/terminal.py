"""What `get_terminal`, `remove_profile` and `set_terminal` do: whose things are on a terminal."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

from lab.winrm.areas import System
from lab.winrm.host import area
from lab.winrm.models import ScriptError, model

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lab.winrm.host import Host

_MB: Final = 1024 * 1024
_DOMAIN: Final = "S-1-5-21-11-22-33"


@dataclass
class Profile:
    """Somebody's things."""

    sid: str
    account: str
    path: str
    loaded: bool = False
    megabytes: int = 100
    credentials: int = 0
    used: str = "2026-11-01T00:00:00Z"


def _profiles() -> list[Profile]:
    return [
        Profile(f"{_DOMAIN}-1105", "AD\\t.sato", "C:\\Users\\t.sato", megabytes=12_595, credentials=3),
        Profile(f"{_DOMAIN}-1190", "AD\\svc-daicho", "C:\\Users\\svc-daicho", loaded=True, megabytes=1),
        Profile("S-1-5-21-44-55-66-500", "Administrator", "C:\\Users\\Administrator", megabytes=20),
    ]


def _groups() -> dict[str, list[dict[str, str]]]:
    domain_admins = {"name": "AD\\Domain Admins", "sid": f"{_DOMAIN}-512"}
    sato = {"name": "AD\\t.sato", "sid": f"{_DOMAIN}-1105"}
    return {"S-1-5-32-544": [domain_admins, sato], "S-1-5-32-555": []}


@area("terminal")
@dataclass
class Terminal:
    """Profiles, local groups by SID, printers for everybody, what it says of itself."""

    profiles: list[Profile] = field(default_factory=_profiles)
    groups: dict[str, list[dict[str, str]]] = field(default_factory=_groups)
    printers: list[str] = field(default_factory=lambda: ["\\\\prt1\\2F-B"])
    description: str = ""
    owner: str = "Sato Taro"
    archives: list[str] = field(default_factory=list)


@model("get_terminal")
def get_terminal(host: Host, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """All of it."""
    its, system = host.of(Terminal), host.of(System)
    wanted = {str(file).casefold() for file in arguments["archives"]}
    return {
        "name": system.name,
        "description": its.description,
        "owner": its.owner,
        "profiles": [asdict(each) for each in its.profiles],
        "groups": {sid: its.groups.get(sid, []) for sid in arguments["groups"]},
        "printers": list(its.printers),
        "users": [system.logged_on] if system.logged_on else [],
        "disk_free_mb": 0 if host.fault("disk-full") else system.free // _MB,
        "archives": [file for file in its.archives if file.casefold() in wanted],
    }


@model("remove_profile")
def remove_profile(host: Host, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Pack and remove one profile."""
    its, system = host.of(Terminal), host.of(System)
    found = next((each for each in its.profiles if each.sid == arguments["sid"]), None)
    if found is None:
        return {"archive": ""}
    if found.loaded:
        raise ScriptError("in_use", found.path)
    file = ""
    if folder := str(arguments["archive"]):
        if host.fault("disk-full") or system.free < found.megabytes * _MB:
            raise ScriptError("no_space", "There is not enough space on the disk.")
        file = f"{folder}\\{arguments['name']}"
        its.archives.append(file)
    its.profiles.remove(found)
    return {"archive": file}


@model("set_terminal")
def set_terminal(host: Host, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Members, printers, words."""
    its = host.of(Terminal)
    for each in arguments["add"]:
        members = its.groups[each["group"]]
        if each["member"].casefold() not in {one["name"].casefold() for one in members}:
            members.append({"name": each["member"], "sid": f"{_DOMAIN}-{2000 + len(members)}"})
    for each in arguments["remove"]:
        members = its.groups[each["group"]]
        members[:] = [one for one in members if one["name"].casefold() != each["member"].casefold()]
    its.printers = [each for each in its.printers if each not in arguments["printers_remove"]]
    its.printers += [each for each in arguments["printers_add"] if each not in its.printers]
    its.description = str(arguments.get("description", its.description))
    its.owner = str(arguments.get("owner", its.owner))
    return {"done": True}
