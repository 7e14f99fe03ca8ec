"""Nornir's inventory plugin `DaichoItems`: the items of the ledger, or exactly what the door gives."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

from nornir.core.inventory import Defaults, Group, Groups, Host, Hosts, Inventory, ParentGroups

from daicho.errors import Refused
from daicho.i18n import N_
from daicho.items.groups import GROUPED_BY, ITEM_VARIABLE, inventory_of
from daicho.items.record import all_items
from daicho.ledger.store import Ledger
from daicho.runners.wire import DOOR, Door, DoorError
from daicho.selector import select
from daicho.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from daicho.items.groups import Inventory as Served
    from daicho.selector import Selector

# Words of the ledger beside those that netmiko understands; any other platform is handed on as it is.
PLATFORMS: Final = {"ios": "cisco_ios", "nxos": "cisco_nxos", "eos": "arista_eos", "junos": "juniper_junos"}


class DoorClosed(Refused):
    """A run's door is named but does not serve its targets."""

    sentence = N_("Refused: the door gives no inventory ({why}).")


class DaichoItems:
    """Inside a run (DAICHO_DOOR) the approved targets and nothing else; outside it the ledger's items.

    Items become hosts: address → hostname, `port`, `platform`, groups by kind, site, building, ring
    and os; all attributes are the host's data. Credentials are never here: the door releases them.
    """

    def __init__(
        self,
        state: str | None = None,
        targets: Sequence[Selector] = (),
        grouped_by: Sequence[str] = GROUPED_BY,
        platforms: Mapping[str, str] | None = None,
    ) -> None:
        """Read nothing yet.

        Args:
            state: The state directory; DAICHO_STATE or the default when None.
            targets: Only the items that these selectors mean (as in a change document).
            grouped_by: The attributes that make groups.
            platforms: Platform in the ledger → platform of the connection plugin; replaces PLATFORMS.
        """
        self._settings = Settings.read({**os.environ, **({"DAICHO_STATE": state} if state else {})})
        self._targets = list(targets)
        self._grouped_by = tuple(grouped_by)
        self._platforms = PLATFORMS if platforms is None else platforms

    def load(self) -> Inventory:
        """The inventory, as InitNornir asks for it.

        Raises:
            DoorClosed: There is a door and it does not answer.
            NothingMatched: The targets mean no item.
            LedgerError: The ledger cannot be read.
        """
        served = _from_door() if os.environ.get(DOOR) else self._from_ledger(self._settings.ledger)
        groups = Groups({name: Group(name) for name in served["groups"]})
        member: dict[str, list[Group]] = {}
        for name, members in served["groups"].items():
            for host in members:
                member.setdefault(host, []).append(groups[name])
        defaults = Defaults(username=_user(served["vars"]), data=_own(served["vars"]))
        hosts = Hosts()
        for name, variables in served["hosts"].items():
            hosts[name] = self._host(name, variables, ParentGroups(member.get(name, [])), defaults)
        return Inventory(hosts=hosts, groups=groups, defaults=defaults)

    def _host(
        self, name: str, variables: Mapping[str, Any], groups: ParentGroups, defaults: Defaults
    ) -> Host:
        attributes = variables.get(ITEM_VARIABLE, {})
        data = _own(variables) | {k: v for k, v in attributes.items() if k not in {"platform", "port"}}
        platform = attributes.get("platform")
        return Host(
            name=name,
            hostname=variables.get("ansible_host") or name,
            port=variables.get("ansible_port"),
            username=_user(variables) or attributes.get("login"),
            platform=self._platforms.get(platform, platform),
            groups=groups,
            data=data,
            defaults=defaults,
        )

    def _from_ledger(self, path: Path) -> Served:
        with Ledger.open(path, read_only=True) as ledger:
            items = all_items(ledger)
        return inventory_of(select(items, self._targets) if self._targets else items, self._grouped_by)


def _own(variables: Mapping[str, Any]) -> dict[str, Any]:
    """The variables that are not Ansible's way of saying what Nornir has fields for."""
    return {k: v for k, v in variables.items() if not k.startswith("ansible_") and k != ITEM_VARIABLE}


def _user(variables: Mapping[str, Any]) -> str | None:
    user = variables.get("ansible_user")
    return str(user) if user is not None else None


def _from_door() -> Served:
    try:
        with Door.connect() as door:
            answer: Any = door.ask({"ask": "inventory"})
    except DoorError as error:
        raise DoorClosed(why=str(error)) from error
    if not isinstance(answer.get("hosts"), dict) or not answer["hosts"]:
        raise DoorClosed(why=str(answer.get("why") or "no hosts"))
    served: Served = {
        "hosts": answer["hosts"],
        "groups": answer.get("groups", {}),
        "vars": answer.get("vars", {}),
    }
    return served
