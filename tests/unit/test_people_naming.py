"""Names for accounts: free, short, and by the site's patterns."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daicho.documents import judge
from daicho.errors import DocumentError
from daicho.items.problems import Unfit
from daicho.people.known import Known
from daicho.people.movement import PersonName
from daicho.people.naming import Names
from daicho.people.policy import Naming, People
from lab.population import population

HANAKO = PersonName(family="佐藤", given="花子", family_kana="サトウ", given_kana="ハナコ")
PLAIN = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?")
kana = st.text(
    st.sampled_from("アイウエオカキクケコサシスセソタチツテトナニヌネノンャュョッーリル"),
    min_size=1,
    max_size=300,
)


def refused(value: object) -> str:
    with pytest.raises(DocumentError) as error:
        judge(People, value, "directory.yml", "people")
    return str(error.value).partition("\n")[2]


def test_collisions_are_resolved_by_rule() -> None:
    names = Names(Naming(), [])
    assert [names.account(HANAKO, "1") for _ in range(6)] == [
        *("sato", "sato-h", "sato-hanako", "sato-h2", "sato-h3", "sato-h4")
    ]


def test_names_of_disabled_accounts_addresses_and_reserved_words_are_taken() -> None:
    known = [
        Known(number="1", account="SATO", enabled=False, left=True),
        Known(number="2", account="s.hanako", mail="Sato-H@office.example.jp"),
    ]
    policy = Naming(mail="{account}@office.example.jp", reserved=("sato-hanako",))
    assert Names(policy, known).account(HANAKO, "3") == "sato-h2"


def test_thousands_of_one_name_fit_and_differ() -> None:
    long = PersonName(family="勅使河原", given="龍之介", family_kana="テシガワラ", given_kana="リュウノスケ")
    for longest in (8, 20):
        names = Names(Naming(longest=longest, accounts=("{family}-{given}", "{family}-{given}{n}")), [])
        found = [names.account(long, "1") for _ in range(5000)]
        assert len({each.casefold() for each in found}) == 5000
        assert max(map(len, found)) <= longest
        assert all(PLAIN.fullmatch(each) for each in found)


def test_a_whole_ministry_has_different_names() -> None:
    names = Names(Naming(), [])
    found = [
        names.account(PersonName(family_kana=each.family_kana, given_kana=each.given_kana), each.number)
        for each in population(15_000)
    ]
    assert len(set(found)) == 15_000


@given(st.lists(st.tuples(kana, kana | st.just("")), max_size=5), st.integers(8, 20))
def test_any_name_gives_an_account_that_windows_takes(people: list[tuple[str, str]], longest: int) -> None:
    names, again = (Names(Naming(longest=longest), []) for _ in range(2))
    found: set[str] = set()
    for family, first in people:
        name = PersonName(family_kana=family, given_kana=first)
        try:
            account = names.account(name, "1")
        except Unfit:
            # Long marks alone have no sound.
            assert not (family.strip("ー") and first.strip("ー"))
            return
        assert PLAIN.fullmatch(account)
        assert len(account) <= longest
        assert account not in found
        assert again.account(name, "1") == account
        found.add(account)


def test_a_name_without_reading_is_refused() -> None:
    with pytest.raises(Unfit) as unfit:
        Names(Naming(), []).account(PersonName(family="佐藤"), "1")
    assert str(unfit.value) == "no reading is known, so no account can be named. Write it in kana."


def test_patterns_with_number_and_initials() -> None:
    names = Names(Naming(accounts=("{f}{number}", "{f}{number}-{n}")), [])
    assert [names.account(HANAKO, "11-00A1") for _ in range(2)] == ["s1100a1", "s1100a1-2"]


def test_a_pattern_that_leaves_no_room_still_counts() -> None:
    names = Names(Naming(accounts=("staff-{family}{n}",), longest=8), [])
    found = [names.account(HANAKO, "1") for _ in range(200)]
    assert (found[0], found[-1]) == ("staff-s2", "aff-s201")
    assert len(set(found)) == 200


def test_common_names_are_told_apart_by_the_account() -> None:
    names = Names(Naming(), [Known(number="1", account="x", common_name="佐藤　花子")])
    assert names.common_name("佐藤 花子", "sato-h") == "佐藤 花子 (sato-h)"
    assert names.common_name("あ" * 80, "a") == "あ" * 64
    assert names.common_name("あ" * 80, "b") == "あ" * 60 + " (b)"
    assert names.renamed("佐藤 花子 (sato-h)", "佐藤 花子", "sato-h") == "佐藤 花子 (sato-h)"


def test_patterns_are_judged_when_the_policy_is_read() -> None:
    assert refused({"naming": {"accounts": ["{family}"]}}) == (
        "At people.naming.accounts: the last pattern needs {n}, or names run out."
    )
    assert refused({"naming": {"accounts": ["{family}＋{n}"]}}) == (
        "At people.naming.accounts: '{family}＋{n}' may hold only a to z, 0 to 9, '.', '_' and '-' "
        "beside its fields."
    )
    assert refused({"naming": {"mail": "{name}@example.jp"}}) == (
        "At people.naming.mail: '{name}@example.jp' has the field {name}; there are {account}, {number}."
    )
    assert refused({"naming": {"principal": "{account}"}}) == (
        "At people.naming.principal: '{account}' must look like {account}@example.jp."
    )
    assert refused({"naming": {"display_name": "{family!r} {given.__class__}"}}).startswith(
        "At people.naming: '{family!r} {given.__class__}' has the field {family}; there are {account}, "
    )
