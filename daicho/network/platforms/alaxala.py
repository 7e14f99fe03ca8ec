"""ALAXALA AX3600S/AX2400S (configuration command reference, software version 11).

Nothing in it restarts or reverts by itself later, so that changes to the management path are refused.
"""

from __future__ import annotations

from typing import Final

from daicho.network.grammar import Grammar
from daicho.network.platform import Management, Platform, Step, Talk

ALAXALA: Final = Platform(
    name="alaxala_ax36s",
    title="ALAXALA AX3600S",
    grammar=Grammar(
        comment="#",
        noise=(r"!", r"end", r"version .*", r"Last login.*"),
        sections=(r"interface ", r"vlan \d", r"line ", r"ip access-list ", r"router ", r"mac access-list "),
        single=(
            *(r"hostname(?= )", r"description(?= )", r"name(?= )", r"switchport mode(?= )", r"speed(?= )"),
            *(r"switchport access vlan(?= )", r"switchport trunk native vlan(?= )", r"duplex(?= )"),
            *(r"ip address(?= )", r"mtu(?= )", r"clock timezone(?= )", r"spanning-tree mode(?= )"),
            *(r"snmp-server location(?= )", r"snmp-server contact(?= )", r"state(?= )", r"login-user \S+"),
            *(r"ip access-group (?=\S+ (?:in|out))", r"channel-group(?= )", r"dot1x port-control(?= )"),
        ),
        several=(r"ip route ", r"ntp server ", r"logging host ", r"snmp-server host "),
        unlisted="none",
        quoted=(r"(?:hostname|name|description|snmp-server (?:location|contact)) ",),
        lists=(r"switchport trunk allowed vlan(?= )",),
        ordered=(r"ip access-list ", r"mac access-list "),
        secrets=(
            *(r"snmp-server community \"?(?P<secret>[^\s\"]+)", r"radius-server .*?\bkey (?P<secret>.+)"),
            *(r"tacacs-server .*?\bkey (?P<secret>.+)", r"ntp authentication-key \d+ md5 (?P<secret>.+)"),
            *(r"(?:enable |username \S+ )?password (?P<secret>.+)",),
        ),
        created=r"(?i:vlan|loopback|port-channel)\s?\d+$",
        ranks=(
            *(r"hostname ", r"vlan ", r"aaa ", r"(ip|mac) access-list ", r"interface (port-channel|vlan)"),
            *(r"interface ", r"router ", r"switchport mode", r"ip "),
        ),
    ),
    talk=Talk(
        device_type="alaxala_ax36s",
        prompt=r"!?[\w.\-/:@+]{1,63}(?:\([^()\r\n]{1,60}\))?[>#]|!?\([\w\-]{1,40}\)#",
        quiet=("set terminal pager disable",),
        configure=Step(line="configure"),
        # Leaving with unsaved changes is what the dead man needs.
        end=Step(line="end", answers=((r"\(y/n\)\s*:?\s*$", "y"),)),
        save=(Step(line="copy running-config startup-config", answers=((r"\(y/n\)\s*:?\s*$", "y"),)),),
        errors=r"^\s*(?:% .*|[Ee]rror\s*[:：].*|Sorry)$",
        pager=r"Press any key to continue.*|--More--",
        encoding="euc_jp",
    ),
    management=Management(
        lines=(r"aaa ", r"line vty", r"ip ssh", r"username ", r"radius", r"tacacs", r"transport ", r"login "),
    ),
)
