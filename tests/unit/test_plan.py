"""Plans: what differs, what drifted, what was missed, and that a digest stands for all of it."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daicho.plan import Plan, Standing, TargetPlan, drift, missed, plan_digest, targets_digest
from tests.bureau import plan_of, target_plan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daicho.plan import Scalar

KEYS = st.sampled_from(["package:a", "package:b", "c", "d"])
SCALARS: st.SearchStrategy[Scalar] = (
    st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from(["", "0", "1.2"])
)
STATES = st.dictionaries(KEYS, SCALARS)


def plain(state: Mapping[str, Scalar]) -> dict[str, tuple[type, Scalar]]:
    """A state by another way: null is absent, and true is not 1."""
    return {key: (type(value), value) for key, value in state.items() if value is not None}


def between(before: Mapping[str, Scalar], after: Mapping[str, Scalar]) -> TargetPlan:
    return target_plan("pc-1", before=before, after=after)


@given(STATES, STATES)
def test_nothing_drifted_exactly_when_the_states_are_equal(
    before: dict[str, Scalar], now: dict[str, Scalar]
) -> None:
    plan = between(before, {})
    equal = plain(before) == plain(now)
    assert (drift(plan, now) == ()) is equal
    assert (plan.fingerprint == between(now, {}).fingerprint) is equal


@given(STATES, STATES)
def test_the_differences_lead_from_before_to_after_and_back(
    before: dict[str, Scalar], after: dict[str, Scalar]
) -> None:
    differences = between(before, after).differences
    there = dict(before) | {each.key: each.after for each in differences}
    assert plain(there) == plain(after)
    assert plain(there | {each.key: each.before for each in differences}) == plain(before)
    assert [each.key for each in differences] == sorted({each.key for each in differences})


@given(STATES, STATES)
def test_the_undo_of_an_undo_is_the_original(before: dict[str, Scalar], after: dict[str, Scalar]) -> None:
    once = between(before, after)
    back = between(once.after, once.before)
    assert [(each.key, each.after, each.before) for each in back.differences] == [
        (each.key, each.before, each.after) for each in once.differences
    ]


@given(STATES, STATES, st.data())
def test_a_resumed_run_accepts_any_mixture_of_before_and_after_and_nothing_else(
    before: dict[str, Scalar], after: dict[str, Scalar], data: st.DataObject
) -> None:
    plan = between(before, after)
    keys = {*before, *after}
    mixture = {key: data.draw(st.sampled_from([before.get(key), after.get(key)])) for key in sorted(keys)}
    assert drift(plan, mixture, resumed=True) == ()
    strange = data.draw(st.sampled_from(["package:a", "new"]))
    found = [each.key for each in drift(plan, mixture | {strange: "strange"}, resumed=True)]
    assert found == [strange]


@given(STATES, STATES)
def test_a_first_start_does_not_accept_what_the_work_would_have_done(
    before: dict[str, Scalar], after: dict[str, Scalar]
) -> None:
    plan = between(before, after)
    assert {each.key for each in drift(plan, after)} == {each.key for each in plan.differences}


@given(STATES, STATES, STATES)
def test_nothing_was_missed_exactly_when_it_is_as_wanted(
    before: dict[str, Scalar], after: dict[str, Scalar], now: dict[str, Scalar]
) -> None:
    concerned = {*before, *after}
    as_wanted = plain({key: value for key, value in now.items() if key in concerned}) == plain(after)
    assert (missed(between(before, after), now) == ()) is as_wanted


def test_what_should_have_gone_and_is_still_there_was_missed() -> None:
    plan = between({"user:old": "present", "x": 1}, {"x": 1})
    assert [str(each) for each in missed(plan, {"user:old": "present", "x": 1})] == [
        "user:old: None → present"
    ]
    assert missed(plan, {"x": 1}) == ()


def test_true_is_not_one() -> None:
    plan = between({"enabled": 1}, {"enabled": True})
    assert [each.key for each in plan.differences] == ["enabled"]
    assert [each.key for each in drift(plan, {"enabled": True})] == ["enabled"]
    assert [each.key for each in missed(plan, {"enabled": 1})] == ["enabled"]


def test_a_drift_names_key_plan_and_finding() -> None:
    found = drift(between({"package:openssl": "3.0.1"}, {}), {"package:openssl": "3.0.2"})
    assert [str(each) for each in found] == ["package:openssl: 3.0.1 → 3.0.2"]


def test_what_did_not_answer_is_not_approved_and_stays_owing() -> None:
    away = target_plan(
        "pc-3", standing=Standing.UNREACHABLE, before={}, after={}, inverse=None, why="no route"
    )
    broken = target_plan("pc-4", standing=Standing.FAILED, inverse=None)
    done = target_plan("pc-5", standing=Standing.IN_ORDER, inverse=None)
    lost = target_plan("pc-6", inverse=None, irreversible="the old version is gone")
    plan = plan_of(away, broken, done, lost)
    assert [each.target for each in plan.taking_part] == ["pc-5", "pc-6"]
    assert [each.target for each in plan.left_out] == ["pc-3", "pc-4"]
    assert [each.target for each in plan.irreversible] == ["pc-6"]


TARGET_PLANS = st.builds(
    TargetPlan,
    target=st.sampled_from(["pc-1", "端末-2"]),
    standing=st.sampled_from(Standing),
    before=STATES,
    after=STATES,
    inverse=st.none() | STATES,
    irreversible=st.text(alphabet="理由x", max_size=3),
    notes=st.lists(st.text(alphabet="注x", max_size=3), max_size=2).map(tuple),
    why=st.text(alphabet="why", max_size=3),
)


@given(TARGET_PLANS)
def test_a_targets_plan_comes_back_from_the_ledger_as_it_was(plan: TargetPlan) -> None:
    assert TargetPlan.from_json(plan.as_json()) == plan


@pytest.mark.parametrize(
    "other",
    [
        {"target": "pc-9"},
        {"standing": Standing.IN_ORDER},
        {"before": {"package:openssl": "3.0.0"}},
        {"after": {"package:openssl": "3.0.3"}},
        {"after": {"package:openssl": "3.0.2", "reboot": True}},
        {"inverse": None},
        {"irreversible": "x"},
        {"notes": ("a note",)},
        {"why": "because"},
    ],
)
def test_the_digest_differs_when_anything_about_one_target_differs(other: dict[str, object]) -> None:
    one, two = target_plan("pc-1"), target_plan("pc-2")
    assert plan_of(one, two).digest != plan_of(one, replace(two, **other)).digest  # type: ignore[arg-type]


def test_the_digest_differs_with_change_number_code_and_the_number_of_targets() -> None:
    plan = plan_of()
    digests = {
        plan.digest,
        replace(plan, change="C2").digest,
        replace(plan, number=2).digest,
        replace(plan, code="sha256:0").digest,
        replace(plan, targets=plan.targets[:1]).digest,
    }
    assert len(digests) == 5


def test_the_digest_is_the_same_today_and_in_two_years() -> None:
    # A change of this number voids every approval that was given: mean it.
    assert plan_of().digest == "sha256:333ec0e3620474b8e902c11ee32a7ad81e3eb90451f196ed8d0c40d41f4082e8"


def test_the_target_list_counts_not_its_order() -> None:
    assert targets_digest(["b", "a"]) == targets_digest(["a", "b"])
    assert targets_digest(["a"]) != targets_digest(["a", "a"])
    assert targets_digest(["ab"]) != targets_digest(["a", "b"])


def test_twelve_thousand_targets_take_no_time() -> None:
    packages = {f"package:p{number}": f"1.{number}" for number in range(10)}
    newer = {key: value + "+deb12u1" for key, value in packages.items()}
    targets = tuple(
        target_plan(f"pc-{number:05d}", before=packages, after=newer, inverse=packages)
        for number in range(12_000)
    )
    begin = time.process_time()
    plan = Plan(change="C1", number=1, code="sha256:1", targets=targets)
    assert plan.digest == plan_digest("C1", 1, "sha256:1", targets)
    assert len(plan.taking_part) == 12_000
    assert plan.irreversible == ()
    assert time.process_time() - begin < 4  # twice the digest
    plan.of("pc-00000")
    begin = time.process_time()
    for _ in range(200_000):
        assert plan.of("pc-11999")
    assert time.process_time() - begin < 1


def test_an_unknown_target_has_no_plan() -> None:
    assert plan_of().of("pc-9") is None
