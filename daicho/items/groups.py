"""Items as hosts, groups and variables, the way Ansible and the door of a run exchange them."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
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
    members: dict[tuple[str, str], list[str]] = {}
    for item in items:
        hosts[item.name] = host_variables(item)
        for attribute in grouped_by:
            value = item.value(attribute)
            if value is not None:
                members.setdefault((attribute, value), []).append(item.name)
    names = group_names(members)
    groups = {names[key]: found for key, found in sorted(members.items())}
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


def group_names(keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """A group name that Ansible accepts for each attribute and value; no two share one.

    Where values differ only in characters that have to be replaced (`a-b`, `a b`), six digits of the
    value's digest keep them apart.
    """
    keys = tuple(keys)
    plain = {key: f"{key[0]}_{_NOT_A_NAME.sub('_', key[1])}" for key in keys}
    count = Counter(plain.values())
    return {
        key: name if count[name] == 1 else f"{name}_{hashlib.sha256(key[1].encode()).hexdigest()[:6]}"
        for key, name in plain.items()
    }
