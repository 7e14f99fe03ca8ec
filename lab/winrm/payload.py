"""What ansible-core 2.21 writes to PowerShell's standard input, decoded.

Two JSON documents and further input, parted by a line of four NULs: what the bootstrap runs (`exec_wrapper`),
and the manifest of that: scripts by name, and the actions that wrap each other (become, async, the module).
Internal to ansible-core, so it is read here and nowhere else; tests/unit/test_winrm_payload.py makes payloads
with ansible-core's own functions and expects what comes out.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass, field
from typing import Any, Final

_BREAK: Final = b"\n\0\0\0\0\n"
_MODULE: Final = re.compile(r"^ansible_collections\.(\w+)\.(\w+)\.plugins\.modules\.(\w+)$")
_WRAPPER: Final = "module_wrapper.ps1"
BOOTSTRAP: Final = "`0`0`0`0"
"""Only ansible-core's bootstrap_wrapper.ps1 has it."""


class NotDecoded(Exception):
    """The payload is not what ansible-core 2.21 writes."""


@dataclass(frozen=True)
class Asynchronous:
    """A task that goes on after its answer."""

    job: str
    folder: str
    timeout: float


@dataclass(frozen=True)
class Payload:
    """A module, a script of the `script` action, or a small program of a connection plugin (`form`)."""

    form: str
    """`module`, `script` or `program`."""
    name: str
    """`ansible.windows.win_ping`, `powershell_mkdtemp.ps1` …"""
    arguments: dict[str, Any]
    """Of a module without those that begin with `_ansible_`."""
    internal: dict[str, Any] = field(default_factory=dict)
    """Those, without that beginning."""
    environment: dict[str, str] = field(default_factory=dict)
    become: str = ""
    become_password: str = field(default="", repr=False)
    asynchronous: Asynchronous | None = None
    source: bytes = b""
    further: bytes = b""
    """Input for the program itself."""

    @property
    def check(self) -> bool:
        """Whether only to say what would be done."""
        return bool(self.internal.get("check_mode"))


def decode(data: bytes) -> Payload:
    """The payload of standard input.

    Raises:
        NotDecoded: It is not what ansible-core 2.21 writes.
    """
    head, _break, rest = data.partition(_BREAK)
    text, _break, further = rest.partition(_BREAK)
    try:
        bootstrap, manifest = json.loads(head), json.loads(text)
        if bootstrap["name"] != "exec_wrapper":
            raise NotDecoded(f"the bootstrap runs {bootstrap['name']!r}")
        actions = {each["name"]: each for each in manifest["actions"]}
        last = manifest["actions"][-1]
        if last["name"] != _WRAPPER:
            return Payload("program", last["name"], dict(last["params"]), further=further)
        return _module(manifest, actions, further)
    except (ValueError, KeyError, TypeError, IndexError, binascii.Error) as error:
        raise NotDecoded(f"{type(error).__name__}: {error}") from error


def _module(manifest: dict[str, Any], actions: dict[str, Any], further: bytes) -> Payload:
    given = actions[_WRAPPER]["params"]
    variables = {each["Name"]: each["Value"] for each in given.get("Variables", ())}
    arguments = variables.get("complex_args", {})
    become = actions.get("become_wrapper.ps1", {})
    return Payload(
        form="module" if given.get("ForModule") else "script",
        name=_name(given["Script"]),
        arguments={key: value for key, value in arguments.items() if not key.startswith("_ansible_")},
        internal={
            key.removeprefix("_ansible_"): value
            for key, value in arguments.items()
            if key.startswith("_ansible_")
        },
        environment=given.get("Environment") or {},
        become=become.get("params", {}).get("BecomeUser", ""),
        become_password=become.get("secure_params", {}).get("BecomePassword") or "",
        asynchronous=_asynchronous(actions),
        source=base64.b64decode(manifest["scripts"][given["Script"]]["script"]),
        further=further,
    )


def _name(script: str) -> str:
    bare = script.removesuffix(".ps1")
    found = _MODULE.match(bare)
    return ".".join(found.groups()) if found else bare


def _asynchronous(actions: dict[str, Any]) -> Asynchronous | None:
    if "async_wrapper.ps1" not in actions:
        return None
    given = actions["async_wrapper.ps1"]["params"]
    timeout = actions["async_watchdog.ps1"]["params"]["Timeout"]
    return Asynchronous(given["AsyncJid"], given["AsyncDir"], float(timeout))
