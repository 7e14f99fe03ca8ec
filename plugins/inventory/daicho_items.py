"""Ansible's inventory from daicho: the approved targets inside a run, the ledger's items outside it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from ansible.plugins.inventory import BaseInventoryPlugin

from daicho.endpoints.site import SECRET
from daicho.errors import DaichoError
from daicho.items.groups import Inventory, inventory_of
from daicho.items.record import all_items
from daicho.ledger.store import Ledger
from daicho.runners.winrm import connection_variables, prove, site_file, windows_hosts
from daicho.runners.wire import DOOR, Door, DoorError
from daicho.settings import Settings

if TYPE_CHECKING:
    from ansible.inventory.data import InventoryData
    from ansible.parsing.dataloader import DataLoader

DOCUMENTATION = r"""
name: daicho_items
short_description: Configuration items of the ledger as hosts
description:
  - Inside a run of C(daicho run) or C(daicho plan) it asks the door for the approved targets and serves
    exactly these.
  - Outside a run it reads the items of the ledger, for reading uses such as
    C(ansible-inventory --graph). Nothing can be changed with it there, because the gate refuses.
    Where there is no ledger there are no items, and a warning says so.
  - If the door does not answer, or the ledger cannot be read, the command ends at once with status 97
    and the reason, whatever Ansible's settings say about inventories that fail.
  - Every attribute of an item is under the host variable C(daicho_item); its address is
    C(ansible_host), its attribute C(port) is C(ansible_port). Credentials are never here.
  - Windows machines are in the group C(windows). They are reached as the site's C(windows.yml) says; their
    password comes from the door, into the memory of this run.
  - Values of items are never templates, whatever somebody writes into a list.
author:
  - daicho
options:
  plugin:
    description: The name of this plugin, so that Ansible knows whose file it is.
    type: str
    required: true
    choices: [daicho_items]
  state:
    description: The state directory with the ledger. Without it, the default of C(daicho) itself.
    type: path
    env:
      - name: DAICHO_STATE
  grouped_by:
    description:
      - Attributes that make groups, named C(attribute_value), such as C(kind_endpoint) or C(site_本省).
      - Characters that Ansible does not allow in group names become C(_). Where two values would then
        share a name, six digits of the value's digest follow, so that they stay different groups.
      - Inside a run the door gives the groups.
    type: list
    elements: str
    default: [kind, site, building, ring, os]
requirements:
  - The Python package daicho in the environment that runs Ansible.
notes:
  - The file must be named C(daicho.yml) or end in C(.daicho.yml).
"""

EXAMPLES = r"""
# inventory/daicho.yml
plugin: daicho_items

# ansible-inventory -i inventory/daicho.yml --graph
# @all:
#   |--@kind_endpoint:
#   |  |--pc-0001

---
# Other groups
plugin: daicho_items
grouped_by: [kind, section, rack]
"""

_STOPPED = 97
_NAMES = ("daicho.yml", "daicho.yaml")


class InventoryModule(BaseInventoryPlugin):  # type: ignore[misc]  # ansible-core ships no types
    """Serves hosts, groups and variables; changes nothing."""

    NAME = "daicho_items"

    def verify_file(self, path: str) -> bool:
        """Whether the file is meant for this plugin, by its name."""
        name = Path(path).name
        return bool(super().verify_file(path)) and (
            name in _NAMES or name.endswith(tuple(f".{known}" for known in _NAMES))
        )

    def parse(self, inventory: InventoryData, loader: DataLoader, path: str, cache: bool = True) -> None:
        """Fill Ansible's inventory.

        Raises:
            SystemExit: 97, when the door does not serve its targets or the ledger cannot be read.
                Ansible turns any other exception into a warning or leaves the decision to a setting.
        """
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)
        self._fill(inventory, self._from_door() if os.environ.get(DOOR) else self._from_ledger())

    def _from_door(self) -> Inventory:
        try:
            with Door.connect() as door:
                answer: Any = door.ask({"ask": "inventory"})
            if not (isinstance(answer.get("hosts"), dict) and answer["hosts"]):
                self._stop(f"The door gives no targets: {answer.get('why') or 'its list is empty'}.")
            return Inventory(
                hosts=self._reached(answer["hosts"]),
                groups=answer.get("groups", {}) | {"windows": windows_hosts(answer["hosts"])},
                vars=answer.get("vars", {}),
            )
        except (DoorError, DaichoError) as error:
            self._stop(str(error))

    def _reached(self, hosts: dict[str, Any]) -> dict[str, Any]:
        names = windows_hosts(hosts)
        if not names:
            return hosts
        site = site_file(Path(os.environ["ANSIBLE_CONFIG"]).parent)
        with Door.connect() as door:
            answer = door.ask({"ask": "secret", "name": SECRET})
        if "secret" not in answer:
            self._stop(str(answer.get("why")))
        prove({name: hosts[name] for name in names}, site, str(answer["secret"]))
        # Set on the host, not in a file: it is never a template and never written down.
        password = {"ansible_password": answer["secret"]}
        return hosts | {
            name: connection_variables(name, hosts[name], site) | password | hosts[name] for name in names
        }

    def _from_ledger(self) -> Inventory:
        state = self.get_option("state")
        settings = Settings.read({**os.environ, **({"DAICHO_STATE": state} if state else {})})
        try:
            if not settings.ledger.exists():
                # A clean clone is not broken: it has no items. Ansible's own checks must work there.
                self.display.warning(
                    f"There is no ledger at {settings.ledger}, so there are no items. "
                    "`daicho init` makes one; DAICHO_STATE says where it is."
                )
                return Inventory(hosts={}, groups={}, vars={})
            with Ledger.open(settings.ledger, read_only=True) as ledger:
                return inventory_of(all_items(ledger), self.get_option("grouped_by"))
        except (DaichoError, OSError) as error:
            self._stop(f"The items cannot be read. {error}")

    def _fill(self, inventory: InventoryData, served: Inventory) -> None:
        for name in served["hosts"]:
            inventory.add_host(name)
        for group, members in served["groups"].items():
            # Ansible may alter the name of a group.
            known = inventory.add_group(group)
            for name in members:
                inventory.add_child(known, name)
        for variable, value in served["vars"].items():
            inventory.set_variable("all", variable, value)
        # Behind Ansible's wrapper: it would note the file of origin in each of 130,000 strings, which
        # doubles time and memory. Plain values are no templates either way, and ours are JSON.
        plain = getattr(inventory, "__wrapped__", inventory)
        for name, variables in served["hosts"].items():
            for variable, value in variables.items():
                plain.set_variable(name, variable, value)

    def _stop(self, why: str) -> NoReturn:
        self.display.error(f"daicho: {why}", wrap_text=False)
        raise SystemExit(_STOPPED)
