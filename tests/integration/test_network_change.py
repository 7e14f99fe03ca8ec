"""Changes of simulated devices: as planned or as before, never half; the device itself is the witness."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from daicho.craft import Trouble
from tests.devices import as_before, plane_of
from tests.network_desk import NetworkDesk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lab.netcli import Plane

IOS: Final = """\
vlan 30
 name SALES
interface GigabitEthernet0/25
 switchport trunk allowed vlan add 30
interface GigabitEthernet0/3
 switchport access vlan 30
 description Sales
"""
NAME: Final = "sw0001"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    yield from plane_of(tmp_path_factory.mktemp("plane"), 3, "cisco_ios", minute=0.4)


@pytest.fixture
def plane(shared: Plane) -> Iterator[Plane]:
    """Devices without faults that are as they were, before and after."""
    yield from as_before(shared)


def desk(plane: Plane, lines: str = IOS, *names: str, **more: Any) -> NetworkDesk:
    return NetworkDesk(plane, {"lines": {"cisco_ios": lines}, **more}, names=names)


def unchanged(plane: Plane, name: str = NAME) -> bool:
    return plane.running(name) == plane.startup(name) and "SALES" not in plane.running(name)


def test_planned_changed_saved_and_taken_back_byte_for_byte(plane: Plane) -> None:
    change = desk(plane)
    plans = change.planned()
    assert plans[NAME].notes == (
        (
            "Lines to send:\n"
            "  vlan 30\n  name SALES\n  exit\n"
            "  interface GigabitEthernet0/25\n  switchport trunk allowed vlan add 30\n  exit\n"
            "  interface GigabitEthernet0/3\n  switchport access vlan 30\n  description Sales\n  exit"
        ),
        (
            "Lines that take it back:\n"
            "  interface GigabitEthernet0/3\n  no description\n  switchport access vlan 10\n  exit\n"
            "  interface GigabitEthernet0/25\n  switchport trunk allowed vlan remove 30\n  exit\n"
            "  no vlan 30"
        ),
    )
    assert change.run(plans) == dict.fromkeys(plans, "changed")
    for name in plans:
        running = plane.running(name)
        assert "vlan 30\n name SALES\n" in running
        assert "allowed vlan 10,20,30,99" in running
        assert running == plane.startup(name)
        assert plane.status(name)["timers"] == {}
    assert change.run(change.planned()) == dict.fromkeys(plans, "changed")  # and nothing was sent:
    assert plane.typed(NAME)[-1] == "show startup-config"
    assert change.take_back(plans) == dict.fromkeys(plans, "changed")


def test_a_refused_line_leaves_the_device_as_it_was(plane: Plane) -> None:
    change = desk(plane, IOS, NAME)
    plans = change.planned()
    plane.fault(NAME, "refuse", text="description")
    assert change.run(plans) == {
        NAME: (
            f"{NAME} refused `description Sales`: % Invalid input detected at '^' marker. "
            "It has its old configuration again."
        )
    }
    assert unchanged(plane)
    assert plane.status(NAME)["timers"] == {}


def test_a_device_that_cuts_itself_off_comes_back_by_itself(plane: Plane) -> None:
    lines = "interface GigabitEthernet0/25\n shutdown\n"
    refused = desk(plane, lines, NAME).plan()[NAME]
    assert isinstance(refused, Trouble)
    assert str(refused) == (
        f"{NAME}: the change could cut the way to it:\n"
        "  shutdown: the device hangs on this port\n"
        "If that is meant, say `allow_management: true`."
    )
    change = desk(plane, lines, NAME, allow_management=True, minutes=3)
    [(name, said)] = change.run(change.planned()).items()
    assert name == NAME
    assert said.startswith(f"{NAME} could not be reached after the change (")
    assert said.endswith("). It came back by itself and has its old configuration again.")
    assert unchanged(plane)


@pytest.mark.parametrize("after", [1, 3, 6])
def test_a_session_that_drops_among_the_lines_is_taken_back(plane: Plane, after: int) -> None:
    change = desk(plane, IOS, NAME, minutes=50)
    plans = change.planned()
    plane.fault(NAME, "drop", text="config", after=after)
    [said] = change.run(plans).values()
    assert "ended the session" in said
    assert said.endswith("It has its old configuration again.")
    assert unchanged(plane)
    assert plane.status(NAME)["timers"] == {}


def test_a_device_that_cannot_save_is_taken_back(plane: Plane) -> None:
    change = desk(plane, IOS, NAME)
    plans = change.planned()
    plane.fault(NAME, "flash-full")
    [said] = change.run(plans).values()
    assert said == (
        f"{NAME} took the lines, but it did not save its configuration (Building configuration... "
        "startup-config file open failed (Not enough space)). It has its old configuration again."
    )
    assert unchanged(plane)


def test_a_failed_check_takes_the_change_back(plane: Plane) -> None:
    change = desk(plane, IOS, NAME, checks=[{"ask": "show vlan brief", "expect": "^40 "}], settle=0)
    [said] = change.run(change.planned()).values()
    assert said == (
        f"{NAME} took the lines, but `show vlan brief` shows nothing that matches `^40 `. "
        "It has its old configuration again."
    )
    assert unchanged(plane)


def test_another_name_is_another_prompt(plane: Plane) -> None:
    change = desk(plane, "hostname core-tokyo\nvlan 31\n name NEW\n", NAME)
    plans = change.planned()
    assert change.run(plans) == {NAME: "changed"}
    assert "hostname core-tokyo\n" in plane.startup(NAME)
    assert change.take_back(plans) == {NAME: "changed"}


def test_somebody_elses_change_in_what_is_touched_is_drift_and_elsewhere_is_not(plane: Plane) -> None:
    change = desk(plane, "interface GigabitEthernet0/3\n description Sales\n", NAME)
    plans = change.planned()
    plane.edit(NAME, ["interface GigabitEthernet0/3", "switchport access vlan 20"])
    plane.save(NAME)
    assert change.run(plans) == {NAME: "drifted"}
    plane.edit(NAME, ["interface GigabitEthernet0/3", "switchport access vlan 10"])
    plane.edit(NAME, ["interface GigabitEthernet0/4", "description elsewhere"])
    plane.save(NAME)
    assert change.run(plans) == {NAME: "changed"}
    assert change.take_back(plans) == {NAME: "changed"}
    plane.edit(NAME, ["interface GigabitEthernet0/4", "no description"])
    plane.save(NAME)


def test_a_wrong_password_is_tried_on_three_devices_only(tmp_path: Any) -> None:
    for plane in plane_of(tmp_path, 12, "cisco_ios"):
        change = NetworkDesk(plane, {"lines": {"all": IOS}}, secrets={"net": "wrong"})
        said = [str(plan) for plan in change.plan().values()]
        assert len([each for each in said if "refused the password of daicho" in each]) == 3
        stopped = [each for each in said if "was not tried here: 3 devices in a row refused it" in each]
        assert len(stopped) == 9
        assert sum(plane.status(device.name)["refusals"] for device in plane.devices) == 3


def test_another_host_key_is_not_spoken_to(plane: Plane) -> None:
    plane.fault(NAME, "new-host-key")
    plan = desk(plane, IOS, NAME).plan()[NAME]
    assert str(plan).startswith(f"{NAME} was not spoken to: its host key at 127.77.0.1 is not the one in ")


def test_no_password_in_plans_or_messages(plane: Plane, caplog: pytest.LogCaptureFixture) -> None:
    lines = "snmp-server community Geheim123 RO\nenable secret Geheim456\nbogus\n"
    change = desk(plane, lines, NAME, allow_management=True)
    plans = change.planned()
    said = change.run(plans)
    craft = change.craft()
    list(craft.rehearse(change.targets({})))
    told = f"{plans} {said} {caplog.text} {vars(craft._fleet)}"
    for secret in ("Geheim", plane.world.password, plane.world.secret):
        assert secret not in told
    assert "refused `bogus`" in said[NAME]
