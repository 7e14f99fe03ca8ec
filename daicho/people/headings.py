"""Which fact of a movement a heading means: English and Japanese words, and those of the site."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Final

from daicho.errors import DocumentError
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.items.headings import LEFT_OUT, plain
from daicho.items.problems import UnreadableFile
from daicho.people.movement import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daicho.items.columns import Findings
    from daicho.people.policy import People

_FACTS: Final = {
    "number": "職員番号 職員コード 職員id 職員no 社員番号 社員コード 職番 employeenumber employeeid "
    "staffnumber",
    "kind": "異動種別 異動区分 異動種類 発令種別 発令区分 発令内容 異動内容 区分 種別 movement type action",
    "effective": "発令日 発令年月日 異動日 異動年月日 適用日 発効日 effectivedate date",
    "name": "氏名 名前 職員名 漢字氏名 氏名(漢字) 氏名漢字 fullname",
    "family": "姓 氏 名字 苗字 姓(漢字) 漢字姓 氏名(姓) lastname surname familyname",
    "given": "名 名(漢字) 漢字名 氏名(名) firstname givenname",
    "kana": "フリガナ ふりがな カナ氏名 氏名カナ 氏名(カナ) 氏名かな カナ かな 読み 読み仮名 "
    "よみがな reading",
    "family_kana": "姓カナ カナ姓 姓(カナ) セイ せい 姓フリガナ 姓(フリガナ) 姓ふりがな familynamekana "
    "lastnamekana",
    "given_kana": "名カナ カナ名 名(カナ) メイ めい 名フリガナ 名(フリガナ) 名ふりがな givennamekana "
    "firstnamekana",
    "section": "所属コード 新所属コード 異動後所属コード 発令後所属コード 新部署コード 部署コード "
    "組織コード sectioncode",
    "section_name": "所属 新所属 異動後所属 発令後所属 所属名 新所属名 所属名称 新所属名称 部署 新部署 "
    "部署名 department",
    "old_section": "旧所属コード 異動前所属コード 発令前所属コード 現所属コード 旧部署コード oldsectioncode",
    "old_section_name": "旧所属 異動前所属 発令前所属 現所属 旧所属名 旧所属名称 現所属名 旧部署 "
    "olddepartment",
    "post": "官職 職名 役職 新官職 新職名 役職名 新役職 職位 官職名 title position",
    "mail": "メール メールアドレス email e-mail mailaddress",
    "phone": "電話 電話番号 内線 内線番号 telephone extension",
    "room": "部屋 部屋番号 居室 室番号 席 座席 office",
    "manager": "上司 上司番号 上司職員番号 所属長 所属長番号 所属長職員番号 上長 supervisor",
    "card": "icカード カード番号 icカード番号 職員証番号 身分証番号 cardnumber",
    "until": "任期満了日 任期末日 任期終了日 任期 終了日 期限 雇用期限 任用期限 併任期限 満了日 "
    "enddate validuntil",
    # Personnel's lists carry more than an account needs; what is not read is not kept.
    LEFT_OUT: "備考 摘要 メモ note notes remarks no no. 項番 連番 行 # 生年月日 birthdate 性別 sex "
    "年齢 age 級 号俸 俸給 俸給表 個人番号 マイナンバー 住所 address 学歴 採用区分 試験区分 "
    "発令文 人事異動通知書",
}
FACTS: Final = tuple(fact for fact in _FACTS if fact != LEFT_OUT)
"""What a column can hold. `section` is a code, `section_name` a name; a file may have both."""
_KNOWN: Final = {plain(word): fact for fact, words in _FACTS.items() for word in (fact, *words.split())} | {
    plain(fact.replace("_", " ")): fact for fact in FACTS
}

_KINDS: Final = {
    Kind.JOIN: "採用 新規採用 新採 新規 転入 着任 入省 入庁 出向受入 採",
    Kind.REHIRE: "再任用 再採用 再雇用 復職 復帰 出向復帰 return",
    Kind.MOVE: "異動 配置換 配置換え 配置転換 転任 転勤 転補 昇任 昇格 降任 所属変更 内部異動 転 transfer",
    Kind.LEAVE: "退職 辞職 定年退職 定年 任期満了 任期満了退職 転出 出向 離職 退省 退庁 免職 失職 死亡 "
    "退 retire resign",
    Kind.ASSIGN: "併任 兼務 兼任 兼",
    Kind.UNASSIGN: "併任解除 兼務解除 兼任解除 解除",
    Kind.EXTEND: "任期更新 任期延長 更新 雇用更新 延長",
    Kind.RENAME: "改姓 改名 氏名変更 姓変更",
}
_KIND_WORDS: Final = {
    plain(word): kind for kind, words in _KINDS.items() for word in (kind.value, *words.split())
}


class NoNumbers(UnreadableFile):
    """No row of the file names the column with the employee numbers."""

    sentence = N_(
        "{document} has no heading for the employee number (such as 職員番号, number) in its first {rows} "
        "rows; it begins with: {first}. Name the heading under people.headings in directory.yml."
    )


@dataclass(frozen=True)
class Words:
    """The words of one site: the built-in tables and what the site adds."""

    headings: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    key: ClassVar[str] = "number"
    absent: ClassVar[type[UnreadableFile]] = NoNumbers

    @classmethod
    def of(cls, policy: People) -> Words:
        """The words that a site's policy adds.

        Raises:
            DocumentError: A heading means something that no movement has.
        """
        problems = [
            _("At {where}: there is no fact {fact!r}; there are {facts} and {left_out}.").format(
                where=f"people.headings.{heading}", fact=fact, facts=", ".join(FACTS), left_out=repr(LEFT_OUT)
            )
            for heading, fact in policy.headings.items()
            if fact not in FACTS and fact != LEFT_OUT
        ]
        if problems:
            raise DocumentError(document="directory.yml", problems="\n".join(problems))
        return cls(
            {plain(heading): fact for heading, fact in policy.headings.items()},
            {plain(word): kind for word, kind in policy.kinds.items()},
        )

    def attribute(self, heading: str) -> str | None:
        """The fact that a heading means, `-` for a column to leave out, None if unknown."""
        word = plain(heading)
        return self.headings.get(word) or _KNOWN.get(word)

    def kind(self, text: str) -> Kind | None:
        """The kind of movement that a word means."""
        word = plain(text)
        return self.kinds.get(word) or _KIND_WORDS.get(word)


def columns_of(findings: Findings, words: Words) -> dict[str, int]:
    """Fact → place of its column; unknown and doubled headings are noted."""
    table, columns = findings.table, dict[str, int]()
    for place, heading in enumerate(table.headings):
        fact = words.attribute(heading)
        if fact is None:
            if heading.strip() or any(
                place < len(cells) and cells[place].strip() for _n, cells in table.rows
            ):
                why = _(
                    "nothing is known for this heading. "
                    "Say what it means under people.headings in directory.yml."
                )
                findings.tell(0, heading or _("number {place}").format(place=place + 1), why)
        elif fact in columns:
            why = _(
                "it means {fact} as {other!r} does. "
                "Leave one of them out under people.headings ('{heading}': '-')."
            )
            other = table.headings[columns[fact]]
            findings.tell(0, heading, why.format(fact=fact, other=other, heading=heading))
        elif fact != LEFT_OUT:
            columns[fact] = place
    return columns
