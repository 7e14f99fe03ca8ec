"""Which attribute a heading means: English and Japanese words, and those that a site adds.

`--map 管理番号=asset` adds a heading, `--map 備考=-` leaves a column out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Final

from daicho.errors import UsageError
from daicho.i18n import N_
from daicho.items.cells import fold
from daicho.items.item import FIXED
from daicho.items.table import NoHeadings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from daicho.items.problems import UnreadableFile

LEFT_OUT: Final = "-"
_WORDS: Final = {
    "name": "名称 名前 機器名 機器名称 端末名 端末名称 ホスト名 コンピュータ名 コンピューター名 プリンタ名 "
    "プリンター名 サーバ名 サーバー名 共有名 利用者id ユーザid ユーザーid hostname computername",
    "kind": "種別 種類 機器種別 機器区分 区分 type",
    "address": "アドレス ipアドレス 管理ipアドレス ip ipaddress",
    "site": "拠点 拠点名 サイト 地区",
    "building": "建物 建物名 棟 庁舎 ビル",
    "floor": "階 階数 フロア フロアー",
    "room": "部屋 部屋番号 室 室名 居室",
    "rack": "ラック ラック番号 ラック名",
    "ring": "リング 配布リング 配布群 適用群",
    "os": "基本ソフト オペレーティングシステム",
    "platform": "プラットフォーム",
    "vendor": "メーカ メーカー 製造元",
    "model": "機種 機種名 型番 型式 品名",
    "serial": "シリアル シリアル番号 シリアルno 製造番号 s/n serialnumber",
    "mac": "macアドレス 物理アドレス macaddress",
    "owner": "管理者 所有者 使用者 利用者",
    "section": "所属 部署 部局 課 課室 department",
    "asset": "資産番号 管理番号 備品番号 assetnumber",
    "port": "ポート ポート番号",
    "vlan": "vlan番号 vlanid",
    "installed": "導入日 設置日 購入日",
    "supported_until": "保守期限 サポート期限 保守終了日",
    "status": "状態 ステータス",
    "note": "備考 摘要 メモ notes remarks",
}
_KNOWN: Final = {word: attribute for attribute, words in _WORDS.items() for word in words.split()}
_ATTRIBUTE: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")
# Such names would steer Ansible's connection or shadow what the door says.
_TAKEN: Final = ("ansible_", "daicho_")


class MappingUnusable(UsageError):
    """A `--map` option cannot be understood."""

    sentence = N_(
        "--map {text!r} cannot be used. Write HEADING=attribute (small letters, digits and _; "
        "not ansible_... or daicho_...), or HEADING=- to leave a column out."
    )


@dataclass(frozen=True)
class Headings:
    """The words of one import: the built-in table and what the site adds."""

    added: Mapping[str, str] = field(default_factory=dict)
    key: ClassVar[str] = "name"
    absent: ClassVar[type[UnreadableFile]] = NoHeadings

    @classmethod
    def parse(cls, options: Iterable[str]) -> Headings:
        """From options such as `機番=name` and `備考=-`."""
        added: dict[str, str] = {}
        for text in options:
            heading, equals, attribute = text.rpartition("=")
            attribute = attribute.strip()
            if not equals or not plain(heading) or not (attribute == LEFT_OUT or is_attribute(attribute)):
                raise MappingUnusable(text=text)
            added[plain(heading)] = attribute
        return cls(added)

    def attribute(self, heading: str) -> str | None:
        """The attribute that a heading means, `-` for a column to leave out, None if unknown.

        An English heading that is in no table is taken as it stands: `Rack Unit` is `rack_unit`.
        """
        word = plain(heading)
        if found := self.added.get(word) or _KNOWN.get(word):
            return found
        attribute = re.sub(r"[^a-z0-9]+", "_", fold(heading).casefold()).strip("_")
        return attribute if word.isascii() and is_attribute(attribute) else None


def is_attribute(name: str) -> bool:
    """Whether a word can name an attribute."""
    return name in FIXED or (bool(_ATTRIBUTE.fullmatch(name)) and not name.startswith(_TAKEN))


def plain(heading: str) -> str:
    """A heading without width, case and spaces."""
    return "".join(fold(heading).casefold().split())
