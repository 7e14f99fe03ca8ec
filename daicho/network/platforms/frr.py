"""FRRouting over vtysh (user guide 8.4): the words of IOS; what comes back by itself is a program of ours."""

from __future__ import annotations

from typing import Final

from daicho.network.grammar import Grammar
from daicho.network.platform import DeadMan, DeadManKind, Management, Platform, Step, Talk
from daicho.network.platforms.cisco_ios import SECRETS

FRR: Final = Platform(
    name="frr",
    title="FRRouting",
    grammar=Grammar(
        noise=(
            r"Building configuration\.\.\.",
            r"Current configuration:",
            r"frr (version|defaults) .*",
            r"(no )?service integrated-vtysh-config",
            r"line vty",
            r"end",
            r"exit(-\S+)?",
        ),
        sections=(r"interface ", r"router ", r"address-family ", r"vrf ", r"route-map ", r"key chain "),
        single=(
            *(r"hostname(?= )", r"description(?= )", r"bandwidth(?= )", r"ip ospf cost(?= )"),
            *(r"ip ospf (?:hello|dead)-interval(?= )", r"ospf router-id(?= )", r"bgp router-id(?= )"),
            *(r"ip ospf priority(?= )", r"log syslog(?= )", r"log file(?= )", r"auto-cost \S+(?= )"),
        ),
        fleeting=(r"interface ",),
        several=(r"ip route ", r"ip address ", r"network ", r"neighbor "),
        shown_negations=(r"ip(v6)? forwarding$",),
        secrets=(*SECRETS, r"ip ospf authentication-key (?P<secret>.+)"),
        # What is not configured is not shown, so that nothing can be said about a name.
        created=r".",
        ranks=(r"hostname ", r"vrf ", r"(ip|ipv6) prefix-list ", r"route-map ", r"interface ", r"router "),
    ),
    talk=Talk(
        device_type="cisco_ios",
        save=(Step(line="write memory"),),
        saved=r"\[OK\]",
        startup="",
        clock="",
        errors=r"^\s*(?:%.*|Can't .*|Malformed .*|Error.*)$",
    ),
    # `scripts/frr_dead_man`, if somebody put it on the router; if not, arming says so.
    dead_men=(
        DeadMan(
            kind=DeadManKind.REVERT,
            beside=True,
            arm=(Step(line="daicho-dead-man arm {seconds}"),),
            disarm=(Step(line="daicho-dead-man cancel"),),
            back=(Step(line="daicho-dead-man now"),),
            unarmed=r"not armed",
        ),
    ),
    management=Management(lines=(r"username ", r"line vty", r"password ", r"enable ")),
)
