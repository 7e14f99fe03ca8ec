"""The fast canonical form against the reference implementation of RFC 8785."""

from __future__ import annotations

import hashlib

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from daicho.canonical import Json, canonical, digest, foreign_canonical

WORDS = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20)
KEYS = st.text(alphabet=st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]), max_size=10)
LEAVES = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | WORDS
BODIES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4)
)


@given(BODIES)
def test_it_gives_the_bytes_of_rfc_8785(body: Json) -> None:
    assert canonical(body).encode() == rfc8785.dumps(body)


def test_keys_are_sorted_and_japanese_stays_readable() -> None:
    assert canonical({"台帳": [1, True, None], "a": "\n\u2028"}) == '{"a":"\\n\u2028","台帳":[1,true,null]}'


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (1.5, "float has no canonical JSON form"),
        (b"x", "bytes has no canonical JSON form"),
        (2**53, "integer 9007199254740992 has no exact JSON form"),
        ({1: "x"}, "key 1 is not a string"),
        ({"\U0001f600": 1}, "key '\U0001f600' has characters whose order is ambiguous"),
    ],
)
def test_what_has_no_single_form_is_refused(value: object, why: str) -> None:
    with pytest.raises(ValueError, match=r".") as refusal:
        canonical({"deep": [value]})
    assert str(refusal.value) == why


@pytest.mark.parametrize("value", [{"x": "\ud800"}, {"\udc8b": 1}])
def test_half_a_character_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="surrogates not allowed"):
        canonical(value)


def test_a_digest_is_sha256_of_the_canonical_text() -> None:
    assert digest({"b": 1, "a": 2}) == "sha256:" + hashlib.sha256(b'{"a":2,"b":1}').hexdigest()


def test_foreign_documents_may_hold_floats() -> None:
    assert foreign_canonical({"b": 1.0, "a": 1e21}) == '{"a":1e+21,"b":1}'
