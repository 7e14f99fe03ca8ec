"""Readings of names in one form: full-width katakana, single spaces, composed marks."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from daicho.i18n import gettext as _
from daicho.items.problems import Unfit

_TO_KATAKANA: Final = {code: code + 0x60 for code in (*range(0x3041, 0x3097), 0x309D, 0x309E)}
# NFKC would part these from their kana: as letters of their own they stand for the combining ones.
_MARKS: Final = {0x309B: 0x3099, 0x309C: 0x309A}
_LONG: Final = re.compile(r"(?<=[\u30a1-\u30fa\u30fc])[-\u2010-\u2015\u2212\u2500\u2501]")
_READING: Final = re.compile(
    r"[\u30a1-\u30fa\u30fc\u31f0-\u31ff]+(?:[ ・=-]?[\u30a1-\u30fa\u30fc\u31f0-\u31ff]+)*"
)
_REPEAT: Final = re.compile(r"(?P<kana>[\u30a1-\u30fa])(?P<mark>[ヽヾ])")
_VOICED: Final = "\u3099"


def katakana(text: str) -> str:
    """Half-width kana, hiragana and loose voice marks as full-width katakana.

    What is no kana stays, so that a caller can show it.
    """
    plain = unicodedata.normalize("NFKC", text.translate(_MARKS)).translate(_TO_KATAKANA)
    plain = _LONG.sub("ー", unicodedata.normalize("NFC", plain))
    while (repeated := _REPEAT.sub(_again, plain)) != plain:
        plain = repeated
    return " ".join(plain.split())


def reading(text: str) -> str:
    """A reading of a name, in katakana.

    Raises:
        Unfit: There is something else than kana in it.
    """
    plain = katakana(text)
    if not _READING.fullmatch(plain):
        why = _("{text!r} is not a reading in kana. Write it in kana only, such as サトウ ハナコ.")
        raise Unfit(why=why.format(text=text[:60]))
    return plain


def _again(found: re.Match[str]) -> str:
    """ミスヽ is ミスス and ミスヾ is ミスズ: the mark repeats the kana before it."""
    kana = unicodedata.normalize("NFD", found["kana"])[0]
    if found["mark"] == "ヾ":
        kana = unicodedata.normalize("NFC", kana + _VOICED)
    return found["kana"] + kana
