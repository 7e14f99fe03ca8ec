"""Kana into letters, by the passport table and by the choices of sites."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daicho.items.problems import Unfit
from daicho.people.kana import katakana, reading
from daicho.people.romaji import Romaji, romanise

PASSPORT = Romaji()
KANA = [chr(code) for code in (*range(0x30A1, 0x30FB), *range(0x31F0, 0x3200))]
CHOICES = [
    Romaji(long_o=o, long_u=u, n_before_bmp=n, double_ch=ch, vu=vu)
    for o in ("o", "oh", "ou")
    for u in ("u", "uu")
    for n in ("m", "n")
    for ch in ("tch", "cch")
    for vu in ("v", "b")
]
readings = st.text(st.sampled_from([*KANA, "ー"]), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("kanji", "kana", "letters"),
    [
        ("佐藤", "サトウ", "sato"),
        ("大野", "オオノ", "ono"),
        ("裕子", "ユウコ", "yuko"),
        ("本間", "ホンマ", "homma"),
        ("難波", "ナンバ", "namba"),
        ("三瓶", "サンペイ", "sampei"),
        ("新潟", "ニイガタ", "niigata"),
        ("新妻", "ニイヅマ", "niizuma"),
        ("服部", "ハットリ", "hattori"),
        ("八丁", "ハッチョウ", "hatcho"),
        ("吉川", "キッカワ", "kikkawa"),
        ("藤堂", "トウドウ", "todo"),
        ("妹尾", "セノオ", "senoo"),
        ("井上", "イノウエ", "inoue"),
        ("松浦", "マツウラ", "matsuura"),
        ("竹之内", "タケノウチ", "takenouchi"),
        ("古内", "フルウチ", "furuuchi"),
        ("河内", "コウチ", "kochi"),
        ("大内", "オオウチ", "ouchi"),
        ("健一", "ケンイチ", "kenichi"),
        ("正一", "ショウイチ", "shoichi"),
        ("龍之介", "リュウノスケ", "ryunosuke"),
        ("千鶴", "チヅル", "chizuru"),
        ("", "ヂロウ", "jiro"),
        ("", "ジョー", "jo"),
        ("", "ヴィヴィアン", "vivian"),
        ("", "ジェーン", "jen"),
        ("", "ティファニー", "tifani"),
        ("", "チェン", "chen"),
        ("", "ウォン", "won"),
        ("", "グエン", "guen"),
        ("", "さくら", "sakura"),
        ("", "ﾊﾟﾝﾀﾞ", "panda"),
        ("", "ハ゛ンタ゛", "banda"),
        ("", "ワヰヱヲ", "waieo"),
        ("Müller", "Müller", "muller"),
        ("", "マリー・アン", "marian"),
    ],
)
def test_as_passports_write_it(kanji: str, kana: str, letters: str) -> None:
    assert romanise(kana, PASSPORT, kanji) == letters


def test_choices_of_a_site() -> None:
    other = Romaji(long_o="oh", long_u="uu", n_before_bmp="n", double_ch="cch", vu="b")
    assert [romanise(kana, other) for kana in ("サトウ", "ユウコ", "ホンマ", "ハッチョウ", "ヴィ")] == [
        *("satoh", "yuuko", "honma", "hacchoh", "bi")
    ]
    assert romanise("サトウ", Romaji(long_o="ou")) == "satou"
    assert romanise("オオノ", Romaji(long_o="ou")) == "oono"
    assert romanise("オオノ", Romaji(long_o="oh")) == "ohno"
    assert romanise("イノウエ", Romaji(readings={"いのうえ": "inouye"})) == "inouye"


def test_no_kana_is_lost() -> None:
    for how in CHOICES:
        for kana in KANA:
            assert re.fullmatch("[a-z]+", romanise(kana, how)), kana


@given(readings, st.sampled_from(CHOICES))
def test_only_letters_come_out_and_they_stay(kana: str, how: Romaji) -> None:
    try:
        letters = romanise(kana, how)
    except Unfit:
        # Long marks alone have no sound.
        assert not kana.strip("ー")
        return
    assert re.fullmatch("[a-z]+", letters)
    assert romanise(letters, how) == letters
    assert romanise(kana, how) == letters


@given(readings)
def test_every_way_to_write_kana_sounds_alike(kana: str) -> None:
    hiragana = "".join(chr(ord(each) - 0x60) if "ァ" <= each <= "ヶ" else each for each in kana)
    apart = unicodedata.normalize("NFD", kana)
    assert katakana(hiragana) == katakana(apart) == katakana(kana) == kana
    assert reading(f"　{kana}  {kana} ") == f"{kana} {kana}"


@pytest.mark.parametrize("text", ["佐藤", "サトウ1", "さとう★", "ー", "", "　"])
def test_what_has_no_sound_is_refused(text: str) -> None:
    with pytest.raises(Unfit) as refused:
        romanise(text, PASSPORT)
    assert str(refused.value).endswith("cannot be written in letters. Give the reading in kana.")


@given(st.text(max_size=10))
def test_any_text_sounds_or_is_refused(text: str) -> None:
    try:
        assert re.fullmatch("[a-z]+", romanise(text, PASSPORT))
    except Unfit as unfit:
        assert str(unfit)  # noqa: PT017 -- any other exception is the failure


def test_a_reading_holds_kana_only() -> None:
    assert reading("ｻﾄｳ　ﾊﾅｺ") == "サトウ ハナコ"
    assert reading("ジョ−ンズ") == "ジョーンズ"
    assert reading("ミスヾ") == "ミスズ"
    with pytest.raises(Unfit) as refused:
        reading("佐藤 はなこ")
    assert str(refused.value) == (
        "'佐藤 はなこ' is not a reading in kana. Write it in kana only, such as サトウ ハナコ."
    )
