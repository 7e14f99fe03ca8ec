"""When a ring lets the next go: all tried, enough as approved, nothing gone wrong for a set time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daicho.items.apart import apart
from daicho.items.item import Item
from daicho.outcome import Outcome
from daicho.rings import Rings, Trial, ring_of, standing, wait_of
from daicho.waves import split

if TYPE_CHECKING:
    from daicho.rings import Wait

NOON = datetime(2026, 11, 21, 3, tzinfo=UTC)
RULES = Rings(wait_hours=24, succeeded=90)


def trial(ring: str, outcome: Outcome | None = Outcome.CHANGED, **more: Any) -> Trial:
    return Trial(ring=ring, outcome=outcome, **({"first_at": NOON if outcome else None} | more))


def wait(ring: str, *trials: Trial, after: float = 0) -> Wait | None:
    return wait_of(ring, standing(trials, RULES), RULES, NOON + timedelta(hours=after))


def test_the_first_ring_waits_for_nobody() -> None:
    assert wait("pilot", trial("pilot", None)) is None


def test_the_next_goes_after_a_day_of_health() -> None:
    trials = [trial("pilot")] * 10
    early = wait("early", *trials, after=23.9)
    assert early is not None
    assert (str(early), early.until) == (
        "ring early waits: pilot is healthy, but not for long enough yet",
        NOON + timedelta(hours=24),
    )
    assert wait("early", *trials, after=24) is None


def test_who_is_off_holds_nobody_up_and_does_not_start_the_time_anew_when_it_comes_back() -> None:
    trials = [*[trial("pilot")] * 10, trial("pilot", Outcome.UNREACHABLE)]
    assert wait("early", *trials, after=24) is None
    back = [*[trial("pilot")] * 10, trial("pilot", Outcome.CHANGED, first_at=NOON)]
    assert wait("early", *back, after=24) is None


def test_a_failure_starts_the_time_anew() -> None:
    late = NOON + timedelta(hours=20)
    trials = [*[trial("pilot")] * 19, trial("pilot", Outcome.FAILED, bad_at=late)]
    assert wait("early", *trials, after=24) is not None
    assert wait("early", *trials, after=44) is None


@pytest.mark.parametrize(
    ("trials", "said"),
    [
        (
            [*[trial("pilot")] * 8, *[trial("pilot", Outcome.FAILED)] * 2],
            "ring early waits: too few of pilot are as approved: 8, and 2 are not",
        ),
        (
            [trial("pilot"), trial("pilot", None)],
            "ring early waits: pilot is not through: 1 of 2 wait for their turn",
        ),
        (
            [trial("pilot", Outcome.UNREACHABLE), trial("pilot", Outcome.FAILED)],
            "ring early waits: nobody of pilot has it: 1 failed, 1 are off",
        ),
    ],
)
def test_what_is_lacking_is_said(trials: list[Trial], said: str) -> None:
    found = wait("early", *trials, after=1000)
    assert found is not None
    assert (str(found), found.until) == (said, None)


def test_a_ring_without_terminals_is_passed_over() -> None:
    assert wait("late", trial("pilot"), trial("broad"), after=24) is None
    assert wait("late", trial("pilot"), trial("broad", None), after=24) is not None


def test_a_terminal_without_a_ring_is_in_the_last() -> None:
    assert [ring_of(value) for value in ("early", "", None, "Pilot")] == ["early", "late", "late", "late"]


def test_waves_go_ring_by_ring_each_with_its_own_canary() -> None:
    rings = {"a1": "late", "a2": "pilot", "a3": "broad", "a4": "pilot", "a5": "", "a6": "broad"}
    items = [Item(name, "endpoint", "", {"ring": ring} if ring else {}) for name, ring in rings.items()]
    waves = split(sorted(rings), (1, "100%"), apart(items, ("ring",)))
    assert waves == [["a2"], ["a4"], ["a3"], ["a6"], ["a1"], ["a5"]]
    # A site whose policy has no rings has attributes of that name for its own purposes only.
    assert split(sorted(rings), (1, "100%"), apart(items, ("ring",), ())) == [["a1"], sorted(rings)[1:]]


@given(
    st.lists(st.tuples(st.sampled_from(RULES.order), st.sampled_from([*Outcome, None])), min_size=1),
    st.integers(0, 100),
)
def test_no_ring_ever_goes_before_one_that_must_wait(
    pairs: list[tuple[str, Outcome | None]], after: int
) -> None:
    trials = [trial(ring, outcome) for ring, outcome in pairs]
    waits = [wait(ring, *trials, after=after) is not None for ring in RULES.order]
    assert waits == sorted(waits)
