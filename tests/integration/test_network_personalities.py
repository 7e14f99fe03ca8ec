"""The same change on the command lines of five vendors: sent, saved, refused, cut off, taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from daicho.craft import Trouble
from tests.devices import as_before, plane_of
from tests.network_desk import NetworkDesk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lab.netcli import Plane

LINES: Final = {
    "cisco_ios": (
        "vlan 30\n name SALES\n"
        "interface GigabitEthernet0/25\n switchport trunk allowed vlan add 30\n"
        "interface GigabitEthernet0/3\n description Sales desk\n switchport access vlan 30\n"
    ),
    "alaxala_ax36s": (
        "vlan 30\n  name SALES\n"
        "interface gigabitethernet 0/25\n  switchport trunk allowed vlan add 30\n"
        "interface gigabitethernet 0/3\n  description Sales desk\n  switchport access vlan 30\n"
    ),
    "nec_ix": (
        "interface GigaEthernet1.30\n  encapsulation dot1q 30 tpid 8100\n  ip address 192.168.30.1/24\n"
        "  description Sales\n  no shutdown\n"
        "ip route 10.30.0.0/16 192.168.30.254\n"
    ),
    "yamaha": (
        "description lan2 Sales\nvlan lan2/1 802.1q vid=30 name=SALES\nip lan2/1 address 192.168.30.1/24\n"
        "tunnel select 30\n ip tunnel mtu 1400\n"
    ),
    "apresia_aeos": (
        "vlan database\n vlan 30 name SALES\n"
        "interface port 1/25\n switchport trunk add 30\n"
        "interface port 1/3\n description Sales desk\n switchport access vlan 30\n"
    ),
}
CUTS: Final = {
    "cisco_ios": "interface Vlan99\n shutdown\n",
    "nec_ix": "interface GigaEthernet0.0\n  shutdown\n",
    "yamaha": "no ip lan1 address\n",
    "apresia_aeos": "interface port 1/25\n shutdown\n",
}
MINUTES: Final = 3


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    mix = ",".join(LINES)
    yield from plane_of(tmp_path_factory.mktemp("plane"), 10, mix, minute=0.4)


@pytest.fixture
def plane(shared: Plane) -> Iterator[Plane]:
    """Devices that are as they were, before and after."""
    yield from as_before(shared)


def first(plane: Plane, platform: str) -> str:
    return next(iter(plane.of(platform))).name


def test_one_change_on_all_of_them_and_back_byte_for_byte(plane: Plane) -> None:
    change = NetworkDesk(plane, {"lines": LINES})
    plans = change.planned()
    assert change.run(plans) == dict.fromkeys(plans, "changed")
    for name in plans:
        status = plane.status(name)
        assert (status["unsaved"], status["timers"]) == (False, {}) or status["platform"] == "yamaha"
        assert not status["unsaved"]
        assert "30" in plane.startup(name)
        assert "schedule at 9" not in plane.startup(name)
    assert change.take_back(plans) == dict.fromkeys(plans, "changed")


@pytest.mark.parametrize("platform", LINES)
def test_a_refused_line_is_found_in_every_vendors_words(plane: Plane, platform: str) -> None:
    name = first(plane, platform)
    change = NetworkDesk(plane, {"lines": LINES}, names=(name,))
    plans = change.planned()
    plane.fault(name, "refuse", text="Sales")
    [said] = change.run(plans).values()
    assert said.startswith(f"{name} refused `description ")
    assert said.endswith(". It has its old configuration again.")


@pytest.mark.parametrize("platform", CUTS)
def test_who_cuts_itself_off_comes_back_by_itself(plane: Plane, platform: str) -> None:
    name = first(plane, platform)
    inputs = {"lines": {platform: CUTS[platform]}, "minutes": MINUTES}
    refused = NetworkDesk(plane, inputs, names=(name,)).plan()[name]
    assert isinstance(refused, Trouble)
    assert str(refused).endswith("\nIf that is meant, say `allow_management: true`.")
    change = NetworkDesk(plane, {**inputs, "allow_management": True}, names=(name,))
    [said] = change.run(change.planned()).values()
    assert said.endswith("It came back by itself and has its old configuration again.")


def test_what_cannot_come_back_by_itself_is_not_cut_off(plane: Plane) -> None:
    name = first(plane, "alaxala_ax36s")
    lines = "interface gigabitethernet 0/25\n  shutdown\n"
    inputs = {"lines": {"all": lines}, "allow_management": True}
    assert str(NetworkDesk(plane, inputs, names=(name,)).plan()[name]) == (
        f"{name}: the change could cut the way to it:\n"
        "  shutdown: the device hangs on this port\n"
        "Nothing brings ALAXALA AX3600S back by itself, so somebody has to make this change at the device."
    )
