"""What devices print is read: transcripts of the simulated devices, which follow the vendors' references."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from daicho.network.observing.names import in_configuration
from daicho.network.observing.observed import Heard, Observed, Port, Station, hardware
from daicho.network.observing.questions import QUESTIONS, STATE, Topic, questions
from daicho.network.observing.reading import observed, telling_ports
from daicho.network.observing.tables import NotUnderstood, rows
from daicho.network.platforms import PLATFORMS
from daicho.network.tree import parse

TRANSCRIPTS: Final = Path(__file__).parents[1] / "data" / "transcripts"
GATEWAY: Final = ("127.77.255.254", "02:ff:ff:ff:00:01")


def said(platform: str) -> Observed:
    """What the device of the transcripts said; a command that was refused has none."""
    folder = TRANSCRIPTS / platform
    answers = {each: folder / f"{each.command.replace(' ', '_')}.txt" for each in questions(platform)}
    return observed(
        platform, {each: file.read_text() if file.exists() else None for each, file in answers.items()}
    )


@pytest.mark.parametrize(
    ("platform", "facts"),
    [
        ("cisco_ios", ("WS-C2960X-24TS-L", "15.2(7)E4", "FOC2000000X")),
        ("alaxala_ax36s", ("AX3640S-24T", "11.14.M", "FOC2000004X")),
        ("apresia_aeos", ("Apresia13200-28GT", "8.31.01", "FOC2000004X")),
        ("nec_ix", ("IX2215", "10.7.18", "FOC2000002X")),
        ("yamaha", ("RTX1210", "14.01.42", "FOC2000003X")),
    ],
)
def test_a_device_names_itself_and_its_gateway(platform: str, facts: tuple[str, str, str]) -> None:
    found = said(platform)
    assert (found.model, found.version, found.serial) == facts
    assert GATEWAY in found.bindings


@pytest.mark.parametrize(
    ("platform", "port", "neighbour"),
    [
        ("cisco_ios", "GigabitEthernet0/{}", Heard("GigabitEthernet0/22", "sw0006", "GigabitEthernet0/25")),
        (
            "alaxala_ax36s",
            "gigabitethernet 0/{}",
            Heard("gigabitethernet 0/25", "ax0001", "gigabitethernet 0/21"),
        ),
        ("apresia_aeos", "port 1/{}", Heard("port 1/25", "ap0001", "port 1/21")),
    ],
)
def test_ports_stations_and_neighbours_of_switches(platform: str, port: str, neighbour: Heard) -> None:
    found = said(platform)
    assert [each.name for each in found.ports] == [port.format(number) for number in range(1, 29)]
    assert [each.up for each in found.ports[:3]] == [True, True, False]
    assert found.ports[27].up is False
    index = {"cisco_ios": "00"}.get(platform, "04")
    assert Station(f"02:00:00:{index}:03:e9", port.format(1), "10") in found.stations
    assert found.heard is not None
    assert neighbour in found.heard
    assert {each.port for each in found.stations} <= {each.name for each in found.ports}


def test_a_port_of_ten_gigabits_is_one_in_every_table() -> None:
    port, heard, stations = (
        next(each for each in QUESTIONS["alaxala_ax36s"] if each.topic is topic)
        for topic in (Topic.PORTS, Topic.HEARD, Topic.STATIONS)
    )
    found = observed(
        "alaxala_ax36s",
        {
            port: "   0/3 geth0/3     up      1000BASE-T\n  0/25 tengeth0/25  up      10GBASE-LR\n",
            heard: "Port 0/25\n1   TTL:100\n    System Name: ax0001\n    Port ID: Type=MAC Info=0/1\n",
            stations: "0200.5e00.5301    10 Dynamic 0/3\n0200.5e00.5302    10 Dynamic 0/25\n",
        },
    )
    uplink = "tengigabitethernet 0/25"
    assert [each.name for each in found.ports] == ["gigabitethernet 0/3", uplink]
    assert found.heard is not None
    assert [each.port for each in found.heard] == [uplink]
    assert [each.port for each in found.stations] == ["gigabitethernet 0/3", uplink]


def test_alaxala_numbers_ports_by_switch_too_where_switches_stack() -> None:
    port, heard, stations = (
        next(each for each in QUESTIONS["alaxala_ax36s"] if each.topic is topic)
        for topic in (Topic.PORTS, Topic.HEARD, Topic.STATIONS)
    )
    alone = " 0/ 5 geth1/0/5      up       1000BASE-T\n 0/49 tengeth1/0/49  down     -\n"
    stacked = " 1/0/5  geth1/0/5        up      1000BASE-T\n 2/0/27 tengeth2/0/27    up      10GBASE-CU1M\n"
    found = observed(
        "alaxala_ax36s",
        {
            port: alone + stacked,
            heard: "Port 2/0/27\n1   TTL:100\n    System Name: ax0001\n    Port ID: Type=MAC Info=0/1\n",
            stations: "0200.5e00.5301    10 Dynamic 1/0/5\n",
        },
    )
    assert [(each.name, each.up) for each in found.ports] == [
        ("gigabitethernet 1/0/5", True),
        ("tengigabitethernet 1/0/49", False),
        ("gigabitethernet 1/0/5", True),
        ("tengigabitethernet 2/0/27", True),
    ]
    assert found.heard is not None
    assert [each.port for each in found.heard] == ["tengigabitethernet 2/0/27"]
    assert [each.port for each in found.stations] == ["gigabitethernet 1/0/5"]


def test_a_neighbour_that_speaks_lldp_and_cdp_is_one() -> None:
    heard = said("cisco_ios").heard
    assert heard is not None
    assert [each.name for each in heard] == [
        *("ax0002", "ix0003", "rtx0004", "ap0005", "sw0006", "ax0007", "ix0008"),
    ]


def test_ports_and_routes_of_routers() -> None:
    nec, yamaha = said("nec_ix"), said("yamaha")
    assert nec.ports[0] == Port("GigaEthernet0.0", up=True, description="uplink")
    assert [port.name for port in nec.ports if port.up] == [
        *("GigaEthernet0.0", "GigaEthernet2.0", "GigaEthernet2.1"),
    ]
    assert "default S 127.77.255.254, GigaEthernet0.0" in nec.routes
    assert yamaha.ports == (
        Port("lan1", up=True, description="uplink"),
        Port("lan2", up=True),
        Port("lan3", up=False),
    )
    assert yamaha.routes == (
        "127.77.0.4/16 implicit 127.77.0.4",
        "192.168.3.1/24 implicit 192.168.3.1",
        "default static 127.77.255.254",
    )


def test_what_is_switched_off_is_not_nobody() -> None:
    [lldp] = [each for each in QUESTIONS["apresia_aeos"] if each.topic is Topic.HEARD]
    assert observed("apresia_aeos", {lldp: None}).heard is None
    assert observed("apresia_aeos", {lldp: "Port  System Name          Port ID\n"}).heard == ()


def test_an_output_without_a_place_is_an_error_and_not_an_empty_table() -> None:
    with pytest.raises(NotUnderstood) as found:
        rows("ntc:cisco_ios_show_ip_arp", "show ip arp", "Internet  10.0.0.1  something new\n")
    assert str(found.value).startswith("What it shows for `show ip arp` is not understood: ")


def test_terminals_that_are_switched_off_are_no_difference() -> None:
    running = parse(
        "interface GigabitEthernet0/1\n switchport mode access\n"
        "interface GigabitEthernet0/25\n switchport mode trunk\n"
        "interface GigabitEthernet0/26\n switchport mode trunk\n",
        PLATFORMS["cisco_ios"].grammar,
    )
    seen = said("cisco_ios")
    assert telling_ports(seen, running) == {
        *(f"GigabitEthernet0/{number}" for number in (18, 19, 20, 21, 22, 23, 24, 25)),
    }
    assert telling_ports(said("yamaha"), {}) == {"lan1", "lan2"}


@pytest.mark.parametrize(
    ("platform", "shown", "name"),
    [
        ("cisco_ios", "Gi1/0/3", "GigabitEthernet1/0/3"),
        ("cisco_ios", "Te1/1/1", "TenGigabitEthernet1/1/1"),
        ("cisco_ios", "Po2", "Port-channel2"),
        ("cisco_ios", "CPU", "CPU"),
        ("alaxala_ax36s", "tengeth0/25", "tengigabitethernet 0/25"),
        ("alaxala_ax36s", "0/3", "gigabitethernet 0/3"),
        ("alaxala_ax36s", "1/0/3", "gigabitethernet 1/0/3"),
        ("alaxala_ax36s", "Gi0/3", "gigabitethernet 0/3"),
        ("alaxala_ax36s", "GigabitEthernet 0/3", "gigabitethernet 0/3"),
        ("alaxala_ax36s", "g0/3", "g0/3"),
        ("alaxala_ax36s", "CPU", "CPU"),
        ("apresia_aeos", "1/3", "port 1/3"),
        ("apresia_aeos", "3", "port 3"),
        ("apresia_aeos", "Port1/3", "port 1/3"),
        ("apresia_aeos", "lag1", "lag 1"),
        ("apresia_aeos", "eth0", "eth0"),
        ("yamaha", "LAN1(port1)", "lan1"),
        ("nec_ix", "GigaEthernet0.0", "GigaEthernet0.0"),
    ],
)
def test_ports_have_the_name_of_the_configuration(platform: str, shown: str, name: str) -> None:
    assert in_configuration(platform, shown) == name


@pytest.mark.parametrize("text", ["0200.5e00.5301", "02-00-5E-00-53-01", "02:00:5e:00:53:01", "02005E005301"])
def test_a_hardware_address_has_one_spelling(text: str) -> None:
    assert hardware(text) == "02:00:5e:00:53:01"
    assert hardware(text[:-1]) == ""


def test_a_check_asks_for_less_than_a_collection() -> None:
    asked = {each.topic for each in questions("cisco_ios", STATE)}
    assert Topic.STATIONS not in asked
    assert questions("unheard_of") == ()
