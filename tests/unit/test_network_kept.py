"""What is kept of a configuration: all of it, but for what changes by itself."""

from __future__ import annotations

import hashlib

import pytest

from daicho.network.kept import digest, file_name, kept
from daicho.network.platforms import PLATFORMS

IOS = """\
Building configuration...

Current configuration : {size} bytes
!
! Last configuration change at {time} JST Sat Nov 21 2026 by daicho
! NVRAM config last updated at {time} JST Sat Nov 21 2026
!
version 15.2
hostname sw1
!
ntp clock-period {period}
snmp-server community lab RO
!
router bgp 65000
 address-family ipv4
 exit-address-family
!
end

"""


def test_two_readings_of_an_unchanged_device_are_the_same() -> None:
    grammar = PLATFORMS["cisco_ios"].grammar
    one = kept(IOS.format(size=3000, time="01:02:03", period=36028797), grammar)
    other = kept(IOS.format(size=3001, time="23:59:59", period=36028801).replace("\n", "\r\n"), grammar)
    assert one == other
    assert one == (
        "!\n!\nversion 15.2\nhostname sw1\n!\nsnmp-server community lab RO\n!\n"
        "router bgp 65000\n address-family ipv4\n exit-address-family\n!\nend\n"
    )
    assert digest(one) == f"sha256:{hashlib.sha256(one.encode()).hexdigest()}"


@pytest.mark.parametrize(
    ("platform", "volatile", "stays"),
    [
        (
            "alaxala_ax36s",
            "#Last modified by operator at Fri Nov 20 18:00:00 2026 with version 11.14",
            "#configuration list for AX3640S-24T",
        ),
        ("yamaha", "# Reporting Date: Nov 21 12:00:31 2026", "# RTX1210 Rev.14.01.38"),
        ("nec_ix", "! NEC Portable Internetwork Core Operating System 10:11:12", "hostname ix1"),
    ],
)
def test_remarks_with_the_time_of_day_go_and_others_stay(platform: str, volatile: str, stays: str) -> None:
    assert kept(f"{volatile}\n{stays}\n", PLATFORMS[platform].grammar) == f"{stays}\n"


def test_a_files_name_cannot_lead_elsewhere() -> None:
    names = ["sw-3f-1", "本省-1", "../x", ".git", "a/b"]
    assert [file_name(name) for name in names] == [
        "sw-3f-1.cfg",
        "本省-1.cfg",
        "_._x.cfg",
        "_git.cfg",
        "a_b.cfg",
    ]
