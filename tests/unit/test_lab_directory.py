"""What the lab's directory is filled with, and the notation that it is read in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lab import ldif
from lab.domain_logins import romaji
from lab.domain_people import account_dn, accounts, group_count, members, objects

KEYS = st.sampled_from(["cn", "sn;lang-ja-kana", "member"])
VALUES = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
ENTRIES = st.lists(
    st.tuples(VALUES.filter(bool), st.dictionaries(KEYS, st.lists(VALUES, min_size=1, max_size=3)))
)


@given(ENTRIES)
def test_ldif_comes_back_as_it_went(entries: list[ldif.Entry]) -> None:
    assert ldif.read(ldif.write(entries)) == entries


def test_ldif_as_ldapsearch_writes_it() -> None:
    listed = """\
# extended LDIF

dn: CN=a,DC=ex
 ample
cn: a
member:: 55Sw5Lit

# refldap://example/CN=Configuration

# search result
search: 2
result: 0 Success
"""
    assert ldif.read(listed) == [("CN=a,DC=example", {"cn": ["a"], "member": ["田中"]})]


def test_no_two_of_15000_people_share_a_name_in_the_directory() -> None:
    people = accounts(15_000)
    logins = [account.login for account in people]

    assert len(set(logins)) == len({account_dn(account) for account in people}) == 15_000
    assert max(map(len, logins)) <= 20
    assert all(login.replace(".", "").isalnum() and login.isascii() for login in logins)
    assert [account.login for account in accounts(300)] == logins[:300]


def test_groups_have_members_that_there_are() -> None:
    people = accounts(300)
    made = list(objects(people))
    names = [entry["dn"] for entry in made]
    groups = [entry["dn"] for entry in made if entry["objectClass"] == "group"]
    within = members(people)

    assert len(set(names)) == len(names)
    assert len(groups) == group_count(300)
    assert set(within) <= set(groups)
    assert {member for each in within.values() for member in each} <= set(names)
    assert [group_count(count) for count in (300, 15_000)] == [366, 2_000]


def test_readings_in_latin_letters() -> None:
    kana = "サトウ ジョウ ハットリ マッチダ シュン ヴィヴィアン オオノ ユウキ シンイチ キョウコ"
    assert [romaji(word) for word in kana.split()] == (
        ["sato", "jo", "hattori", "matchida", "shun", "vivian", "ono", "yuki", "shinichi", "kyoko"]
    )
