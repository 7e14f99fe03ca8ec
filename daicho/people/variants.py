"""Whether two spellings are one name: 髙橋 and 高橋, 𠮷田 and 吉田 (which is all that CP932 can write)."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from daicho.people.movement import PersonName

_VARIANTS: Final = (
    "高髙 崎﨑嵜 吉𠮷 辺邊邉 斎齋斉齊 浜濱濵 広廣 徳德 沢澤 桜櫻 島嶋嶌 国國圀 真眞 "
    "恵惠 竜龍 淵渕渊 富冨 桑桒 柳栁 瀬瀨 曽曾 関關 黒黑 万萬 栄榮 条條 滝瀧 静靜 "
    "増增 児兒 亀龜 円圓 学學 実實 寿壽 峰峯 館舘 糸絲 総總 蔵藏 豊豐 郎郞 桧檜 穂穗 "
    "薮藪 頼賴 緑綠 鉄鐵 鶴靏靍 亜亞 与與 仏佛 伝傳 来來 団團 図圖"
)
_FOLD: Final = {ord(letter): group[0] for group in _VARIANTS.split() for letter in group[1:]}


def same_name(one: PersonName, other: PersonName) -> bool:
    """Whether two names may be one person's; what only one of them says is no difference."""
    if one.family_kana and one.given_kana and one.kana == other.kana:
        return True
    pairs = ((one.family, other.family), (one.given, other.given))
    return all(_plain(a) == _plain(b) for a, b in pairs if a and b)


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).translate(_FOLD).casefold().split())
