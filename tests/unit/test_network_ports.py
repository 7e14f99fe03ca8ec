"""What is wanted of ports: the lines per platform, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from daicho.items.item import Item
from daicho.network.platforms import PLATFORMS
from daicho.network.ports import (
    HANGING,
    NoTargets,
    NotWritable,
    PortWish,
    hanging_on,
    known_vlans,
    lines_of,
    problems_of,
    strangers,
)
from daicho.network.tree import parse

IOS = PLATFORMS["cisco_ios"].grammar
RUNNING = parse(
    "vlan 10,20-21\nvlan 99\n name MANAGEMENT\n"
    "interface GigabitEthernet0/1\n switchport mode access\n"
    "interface GigabitEthernet0/25\n switchport mode trunk\n",
    IOS,
)


OTHERS = ["no dot1x port-control", "no web-authentication port"]
"""What takes the other ways to be let in away on ALAXALA."""


def wish(port: str = "Gi0/1", **more: Any) -> PortWish:
    return PortWish.model_validate({"switch": "sw-1", "port": port, **more})


def problems(allow_trunks: bool = False, **more: Any) -> list[str]:
    return list(problems_of(wish(**more), RUNNING, "cisco_ios", allow_trunks=allow_trunks))


@pytest.mark.parametrize(
    ("platform", "port", "header"),
    [
        (
            "cisco_ios",
            "Gi0/1",
            "interface GigabitEthernet0/1\n",
        ),
        (
            "alaxala_ax36s",
            "0/1",
            "interface gigabitethernet 0/1\n",
        ),
        (
            "apresia_aeos",
            "1/1",
            "interface port 1/1\n",
        ),
    ],
)
def test_a_terminals_port_on_three_platforms(platform: str, port: str, header: str) -> None:
    wanted = wish(port, mode="access", vlan=20, description="Sales", speed="auto", shutdown=False)
    lines = (
        " description Sales\n switchport access vlan 20\n switchport mode access\n no speed\n no shutdown\n"
    )
    assert lines_of(wanted, platform) == header + lines


@pytest.mark.parametrize(
    ("platform", "line"),
    [
        ("cisco_ios", "switchport trunk allowed vlan 10,20-21"),
        ("alaxala_ax36s", "switchport trunk allowed vlan 10,20-21"),
        ("apresia_aeos", "switchport trunk 10,20-21"),
    ],
)
def test_a_trunk_carries_its_vlans_before_it_is_one(platform: str, line: str) -> None:
    assert lines_of(wish(mode="trunk", vlans="10,20-21"), platform).splitlines()[1:] == [
        f" {line}",
        " switchport mode trunk",
    ]


@pytest.mark.parametrize(
    ("authentication", "lines"),
    [
        ("none", ["no authentication port-control", "no mab", "no dot1x pae"]),
        ("mab", ["no dot1x pae", "mab", "authentication port-control auto"]),
        ("dot1x", ["no mab", "dot1x pae authenticator", "authentication port-control auto"]),
    ],
)
def test_who_is_let_in(authentication: str, lines: list[str]) -> None:
    said = lines_of(wish(authentication=authentication), "cisco_ios").splitlines()[1:]
    assert [line.strip() for line in said] == lines


@pytest.mark.parametrize(
    ("authentication", "lines"),
    [
        ("none", [*OTHERS, "no mac-authentication port"]),
        ("mab", [*OTHERS, "mac-authentication port"]),
    ],
)
def test_who_is_let_in_on_alaxala(authentication: str, lines: list[str]) -> None:
    said = lines_of(wish("0/1", authentication=authentication, shutdown=False), "alaxala_ax36s").splitlines()
    assert [line.strip() for line in said] == ["interface gigabitethernet 0/1", *lines, "no shutdown"]
    negated = PLATFORMS["alaxala_ax36s"].grammar.negated
    assert negated("dot1x port-control force-unauthorized") == OTHERS[0]


def test_alaxala_asks_nobody_as_long_as_the_switch_does_not() -> None:
    def found(running: str, **more: Any) -> list[str]:
        tree = parse(running, PLATFORMS["alaxala_ax36s"].grammar)
        return list(problems_of(wish("0/1", **more), tree, "alaxala_ax36s", allow_trunks=False))

    assert found("vlan 10\n", authentication="mab") == [
        "everybody would be let in as long as the switch has no line `mac-authentication system-auth-control`"
    ]
    assert found("vlan 10\nmac-authentication system-auth-control\n", authentication="mab") == []
    assert found("vlan 10\n", authentication="none", vlan=10) == []


SERVERS = "aaa new-model\naaa authentication dot1x default group radius\n"


@pytest.mark.parametrize(
    ("authentication", "running", "missing"),
    [
        ("mab", "", ["aaa new-model", "aaa authentication dot1x"]),
        ("mab", "aaa new-model\naaa authentication login default local\n", ["aaa authentication dot1x"]),
        ("mab", SERVERS, []),
        ("dot1x", SERVERS, ["dot1x system-auth-control"]),
        ("dot1x-mab", SERVERS, ["dot1x system-auth-control"]),
        ("dot1x-mab", f"{SERVERS}dot1x system-auth-control\n", []),
        ("none", "", []),
        (None, "", []),
    ],
)
def test_ios_checks_nobody_as_long_as_the_switch_does_not(
    authentication: str | None, running: str, missing: list[str]
) -> None:
    tree = parse(f"vlan 10\n{running}", PLATFORMS["cisco_ios"].grammar)
    found = problems_of(wish(authentication=authentication), tree, "cisco_ios", allow_trunks=False)
    said = "nobody can be checked as long as the switch has no line `{}`"
    assert list(found) == [said.format(line) for line in missing]


def test_nothing_is_wanted_and_a_description_is_taken_away() -> None:
    assert lines_of(wish(), "cisco_ios") == ""
    assert lines_of(wish(description=""), "cisco_ios").endswith("\n no description\n")


@pytest.mark.parametrize(
    ("platform", "more", "what"),
    [
        ("alaxala_ax36s", {"voice": 10}, "voice"),
        ("alaxala_ax36s", {"authentication": "dot1x"}, "authentication: dot1x"),
        ("alaxala_ax36s", {"authentication": "dot1x-mab"}, "authentication: dot1x-mab"),
        ("apresia_aeos", {"voice": 10}, "voice"),
        ("apresia_aeos", {"authentication": "mab"}, "authentication"),
        ("yamaha", {"vlan": 10}, "port"),
    ],
)
def test_what_has_no_known_lines_is_not_guessed(platform: str, more: dict[str, Any], what: str) -> None:
    with pytest.raises(NotWritable) as found:
        lines_of(wish(**more), platform)
    assert str(found.value) == (
        f"Gi0/1: what `{what}` means on {platform} is not known here; `configure_network` takes any line."
    )


def test_vlans_are_known_where_the_configuration_shows_them() -> None:
    assert known_vlans(RUNNING) == {1, 10, 20, 21, 99}
    apresia = parse("vlan database\n vlan 30 name SALES\n vlan 40\n", PLATFORMS["apresia_aeos"].grammar)
    assert known_vlans(apresia) == {1, 30, 40}
    assert known_vlans({}) == frozenset()


def test_vlans_that_are_not_there_and_trunks_are_refused() -> None:
    assert problems(vlan=30, voice=20) == ["there is no VLAN 30; there are 1,10,20-21,99"]
    assert problems(port="Gi0/25", description="x") == [
        "it is a trunk; if that is meant, say `allow_trunks: true`"
    ]
    assert problems(mode="trunk", vlans="10") == [
        "it would become a trunk; if that is meant, say `allow_trunks: true`"
    ]
    assert problems(mode="trunk", vlans="10", allow_trunks=True) == []
    assert problems(vlan=10) == []


def test_other_peoples_ports_are_refused() -> None:
    hanging = {"GigabitEthernet0/1": ["pc-1", "tel-1"]}
    assert list(strangers(wish(of=["pc-1"]), "cisco_ios", hanging)) == [
        "it belongs to tel-1; if that is meant, name them with `of`"
    ]
    assert list(strangers(wish(of=["pc-1", "tel-1"]), "cisco_ios", hanging)) == []
    assert list(strangers(wish("Gi0/2"), "cisco_ios", hanging)) == []


@pytest.mark.parametrize(
    ("platform", "recorded", "wanted", "another"),
    [
        ("cisco_ios", "Gi0/1", "GigabitEthernet0/1", "Gi0/10"),
        ("alaxala_ax36s", "0/1", "gigabitethernet 0/1", "0/10"),
        ("alaxala_ax36s", "gigabitethernet 0/1", "geth0/1", "te0/1"),
        ("apresia_aeos", "1/1", "port 1/1", "1/10"),
    ],
)
def test_whose_port_it_is_does_not_hang_on_its_spelling(
    platform: str, recorded: str, wanted: str, another: str
) -> None:
    hanging = {recorded: ["pc-1"], another: ["pc-2"]}
    assert list(strangers(wish(wanted), platform, hanging)) == [
        "it belongs to pc-1; if that is meant, name them with `of`"
    ]


def test_what_hangs_on_the_targets_is_told_and_other_switches_are_named() -> None:
    switch = Item("sw-1", "network_device")
    there = Item("pc-1", "endpoint", attributes={"switch": "sw-1", "switch_port": "Gi0/1"})
    elsewhere = Item("pc-2", "endpoint", attributes={"switch": "sw-2", "switch_port": "Gi0/1"})
    inputs = {"ports": [{"switch": "sw-1", "port": "Gi0/1"}]}
    assert hanging_on([switch, there, elsewhere], [switch], inputs) == {
        "sw-1": {HANGING: {"Gi0/1": ["pc-1"]}}
    }
    with pytest.raises(NoTargets) as found:
        hanging_on([switch], [switch], {"ports": [{"switch": "sw-9", "port": "Gi0/1"}]})
    assert str(found.value) == (
        "The change names ports of sw-9, which are no targets of it. Add them to `targets`."
    )


def test_a_list_of_vlans_is_one() -> None:
    with pytest.raises(ValidationError, match="holds no list of VLAN numbers"):
        wish(vlans="10-")
