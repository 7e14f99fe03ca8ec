"""The unmodified netmiko drives every simulated personality: in, look, change, err, save, start again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pytest
from netmiko.exceptions import NetmikoTimeoutException

from lab.netcli.plane import EVERYBODY
from tests.devices import hang_up, login, plane_of, talking, type_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lab.netcli import Plane
    from lab.netcli.device import Device


@dataclass(frozen=True)
class Talk:
    """What is said to one personality, and what it answers."""

    show: str
    lines: tuple[str, ...]
    there: tuple[str, ...]
    """Lines of the running configuration afterwards."""
    wrong: str
    error: str


TALKS: Final = {
    "cisco_ios": Talk(
        show="show running-config",
        lines=("vlan 30", "name GUEST", "int gi0/2", "switchport access vlan 30", "desc west wing"),
        there=("vlan 30\n name GUEST\n!", "interface GigabitEthernet0/2\n description west wing\n"),
        wrong="interface GigabitEthernet0/77",
        error="{indent}^\n% Invalid input detected at '^' marker.\n",
    ),
    "alaxala_ax36s": Talk(
        show="show running-config",
        lines=("vlan 30", "name GUEST", "interface gi 0/2", "switchport access vlan 30", "description west"),
        there=('vlan 30\n  name "GUEST"\n!', 'interface gigabitethernet 0/2\n  description "west"\n'),
        wrong="interface gigabitethernet 0/77",
        error="interface gigabitethernet 0/77\n          ^\n% illegal parameter at '^' marker\n",
    ),
    "nec_ix": Talk(
        show="show running-config",
        lines=("interface GigaEthernet2.5", "encapsulation dot1q 30 tpid 8100", "ip address 192.168.30.1/24"),
        there=(
            "interface GigaEthernet2.5\n  encapsulation dot1q 30 tpid 8100\n  ip address 192.168.30.1/24\n!",
        ),
        wrong="interface GigaEthernet9.0",
        error="% GigaEthernet9.0 -- Invalid parameter.\n",
    ),
    "yamaha": Talk(
        show="show config",
        lines=("console character en.ascii", "ip lan3 address 192.168.30.1/24", "description lan3 GUEST"),
        there=("description lan3 GUEST\n", "ip lan3 address 192.168.30.1/24\n"),
        wrong="ip lan9 address 192.168.30.1/24",
        error="Error: Unrecognized parameter\n",
    ),
    "apresia_aeos": Talk(
        show="show running-config",
        lines=(
            "vlan database",
            "vlan 30 name GUEST",
            "exit",
            "interface port 1/2",
            "switchport access vlan 30",
        ),
        there=(
            " vlan 30 name GUEST\n",
            "interface port 1/2\n switchport mode access\n switchport access vlan 30\n",
        ),
        wrong="interface port 1/77",
        error="{indent}^\n% Invalid input detected at '^' marker.\n",
    ),
}


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    yield from plane_of(tmp_path_factory.mktemp("plane"), 10, EVERYBODY)


def first(plane: Plane, platform: str) -> Device:
    return next(iter(plane.of(platform)))


@pytest.mark.patient
@pytest.mark.parametrize("platform", sorted(TALKS))
def test_the_way_of_a_change(plane: Plane, platform: str) -> None:
    device, talk = first(plane, platform), TALKS[platform]
    before = plane.running(device.name)
    with talking(plane, device) as session:
        session.enable()
        shown = session.send_command(talk.show)
        assert isinstance(shown, str)
        assert before.strip() in shown.replace("\nend", "\n").rstrip().replace("\r", "") + "\n"
        said = session.send_config_set(talk.lines, exit_config_mode=False)
        assert "rror" not in said
        assert "%" not in said
        prompt = session.find_prompt()
        # The mark stands under the word after `interface `; AEOS has a space behind its prompt.
        column = len(prompt) + len("interface ") + (platform == "apresia_aeos")
        error = talk.error.format(indent=" " * column)
        heard = session.send_command_timing(talk.wrong, strip_command=True, strip_prompt=True)
        assert isinstance(heard, str)
        assert heard.strip("\n") == error.strip("\n") or heard == error.strip()
        running = plane.running(device.name)
        assert all(line in running for line in talk.there)
        assert plane.status(device.name)["unsaved"]
        if platform != "yamaha":
            session.exit_config_mode()
        session.save_config()
    assert plane.startup(device.name) == running


def test_who_is_let_in_on_a_port_of_alaxala(plane: Plane) -> None:
    device = first(plane, "alaxala_ax36s")
    before = plane.running(device.name)
    wrong = {
        "mac-authentication ports": "illegal parameter",
        "mac-authentication": "Incomplete command",
        "dot1x port-control": "Incomplete command",
        "dot1x port-control anybody": "illegal parameter",
    }
    with talking(plane, device) as session:
        session.enable()
        lines = ["mac-authentication system-auth-control", "interface gigabitethernet 0/3"]
        lines += ["mac-authentication port", "dot1x port-control force-unauthorized"]
        assert "%" not in session.send_config_set(lines, exit_config_mode=False)
        there = plane.running(device.name)
        for line, kind in wrong.items():
            heard = session.send_command_timing(line, strip_command=True, strip_prompt=True)
            assert f"% {kind} at '^' marker" in str(heard)
        assert plane.running(device.name) == there
        back = ["no dot1x port-control", "no mac-authentication port", "exit"]
        session.send_config_set([*back, "no mac-authentication system-auth-control"], exit_config_mode=False)
    assert (
        "interface gigabitethernet 0/3\n  switchport mode access\n  switchport access vlan 10\n"
        "  dot1x port-control force-unauthorized\n  mac-authentication port\n  spanning-tree portfast\n"
    ) in there
    assert "\nmac-authentication system-auth-control\n" in there
    assert plane.running(device.name) == before


@pytest.mark.parametrize("platform", sorted(TALKS))
def test_what_was_not_saved_is_lost_by_a_restart(plane: Plane, platform: str) -> None:
    device, talk = list(plane.of(platform))[1], TALKS[platform]
    before, boots = plane.startup(device.name), plane.status(device.name)["boots"]
    session = login(plane, device)
    type_lines(session, talk.lines)
    plane.wait(device.name, unsaved=True)
    plane.fault(device.name, "reboot")
    with pytest.raises(NetmikoTimeoutException):
        login(plane, device)
    plane.wait(device.name, up=True, boots=boots + 1)
    assert plane.running(device.name) == before == plane.startup(device.name)
    hang_up(login(plane, device))


@pytest.mark.parametrize("platform", sorted(TALKS))
def test_every_first_day_is_saved_and_reachable_and_the_same_every_time(plane: Plane, platform: str) -> None:
    for device in plane.of(platform):
        texts = device.text, device.startup
        assert texts[0] == texts[1]
        assert device.lost_to(device.world.operators.network_address + 1) == ""
        assert device.personality.refuses(device, device.world.operators.network_address + 1) == ""
        again = device.personality.base(device)
        assert again == device.personality.base(device)
        assert str(device.address) in again
