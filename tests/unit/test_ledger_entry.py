"""An entry's text, its place in the chain, and what cannot become one."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from daicho.ledger.entry import ZEROS, Draft, compose

AT = datetime(2026, 11, 21, 6, 57, 7, 123456, UTC)
WORDS = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20)
SUBJECTS = st.text(
    alphabet=st.characters(exclude_categories=["Cs", "Cc"], exclude_characters='"\\'), max_size=20
)
KINDS = st.from_regex(r"[a-z][a-z0-9_]{0,8}(\.[a-z0-9_]{1,8}){1,2}", fullmatch=True)
BODIES = st.dictionaries(
    st.text("abc_", max_size=5), WORDS | st.integers(-9, 9) | st.none() | st.lists(WORDS)
)
HASHES = st.text("0123456789abcdef", min_size=64, max_size=64)


def test_the_text_is_the_one_that_the_format_names() -> None:
    entry = compose(Draft("run.opened", "R7", "sato", {"ticket": "T-1"}), 12, ZEROS, AT)
    assert entry.text == (
        '{"at":"2026-11-21T06:57:07.123456Z","body":{"ticket":"T-1"},"by":"sato","kind":"run.opened",'
        f'"of":"R7","prev":"{ZEROS}","seq":12}}'
    )
    assert entry.hash == hashlib.sha256(entry.text.encode()).hexdigest()


@given(KINDS, SUBJECTS, WORDS, BODIES, st.integers(1, 2**40), HASHES)
def test_every_draft_becomes_the_canonical_text_and_is_read_back(  # noqa: PLR0917 -- one per field
    kind: str, of: str, by: str, body: dict[str, object], seq: int, prev: str
) -> None:
    entry = compose(Draft(kind, of, by, body), seq, prev, AT)
    assert entry.text.encode() == rfc8785.dumps(json.loads(entry.text))
    assert entry.text.endswith(f',"prev":"{prev}","seq":{seq}}}')
    assert "\n" not in entry.text
    read = (entry.kind, entry.of, entry.by, entry.body, entry.prev, entry.at)
    assert read == (kind, of, by, body, prev, AT)


@pytest.mark.parametrize(
    "kind", ["", "run", "Run.opened", "run.", ".opened", "run opened", 'run."x"', "run.opened\n"]
)
def test_a_kind_that_is_not_dotted_lower_case_is_refused(kind: str) -> None:
    with pytest.raises(ValueError, match=r"is not a kind of entry: dotted lower case, as in 'run.opened'"):
        compose(Draft(kind, "R7", "sato"), 1, ZEROS, AT)


@pytest.mark.parametrize("of", ['R"7', "R\\7", "R\n7", "\x00"])
def test_a_subject_that_would_be_escaped_is_refused(of: str) -> None:
    with pytest.raises(ValueError, match="cannot be the subject of an entry: it would have to be escaped"):
        compose(Draft("run.opened", of, "sato"), 1, ZEROS, AT)


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="a moment without a time zone cannot be recorded"):
        compose(Draft("run.opened", "R7", "sato"), 1, ZEROS, AT.replace(tzinfo=None))
