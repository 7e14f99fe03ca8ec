"""A checkpoint printed and typed in again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daicho.errors import DocumentError
from daicho.ledger.checkpoint import Checkpoint
from daicho.ledger.paper import from_paper, paper

AT = datetime(2026, 11, 21, tzinfo=UTC)
HEX = "0123456789abcdef"


def checkpoint(size: int, digest: str) -> Checkpoint:
    return Checkpoint(origin="daicho/00112233445566ff", size=size, hash=digest, at=AT, signature="")


@given(st.integers(1, 2**40 - 1), st.text(HEX, min_size=64, max_size=64))
def test_what_is_printed_is_read_back(size: int, digest: str) -> None:
    typed = from_paper(paper(checkpoint(size, digest)).lower().replace("0", "o").replace("1", "l"))
    assert (typed.origin, typed.size, typed.hash) == ("0011223344", size, digest[:30])
    assert typed.fixes(digest)
    assert typed.is_of("daicho/00112233445566ff")
    assert not typed.is_of("daicho/10112233445566ff")


def test_it_is_three_lines_of_groups_of_five() -> None:
    lines = paper(checkpoint(1234, "ab" * 32)).splitlines()
    assert [[len(group) for group in line.split("-")] for line in lines] == [[5] * 4, [5] * 4, [5] * 3]


@given(st.data())
def test_a_mistyped_character_is_named_by_its_group(data: st.DataObject) -> None:
    printed = paper(checkpoint(1234, "ab" * 32)).replace("\n", "-")
    groups = printed.split("-")
    place = data.draw(st.integers(0, 10))
    letter = data.draw(st.integers(0, 4))
    wrong = data.draw(
        st.sampled_from("23456789ABCDEFGHJKMNPQRSTVWXYZ").filter(lambda x: x != groups[place][letter])
    )
    groups[place] = groups[place][:letter] + wrong + groups[place][letter + 1 :]
    with pytest.raises(DocumentError) as refusal:
        from_paper("-".join(groups))
    # One slip in 32 agrees with its group's check character; the sum over all catches it.
    assert str(refusal.value) in {
        f"The checkpoint from paper cannot be used:\nGroup {place + 1} ({groups[place]}) is mistyped.",
        "The checkpoint from paper cannot be used:\nThe groups do not belong together.",
    }


def test_a_missing_group_is_said() -> None:
    with pytest.raises(DocumentError) as refusal:
        from_paper(paper(checkpoint(1234, "ab" * 32))[:-6])
    assert str(refusal.value) == (
        "The checkpoint from paper cannot be used:\n"
        "It has 50 characters instead of 55: groups are missing or doubled."
    )
