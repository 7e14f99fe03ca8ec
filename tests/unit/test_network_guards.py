"""What could cut us off, and what is missing, is found before any device is touched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from daicho.network import guards
from daicho.network.guards import Reach
from daicho.network.intent import Intent, NothingWanted, wanted_lines
from daicho.network.planning import ManagementPath, NoDeadMan, Planned, Site, UnknownInterface, Wish
from daicho.network.platform import PlatformUnknown
from daicho.network.platforms import PLATFORMS, platform_of
from daicho.network.secrets import Mask
from daicho.network.templates import NotRendered, Templates, Wanting, render
from daicho.network.tree import commands, parse

if TYPE_CHECKING:
    from pathlib import Path

IOS: Final = PLATFORMS["cisco_ios"]
RUNNING: Final = """\
hostname sw1
aaa new-model
vlan 10
 name OFFICE
vlan 99
 name MANAGEMENT
interface GigabitEthernet0/1
 switchport access vlan 10
interface GigabitEthernet0/25
 description uplink
 switchport trunk allowed vlan 10,99
 switchport mode trunk
interface GigabitEthernet0/26
 switchport mode trunk
interface Vlan99
 ip address 10.9.0.1 255.255.255.0
ip access-list standard OPERATORS
 permit 10.1.0.0 0.0.255.255
ip access-list standard OTHERS
 permit any
ip default-gateway 10.9.0.254
ip route 10.1.0.0 255.255.0.0 10.9.0.254
ip route 10.2.0.0 255.255.0.0 10.9.0.253
line vty 0 4
 access-class OPERATORS in
