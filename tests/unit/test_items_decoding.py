"""Text comes out of bytes as it went in, or the byte that does not fit is named."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from daicho.items.decoding import AmbiguousText, Undecodable, decode
from daicho.items.headings import Headings
from daicho.items.table import read_separated

# Without what the codec lets through undefined, and what it writes in other bytes than it reads.
_WRITABLE = st.characters(
    codec="cp932", exclude_characters="\r\n\x80\xa0\uf8f0\uf8f1\uf8f2\uf8f3¢£¬‖\u2212\u301c"
)
_ANY = st.characters(codec="utf-8", exclude_characters="\r\n\ufeff")
_cp932_rows = st.lists(
    st.lists(st.text(_WRITABLE, max_size=8), min_size=2, max_size=2), min_size=1, max_size=6
)
_utf8_rows = st.lists(st.lists(st.text(_ANY, max_size=8), min_size=2, max_size=2), min_size=1, max_size=6)


def written(rows: list[list[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(["名称", "備考"])
    writer.writerows(rows)
    return text.getvalue()


def cells(text: str) -> list[list[str]]:
    return [list(row) for _, row in read_separated(text, "items.csv", Headings()).rows]


def same(rows: list[list[str]]) -> list[list[str]]:
    return [row for row in rows if any(row)]


@given(_utf8_rows, st.sampled_from(["utf-8-sig", "utf-16"]))
def test_a_file_with_a_mark_comes_back(rows: list[list[str]], encoding: str) -> None:
    assert cells(decode(written(rows).encode(encoding), "items.csv")) == same(rows)


@example([["\t", "\t"], ["\t", "\t"]])
@given(_utf8_rows)
def test_utf8_comes_back_or_is_called_ambiguous(rows: list[list[str]]) -> None:
    data = written(rows).encode()
    assert cells(decode(data, "items.csv", "utf-8")) == same(rows)
    try:
        text = decode(data, "items.csv")
    except AmbiguousText:
        assert data.decode("cp932") != data.decode()
    else:
        assert cells(text) == same(rows)


@given(_cp932_rows)
def test_cp932_comes_back(rows: list[list[str]]) -> None:
    data = written(rows).encode("cp932")
    assert cells(decode(data, "items.csv", "cp932")) == same(rows)
    # 名称 as CP932 is no UTF-8, so the heading alone settles it.
    assert cells(decode(data, "items.csv")) == same(rows)


@given(st.binary(max_size=40))
def test_any_bytes_are_text_or_an_error_with_an_offset(data: bytes) -> None:
    error = None
    try:
        decode(data, "items.csv")
    except (Undecodable, AmbiguousText) as caught:
        error = caught
    if isinstance(error, Undecodable):
        offset = int(str(error.facts["offset"]))
        assert 0 <= offset < len(data)
        assert f"byte {offset} (0x{data[offset]:02X}, line" in str(error)
    elif error is not None:
        assert data.decode("cp932") != data.decode()


def test_the_byte_that_does_not_fit_is_named() -> None:
    data = "名称,備考\r\npc-1,総務".encode("cp932") + b"\x80\r\n"
    with pytest.raises(Undecodable) as error:
        decode(data, "items.csv")
    assert str(error.value) == (
        "items.csv is not CP932 text: byte 20 (0x80, line 2) does not fit. "
        "Save the file again as UTF-8 or CP932, or name its encoding with --encoding."
    )


def test_a_truncated_utf8_file_is_not_taken_for_cp932() -> None:
    data = "名称,備考\npc-1,総務課".encode()[:-1]
    with pytest.raises(Undecodable) as error:
        decode(data, "items.csv")
    assert str(error.value) == (
        "items.csv is not UTF-8 text: byte 25 (0xE8, line 2) does not fit. "
        "Save the file again as UTF-8 or CP932, or name its encoding with --encoding."
    )


def test_half_width_kana_that_are_also_utf8_are_asked_about() -> None:
    data = "name,note\npc-1,ﾃｽ\n".encode("cp932")
    with pytest.raises(AmbiguousText) as error:
        decode(data, "items.csv")
    assert str(error.value) == (
        "items.csv can be read in two ways: byte 15 begins 'ý' as UTF-8 and 'ﾃｽ' as CP932. "
        "Say which it is with --encoding utf-8 or --encoding cp932."
    )
    assert decode(data, "items.csv", "cp932").endswith("ﾃｽ\n")
    assert decode(data, "items.csv", "utf-8").endswith("ý\n")
