"""What a change declares of the time after it: judged from what a device shows."""

from __future__ import annotations

from typing import Any

import pytest

from daicho.documents import judge
from daicho.errors import DocumentError
from daicho.network.checks import Check, NotAskable, Sight, lacks, lost
from daicho.network.intent import Intent, bare_secrets, check_askable, with_secrets
from daicho.network.logins import LoginRule, only, read_logins
from daicho.network.platforms import PLATFORMS
from daicho.network.secrets import Mask
from daicho.works.configure_network import ConfigureNetwork

SEEN = Sight(
    up=frozenset({"GigabitEthernet0/1", "GigabitEthernet0/25"}),
    joining=frozenset({"GigabitEthernet0/25"}),
    neighbours=frozenset({"core-1.example.jp"}),
    stations=frozenset({"02:00:5e:00:53:01"}),
)


@pytest.mark.parametrize(
    ("check", "said"),
    [
        ({"interface": "GigabitEthernet0/1"}, ""),
        ({"interface": "GigabitEthernet0/2"}, "the port GigabitEthernet0/2 is not up"),
        ({"neighbour": "core-1"}, ""),
        ({"neighbour": "CORE-1.example.jp"}, ""),
        ({"neighbour": "core-2"}, "it does not hear core-2"),
        ({"station": "0200.5e00.5301"}, ""),
        ({"station": "02-00-5e-00-53-02"}, "it does not know the hardware address 02-00-5e-00-53-02"),
    ],
)
def test_what_is_declared_is_looked_for(check: dict[str, str], said: str) -> None:
    assert lacks(judge(Check, check, "check"), SEEN) == said


@pytest.mark.parametrize(
    ("check", "problem"),
    [
        ({}, "say exactly one of: ask, interface, neighbour, station, reach, from_here"),
        (
            {"interface": "Gi1", "reach": "10.0.0.1"},
            "say exactly one of: ask, interface, neighbour, station, reach, from_here",
        ),
        ({"ask": "show vlan"}, "`ask` and `expect` belong together"),
        ({"interface": "Gi1", "expect": "x"}, "`ask` and `expect` belong together"),
        ({"station": "printer"}, "it is no hardware address such as 02:00:5e:00:53:01"),
        ({"ask": "show vlan", "expect": "("}, "missing ), unterminated subpattern at position 0"),
    ],
)
def test_a_check_asks_one_thing(check: dict[str, str], problem: str) -> None:
    with pytest.raises(DocumentError) as refused:
        judge(Check, check, "c.yml")
    assert problem in str(refused.value)


def test_a_check_may_be_about_some_devices_only() -> None:
    check = judge(Check, {"on": ["sw-3f-*", "yamaha"], "interface": "lan1"}, "check")
    asked = [("sw-3f-1", "cisco_ios"), ("sw-4f-1", "cisco_ios"), ("rtx", "yamaha")]
    assert [check.concerns(*each) for each in asked] == [True, False, True]


def test_what_joined_a_device_to_the_network_must_still_do_so() -> None:
    now = Sight(up=frozenset({"GigabitEthernet0/1"}), neighbours=frozenset())
    assert lost(["interfaces", "neighbours"], SEEN, now) == (
        "ports went down: GigabitEthernet0/25; neighbours are not heard any more: core-1.example.jp"
    )
    assert lost(["neighbours"], SEEN, SEEN) == ""
    assert lost([], SEEN, now) == ""
    # A terminal that was switched off meanwhile is nobody's fault.
    assert lost(["interfaces"], SEEN, Sight(up=frozenset({"GigabitEthernet0/25"}))) == ""


def test_what_a_platform_cannot_be_asked_is_known_before_any_is() -> None:
    intent = judge(Intent, {"checks": [{"reach": "10.0.0.1"}]}, "inputs")
    check_askable(intent, "sw-1", "cisco_ios")
    with pytest.raises(NotAskable) as refused:
        check_askable(intent, "r-1", "frr")
    assert str(refused.value) == "r-1: devices of the platform frr cannot be asked for `reach: 10.0.0.1`."


def test_lines_name_secrets() -> None:
    text = "snmp-server community {{ secret('snmp') }} RO\nntp server 10.0.0.1"
    assert bare_secrets(text, PLATFORMS["cisco_ios"].grammar) == []
    assert (
        with_secrets(text, {"snmp": "x7"}.__getitem__) == "snmp-server community x7 RO\nntp server 10.0.0.1"
    )


@pytest.mark.parametrize("name", ["cisco_ios", "all"])
def test_a_secret_in_a_change_is_refused_without_being_repeated(name: str) -> None:
    given: dict[str, Any] = {"lines": {name: "vlan 3\nsnmp-server community geheim RO\n"}}
    with pytest.raises(DocumentError) as refused:
        judge(ConfigureNetwork, given, "change.yml", "inputs")
    assert f"lines.{name}: `snmp-server community <secret> RO` holds a secret" in str(refused.value)
    assert "geheim" not in str(refused.value)


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({}, "say either `lines` or `template`"),
        ({"lines": {"all": "vlan 3"}, "template": "vlan"}, "say either `lines` or `template`"),
        ({"lines": {"cisco": "vlan 3"}}, "lines: cisco are no platforms; there are cisco_ios, frr, "),
    ],
)
def test_a_change_says_what_it_wants(given: dict[str, Any], problem: str) -> None:
    with pytest.raises(DocumentError) as refused:
        judge(ConfigureNetwork, given, "change.yml", "inputs")
    assert problem in str(refused.value)


def test_the_first_rule_that_fits_says_how_to_log_in(tmp_path: Any) -> None:
    assert read_logins(tmp_path).of("sw-1", "cisco_ios") is None
    (tmp_path / "logins.yml").write_text(
        "- {devices: ['r*'], user: admin}\n- {platforms: [yamaha], credential: rtx}\n- {credential: net}\n"
    )
    rules = read_logins(tmp_path)
    found = [rules.of("r1", "frr"), rules.of("x", "yamaha"), rules.of("sw", "cisco_ios")]
    assert [(rule.user, rule.credential) for rule in found if rule] == [
        ("admin", ""),
        ("", "rtx"),
        ("", "net"),
    ]
    assert only([LoginRule(devices=("sw*",))]).of("ap", "yamaha") is None


def test_a_file_of_logins_that_holds_a_password_is_refused(tmp_path: Any) -> None:
    (tmp_path / "logins.yml").write_text("- {password: geheim}\n")
    with pytest.raises(DocumentError) as refused:
        read_logins(tmp_path)
    assert "password" in str(refused.value)
    assert "geheim" not in str(refused.value)


def test_a_secret_is_hidden_in_the_line_that_takes_it_away_too() -> None:
    hide = Mask(PLATFORMS["cisco_ios"].grammar, b"salt")
    shown = hide("snmp-server community geheim RO")
    assert hide("no snmp-server community geheim RO") == f"no {shown}"
    assert "geheim" not in shown
