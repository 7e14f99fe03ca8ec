"""Models of `get_admin_account.ps1` and `set_admin_password.ps1`: local accounts, by SID or by name."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from lab.winrm.areas import Accounts
from lab.winrm.models import ScriptError, model

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lab.winrm.areas import Account
    from lab.winrm.host import Host


@model("get_admin_account")
def get_admin_account(host: Host, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The account's name, and since when it has its password."""
    name, found = _account(host, arguments)
    since = datetime.fromtimestamp(found.password_set_at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f0Z")
    return {"account": name, "sid": found.sid, "enabled": found.enabled, "password_set": since}


@model("set_admin_password", secrets=("password",))
def set_admin_password(host: Host, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The account has this password from now on."""
    name, _found = _account(host, arguments)
    accounts = host.of(Accounts)
    if accounts.refuse:
        raise ScriptError("error", accounts.refuse)
    accounts.change_password(name, str(arguments["password"]))
    return {"account": name}


def _account(host: Host, arguments: Mapping[str, Any]) -> tuple[str, Account]:
    users = host.of(Accounts).users
    if wanted := str(arguments["account"]):
        name = next((each for each in users if each.casefold() == wanted.casefold()), None)
        if name is None:
            raise ScriptError("error", f"ユーザー {wanted} が見つかりませんでした。")
    else:
        name = next(each for each, account in users.items() if account.sid.endswith("-500"))
    return name, users[name]
