"""From one configuration to another and back: the lines, on the model of a device that enters them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daicho.network import vlans
from daicho.network.entering import entered, replaced
from daicho.network.platforms import PLATFORMS
from daicho.network.secrets import Mask
from daicho.network.state import flat, present, promised, states
from daicho.network.tree import commands, parse, text_of, walk
from daicho.network.way import Guide, Kind, SecretNotKept, places, typed, way

if TYPE_CHECKING:
    from daicho.network.tree import Tree

IOS: Final = PLATFORMS["cisco_ios"].grammar
MASK: Final = Mask(IOS, b"pepper")

RUNNING: Final = """\
Building configuration...

Current configuration : 512 bytes
!
! Last configuration change at 10:57:56 UTC
version 15.2
hostname sw1
enable secret 9 $9$old
!
vlan 10
 name OFFICE
!
vlan 20
!
interface GigabitEthernet0/1
 description desk
 switchport access vlan 10
 switchport mode access
!
interface GigabitEthernet0/24
 switchport trunk allowed vlan 10,20
 switchport trunk allowed vlan add 40-42
 switchport mode trunk
!
interface Vlan20
 no ip address
 shutdown
!
ip access-list extended GUESTS
 deny ip any 10.0.0.0 0.255.255.255
 permit ip any any
