"""Groups within groups: effective groups, net gain and loss, circles."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from daicho.directory.memberships import Access, Nesting, circles, net, people_in

NAMES = list("abcdefgh")
nestings = st.dictionaries(st.sampled_from(NAMES), st.sets(st.sampled_from(NAMES), max_size=4))
groups = st.sets(st.sampled_from(NAMES), max_size=5)

MINISTRY = Nesting(
    {
        "端末係": ["情報システム課"],
        "情報システム課": ["総務部"],
        "人事係": ["人事課"],
        "人事課": ["総務部"],
        "総務部": ["全職員"],
    }
)


def reachable(direct: set[str], parents: dict[str, set[str]]) -> set[str]:
    """The closure as its definition says: until nothing is added."""
    found = set(direct)
    while more := {each for group in found for each in parents.get(group, ())} - found:
        found |= more
    return found


@given(nestings, groups)
def test_effective_groups_are_the_closure(parents: dict[str, set[str]], direct: set[str]) -> None:
    assert Nesting(parents).effective(direct) == reachable(direct, parents)


@given(nestings, groups, groups)
def test_net_access_is_the_difference_of_closures(
    parents: dict[str, set[str]], before: set[str], after: set[str]
) -> None:
    access = net(before, after, Nesting(parents))
    could, can = reachable(before, parents), reachable(after, parents)
    assert set(access.gained) == can - could
    assert set(access.lost) == could - can
    assert set(access.kept) == (before - after) & can


@given(nestings, groups, st.sampled_from(NAMES))
def test_there_is_a_way_into_exactly_the_effective_groups(
    parents: dict[str, set[str]], direct: set[str], group: str
) -> None:
    nesting = Nesting(parents)
    way = nesting.way(direct, group)
    assert bool(way) == (group in nesting.effective(direct))
    assert all(after in parents[before] for before, after in pairwise(way))
    assert not way or (way[0] in direct and way[-1] == group)


@given(nestings, st.dictionaries(st.text("xyz", min_size=1), groups), st.sampled_from(NAMES))
def test_people_in_a_group_are_those_whose_effective_groups_hold_it(
    parents: dict[str, set[str]], direct: dict[str, set[str]], group: str
) -> None:
    nesting = Nesting(parents)
    expected = sorted(person for person, own in direct.items() if group in nesting.effective(own))
    assert list(people_in(group, nesting, direct)) == expected


def test_a_move_within_a_department_keeps_the_department() -> None:
    assert net(["端末係"], ["人事係"], MINISTRY) == Access(
        gained=("人事係", "人事課"), lost=("情報システム課", "端末係")
    )


def test_leaving_a_group_that_is_reached_otherwise_takes_nothing_away() -> None:
    assert net(["端末係", "総務部"], ["端末係"], MINISTRY) == Access(kept=("総務部",))


def test_a_change_of_the_nesting_counts() -> None:
    loose = Nesting({"端末係": []})
    assert net(["端末係"], ["端末係"], MINISTRY, loose).lost == ("全職員", "情報システム課", "総務部")


def test_the_way_tells_through_which_groups() -> None:
    assert MINISTRY.way(["端末係"], "全職員") == ("端末係", "情報システム課", "総務部", "全職員")
    assert MINISTRY.way(["端末係"], "人事課") == ()


def test_circles_are_found_and_do_no_harm() -> None:
    nesting = Nesting({"a": ["b"], "b": ["c"], "c": ["a", "d"], "e": ["e"]})
    assert circles(nesting, ["a", "b", "c", "d", "e"]) == (("a", "b", "c"),)
    assert nesting.effective(["b"]) == {"a", "b", "c", "d"}


def test_five_thousand_people_in_one_group_through_others() -> None:
    direct = {f"{number:04}": ["端末係" if number % 2 else "人事係"] for number in range(5000)}
    assert len(people_in("全職員", MINISTRY, direct)) == 5000
    assert people_in("人事課", MINISTRY, direct)[:2] == ("0000", "0002")
