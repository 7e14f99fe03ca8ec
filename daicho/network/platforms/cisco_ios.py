"""Cisco IOS and IOS XE (Configuration Fundamentals Command Reference, 15.x/16.x)."""

from __future__ import annotations

from typing import Final

from daicho.network.grammar import Grammar
from daicho.network.platform import DeadMan, DeadManKind, Management, Platform, Step, Talk

SECTIONS: Final = (
    *(r"interface ", r"vlan \d", r"router ", r"line ", r"ip access-list ", r"ipv6 access-list "),
    *(r"vrf definition ", r"ip vrf ", r"class-map ", r"policy-map ", r"route-map ", r"key chain "),
    *(r"address-family ", r"ip dhcp pool ", r"archive$", r"class ", r"aaa group server ", r"redundancy$"),
)
SINGLE: Final = (
    *(r"hostname(?= )", r"description(?= )", r"name(?= )", r"enable secret(?= )", r"username \S+"),
    *(r"switchport mode(?= )", r"switchport access vlan(?= )", r"switchport voice vlan(?= )"),
    *(r"switchport trunk native vlan(?= )", r"switchport trunk encapsulation(?= )"),
    *(r"ip address(?! .* secondary)(?= )", r"ip default-gateway(?= )", r"ip mtu(?= )", r"mtu(?= )"),
    *(r"speed(?= )", r"duplex(?= )", r"bandwidth(?= )", r"encapsulation dot1[qQ](?= )", r"delay(?= )"),
    *(r"snmp-server location(?= )", r"snmp-server contact(?= )", r"clock timezone(?= )"),
    *(r"banner \S+(?= )", r"logging buffered(?= )", r"logging trap(?= )", r"ip domain.name(?= )"),
    *(r"spanning-tree mode(?= )", r"spanning-tree cost(?= )", r"spanning-tree port-priority(?= )"),
    *(r"spanning-tree bpduguard(?= )", r"spanning-tree vlan \S+ priority(?= )", r"channel-group(?= )"),
    *(r"vrf forwarding(?= )", r"ip ospf cost(?= )", r"ip ospf priority(?= )", r"load-interval(?= )"),
    *(r"standby \d+ (?:ip|priority)(?= )", r"exec-timeout(?= )", r"access-class (?=\S+ in)"),
    *(r"ip access-group (?=\S+ (?:in|out))", r"authentication port-control(?= )", r"transport input(?= )"),
    *(r"authentication host-mode(?= )", r"authentication order(?= )", r"storm-control broadcast level(?= )"),
    *(r"dot1x pae(?= )", r"dot1x timeout \S+(?= )", r"ntp source(?= )", r"ip ssh version(?= )"),
)
SECRETS: Final = (
    r"enable (?:secret|password) (?P<secret>.+)",
    r"username \S+ .*?(?:secret|password) (?P<secret>.+)",
    r"snmp-server community (?P<secret>\S+)",
    r"(?:tacacs-server|radius-server) .*?\bkey (?P<secret>.+)",
    r"key (?:\d )?(?P<secret>\S+)$",
    r"key-string (?P<secret>.+)",
    r"password (?P<secret>.+)",
    r"neighbor \S+ password (?P<secret>.+)",
    r"ip ospf (?:authentication-key|message-digest-key \d+ md5) (?P<secret>.+)",
    r"standby \d+ authentication (?P<secret>.+)",
    r"ntp authentication-key \d+ md5 (?P<secret>.+)",
    r"snmp-server user \S+ .*?\b(?:auth|priv) (?P<secret>.+)",
)
RANKS: Final = (
    *(r"service ", r"hostname ", r"(vrf definition|ip vrf) ", r"vlan ", r"aaa new-model", r"aaa group "),
    *(r"aaa ", r"(ip|ipv6) (access-list|prefix-list) ", r"access-list ", r"route-map ", r"class-map "),
    *(r"policy-map ", r"key chain ", r"interface (Loopback|Port-channel)", r"interface ", r"router "),
    *(r"(vrf forwarding|switchport$|encapsulation)", r"switchport mode", r"(ip|ipv6) "),
)

IOS: Final = Platform(
    name="cisco_ios",
    title="Cisco IOS",
    grammar=Grammar(
        noise=(
            r"Building configuration\.\.\.",
            r"Current configuration ?: .*",
            r"Using \d+ out of \d+ bytes.*",
            r"version \S+",
            r"ntp clock-period \d+",
            r"end",
            r"boot-(start|end)-marker",
            r"exit-(address-family|vrf)",
        ),
        sections=SECTIONS,
        single=SINGLE,
        several=(r"ip route ", r"ntp server ", r"logging host ", r"snmp-server host ", r"ip helper-address "),
        lists=(r"switchport trunk allowed vlan(?= )",),
        ordered=(r"ip access-list ", r"ipv6 access-list "),
        toggles=(r"ip address$",),
        shown_negations=(
            *(r"ip (redirects|proxy-arp|unreachables)$", r"ip domain.lookup$", r"ip http (secure-)?server$"),
            *(r"service pad$", r"cdp (enable|run)$", r"keepalive$", r"lldp (transmit|receive)$"),
            *(r"switchport$", r"mop enabled$", r"snmp trap link-status$", r"aaa new-model$"),
        ),
        secrets=SECRETS,
        created=r"(?i:vlan|loopback|port-channel|tunnel|bvi|dialer)\s?\d+$|\S+?\.\d+$",
        ranks=RANKS,
    ),
    talk=Talk(
        device_type="cisco_ios",
        save=(Step(line="write memory", answers=((r"\[confirm\]", ""), (r"\[startup-config\]\?", ""))),),
        saved=r"\[OK\]",
        errors=r"^\s*(?:% ?(?!Warning|Generating)\S.*|Command rejected:.*|.*\boverlaps with\b.*)$",
    ),
    management=Management(
        lines=(
            *(r"aaa ", r"line vty", r"ip ssh", r"crypto key", r"username ", r"enable ", r"tacacs", r"radius"),
            *(r"ip default-gateway", r"transport input", r"ip domain.name", r"login ", r"privilege "),
        ),
    ),
    dead_men=(
        DeadMan(
            kind=DeadManKind.REVERT,
            arm=(Step(line="configure terminal revert timer {minutes}"),),
            disarm=(Step(line="configure confirm"),),
            back=(Step(line="configure revert now"),),
            enters=True,
            unarmed=r"No Rollback Confirmed Change pending",
        ),
        # Without an archive there is nothing to revert to.
        DeadMan(
            kind=DeadManKind.RELOAD,
            arm=(
                Step(
                    line="reload in {minutes}",
                    answers=((r"Save\? \[yes/no\]:\s*$", "no"), (r"\[confirm\]\s*$", "")),
                ),
            ),
            disarm=(Step(line="reload cancel"),),
            armed=r"Reload scheduled",
            unarmed=r"No reload is currently scheduled",
        ),
    ),
)
