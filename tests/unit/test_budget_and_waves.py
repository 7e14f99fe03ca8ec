"""Failure budget and waves: properties, and the two stories of Ansible that they were made for."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daicho.budget import Budget, allowance
from daicho.documents import judge
from daicho.errors import DocumentError
from daicho.items.apart import apart
from daicho.items.item import Item
from daicho.outcome import Outcome
from daicho.waves import Apart, check_waves, split

SHARES = st.integers(1, 100).map("{}%".format)
SIZES = st.lists(st.integers(1, 50) | SHARES, min_size=1, max_size=5)
COUNTS = st.dictionaries(st.sampled_from(Outcome), st.integers(0, 40))
PARTS = {
    "failed": Outcome.FAILED,
    "unreachable": Outcome.UNREACHABLE,
    "drifted": Outcome.DRIFTED,
    "unverified": Outcome.UNKNOWN,
}


@given(st.integers(0, 300), SIZES)
def test_every_target_is_in_exactly_one_wave_in_its_order(count: int, sizes: list[int | str]) -> None:
    targets = [f"pc-{number}" for number in range(count)]
    waves = split(targets, sizes)
    assert [target for wave in waves for target in wave] == targets
    assert all(waves)


@given(st.integers(1, 300), SIZES)
def test_each_wave_but_the_last_has_its_size_and_a_share_is_rounded_up(
    count: int, sizes: list[int | str]
) -> None:
    waves = split([str(number) for number in range(count)], sizes)
    for number, wave in enumerate(waves[:-1]):
        size = sizes[min(number, len(sizes) - 1)]
        wanted = size if isinstance(size, int) else ceil(Fraction(size.rstrip("%")) * count / 100)
        assert len(wave) == wanted


@pytest.mark.parametrize(
    ("count", "sizes", "wanted"),
    [
        (12, [1, "10%", "100%"], [1, 2, 9]),
        (10, [1], [1] * 10),
        (3, [5], [3]),
        (12_000, [1, "1%", "10%", "100%"], [1, 120, 1200, 10_679]),
        (101, ["7%"], [8] * 12 + [5]),
    ],
)
def test_waves_of_a_ministry(count: int, sizes: list[int | str], wanted: list[int]) -> None:
    assert [len(wave) for wave in split([str(number) for number in range(count)], sizes)] == wanted


@pytest.mark.parametrize(
    "size", [0, -1, True, "0%", "101%", "5", "%", "1.5%", "٣%", " 5%", "9" * 5000 + "%", None]
)
def test_what_is_no_size_of_a_wave(size: int | str) -> None:
    with pytest.raises(ValueError, match="is no size") as refusal:
        check_waves((1, size))
    shown = repr(size)[:60]
    wanted = f"wave {shown} is no size; write a number of targets such as 5, or a share such as 10%"
    assert str(refusal.value) == wanted


@given(st.integers(0, 100), st.integers(0, 20_000))
def test_a_share_of_the_budget_is_rounded_down(share: int, targets: int) -> None:
    assert allowance(f"{share}%", targets) == floor(Fraction(share, 100) * targets)


@given(
    COUNTS, st.integers(1, 100), st.fixed_dictionaries({name: st.integers(0, 40) | SHARES for name in PARTS})
)
def test_it_is_exceeded_exactly_when_a_count_is_over_its_own_allowance(
    counts: dict[Outcome, int], targets: int, amounts: dict[str, int | str]
) -> None:
    budget = judge(Budget, amounts, "budget")
    over = any(counts.get(outcome, 0) > allowance(amounts[name], targets) for name, outcome in PARTS.items())
    assert (budget.exceeded(counts, targets) is not None) is over


@pytest.mark.parametrize("outcome", list(PARTS.values()))
def test_each_trouble_has_its_own_part_and_its_own_words(outcome: Outcome) -> None:
    strict = judge(Budget, dict.fromkeys(PARTS, 1), "budget")
    assert strict.exceeded({outcome: 1}, 100) is None
    assert strict.exceeded({outcome: 2}, 100) == f"2 targets {outcome.value}, 1 allowed"


@pytest.mark.parametrize("outcome", [Outcome.CHANGED, Outcome.UNCHANGED, Outcome.SKIPPED])
def test_what_is_no_trouble_is_not_counted(outcome: Outcome) -> None:
    assert judge(Budget, dict.fromkeys(PARTS, 0), "budget").exceeded({outcome: 100}, 100) is None


def test_unreachable_hosts_count() -> None:
    """ansible/ansible#56265: max_fail_percentage does not count them; here they have their own."""
    budget = judge(Budget, {"unreachable": "10%"}, "budget")
    assert budget.exceeded({Outcome.UNREACHABLE: 10}, 100) is None
    assert budget.exceeded({Outcome.UNREACHABLE: 11}, 100) == "11 targets unreachable, 10 allowed"


