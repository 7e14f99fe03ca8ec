"""NEC UNIVERGE IX2000/IX3000 (command reference, version 10)."""

from __future__ import annotations

from typing import Final

from daicho.network.grammar import Grammar
from daicho.network.platform import DeadMan, DeadManKind, Management, Platform, Step, Talk

NEC_IX: Final = Platform(
    name="nec_ix",
    title="NEC UNIVERGE IX",
    grammar=Grammar(
        noise=(r"Current configuration\s*:.*", r"Using \d+ out of .*", r"timezone .*", r"NEC .*", r"end"),
        sections=(
            *(r"interface ", r"ip dhcp profile ", r"ppp profile ", r"route-map ", r"class-map ", r"router "),
            *(r"policy-map ", r"device ", r"vlan-group ", r"ikev[12]\S* profile ", r"ip ufs-cache profile "),
        ),
        single=(
            *(r"hostname(?= )", r"description(?= )", r"ip address(?! .* secondary)(?= )", r"ip mtu(?= )"),
            *(r"encapsulation dot1q(?= )", r"username \S+", r"snmp-agent ip location(?= )", r"speed(?= )"),
            *(r"ip tcp adjust-mss(?= )", r"bandwidth(?= )", r"logging buffered(?= )"),
        ),
        several=(r"ip route ", r"ntp server ", r"syslog ip host ", r"snmp-agent ip host "),
        ordered=(r"(?!)",),
        shown_negations=(r"ip redirects$", r"shutdown$", r"ip address$", r"auto-connect$"),
        secrets=(
            *(r"username \S+ password (?:(?:hash|plain) )?(?P<secret>\S+)",),
            *(r"snmp-agent ip community (?P<secret>\S+)", r"pre-shared-key .*?(?P<secret>\S+)$"),
            *(r"authentication password \S+ (?P<secret>\S+)", r"radius .*?\bkey (?P<secret>.+)"),
        ),
        created=r"(?i:loopback|tunnel|bvi|null)\S+$|\S+?\.\d+$",
        ranks=(
            *(r"hostname ", r"vlan-group ", r"ip access-list ", r"route-map ", r"class-map ", r"policy-map "),
            *(r"device ", r"interface ", r"router ", r"encapsulation ", r"ip "),
        ),
    ),
    talk=Talk(
        device_type="nec_ix",
        privileged=r"\)#|#",
        quiet=("terminal length 0",),
        quiet_in_configuration=True,
        enable="enable-config",
        configure=Step(line="enable-config"),
        end=Step(line="exit"),
        save=(Step(line="write memory"),),
        saves_in_configuration=True,
        errors=r"^\s*(?:% .*)$",
    ),
    management=Management(
        lines=(r"ssh-server", r"telnet-server", r"username ", r"aaa ", r"radius", r"line ", r"pki "),
    ),
    dead_men=(
        DeadMan(
            kind=DeadManKind.RELOAD,
            arm=(Step(line="reload in {minutes}", answers=((r"\[Yes or \(No\)\]|\(y/n\)", "yes"),)),),
            disarm=(Step(line="reload cancel", answers=((r"\[Yes or \(No\)\]|\(y/n\)", "yes"),)),),
        ),
    ),
)
