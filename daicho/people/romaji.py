"""Kana into Latin letters: Hepburn as in passports, with the choices that sites make.

Rules: the Ministry of Foreign Affairs' table for passports (ヘボン式ローマ字綴方表). Libraries
romanise words, not names by this table, so the rules are written here.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, Literal

from pydantic import Field

from daicho.documents import Document
from daicho.i18n import gettext as _
from daicho.items.problems import Unfit
from daicho.people.kana import katakana


class Romaji(Document):
    """How kana become letters."""

    long_o: Literal["o", "oh", "ou"] = "o"
    """佐藤 サトウ: `sato`, `satoh` or, as the kana stand, `satou`."""
    long_u: Literal["u", "uu"] = "u"
    """裕子 ユウコ: `yuko` or `yuuko`."""
    n_before_bmp: Literal["m", "n"] = "m"
    """本間 ホンマ: `homma` or `honma`."""
    double_ch: Literal["tch", "cch"] = "tch"
    """八丁 ハッチョウ: `hatcho` or `haccho`."""
    vu: Literal["v", "b"] = "v"
    """ヴ: `vu` or, as in passports, `bu`."""
    readings: dict[str, str] = Field(default_factory=dict)
    """Kana → letters for names that no rule reads rightly."""


_ROWS: Final = {
    "": "アイウエオ",
    "k": "カキクケコ",
    "s": "サシスセソ",
    "t": "タチツテト",
    "n": "ナニヌネノ",
    "h": "ハヒフヘホ",
    "m": "マミムメモ",
    "r": "ラリルレロ",
    "g": "ガギグゲゴ",
    "z": "ザジズゼゾ",
    "d": "ダヂヅデド",
    "b": "バビブベボ",
    "p": "パピプペポ",
}
_KANA: Final[dict[str, str]] = {
    kana: row + vowel for row, letters in _ROWS.items() for kana, vowel in zip(letters, "aiueo", strict=True)
} | dict(
    [
        *zip("シチツフジヂヅ", ("shi", "chi", "tsu", "fu", "ji", "ji", "zu"), strict=True),
        *zip("ヤユヨワヰヱヲヴ", ("ya", "yu", "yo", "wa", "i", "e", "o", "vu"), strict=True),
        *zip("ヷヸヹヺ", ("va", "vi", "ve", "vo"), strict=True),
    ]
)
_SMALL: Final = dict(zip("ァィゥェォャュョヮヵヶ", "アイウエオヤユヨワカケ", strict=True)) | dict(
    zip("ㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿ", "クシストヌハヒフヘホムラリルレロ", strict=True)
)
_RARE: Final = (
    "ウィ:wi ウェ:we ウォ:wo イェ:ye クヮ:kwa グヮ:gwa ティ:ti ディ:di トゥ:tu ドゥ:du テュ:tyu デュ:dyu "
    "スィ:si ズィ:zi フャ:fya フュ:fyu フョ:fyo ヴャ:vya ヴュ:vyu ヴョ:vyo"
)
_PAIRS: Final[dict[str, str]] = {
    **{
        kana + "ャュョ"[i]: _KANA[kana][:-1] + "y" + "auo"[i] for kana in "キギニヒビピミリ" for i in range(3)
    },
    **{kana + "ャュョェ"[i]: _KANA[kana][:-1] + "auoe"[i] for kana in "シチジヂ" for i in range(4)},
    **{kana + "ァィェォ"[i]: _KANA[kana][:-1] + "aieo"[i] for kana in "フツヴ" for i in range(4)},
    **{kana + "ァィェォ"[i]: _KANA[kana][0] + "w" + "aieo"[i] for kana in "クグ" for i in range(4)},
    **dict(pair.split(":") for pair in _RARE.split()),
}
_LONG: Final = frozenset({("o", "ウ"), ("o", "オ"), ("u", "ウ")})
# Names in which ウ begins a word of its own: 井上, 松浦, 内海, 植; ノ上 and the like.
_OWN_WORD: Final = {
    "上": "ウエ",
    "植": "ウエ",
    "浦": "ウラ",
    "海": "ウミ",
    "梅": "ウメ",
    "打": "ウチ",
    "内": "ウチ",
}
_LETTERS: Final = re.compile(r"[a-z]")
_SILENT: Final = frozenset(" ・=-'’.")


def romanise(text: str, how: Romaji, kanji: str = "") -> str:
    """The letters a to z for a reading (or for a name that is Latin already).

    Args:
        text: Kana of any width, or Latin letters.
        how: The site's choices.
        kanji: The name as it is written, which tells 井上 (`inoue`) from 伊能江 (`inoe`).

    Raises:
        Unfit: There is something in it that has no sound.
    """
    kana = katakana(text)
    own = {katakana(reading): letters for reading, letters in how.readings.items()}
    if kana in own:
        return own[kana]
    at = _own_word_at(kana, kanji)
    parts = [kana[:at], kana[at:]] if at else [kana]
    letters = _double(_nasal("".join(_sounds(part, how) for part in parts), how), how)
    if not letters:
        raise _unfit(text)
    return letters


def _own_word_at(kana: str, kanji: str) -> int:
    """Where a word that begins with ウ begins, 0 for nowhere."""
    tail = _OWN_WORD.get(kanji[-1:], "")
    at = len(kana) - len(tail)
    if not tail or at < 1 or not kana.endswith(tail):
        return 0
    # 河内 is コウ + チ, yet 竹之内 is タケノ + ウチ.
    before = _KANA.get(kana[at - 1], "")
    return 0 if kanji.endswith("内") and before.endswith("o") and before != "no" else at


def _sounds(kana: str, how: Romaji) -> str:
    """The sounds one by one; ン is N and ッ is Q until their neighbours are known."""
    out: list[str] = []
    place = 0
    # The vowel that the next kana may lengthen; a vowel is lengthened once (オオウチ is oo + uchi).
    open_vowel = ""
    while place < len(kana):
        here, rest = kana[place], kana[place + 1 :]
        if here == "ー" or (open_vowel, here) in _LONG:
            out.append(_lengthened(open_vowel, here, rest, how))
            open_vowel = ""
            place += 1
            continue
        pair = _PAIRS.get(kana[place : place + 2])
        sound = pair or _sound(here)
        if sound.startswith("v") and how.vu == "b":
            sound = "b" + sound[1:]
        out.append(sound)
        open_vowel = sound[-1:]
        place += 2 if pair else 1
    return "".join(out)


def _lengthened(vowel: str, kana: str, rest: str, how: Romaji) -> str:
    if vowel == "o":
        # 妹尾 セノオ and 智央 トモオ end in a word of its own: passports write senoo, tomoo.
        if kana == "オ" and not rest.strip("・ ") and how.long_o == "o":
            return "o"
        return {"o": "", "oh": "h", "ou": "o" if kana == "オ" else "u"}[how.long_o]
    if vowel == "u":
        return "" if how.long_u == "u" else "u"
    return ""


def _sound(kana: str) -> str:
    if kana in _KANA:
        return _KANA[kana]
    if kana in _SMALL:
        return _KANA[_SMALL[kana]]
    if kana in "ンッ":
        return "N" if kana == "ン" else "Q"
    if kana in _SILENT:
        return ""
    letter = unicodedata.normalize("NFKD", kana).casefold()[:1]
    if _LETTERS.fullmatch(letter):
        return letter
    raise _unfit(kana)


def _nasal(sounds: str, how: Romaji) -> str:
    return re.sub(r"N(?=Q?[bmp])", how.n_before_bmp, sounds).replace("N", "n")


def _double(sounds: str, how: Romaji) -> str:
    letters = re.sub("Q+(?=ch)", how.double_ch[0], sounds)
    letters = re.sub("Q+(?=([bcdfghjklmpqrstvwxyz]))", r"\1", letters)
    # Before a vowel or at the end there is nothing to double.
    return letters.replace("Q", "tsu")


def _unfit(text: str) -> Unfit:
    why = _("{text!r} cannot be written in letters. Give the reading in kana.")
    return Unfit(why=why.format(text=text[:60]))