def test_what_failed_in_earlier_waves_counts() -> None:
    """ansible/ansible#82267: the percentage begins anew with each batch; here it is of all targets.

    One of ten fails in each of ten waves: each wave is within 10 %, and the run stops after the fifth.
    """
    budget = Budget(failed="4%")
    stopped = [wave for wave in range(1, 11) if budget.exceeded({Outcome.FAILED: wave}, 100)]
    assert stopped[0] == 5


def test_one_failure_among_few_stops_by_default() -> None:
    assert Budget().exceeded({Outcome.FAILED: 1}, 19) == "1 target failed, 0 allowed"
    assert Budget().exceeded({Outcome.FAILED: 1}, 20) is None
    assert Budget().exceeded({Outcome.UNKNOWN: 1}, 12_000) == "1 target unknown, 0 allowed"


@pytest.mark.parametrize(
    ("amount", "why"),
    [
        (-1, "it cannot be negative"),
        ("101%", "'101%' is no amount; write 3 or 10%"),
        ("5", "'5' is no amount; write 3 or 10%"),
        (1.5, "1.5 is no amount; write 3 or 10%"),
        (True, "True is no amount; write 3 or 10%"),
        (None, "None is no amount; write 3 or 10%"),
        ("9" * 5000 + "%", f"'{'9' * 59} is no amount; write 3 or 10%"),
    ],
)
def test_what_is_no_amount(amount: object, why: str) -> None:
    with pytest.raises(DocumentError) as refusal:
        judge(Budget, {"failed": amount}, "budget.yml")
    assert str(refusal.value) == f"budget.yml cannot be used:\nAt failed: {why}."


def test_the_second_of_a_pair_follows_in_a_wave_of_its_own() -> None:
    pairs = Apart(partner={"a1": "a2", "a2": "a1", "c1": "elsewhere"})
    assert split(["a1", "a2", "b1", "c1"], ["100%"], pairs) == [["a1", "b1", "c1"], ["a2"]]
    assert split(["a1", "b1", "a2"], [2], pairs) == [["a1", "b1"], ["a2"]]


def test_groups_go_out_in_their_order_each_with_its_own_canary() -> None:
    turn = {"a": (0, "east"), "b": (1, "east"), "c": (0, "west"), "d": (0, "east"), "e": (0, "east")}
    assert split("abcde", [1, "100%"], Apart(turn=turn)) == [["a"], ["d", "e"], ["c"], ["b"]]


@given(
    names=st.lists(st.integers(0, 60).map(str), unique=True),
    sizes=st.lists(st.one_of(st.integers(1, 9), st.sampled_from(["10%", "50%", "100%"])), min_size=1),
    groups=st.dictionaries(st.integers(0, 60).map(str), st.tuples(st.integers(0, 3))),
    pairs=st.dictionaries(st.integers(0, 60).map(str), st.integers(0, 60).map(str)),
)
def test_whatever_is_kept_apart_everybody_goes_out_once(
    names: list[str],
    sizes: list[int | str],
    groups: dict[str, tuple[int]],
    pairs: dict[str, str],
) -> None:
    partner = {one: other for one, other in pairs.items() if one != other}
    waves = split(names, sizes, Apart(turn=groups, partner=partner))
    assert sorted(name for wave in waves for name in wave) == sorted(names)
    assert all(waves)
    for wave in waves:
        assert len({groups.get(name, ()) for name in wave}) == 1
        assert not [name for name in wave if partner.get(name) in wave]


def test_items_say_with_whom_they_are_paired_and_whose_turn_it_is() -> None:
    items = [
        Item("core-1", "network_device", "", {"role": "core", "site": "本省2", "pair": "core-2"}),
        Item("core-2", "network_device", "", {"role": "core", "site": "本省2"}),
        Item("acc-10", "network_device", "", {"role": "access", "site": "本省"}),
        Item("acc-2", "network_device", "", {"role": "access", "site": "分室"}),
        Item("odd", "network_device", "", {"role": "firewall", "site": "本省"}),
    ]
    rule = apart(items, ("role", "site"))
    assert split([item.name for item in items], ["100%"], rule) == [
        ["acc-2"],
        ["acc-10"],
        ["odd"],
        ["core-1"],
        ["core-2"],
    ]
    assert split(["core-1", "core-2"], ["100%"], apart(items, ())) == [["core-1"], ["core-2"]]
