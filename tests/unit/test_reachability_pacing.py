"""The pace holds however the clock runs; neighbours on a network are asked far apart."""

from __future__ import annotations

from ipaddress import ip_network
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daicho.reachability.answers import Pace, PaceUnusable
from daicho.reachability.pacing import BURST_S, Allowance, interleaved

steps = st.lists(st.floats(0, 5, allow_nan=False), min_size=1, max_size=60)
rates = st.floats(1, 1_000_000)


@given(rates, steps)
def test_never_more_than_the_rate_allows(rate: float, pauses: list[float]) -> None:
    allowance, sent = Allowance(rate, 100.0), 0
    for now in accumulate(pauses):
        packets = allowance.available(100.0 + now)
        allowance.spend(packets)
        sent += packets

        assert sent <= rate * (now + BURST_S) + 1 + 1e-6 * sent
        assert packets <= rate * BURST_S + 1


@given(rates)
def test_the_rate_is_used_when_asked_often_enough(rate: float) -> None:
    allowance, sent = Allowance(rate, 0.0), 0
    for tick in range(1, 1001):
        packets = allowance.available(tick / 100)
        allowance.spend(packets)
        sent += packets

    assert sent >= rate * 10 - 1


def test_a_clock_that_goes_back_gives_nothing() -> None:
    allowance = Allowance(1000, 50.0)
    allowance.spend(allowance.available(50.0))

    assert allowance.available(10.0) == 0
    assert allowance.available(60.0) == 21


@given(st.lists(st.ip_addresses().map(str), unique=True, max_size=50))
def test_all_are_asked_once(addresses: list[str]) -> None:
    assert sorted(interleaved(addresses)) == sorted(addresses)


def test_each_network_has_its_turn() -> None:
    hosts = [
        str(host) for net in ("10.0.0.0/29", "10.0.1.0/29", "10.9.0.0/30") for host in ip_network(net).hosts()
    ]

    assert interleaved(hosts)[:7] == [
        *("10.0.0.1", "10.0.1.1", "10.9.0.1"),
        *("10.0.0.2", "10.0.1.2", "10.9.0.2"),
        "10.0.0.3",
    ]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (
            {"packets_per_second": 0},
            "The pace cannot be used: packets_per_second must be 1 – 1,000,000, not 0.",
        ),
        ({"tries": 0}, "The pace cannot be used: tries must be 1 – 10, not 0."),
        ({"wait_s": 0.0}, "The pace cannot be used: wait_s must be 0.01 – 60, not 0.0."),
        ({"wait_for_room_s": -1.0}, "The pace cannot be used: wait_for_room_s must be 0 – 3,600, not -1.0."),
    ],
)
def test_a_pace_that_asks_nobody_is_refused(changed: dict[str, float], sentence: str) -> None:
    with pytest.raises(PaceUnusable) as refused:
        Pace(**changed)  # type: ignore[arg-type]

    assert str(refused.value) == sentence