"""
REACH: Final = Reach(address="10.9.0.1", ours=("10.1.2.3",))


def planned(
    lines: str, reach: Reach = REACH, platform: str = "cisco_ios", *, allow_management: bool = False
) -> Planned:
    known = PLATFORMS[platform]
    site = Site(device="sw1", platform=known, mask=Mask(known.grammar), reach=reach)
    running = parse(RUNNING, known.grammar)
    return Planned(
        site, running, Wish(commands=commands(lines, known.grammar), allow_management=allow_management)
    )


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ("no aaa new-model\n", guards.LOGIN),
        ("line vty 0 4\n transport input none\n", guards.LOGIN),
        ("interface Vlan99\n shutdown\n", guards.ADDRESS),
        ("no interface Vlan99\n", guards.ADDRESS),
        ("interface GigabitEthernet0/1\n ip address 10.9.0.1 255.255.255.0\n", guards.ADDRESS),
        ("interface GigabitEthernet0/25\n shutdown\n", guards.UPLINK),
        ("interface GigabitEthernet0/25\n switchport trunk allowed vlan remove 99\n", guards.UPLINK),
        ("interface GigabitEthernet0/26\n shutdown\n", guards.UPLINK),
        ("no vlan 99\n", guards.VLAN),
        ("ip access-list standard OPERATORS\n no permit 10.1.0.0 0.0.255.255\n", guards.FILTER),
        ("no ip access-list standard OPERATORS\n", guards.FILTER),
        ("ip route 0.0.0.0 0.0.0.0 10.9.0.2\n", guards.ROUTE),
        ("no ip route 10.1.0.0 255.255.0.0 10.9.0.254\n", guards.ROUTE),
        ("no ip default-gateway\n", guards.LOGIN),
    ],
)
def test_what_could_cut_us_off(lines: str, why: str) -> None:
    found = planned(lines).dangers
    assert why in {danger.why for danger in found}
    with pytest.raises(ManagementPath):
        planned(lines).guard()
    planned(lines, allow_management=True).guard()


@pytest.mark.parametrize(
    "lines",
    [
        "vlan 30\n name SALES\n",
        "no vlan 10\n",
        "vlan 99\n name ADMIN\n",
        "interface GigabitEthernet0/1\n shutdown\n",
        "interface GigabitEthernet0/25\n description core\n",
        "interface GigabitEthernet0/25\n switchport trunk allowed vlan add 30\n",
        "interface GigabitEthernet0/25\n switchport trunk allowed vlan remove 10\n",
        "ip access-list standard OTHERS\n no permit any\n",
        "ip route 10.3.0.0 255.255.0.0 10.9.0.253\n",
        "no ip route 10.2.0.0 255.255.0.0 10.9.0.253\n",
        "ntp server 10.9.0.10\n",
    ],
)
def test_what_cannot(lines: str) -> None:
    assert planned(lines).dangers == ()


def test_the_item_may_say_which_port_is_the_uplink() -> None:
    reach = Reach(address="10.9.0.1", ours=("10.1.2.3",), uplinks=("GigabitEthernet0/25",))
    assert planned("interface GigabitEthernet0/26\n shutdown\n", reach).dangers == ()
    assert planned("interface GigabitEthernet0/25\n shutdown\n", reach).dangers


def test_without_a_dead_man_the_answer_is_no_even_if_it_is_meant() -> None:
    with pytest.raises(NoDeadMan) as caught:
        planned(
            "no ip route 10.1.0.0 255.255.0.0 10.9.0.254\n", platform="alaxala_ax36s", allow_management=True
        ).guard()
    assert str(caught.value) == (
        "sw1: the change could cut the way to it:\n"
        "  ip route 10.1.0.0 255.255.0.0 10.9.0.254: the device finds the way back to us by it\n"
        "Nothing brings ALAXALA AX3600S back by itself, so somebody has to make this change at the device."
    )


def test_an_interface_that_is_not_there_is_found_at_once() -> None:
    with pytest.raises(UnknownInterface) as caught:
        planned("interface Gi0/1\n shutdown\ninterface GigabitEthernet0/99\n shutdown\ninterface Vlan30\n")
    assert str(caught.value) == (
        "sw1 has no interface Gi0/1, GigabitEthernet0/99. `show running-config` writes their names in full."
    )


def test_a_platform_that_nobody_knows() -> None:
    assert platform_of("sw1", "ios") is IOS
    with pytest.raises(PlatformUnknown) as caught:
        platform_of("sw1", "junos")
    assert str(caught.value) == (
        "sw1 has the platform 'junos', whose configuration cannot be changed yet. "
        "There are: cisco_ios, frr, alaxala_ax36s, nec_ix, yamaha, apresia_aeos."
    )


WANTING: Final = Wanting(device="sw1", platform="cisco_ios", attributes={"role": "access", "site": "Honsho"})


def test_all_holes_of_a_template_are_named_at_once() -> None:
    source = (
        "hostname {{ nmae }}\n{% for vlan in vlans %}\nvlan {{ vlan }}\n{% endfor %}\n{{ ntp.server }}?\n"
    )
    with pytest.raises(NotRendered) as caught:
        render(source, {}, WANTING)
    assert str(caught.value) == (
        "What sw1 should be configured to do cannot be written down:\n"
        "nmae is not defined\nvlans is not defined\nntp is not defined\n"
        "Line 2, `?`: a command line would take U+003F in it for a key of its own."
    )


@pytest.mark.parametrize(
    "source", ["{% if x %}", "{{ 1 / 0 }}", "{{ ''.__class__.__mro__ }}", "{{ 1 + 'a' }}"]
)
def test_a_broken_template_is_an_error_in_words(source: str) -> None:
    with pytest.raises(NotRendered):
        render(source, {}, WANTING)


def test_data_go_from_the_general_to_the_particular(tmp_path: Path) -> None:
    for name, text in {
        "data/all.yml": "a: all\nb: all\nc: all\nd: all\ne: all\n",
        "data/role/access.yml": "b: role\nc: role\nd: role\ne: role\n",
        "data/site/Honsho.yml": "c: site\nd: site\ne: site\n",
        "data/device/sw1.yml": "d: device\ne: device\n",
        "templates/base/cisco_ios.j2": "{{ a }} {{ b }} {{ c }} {{ d }} {{ e }} {{ device }}\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    text = Templates(tmp_path).text("base", WANTING, {"e": "change"})
    assert text == "all role site device change sw1\n"
    with pytest.raises(NotRendered) as caught:
        Templates(tmp_path).text("../base", WANTING, {})
    assert str(caught.value).endswith("There is no template ../base for the platform cisco_ios.")


def test_a_device_without_lines_is_not_passed_over(tmp_path: Path) -> None:
    with pytest.raises(NothingWanted) as caught:
        wanted_lines(Intent(lines={"frr": "hostname x\n"}), WANTING, IOS, Templates(tmp_path))
    assert str(caught.value) == "sw1 has the platform cisco_ios, and the change has no lines for it."
