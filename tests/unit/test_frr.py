"""What FRR 8.4's vtysh prints, as facts. The transcripts were taken from a real one."""

from __future__ import annotations

import hashlib
import json

import pytest

from nornir_tasks import frr

RUNNING = """\
Building configuration...

Current configuration:
!
frr version 8.4.4
frr defaults traditional
hostname sw-3f-1
no ip forwarding
service integrated-vtysh-config
!
ip route 10.98.0.0/24 Null0
ip route 10.99.0.0/24 Null0
!
end
"""
SAVED = """\
frr version 8.4.4
frr defaults traditional
hostname sw-3f-1
no ip forwarding
service integrated-vtysh-config
!
ip route 10.98.0.0/24 Null0
ip route 10.99.0.0/24 Null0
!
"""
ROUTES = {
    "10.88.0.1/32": [
        {"protocol": "connected", "selected": True, "nexthops": [{"interfaceName": "lo", "active": True}]}
    ],
    "10.98.0.0/24": [
        {"protocol": "static", "selected": True, "nexthops": [{"blackhole": True, "active": True}]}
    ],
    "10.90.1.3/32": [
        {"protocol": "ospf", "selected": True, "nexthops": [{"ip": "10.0.1.2", "active": True}]},
    ],
    "0.0.0.0/0": [
        {
            "protocol": "static",
            "selected": True,
            "nexthops": [
                {"ip": "10.0.1.2", "interfaceName": "up2", "active": True},
                {"ip": "10.0.1.1", "interfaceName": "up1", "active": True},
                {"ip": "10.0.1.9", "interfaceName": "up9"},
            ],
        },
        {"protocol": "kernel", "selected": False, "nexthops": [{"interfaceName": "up1", "active": True}]},
    ],
}
INTERFACES = {"lo": {"status": "up", "addresses": []}, "up1": {"status": "up"}, "up2": {"status": "down"}}


class Console:
    """A device that answers from a list, and keeps its file from some."""

    def __init__(self, saved: tuple[int, str] = (0, SAVED), ospf: str = "ospfd is not running") -> None:
        self.answers = {
            "show interface brief json": json.dumps(INTERFACES, indent=2),
            "show ip route json": json.dumps(ROUTES),
            "show ip ospf neighbor json": ospf,
            "show running-config": RUNNING,
        }
        self.saved = saved

    def ask(self, command: str) -> str:
        return self.answers[command]

    def fetch(self, command: str) -> tuple[int, str]:
        assert command == "cat /etc/frr/frr.conf"
        return self.saved


def test_all_facts() -> None:
    wanted = [
        "hostname sw-3f-1",
        "no ip forwarding",
        "ip route 10.98.0.0/24 Null0",
        "ip route 10.99.0.0/24 Null0",
    ]
    assert frr.read(Console()) == {  # type: ignore[arg-type]
        "ports_up": ["lo", "up1"],
        "neighbours": None,
        "routes": [
            "0.0.0.0/0 static 10.0.1.1 up1, 10.0.1.2 up2",
            "10.88.0.1/32 connected lo",
            "10.90.1.3/32 ospf",
            "10.98.0.0/24 static blackhole",
        ],
        "config": hashlib.sha256("\n".join(wanted).encode()).hexdigest(),
        "saved": True,
        "version": "8.4.4",
    }


@pytest.mark.parametrize(
    ("saved", "told"),
    [
        ((0, SAVED.replace("ip route 10.99.0.0/24 Null0\n", "")), False),
        ((0, SAVED.replace("hostname", "!\n\nhostname")), True),
        ((1, "not allowed"), None),
    ],
)
def test_whether_the_configuration_is_saved(saved: tuple[int, str], told: bool | None) -> None:
    assert frr.read(Console(saved))["saved"] is told  # type: ignore[arg-type]


def test_the_order_of_lines_counts() -> None:
    one, other = frr.digest(["interface a", "shutdown"]), frr.digest(["shutdown", "interface a"])
    assert one != other


def test_neighbours_of_ospf() -> None:
    said = json.dumps({"neighbors": {"10.88.0.2": [{"ifaceName": "up1:10.0.1.2"}], "10.88.0.1": []}})
    assert frr.read(Console(ospf=said))["neighbours"] == ["10.88.0.1", "10.88.0.2"]  # type: ignore[arg-type]
