"""win_user: local users, their passwords among them."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

from lab.winrm.areas import Account, Accounts
from lab.winrm.arguments import ModuleFailure
from lab.winrm.modules import Call, Result, module

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lab.winrm.host import Host


@module("ansible.windows.win_user")
def win_user(host: Host, arguments: Mapping[str, Any], call: Call) -> Result:
    """A user made, changed, taken away; a password is set if it is another."""
    accounts, name = host.of(Accounts), str(arguments["name"])
    there = name in accounts.users
    if arguments["state"] == "query":
        return {"changed": False, "name": name, "state": "present" if there else "absent"}
    if arguments["state"] == "absent":
        if there and not call.check:
            del accounts.users[name]
            accounts.passwords.pop(name, None)
        return {"changed": there, "name": name}
    changed = not there or _differs(accounts, arguments)
    if changed and not call.check:
        if accounts.refuse and arguments["password"]:
            raise ModuleFailure(accounts.refuse)
        _set(accounts, arguments, host.index)
    return {"changed": changed, "name": name, "state": "present"}


def _differs(accounts: Accounts, arguments: Mapping[str, Any]) -> bool:
    name, disabled = arguments["name"], arguments["account_disabled"]
    password, always = arguments["password"], _always(arguments)
    other = password is not None and always and password != accounts.passwords.get(name)
    return other or (disabled is not None and disabled == accounts.users[name].enabled)


def _set(accounts: Accounts, arguments: Mapping[str, Any], index: int) -> None:
    name, disabled = str(arguments["name"]), arguments["account_disabled"]
    new = name not in accounts.users
    if new:
        number = 1000 + zlib.crc32(name.encode()) % 9000
        accounts.users[name] = Account(f"S-1-5-21-1004336348-{index + 1}-725345543-{number}")
    if disabled is not None:
        accounts.users[name].enabled = not disabled
    if arguments["password"] is not None and (new or _always(arguments)):
        accounts.change_password(name, arguments["password"])


def _always(arguments: Mapping[str, Any]) -> bool:
    return bool(arguments["update_password"] != "on_create")  # noqa: S105 - a choice of the module
