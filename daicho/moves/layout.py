"""The layout plan of a removal: CSV, TSV or Excel, one row for each thing that moves."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Final

from pydantic import ValidationError

from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.items.cells import clean, fold
from daicho.items.columns import Findings
from daicho.items.headings import LEFT_OUT, plain
from daicho.items.problems import ItemsUnusable, Unfit, UnreadableFile
from daicho.items.reading import Reading, read_table
from daicho.moves.wish import Wish

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from daicho.items.table import Cells, Table

_FACTS: Final = {
    "item": "名称 機器名 機器名称 端末名 端末名称 端末 端末番号 端末id ホスト名 コンピュータ名 "
    "コンピューター名 プリンタ名 プリンター名 プリンタ プリンター "
    "name hostname computername terminal printer",
    "outlet": "情報コンセント コンセント コンセント番号 情報コンセント番号 アウトレット lanコンセント "
    "モジュラ ローゼット 口番号 outletnumber jack",
    "switch": "スイッチ スイッチ名 収容スイッチ 収容機器 収容sw",
    "port": "ポート ポート番号 収容ポート switchport",
    "building": "建物 建物名 棟 庁舎",
    "floor": "階 階数 フロア フロアー 設置場所 場所 設置フロア 設置階",
    "room": "部屋 部屋番号 室 室名 居室",
    "section": "所属 部署 課 課室 部局 所属課 利用課室 department",
    "owner": "使用者 利用者 使用者名 利用者名 user",
    "vlan": "vlan番号 vlanid",
    "default_printer": "既定プリンタ 既定プリンター 既定のプリンタ 既定のプリンター "
    "通常使うプリンタ 通常使うプリンター defaultprinter",
    "address": "アドレス ipアドレス ip ipaddress",
}
_LEFT_OUT: Final = (
    "備考 摘要 メモ note notes remarks no no. 項番 連番 番号 # 移設日 移動日 作業日 作業班 担当 担当者 種別 "
    "区分 機種 型番 資産番号 管理番号 座席 席番号 内線"
)
_NEW: Final = re.compile(r"^(?:移設先|移動先|移動後|移設後|変更後|異動後|新|to|new|target)の?[_-]?")
_OLD: Final = re.compile(
    r"^(?:移設元|移動元|移動前|移設前|変更前|異動前|現在|現行|現|旧|from|old|current)の?[_-]?"
)
_WORDS: Final = {plain(word): fact for fact, words in _FACTS.items() for word in (fact, *words.split())}
_IGNORED: Final = frozenset(map(plain, _LEFT_OUT.split()))
_CONFIRMING: Final = {"outlet": "old_outlet", "floor": "old_floor"}


class NoItems(UnreadableFile):
    """No row of the table names the column with what moves."""

    sentence = N_(
        "{document} has no heading for what moves (such as 端末名, プリンタ名, name) in its first {rows} "
        "rows; it begins with: {first}. Name the heading with --map HEADING=item."
    )


class LayoutUnusable(ItemsUnusable):
    """A layout plan has problems; no change was asked for."""

    sentence = N_("{document} cannot be used; nothing was asked for. Problems: {count}\n{problems}")


@dataclass(frozen=True)
class LayoutWords:
    """What the headings of a layout plan mean; `added` are those of `--map`."""

    added: Mapping[str, str] = field(default_factory=dict)
    key: ClassVar[str] = "item"
    absent: ClassVar[type[UnreadableFile]] = NoItems

    def attribute(self, heading: str) -> str | None:
        """The fact that a heading means, `-` for a column to leave out, None if unknown."""
        word = plain(heading)
        if found := self.added.get(word) or _WORDS.get(word):
            return found
        if word in _IGNORED:
            return LEFT_OUT
        if (rest := _NEW.sub("", word)) != word:
            return _WORDS.get(rest) or (LEFT_OUT if rest in _IGNORED else None)
        if (rest := _OLD.sub("", word)) != word and (rest in _WORDS or rest in _IGNORED):
            # Where the plan believes a thing to be confirms what the network says; all else is past.
            return _CONFIRMING.get(_WORDS.get(rest, ""), LEFT_OUT)
        return None


def read_layout(path: Path, how: Reading | None = None, words: LayoutWords | None = None) -> list[Wish]:
    """The moves of a layout plan, in its order.

    Args:
        path: The plan.
        how: Its encoding and sheet, where they are not found out.
        words: What its headings mean.

    Raises:
        UnreadableFile: It is no table.
        LayoutUnusable: Rows have problems; all of them are named with row, column and remedy.
    """
    words = words or LayoutWords()
    # A reader of tables asks its words for nothing but headings.
    how = Reading(headings=words, encoding=how and how.encoding, sheet=how and how.sheet)  # type: ignore[arg-type]
    rows = _Rows(read_table(path, how), words)
    wishes = rows.wishes()
    if rows.findings.problems:
        raise LayoutUnusable(path.name, rows.findings.problems)
    return wishes


class _Rows:
    def __init__(self, table: Table, words: LayoutWords) -> None:
        self.findings = Findings(table)
        self._table = table
        self._columns: dict[str, int] = {}
        self._first: dict[tuple[str, str], str] = {}
        for place, heading in enumerate(table.headings):
            fact = words.attribute(heading)
            if fact is None and heading.strip():
                why = _("nothing is known for this heading. Add --map '{heading}=FACT' or '{heading}=-'.")
                self.findings.tell(0, heading, why.format(heading=heading))
            elif fact in self._columns:
                why = _("it means {fact} as {other!r} does. Leave one of them out with --map '{heading}=-'.")
                other = table.headings[self._columns[str(fact)]]
                self.findings.tell(0, heading, why.format(fact=fact, other=other, heading=heading))
            elif fact and fact != LEFT_OUT:
                self._columns[fact] = place

    def wishes(self) -> list[Wish]:
        found = [wish for number, cells in self._table.rows if (wish := self._wish(number, cells))]
        if not self._table.rows:
            self.findings.tell(0, "", _("it names nothing that moves."))
        return found

    def _wish(self, number: int, cells: Cells) -> Wish | None:
        facts = {
            fact: text
            for fact, place in self._columns.items()
            if place < len(cells) and (text := fold(cells[place]))
        }
        before = len(self.findings.problems)
        if "item" not in facts:
            self._tell(number, "item", _("it is empty. Write what moves, or delete the row."))
        for fact in ("address", "vlan"):
            self._check(number, fact, facts)
        for fact in ("item", "outlet"):
            self._once(number, fact, facts)
        if len(self.findings.problems) > before:
            return None
        try:
            return Wish.model_validate(facts)
        except ValidationError:
            why = _("it says no outlet, and no switch with a port. Write where {item} goes.")
            self._tell(number, "outlet", why.format(item=facts["item"]))
            return None

    def _check(self, number: int, fact: str, facts: dict[str, str]) -> None:
        text = facts.get(fact, "")
        if fact == "vlan" and text and not (text.isdecimal() and 0 < int(text) < 4095):
            why = _("{text!r} is no VLAN. Write a number from 1 to 4094.")
            self._tell(number, fact, why.format(text=text))
        if fact == "address" and text:
            try:
                facts[fact] = clean("address", text)
            except Unfit as error:
                self._tell(number, fact, str(error))

    def _once(self, number: int, fact: str, facts: Mapping[str, str]) -> None:
        if not (text := facts.get(fact, "").casefold()):
            return
        if earlier := self._first.get((fact, text)):
            why = _("{text} is in {place} already. Keep one of the two rows.")
            self._tell(number, fact, why.format(text=facts[fact], place=earlier))
        self._first.setdefault((fact, text), self.findings.place(number))

    def _tell(self, number: int, fact: str, why: str) -> None:
        place = self._columns.get(fact)
        self.findings.tell(number, self._table.headings[place] if place is not None else "", why)
