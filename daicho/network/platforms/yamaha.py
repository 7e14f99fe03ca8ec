"""Yamaha RTX (command reference, Rev.14/15): flat lines, no configuration mode, `schedule at` to restart."""

from __future__ import annotations

from typing import Final

from daicho.network.grammar import Grammar
from daicho.network.platform import DeadMan, DeadManKind, Management, Platform, Step, Talk

YAMAHA: Final = Platform(
    name="yamaha",
    title="Yamaha RTX",
    grammar=Grammar(
        comment="#",
        leave="tunnel select none",
        sections=(r"tunnel select \d", r"pp select \S"),
        single=(
            *(r"description \S+(?= )", r"ip \S+ address(?= )", r"ip \S+ secondary address(?= )"),
            *(r"ip \S+ mtu(?= )", r"vlan \S+ 802\.1q(?= )", r"lan type \S+(?= )", r"login timer(?= )"),
            *(r"console prompt(?= )", r"console character(?= )", r"console lines(?= )", r"timezone(?= )"),
            *(r"syslog host(?= )", r"snmp syslocation(?= )", r"snmp sysname(?= )", r"dns server(?= )"),
            *(r"ip filter \d+(?= )", r"schedule at \d+(?= )", r"ip route \S+(?= )", r"ntpdate(?= )"),
            *(r"(?:telnetd|sshd|httpd) host(?= )", r"(?:telnetd|sshd|httpd) service(?= )"),
            *(r"ip \S+ secure filter (?:in|out)(?= )", r"snmp host(?= )", r"dhcp scope \d+(?= )"),
        ),
        created=r"lan\d+/\d+$",
        interface=r"(?:ip|description|vlan) (?P<name>lan\d\S*) ",
        secrets=(
            *(r"(?:login|administrator) password (?:encrypted )?(?P<secret>.+)",),
            *(
                r"login user \S+ (?:encrypted )?(?P<secret>.+)",
                r"snmp (?:host|community \S+) (?P<secret>\S+)$",
            ),
            *(r"ipsec ike pre-shared-key \d+ (?:text )?(?P<secret>.+)", r"pp auth myname \S+ (?P<secret>.+)"),
            *(r"pp auth username \S+ (?P<secret>\S+)", r"radius secret (?P<secret>.+)"),
        ),
        ranks=(r"lan type ", r"vlan ", r"ip filter ", r"description ", r"(tunnel|pp) select ", r"ip "),
    ),
    talk=Talk(
        device_type="yamaha",
        prompt=r"[^\r\n>#]{0,64}[>#]",
        # As a user this ends with the session; as administrator it would be configuration.
        quiet=("console character ja.sjis", "console columns 200", "console lines infinity"),
        enable="administrator",
        configure=Step(line=""),
        end=Step(line=""),
        save=(Step(line="save"),),
        running="show config",
        startup="",
        clock="show environment",
        now=r"Current time: \S+ (\d{1,2}:\d{2}:\d{2})",
        errors=r"^\s*(?:Error: .*|エラー.*)$",
        pager=r"---more---|---つづく---",
        encoding="cp932",
    ),
    management=Management(
        lines=(
            *(r"sshd ", r"telnetd ", r"login ", r"administrator ", r"ip filter ", r"ip \S+ secure filter"),
            *(r"lan type", r"security class", r"user attribute", r"schedule at"),
        ),
    ),
    dead_men=(
        DeadMan(
            kind=DeadManKind.RELOAD,
            arm=(Step(line="schedule at 9 */* {at} * restart"),),
            disarm=(Step(line="no schedule at 9"),),
            needs_clock=True,
            written=True,
        ),
    ),
)
