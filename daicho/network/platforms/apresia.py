"""Apresia AEOS (command reference, AEOS Ver. 8).

Whether a release knows `reload in` shows when it is armed; if not, lines to the management path are refused.
"""

from __future__ import annotations

from typing import Final

from daicho.network.grammar import Grammar
from daicho.network.platform import DeadMan, DeadManKind, Management, Platform, Step, Talk

APRESIA: Final = Platform(
    name="apresia_aeos",
    title="Apresia AEOS",
    grammar=Grammar(
        noise=(
            r"Building configuration.*",
            r"Current configuration.*",
            r"end",
            r"exit",
            r"terminal length \d+",
        ),
        sections=(r"interface ", r"vlan database", r"line ", r"ip access-list ", r"packet-filter2"),
        single=(
            *(r"hostname(?= )", r"description(?= )", r"switchport mode(?= )", r"switchport access vlan(?= )"),
            *(
                r"switchport trunk native vlan(?= )",
                r"ip address(?= )",
                r"speed(?= )",
                r"vlan \d+(?=$| name )",
            ),
            *(r"snmp-server location(?= )", r"snmp-server contact(?= )", r"username \S+", r"mtu(?= )"),
            *(r"ip default-gateway(?= )", r"enable password(?= )", r"clock timezone(?= )"),
        ),
        several=(r"ip route ", r"ntp server ", r"logging ip ", r"snmp-server host "),
        unlisted="none",
        lists=(r"switchport trunk(?= (?:add |remove |none|\d))",),
        ordered=(r"ip access-list ",),
        secrets=(
            *(r"enable password (?P<secret>.+)", r"username \S+ .*?password (?P<secret>.+)"),
            *(r"snmp-server community (?P<secret>\S+)", r"(?:radius|tacacs)\S* .*?\bkey (?P<secret>.+)"),
        ),
        created=r"(?i:vlan|loopback|lag)\s?\d+$",
        ranks=(r"hostname ", r"vlan ", r"ip access-list ", r"interface ", r"switchport mode", r"ip "),
    ),
    talk=Talk(
        device_type="apresia_aeos",
        # `terminal length` is a line of the configuration here, and reading must not change that.
        quiet=(),
        encoding="cp932",
        save=(Step(line="write memory", answers=((r"\(y/n\)|\[y/n\]", "y"),)),),
        errors=r"^\s*(?:% .*)$",
    ),
    management=Management(
        lines=(r"aaa ", r"line vty", r"(ip )?ssh", r"username ", r"enable ", r"radius", r"tacacs", r"login "),
    ),
    dead_men=(
        DeadMan(
            kind=DeadManKind.RELOAD,
            arm=(Step(line="reload in {minutes}", answers=((r"\(y/n\)|\[y/n\]|\[confirm\]", "y"),)),),
            unarmed=r"No reload is scheduled",
            disarm=(Step(line="reload cancel", answers=((r"\(y/n\)|\[y/n\]|\[confirm\]", "y"),)),),
        ),
    ),
)
