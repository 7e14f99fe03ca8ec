"""Names and filters of the directory: values come back as they went in, and never become structure."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from ldap3 import DEREF_NEVER, SUBTREE
from ldap3.operation.search import search_operation
from ldap3.utils.dn import parse_dn

from daicho.directory.names import (
    common_name,
    components,
    either,
    equals,
    escaped,
    every,
    is_under,
    joined,
    own,
    parent,
    present,
    same_key,
)

BASE = "OU=職員,DC=example,DC=test"
values = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300)
awkward = st.text(st.sampled_from(list(' #,+"\\<>;=*()\x00\n 鈴𠮷a')), min_size=1, max_size=40)
types = st.sampled_from(["CN", "OU", "DC", "uid", "2.5.4.3"])


def filter_sent(text: str) -> object:
    """The filter as ldap3 would send it: its own parser has read our text."""
    request = search_operation(
        "", text, SUBTREE, DEREF_NEVER, ["1.1"], 0, 0, types_only=False, auto_escape=False, auto_encode=False
    )
    return request["filter"]


def asserted(text: str) -> tuple[str, bytes]:
    sent = filter_sent(text)
    match = sent["equalityMatch"]  # type: ignore[index]
    return str(match["attributeDesc"]), bytes(match["assertionValue"])


@given(st.lists(st.tuples(types, values | awkward), min_size=1, max_size=5))
@example([("CN", "#hash"), ("OU", " lead and trail "), ("CN", "\x00")])
@example([("CN", "a" * 300), ("OU", "\\2C"), ("CN", " ")])
def test_components_come_back_as_they_went_in(parts: list[tuple[str, str]]) -> None:
    dn = joined(*parts, BASE)
    assert components(dn) == (*parts, ("OU", "職員"), ("DC", "example"), ("DC", "test"))


@given(values | awkward)
def test_a_value_stays_one_value_for_another_reader_too(value: str) -> None:
    assert [(kind, text) for kind, text, _end in parse_dn(f"CN={escaped(value)},DC=test")] == [
        ("CN", escaped(value)),
        ("DC", "test"),
    ]


@given(values | awkward)
def test_own_and_parent_put_together_are_the_whole(value: str) -> None:
    dn = joined(("CN", value), BASE)
    assert (own(dn), parent(dn)) == (f"CN={escaped(value)}", BASE)
    assert is_under(dn, BASE)
    assert not is_under(BASE, dn)
    assert common_name(dn) == value


@given(values | awkward)
def test_a_filter_asks_for_the_value_and_nothing_else(value: str) -> None:
    assert asserted(equals("cn", value)) == ("cn", value.encode("utf-8"))


@given(st.binary(min_size=1, max_size=40))
def test_a_filter_takes_bytes(value: bytes) -> None:
    assert asserted(equals("objectGUID", value)) == ("objectGUID", value)


@given(st.lists(awkward, min_size=2, max_size=5))
def test_values_do_not_leave_their_place_in_a_filter(listed: list[str]) -> None:
    sent = filter_sent(every("(objectClass=user)", either(equals("cn", value) for value in listed)))
    alternatives = sent["and"][1]["or"]  # type: ignore[index]
    found = [bytes(each["equalityMatch"]["assertionValue"]) for each in alternatives]
    assert found == [value.encode("utf-8") for value in listed]


@pytest.mark.parametrize("name", ["", "cn)(uid", "cn=*", "a b", "属性", "*"])
def test_the_name_of_an_attribute_cannot_carry_structure(name: str) -> None:
    with pytest.raises(ValueError, match="is no name of an attribute"):
        equals(name, "x")


def test_filters_of_none_one_and_several() -> None:
    assert either([]) == "(!(objectClass=*))"
    assert either(["(a=1)"]) == "(a=1)"
    assert every("(a=1)") == "(a=1)"
    assert every("(a=1)", either(["(b=2)", present("c")])) == "(&(a=1)(|(b=2)(c=*)))"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (r"CN=鈴木\, 花子,DC=Example", r"cn=鈴木\2c 花子, dc=example"),
        (r"CN=a  b,DC=x", "cn=A B,DC=X"),
        (r"CN=\E9\88\B4\E6\9C\A8,DC=x", "CN=鈴木,DC=x"),
    ],
)
def test_spellings_of_one_name_have_one_key(one: str, other: str) -> None:
    assert same_key(one) == same_key(other)


@pytest.mark.parametrize(
    "dn", ["", "no name", "CN=a+OU=b,DC=x", 'CN="a",DC=x', "CN=a\\", "=a", "C N=a", "CN=\\FF", "CN=a,,DC=x"]
)
def test_what_is_no_name_is_refused_or_empty(dn: str) -> None:
    if not dn:
        assert components(dn) == ()
        return
    with pytest.raises(ValueError, match="is no distinguished name"):
        components(dn)


def test_the_name_for_people_of_what_is_no_name_is_the_text() -> None:
    assert common_name("S-1-5-18") == "S-1-5-18"


@pytest.mark.timeout(5)
def test_a_long_value_takes_no_longer_for_its_last_character() -> None:
    value = "a" * 100_000 + ","
    assert components(joined(("CN", value), BASE))[0] == ("CN", value)
