"""Which addresses need an entry in the neighbour table, and how many fit."""

from __future__ import annotations

import socket
import struct
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daicho.reachability.neighbours import LEAST_ROOM, Routes, parse_routes, room
from daicho.reachability.netlink import messages

# /proc/net/route of a Linux 6.1 machine (little-endian) with a default route, its own /24, a tunnel's /32
# behind a gateway, and a prohibited network.
ROUTES = """\
Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t0102A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth0\t0002A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
eth0\t0902A8C0\t0102A8C0\t0007\t0\t0\t0\tFFFFFFFF\t0\t0\t0
*\t0000000A\t00000000\t0200\t0\t0\t0\t000000FF\t0\t0\t0
"""


@pytest.mark.skipif(sys.byteorder != "little", reason="the table shows numbers in this machine's order")
@pytest.mark.parametrize(
    ("address", "device"),
    [
        ("192.168.2.77", "eth0"),
        ("192.168.2.9", None),  # the longer route leads over a router
        ("192.168.3.1", None),
        ("10.1.2.3", None),
    ],
)
def test_only_direct_routes_take_an_entry_for_each_address(address: str, device: str | None) -> None:
    route = Routes(parse_routes(ROUTES)).direct(address)

    assert (route.device if route else None) == device


def test_without_any_route_nothing_is_direct() -> None:
    assert Routes([]).direct("10.0.0.1") is None


@given(st.integers(0, 100_000), st.integers(0, 100_000))
def test_a_part_leaves_room_for_others_and_is_never_empty(most: int, taken: int) -> None:
    size = room(most, taken)

    assert size >= LEAST_ROOM
    assert size <= max(LEAST_ROOM, (most - taken) * 9 / 10)


def test_this_machine_has_the_route_that_the_system_shows() -> None:
    direct = [route for route in Routes.read().all() if route.direct]

    assert {route.device for route in direct} <= {name for _number, name in socket.if_nameindex()}


@given(st.lists(st.tuples(st.integers(0, 0xFFFF), st.binary(max_size=40))))
def test_netlink_messages_are_taken_apart_as_they_were_put_together(sent: list[tuple[int, bytes]]) -> None:
    data = b""
    for kind, content in sent:
        data += struct.pack("=IHHII", 16 + len(content), kind, 0, 0, 0) + content
        data += bytes(-len(content) % 4)

    assert list(messages(data)) == sent


@given(st.binary(max_size=200))
def test_netlink_rubbish_ends(data: bytes) -> None:
    assert len(list(messages(data))) <= len(data)
