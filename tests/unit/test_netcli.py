"""The simulated devices' tables and configurations, without a network."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab import LabError
from lab.netcli.config import LanguageError, load, natural
from lab.netcli.device import World
from lab.netcli.fleet import fleet, known_hosts
from lab.netcli.personalities import parse_mix, personalities
from lab.netcli.switch import hardware_addresses, replug, up
from lab.netcli.syntax import Ambiguous, Incomplete, Match, Syntax, Unknown, vlan_list, vlans

TABLE: Final = """
hostname = <word>
interface <word> {interface}
ip address = <ip> <ip>
ip address = dhcp
show version @version
show vlan = brief|summary
permit <line> +
"""
WORLD: Final = World(network=IPv4Network("10.50.0.0/20"), operators=IPv4Network("10.50.240.0/24"))


@pytest.mark.parametrize(
    ("line", "text", "name"),
    [
        ("host sw1", "hostname sw1", "hostname"),
        ("int Gi0/1", "interface Gi0/1", "interface Gi0/1"),
        ("ip add 10.0.0.1 255.0.0.0", "ip address 10.0.0.1 255.0.0.0", "ip address"),
        ("sh vl su", "show vlan summary", "show vlan"),
        ("permit  any   any", "permit any any", "permit any any"),
    ],
)
def test_shortened_words_are_written_out(line: str, text: str, name: str) -> None:
    found = Syntax(TABLE).read(line)
    assert isinstance(found, Match)
    assert (found.text, found.name) == (text, name)


@pytest.mark.parametrize(
    ("line", "reading"),
    [
        ("nonsense", Unknown(0)),
        ("ip address 10.0.0", Unknown(11)),
        ("show v", Ambiguous(5)),
        ("ip address", Incomplete(10)),
        ("  hostname", Incomplete(10)),
        ("show version now", Unknown(13)),
    ],
)
def test_what_a_line_lacks_is_found_where_it_lacks(line: str, reading: object) -> None:
    assert Syntax(TABLE).read(line) == reading


def test_after_a_negation_the_name_is_enough() -> None:
    found = Syntax(TABLE).read("ip address", naming=True)
    assert isinstance(found, Match)
    assert found.name == "ip address"


@given(st.sets(st.integers(1, 4094), min_size=1))
def test_lists_of_vlans_come_back(numbers: set[int]) -> None:
    assert vlans(vlan_list(numbers)) == numbers


def test_ports_are_ordered_by_number() -> None:
    assert sorted(["0/10", "0/9", "0/1"], key=natural) == ["0/1", "0/9", "0/10"]


@pytest.mark.parametrize("platform", sorted(personalities()))
def test_a_configuration_reads_back_as_it_was_written(platform: str) -> None:
    for device in fleet(WORLD, 3, platform):
        personality = device.personality
        text = personality.written(load(personality.base(device), personality.syntaxes))
        assert personality.written(load("\n".join(text), personality.syntaxes)) == text
        assert len(text) > 25


def test_a_line_that_the_device_does_not_know_cannot_be_stored() -> None:
    with pytest.raises(LanguageError, match="not of this device's language: 'frobnicate'"):
        load("frobnicate", {"": Syntax(TABLE)})


def test_a_mix_goes_round() -> None:
    assert parse_mix("cisco_ios=2,yamaha") == ["cisco_ios", "yamaha", "cisco_ios"]
    with pytest.raises(LabError, match="'juniper' is no share of a mix: NAME=NUMBER, where NAME is one of "):
        parse_mix("juniper")


def test_a_fleet_is_the_same_every_time_and_cabled_both_ways() -> None:
    one, other = (fleet(WORLD, 40, "nec_ix,cisco_ios") for _ in range(2))
    assert known_hosts(one, 22) == known_hosts(other, 22)
    assert len(set(known_hosts(one, 22).splitlines())) == 40
    for device in one:
        for each in device.neighbours:
            assert (each.their_port, device.name, each.port) in [
                (back.port, back.device.name, back.their_port) for back in each.device.neighbours
            ]
    assert [each.device.name for each in one[0].neighbours] == ["sw0002"]
    with pytest.raises(LabError, match=r"10\.50\.0\.0/20 has no room for 4094 devices\."):
        fleet(WORLD, 4094, "yamaha")


@pytest.mark.parametrize("platform", ["cisco_ios", "alaxala_ax36s", "apresia_aeos"])
def test_a_cable_that_is_moved_takes_its_hardware_address_along(platform: str) -> None:
    near, far = fleet(WORLD, 2, platform)
    mac, free = near.mac(1001), far.personality.ports[2]
    first = near.personality.ports[0]
    assert (mac, first) in {(found, port) for _vlan, found, port in hardware_addresses(near)}
    assert not up(far, free)
    replug([near, far], mac, (far, free))
    assert mac not in {found for _vlan, found, _port in hardware_addresses(near)}
    assert not up(near, first)
    assert (mac, free) in {(found, port) for _vlan, found, port in hardware_addresses(far)}
    replug([near, far], mac, None)
    assert not up(far, free)