!
ip route 0.0.0.0 0.0.0.0 10.0.0.1
snmp-server community public RO
ntp clock-period 17180123
end
"""


def both_ways(running: Tree, snippet: Tree, *, exact: bool = False) -> tuple[list[str], list[str]]:
    """The lines there and back, after the model has proved that they lead there and back."""
    after = (replaced if exact else entered)(running, snippet, IOS)
    found = flat(running, IOS, MASK)
    wanted = promised(found, flat(after, IOS, MASK))
    before_state, after_state = states(found, wanted)
    clear = {leaf.shown: leaf.clear for leaf in (*found.values(), *wanted.values())}
    order = places(snippet, MASK)
    there = way(before_state, after_state, Guide(grammar=IOS, clear=clear, order=order))
    back = way(after_state, before_state, Guide(grammar=IOS, clear=clear, order=order, back=True))
    assert same(entered(running, there, IOS), after)
    assert same(entered(after, back, IOS), running)
    return [line.text for line in typed(there, IOS)], [line.text for line in typed(back, IOS)]


def same(one: Tree, other: Tree) -> bool:
    """Alike: the order of lines counts in access lists only, as on the device."""
    if set(one) != set(other):
        return False
    return all(
        list(one[line]) == list(other[line]) if IOS.is_ordered(line) else same(one[line], other[line])
        for line in one
    )


def lines_of(snippet: str, *, exact: bool = False) -> tuple[list[str], list[str]]:
    return both_ways(parse(RUNNING, IOS), commands(snippet, IOS), exact=exact)


def test_what_a_device_shows_is_read_without_noise() -> None:
    tree = parse(RUNNING, IOS)
    assert next(iter(tree)) == "hostname sw1"
    assert "interface GigabitEthernet0/24" in tree
    assert list(tree["interface GigabitEthernet0/24"]) == [
        "switchport trunk allowed vlan 10,20,40-42",
        "switchport mode trunk",
    ]
    assert parse(text_of(tree), IOS) == tree


def test_a_banner_is_one_line() -> None:
    tree = parse("banner motd ^C\n interface Fake\n no entry ^C\nhostname x\n", IOS)
    assert list(tree) == ["banner motd ^C\n interface Fake\n no entry ^C", "hostname x"]


@pytest.mark.parametrize(
    ("snippet", "there", "back"),
    [
        ("hostname sw1\n", [], []),
        ("hostname sw2\n", ["hostname sw2"], ["hostname sw1"]),
        ("vlan 30\n", ["vlan 30", "exit"], ["no vlan 30"]),
        ("no vlan 10\n", ["no vlan 10"], ["vlan 10", "name OFFICE", "exit"]),
        (
            "interface GigabitEthernet0/1\n no description\n shutdown\n",
            ["interface GigabitEthernet0/1", "no description", "shutdown", "exit"],
            ["interface GigabitEthernet0/1", "no shutdown", "description desk", "exit"],
        ),
        (
            "interface GigabitEthernet0/24\n switchport trunk allowed vlan remove 20,41\n",
            ["interface GigabitEthernet0/24", "switchport trunk allowed vlan remove 20,41", "exit"],
            ["interface GigabitEthernet0/24", "switchport trunk allowed vlan add 20,41", "exit"],
        ),
        (
            "interface Vlan20\n ip address 10.0.2.1 255.255.255.0\n no shutdown\n",
            ["interface Vlan20", "ip address 10.0.2.1 255.255.255.0", "no shutdown", "exit"],
            ["interface Vlan20", "shutdown", "no ip address", "exit"],
        ),
        (
            "ip route 0.0.0.0 0.0.0.0 10.0.0.2\nno ip route 0.0.0.0 0.0.0.0 10.0.0.1\n",
            ["ip route 0.0.0.0 0.0.0.0 10.0.0.2", "no ip route 0.0.0.0 0.0.0.0 10.0.0.1"],
            ["ip route 0.0.0.0 0.0.0.0 10.0.0.1", "no ip route 0.0.0.0 0.0.0.0 10.0.0.2"],
        ),
        (
            "ip access-list extended GUESTS\n no permit ip any any\n permit tcp any any eq 443\n",
            [
                "ip access-list extended GUESTS",
                "no permit ip any any",
                "permit tcp any any eq 443",
                "exit",
            ],
            [
                "ip access-list extended GUESTS",
                "no permit tcp any any eq 443",
                "permit ip any any",
                "exit",
            ],
        ),
        (
            "ip access-list extended GUESTS\n no deny ip any 10.0.0.0 0.255.255.255\n",
            ["ip access-list extended GUESTS", "no deny ip any 10.0.0.0 0.255.255.255", "exit"],
            [
                "no ip access-list extended GUESTS",
                "ip access-list extended GUESTS",
                "deny ip any 10.0.0.0 0.255.255.255",
                "permit ip any any",
                "exit",
            ],
        ),
        (
            "no snmp-server community public\n",
            ["no snmp-server community public RO"],
            ["snmp-server community public RO"],
        ),
    ],
)
def test_the_lines_there_and_back(snippet: str, there: list[str], back: list[str]) -> None:
    assert lines_of(snippet) == (there, back)


def test_a_section_that_is_wanted_exactly_loses_what_is_not_named() -> None:
    snippet = "interface GigabitEthernet0/1\n switchport access vlan 20\n"
    assert lines_of(snippet, exact=True)[0] == [
        "interface GigabitEthernet0/1",
        "no description",
        "no switchport mode",
        "switchport access vlan 20",
        "exit",
    ]


def test_sections_are_waited_for_and_left() -> None:
    kinds = [line.kind for line in typed(commands("vlan 30\n name X\n", IOS), IOS)]
    assert kinds == [Kind.ENTER, Kind.PLAIN, Kind.LEAVE]


def test_the_state_holds_what_is_touched_and_what_stands_beside_it_and_no_secret() -> None:
    running = parse(RUNNING, IOS)
    snippet = commands("enable secret new\ninterface GigabitEthernet0/1\n switchport access vlan 20\n", IOS)
    found = flat(running, IOS, MASK)
    wanted = promised(found, flat(entered(running, snippet, IOS), IOS, MASK))
    before, after = states(found, wanted)
    assert before == {
        "line:enable secret": "enable secret <secret 929c3e2f>",
        "line:interface GigabitEthernet0/1 | description": "description desk",
        "line:interface GigabitEthernet0/1 | switchport access vlan": "switchport access vlan 10",
        "line:interface GigabitEthernet0/1 | switchport mode": "switchport mode access",
    }
    assert {key: after[key] for key in after if after[key] != before[key]} == {
        "line:enable secret": "enable secret <secret given>",
        "line:interface GigabitEthernet0/1 | switchport access vlan": "switchport access vlan 20",
    }
    hashed = flat(parse(RUNNING.replace("$9$old", "$9$new"), IOS), IOS, MASK)
    assert present(hashed, before, after)["line:enable secret"] == "enable secret <secret given>"
    assert present(found, before, after)["line:enable secret"] == before["line:enable secret"]


def test_a_secret_that_nobody_keeps_cannot_be_put_back() -> None:
    before = {"line:enable secret": "enable secret <secret 12345678>"}
    with pytest.raises(SecretNotKept) as caught:
        way({}, before, Guide(grammar=IOS, clear={}, order={}))
    assert str(caught.value) == (
        "`enable secret <secret 12345678>` holds a secret that daicho does not keep. "
        "Enter the line with a new secret as a change of its own."
    )


# Whatever is entered can be taken back

VLAN_SETS = st.frozensets(st.integers(1, 60), max_size=8)


def _interface(draw: st.DrawFn) -> list[str]:
    lines = [f"switchport access vlan {draw(st.integers(1, 9))}"] if draw(st.booleans()) else []
    lines += [f"description {draw(st.sampled_from(['a', 'b | c', 'no d']))}"] if draw(st.booleans()) else []
    lines += draw(
        st.lists(st.sampled_from(["shutdown", "no cdp enable", "spanning-tree portfast"]), unique=True)
    )
    if draw(st.booleans()):
        lines.append(f"switchport trunk allowed vlan {vlans.written(draw(VLAN_SETS))}")
    return lines


@st.composite
def configurations(draw: st.DrawFn) -> Tree:
    text = f"hostname {draw(st.sampled_from(['x', 'y']))}\n"
    for number in sorted(draw(st.frozensets(st.integers(2, 6)))):
        text += f"vlan {number}\n" + (f" name V{draw(st.integers(1, 3))}\n" if draw(st.booleans()) else "")
    for port in range(1, 4):
        text += f"interface Gi0/{port}\n" + "".join(f" {line}\n" for line in _interface(draw))
    entries = draw(st.lists(st.integers(1, 5), unique=True))
    if entries:
        text += "ip access-list extended A\n" + "".join(f" permit tcp any any eq {n}\n" for n in entries)
    text += "".join(f"ntp server 10.0.0.{n}\n" for n in sorted(draw(st.frozensets(st.integers(1, 4)))))
    return parse(text, IOS)


@st.composite
def snippets(draw: st.DrawFn) -> Tree:
    """Lines that people write: some add, some take away, some do nothing."""
    wanted = draw(configurations())
    lines = [(path, line) for path, line, below in walk(wanted) if not below]
    taken = draw(st.lists(st.sampled_from(lines), unique=True)) if lines else []
    tree: Tree = {}
    for path, line in taken:
        section = tree
        for step in path:
            section = section.setdefault(step, {})
        take_away = draw(st.booleans()) and not line.startswith(("no ", "interface "))
        said = f"no {IOS.slot(line)}" if take_away else line
        if IOS.is_list(line) and not take_away and vlans.numbers(line.removeprefix(IOS.slot(line))):
            verb = draw(st.sampled_from(["", "add ", "remove "]))
            said = f"{IOS.slot(line)} {verb}{line.removeprefix(IOS.slot(line)).strip()}"
        section[said] = {}
    return tree


@settings(max_examples=200, deadline=None)
@given(configurations(), snippets())
def test_what_is_entered_can_be_taken_back(running: Tree, snippet: Tree) -> None:
    both_ways(running, snippet)


@settings(max_examples=200, deadline=None)
@given(configurations(), configurations())
def test_any_configuration_leads_to_any_other(running: Tree, wanted: Tree) -> None:
    both_ways(running, wanted, exact=True)


@settings(max_examples=100, deadline=None)
@given(configurations(), snippets(), st.data())
def test_an_interrupted_change_is_taken_back_from_wherever_it_stands(
    running: Tree, snippet: Tree, data: st.DataObject
) -> None:
    after = entered(running, snippet, IOS)
    found, wanted = flat(running, IOS, MASK), flat(after, IOS, MASK)
    before_state, after_state = states(found, wanted)
    there = way(before_state, after_state, Guide(grammar=IOS, clear={}, order={}))
    part = dict(list(there.items())[: data.draw(st.integers(0, len(there)))])
    middle = entered(running, part, IOS)
    now = present(flat(middle, IOS, MASK), after_state, before_state)
    back = way(now, {key: before_state.get(key) for key in now}, Guide(grammar=IOS, clear={}, order={}))
    assert same(entered(middle, back, IOS), running)


@given(VLAN_SETS)
def test_lists_of_vlans_are_written_in_one_way(numbers: frozenset[int]) -> None:
    assert vlans.numbers(vlans.written(numbers)) == numbers


@given(VLAN_SETS, VLAN_SETS)
def test_no_vlan_that_stays_is_dropped_on_the_way(had: frozenset[int], wanted: frozenset[int]) -> None:
    line, steps = (
        f"s {vlans.written(had)}",
        vlans.steps("s", f"s {vlans.written(had)}", f"s {vlans.written(wanted)}"),
    )
    for step in steps:
        line = vlans.applied("s", line, step)
        assert had & wanted <= vlans.numbers(line.removeprefix("s"))
    assert vlans.numbers(line.removeprefix("s")) == wanted


@pytest.mark.parametrize("text", ["10,x", "0", "4095", "20-10", "1--2"])
def test_what_is_no_list_is_an_error(text: str) -> None:
    with pytest.raises(vlans.VlanListUnread) as caught:
        vlans.numbers(text)
    assert str(caught.value) == f"`{text}` holds no list of VLAN numbers such as 10,20-22 (1 to 4094)."
