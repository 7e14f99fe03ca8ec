"""Files and folders: win_copy, win_stat, win_file, slurp, win_tempfile."""

from __future__ import annotations

import base64
import hashlib
import ntpath
import uuid
from typing import TYPE_CHECKING, Any

from lab.winrm.areas import Files, System
from lab.winrm.arguments import ModuleFailure
from lab.winrm.modules import Call, Result, module

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lab.winrm.host import Host


def file_key(path: str) -> str:
    """A path as hosts keep it: no quotes, backslashes, small letters."""
    return ntpath.normpath(path.strip("'\"")).lower()


def written(host: Host, path: str, data: bytes) -> bool:
    """Write a file; whether there was room."""
    system, kept = host.of(System), host.of(Files)
    if host.fault("disk-full") or len(data) > system.free:
        return False
    system.free -= len(data) - len(kept.contents.get(file_key(path), b""))
    kept.contents[file_key(path)] = data
    return True


def _write(host: Host, path: str, data: bytes) -> None:
    if not written(host, path, data):
        raise ModuleFailure("ディスクに十分な空き領域がありません。")


def _sha1(data: bytes) -> str:
    return hashlib.sha1(data).hexdigest()  # noqa: S324 - as the module counts


@module(
    "ansible.windows.win_copy",
    internal=("_copy_mode", "_original_basename", "files", "directories", "symlinks"),
)
def win_copy(host: Host, arguments: Mapping[str, Any], call: Call) -> Result:
    """Its action plugin asks first what differs (`query`), then has each file put into place (`single`)."""
    contents = host.of(Files).contents
    match arguments.get("_copy_mode"):
        case "query":
            differing = []
            for each in arguments.get("files") or ():
                there = contents.get(file_key(ntpath.join(arguments["dest"], each["dest"])))
                if there is None or (_sha1(there) != each["checksum"] and arguments["force"]):
                    differing.append(each)
            changed = bool(differing)
            return {
                "files": differing,
                "directories": [],
                "symlinks": [],
                "will_change": changed,
                "changed": changed,
            }
        case "single":
            data = contents.get(file_key(arguments["src"]))
            if data is None:
                raise ModuleFailure(f"Cannot copy src file: '{arguments['src']}' as it does not exist")
            return _placed(host, arguments, data, call)
        case other:
            raise ModuleFailure(f"the lab has no win_copy of the mode {other}")


def _placed(host: Host, arguments: Mapping[str, Any], data: bytes, call: Call) -> Result:
    dest = str(arguments["dest"])
    if dest.endswith(("\\", "/")):
        dest += str(arguments["_original_basename"])
    changed = host.of(Files).contents.get(file_key(dest)) != data
    if changed and not call.check:
        _write(host, dest, data)
    return {
        "changed": changed,
        "dest": dest,
        "src": arguments["src"],
        "size": len(data),
        "checksum": _sha1(data),
        "operation": "file_copy",
        "original_basename": arguments["_original_basename"],
    }


@module("ansible.windows.win_stat")
def win_stat(host: Host, arguments: Mapping[str, Any], _call: Call) -> Result:
    """Whether there is a file, and its digest."""
    contents, path = host.of(Files).contents, str(arguments["path"])
    data = contents.get(file_key(path))
    folder = file_key(path) + "\\"
    if data is None:
        there = folder in contents or any(each.startswith(folder) for each in contents)
        kind = {"isdir": True, "isreg": False, "path": path, "islnk": False, "size": 0}
        return {"stat": {"exists": there, **(kind if there else {})}}
    algorithm = str(arguments.get("checksum_algorithm") or "sha1")
    return {
        "stat": {
            "exists": True,
            "isdir": False,
            "isreg": True,
            "islnk": False,
            "path": path,
            "filename": ntpath.basename(path),
            "size": len(data),
            "checksum": hashlib.new(algorithm, data).hexdigest() if arguments["get_checksum"] else None,
        }
    }


@module("ansible.windows.win_file", internal=("_original_basename",))
def win_file(host: Host, arguments: Mapping[str, Any], call: Call) -> Result:
    """Folders made, files made empty, anything removed."""
    kept, key = host.of(Files), file_key(str(arguments["path"]))
    beginning, state = key + "\\", arguments["state"]
    below = [path for path in kept.contents if path == key or path.startswith(beginning)]
    if state == "absent":
        if below and not call.check:
            kept.contents = {path: data for path, data in kept.contents.items() if path not in below}
        return {"changed": bool(below)}
    wanted = beginning if state == "directory" else key
    if state == "file" and not below:
        raise ModuleFailure(f"path {arguments['path']} will not be created")
    if not below and not call.check:
        _write(host, wanted if state == "touch" else key, b"")
        if state == "directory":
            kept.contents[beginning] = kept.contents.pop(key)
    return {"changed": not below or state == "touch"}


@module("ansible.windows.slurp")
def slurp(host: Host, arguments: Mapping[str, Any], _call: Call) -> Result:
    """A file as base64."""
    data = host.of(Files).contents.get(file_key(str(arguments["src"])))
    if data is None:
        raise ModuleFailure(f"Path {arguments['src']} is not found")
    return {
        "content": base64.b64encode(data).decode("ascii"),
        "encoding": "base64",
        "source": arguments["src"],
    }


@module("ansible.windows.win_tempfile")
def win_tempfile(host: Host, arguments: Mapping[str, Any], call: Call) -> Result:
    """A new file or folder of a name that nobody has."""
    folder = (arguments["path"] or "%TEMP%").replace("%TEMP%", r"C:\Users\svc-daicho\AppData\Local\Temp")
    path = ntpath.join(folder, f"{arguments['prefix']}{uuid.uuid4().hex[:8]}{arguments['suffix']}")
    if not call.check:
        _write(host, path, b"")
    return {"changed": True, "path": path, "state": arguments["state"]}
