"""What the targets of a change document mean, and what they refuse to mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daicho.errors import DaichoError, NothingMatched
from daicho.items.item import Item, natural_key
from daicho.selector import AllExcepted, SelectorUnusable, UnknownAttribute, echo, select

if TYPE_CHECKING:
    from daicho.selector import Selector

_ITEMS = (
    Item("pc-10", "endpoint", "192.0.2.10", {"site": "本省", "floor": "3階", "ring": "late"}),
    Item("pc-2", "endpoint", "192.0.2.2", {"site": "本省", "floor": "１２階", "ring": "canary"}),
    Item("PC-1", "endpoint", "", {"site": "別館", "ring": "early"}),
    Item("sw-1", "network_device", "192.0.2.201", {"site": "本省", "platform": "ios"}),
    Item("複合機-1", "printer", "192.0.2.150", {"site": "別館", "floor": "3階"}),
)


@pytest.mark.parametrize(
    ("targets", "exclude", "names"),
    [
        (["pc-2"], [], ["pc-2"]),
        (["pc-*"], [], ["PC-1", "pc-2", "pc-10"]),
        (["PC-2"], [], ["pc-2"]),
        (["ｐｃ－２"], [], ["pc-2"]),
        (["pc-[12]"], [], ["PC-1", "pc-2"]),
        (["pc-?"], [], ["PC-1", "pc-2"]),
        (["複合機-*"], [], ["複合機-1"]),
        (["*"], [], ["PC-1", "pc-2", "pc-10", "sw-1", "複合機-1"]),
        (["pc-2", "pc-2", "pc-*"], [], ["PC-1", "pc-2", "pc-10"]),
        ([{"kind": "endpoint"}], [], ["PC-1", "pc-2", "pc-10"]),
        ([{"kind": "endpoint", "site": "本省"}], [], ["pc-2", "pc-10"]),
        ([{"kind": ["endpoint", "printer"], "site": "別館"}], [], ["PC-1", "複合機-1"]),
        ([{"floor": "12階"}], [], ["pc-2"]),
        ([{"floor": "*階"}], [], ["pc-2", "pc-10", "複合機-1"]),
        ([{"name": "pc-*", "ring": ["canary", "ea*"]}], [], ["PC-1", "pc-2"]),
        ([{"address": "192.0.2.2*"}], [], ["pc-2", "sw-1"]),
        ([{"kind": "printer"}, "sw-1"], [], ["sw-1", "複合機-1"]),
        (["*"], ["pc-*"], ["sw-1", "複合機-1"]),
        (["*"], [{"site": "本省"}], ["PC-1", "複合機-1"]),
        (["pc-*"], [{"ring": "nobody"}], ["PC-1", "pc-2", "pc-10"]),
        (["pc-*"], ["srv-*"], ["PC-1", "pc-2", "pc-10"]),
        (["pc-*"], ["sw-1"], ["PC-1", "pc-2", "pc-10"]),
    ],
)
def test_selects(targets: list[Selector], exclude: list[Selector], names: list[str]) -> None:
    assert [item.name for item in select(_ITEMS, targets, exclude)] == names


_LIST = "Compare it with `daicho item list`."
_SHAPE = (
    "cannot be used. Write a name, a glob such as 'pc-*', or attributes with values such as "
    "{kind: endpoint, site: [a, b]}; put numbers in quotes."
)


@pytest.mark.parametrize(
    ("targets", "exclude", "error", "sentence"),
    [
        (["pc-3"], [], NothingMatched, f"No item matches pc-3. {_LIST}"),
        (["pc-2", "pc-02*"], [], NothingMatched, f"No item matches pc-02*. {_LIST}"),
        ([], [], NothingMatched, f"No item matches []. {_LIST}"),
        (
            [{"kind": "endpoint", "site": ["東", "西"]}],
            [],
            NothingMatched,
            f"No item matches {{kind: endpoint, site: [東, 西]}}. {_LIST}",
        ),
        (["*"], ["pc-O1"], NothingMatched, f"No item matches pc-O1. {_LIST}"),
        (
            ["pc-*", {"kind": "endpoint"}],
            ["p*"],
            AllExcepted,
            "Nothing is left of pc-*, {kind: endpoint}: every item of the targets is excepted too.",
        ),
        (
            [{"sight": "本省"}],
            [],
            UnknownAttribute,
            "No item has the attribute 'sight' (in {sight: 本省}). Did you mean: site?",
        ),
        (
            ["*"],
            [{"Ring": "late"}],
            UnknownAttribute,
            "No item has the attribute 'Ring' (in {Ring: late}). Did you mean: ring?",
        ),
        (
            [{"zzz": "1"}],
            [],
            UnknownAttribute,
            (
                "No item has the attribute 'zzz' (in {zzz: 1}). "
                "Did you mean: address, floor, kind, name, platform, ring, site?"
            ),
        ),
        ([" "], [], SelectorUnusable, f"The selector   {_SHAPE}"),
        ([{}], [], SelectorUnusable, f"The selector {{}} {_SHAPE}"),
        ([{"floor": 3}], [], SelectorUnusable, f"The selector {{floor: [3]}} {_SHAPE}"),
        ([{"site": []}], [], SelectorUnusable, f"The selector {{site: []}} {_SHAPE}"),
        ([7], [], SelectorUnusable, f"The selector 7 {_SHAPE}"),
    ],
)
def test_refuses(
    targets: list[Selector], exclude: list[Selector], error: type[DaichoError], sentence: str
) -> None:
    with pytest.raises(DaichoError) as refused:
        select(_ITEMS, targets, exclude)
    assert type(refused.value) is error
    assert str(refused.value) == sentence


def test_nothing_at_all_to_select_from() -> None:
    with pytest.raises(NothingMatched):
        select([], ["*"])


@pytest.mark.parametrize(
    ("selector", "written"),
    [("pc-*", "pc-*"), ({"site": "a", "ring": ["b", "c*"]}, "{site: a, ring: [b, c*]}")],
)
def test_echo(selector: Selector, written: str) -> None:
    assert echo(selector) == written


_NAMES = st.lists(st.from_regex(r"[a-cA-C]{1,2}-?[0-9]{0,3}[a-b]?", fullmatch=True), unique=True, min_size=1)


@given(_NAMES, st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_the_order_given(names: list[str], random: object) -> None:
    unique = {name.lower(): Item(name, "endpoint") for name in names}
    items = list(unique.values())
    random.shuffle(items)  # type: ignore[attr-defined]
    chosen = [item.name for item in select(items, ["*"])]
    assert chosen == sorted((item.name for item in unique.values()), key=natural_key)
    assert sorted(chosen) == sorted(item.name for item in unique.values())


@given(st.lists(st.text(max_size=6)))
def test_any_texts_have_a_natural_order(names: list[str]) -> None:
    once = sorted(names, key=natural_key)
    assert sorted(once, key=natural_key) == once
