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
            *(
                r"ip tcp adjust-mss(?= )",
                r"bandwidth(?= )",
                r"ip route \S+(?= )",
                r"shutdown$",
                r"logging buffered(?= )",
            ),
        ),
        several=(r"ip route ", r"ntp server ", r"syslog ip host ", r"snmp-agent ip host "),
        ordered=(r"(?!)",),
        toggles=(r"shutdown$", r"ip address$"),
        shown_negations=(r"ip redirects$", r"auto-connect$"),
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
    # All that matters is shown and done in the configuration mode, which one session holds at a time.
    talk=Talk(
        device_type="nec_ix",
        privileged=r"\(config[^()]*\)#",
        quiet_when_privileged=True,
        enable="enable-config",
        busy=r"occupied",
        farewell="exit",
        configure=Step(line=""),
        end=Step(line="configure"),
        errors=r"^\s*% (?!Warning).*$",
        encoding="euc_jp",
    ),
    management=Management(
        lines=(r"ssh-server", r"telnet-server", r"username ", r"aaa ", r"radius", r"line ", r"pki "),
    ),
    dead_men=(
        DeadMan(
            kind=DeadManKind.RELOAD,
            arm=(Step(line="reload in {minutes}", answers=((r"\(Yes or \[No\]\)", "yes"),)),),
            unarmed=r"No reload is scheduled",
            disarm=(Step(line="reload cancel", answers=((r"\(Yes or \[No\]\)", "yes"),)),),
        ),
    ),
)
