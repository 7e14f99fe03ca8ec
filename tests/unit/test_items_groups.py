"""Items as hosts, groups and variables."""

from __future__ import annotations

import hashlib
import re

from hypothesis import given
from hypothesis import strategies as st

from daicho.items.groups import group_names, inventory_of
from daicho.items.item import Item


def test_items_become_hosts_groups_and_variables() -> None:
    items = [
        Item("pc-1", "endpoint", "192.0.2.1", {"site": "本省", "os": "debian 12", "serial": "S1"}),
        Item("sw-1", "network_device", "192.0.2.2", {"site": "本省", "port": "8022"}),
        Item("別館", "location"),
    ]
    assert inventory_of(items) == {
        "hosts": {
            "pc-1": {
                "ansible_host": "192.0.2.1",
                "daicho_item": {"kind": "endpoint", "site": "本省", "os": "debian 12", "serial": "S1"},
            },
            "sw-1": {
                "ansible_host": "192.0.2.2",
                "ansible_port": 8022,
                "daicho_item": {"kind": "network_device", "site": "本省", "port": "8022"},
            },
            "別館": {"daicho_item": {"kind": "location"}},
        },
        "groups": {
            "kind_endpoint": ["pc-1"],
            "kind_location": ["別館"],
            "kind_network_device": ["sw-1"],
            "os_debian_12": ["pc-1"],
            "site_本省": ["pc-1", "sw-1"],
        },
        "vars": {},
    }


def test_groups_are_made_of_the_attributes_asked_for() -> None:
    items = [Item("pc-1", "endpoint", "", {"site": "a", "rack": "b"})]
    assert inventory_of(items, ["rack", "unit"])["groups"] == {"rack_b": ["pc-1"]}


def test_values_that_differ_only_in_signs_stay_apart() -> None:
    def six(value: str) -> str:
        return hashlib.sha256(value.encode()).hexdigest()[:6]

    assert group_names([("site", "a-b"), ("site", "a b"), ("site", "c-d")]) == {
        ("site", "a-b"): f"site_a_b_{six('a-b')}",
        ("site", "a b"): f"site_a_b_{six('a b')}",
        ("site", "c-d"): "site_c_d",
    }


@given(st.lists(st.tuples(st.sampled_from(["site", "os"]), st.text(min_size=1, max_size=3)), unique=True))
def test_no_two_values_share_a_group_and_every_name_is_one_for_ansible(keys: list[tuple[str, str]]) -> None:
    names = group_names(keys)
    assert len(set(names.values())) == len(keys)
    # The expression by which Ansible tells bad names (ansible.constants.INVALID_VARIABLE_NAMES).
    assert not [name for name in names.values() if re.search(r"^[\d\W]|\W", name)]
