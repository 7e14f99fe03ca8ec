"""Items as hosts, groups and variables, the way Ansible and the door of a run exchange them."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final, TypedDict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from daicho.items.item import Item

GROUPED_BY: Final = ("kind", "site", "building", "ring", "os")
ITEM_VARIABLE: Final = "daicho_item"
_NOT_A_NAME: Final = re.compile(r"\W")


class HostVariables(TypedDict, total=False):
    """What Ansible learns about one item."""

    ansible_host: str
    ansible_port: int
    daicho_item: dict[str, str]


class Inventory(TypedDict):
    """The answer of the door to `{"ask": "inventory"}`."""

    hosts: dict[str, HostVariables]
    groups: dict[str, list[str]]
    vars: dict[str, object]


def inventory_of(items: Iterable[Item], grouped_by: Sequence[str] = GROUPED_BY) -> Inventory:
    """The items as an inventory: groups `kind_endpoint`, `site_本省`, `os_debian_12` and so on."""
    hosts: dict[str, HostVariables] = {}
    groups: dict[str, list[str]] = {}
    names: dict[tuple[str, str], str] = {}
    for item in items:
        hosts[item.name] = host_variables(item)
        for attribute in grouped_by:
            value = item.value(attribute)
            if value is not None:
                key = (attribute, value)
                if key not in names:
                    names[key] = group_name(attribute, value)
                groups.setdefault(names[key], []).append(item.name)
    return Inventory(hosts=hosts, groups=groups, vars={})


def host_variables(item: Item) -> HostVariables:
    """`ansible_host`, `ansible_port` and everything else under `daicho_item`.

    Attributes stay inside one variable: `serial`, `environment` and others would otherwise
    take the place of words that Ansible reserves.
    """
    variables = HostVariables(daicho_item={"kind": item.kind, **item.attributes})
    if item.address:
        variables["ansible_host"] = item.address
    if port := item.attributes.get("port"):
        variables["ansible_port"] = int(port)
    return variables


def group_name(attribute: str, value: str) -> str:
    """The group of the items with this value, as a name that Ansible accepts.

    A value that has to be altered gets six digits of its digest, so that `a-b` and `a_b` never
    become one group.
    """
    plain = _NOT_A_NAME.sub("_", value)
    if plain == value:
        return f"{attribute}_{value}"
    return f"{attribute}_{plain}_{hashlib.sha256(value.encode()).hexdigest()[:6]}"
