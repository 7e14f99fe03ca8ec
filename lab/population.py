"""The people of a ministry that does not exist: names, readings, sections, employee numbers.

Pure and fixed by a seed, so that the directory of the lab, the personnel files of the tests and
the benchmarks speak of the same people.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Section:
    """A place in the ministry."""

    code: str
    """Six digits: 局 two, 部 one, 課 one, 係 two; spreadsheets like to drop the leading zero."""
    name: str
    parent: str | None
    """The code of the section above, None for a bureau."""


@dataclass(frozen=True, slots=True)
class Citizen:
    """A person as personnel knows them."""

    number: str
    """Employee number, eight digits."""
    family: str
    given: str
    family_kana: str
    """Full-width katakana."""
    given_kana: str
    section: str
    """The code of one of SECTIONS."""


_TREE: Final = {
    "大臣官房": {
        "総務部": ("総務課", "秘書課", "広報課"),
        "人事部": ("人事課", "給与課", "厚生課"),
        "会計部": ("会計課", "予算課", "契約課"),
    },
    "総合政策局": {
        "政策部": ("政策課", "調査課", "評価課"),
        "国際部": ("国際課", "経済連携課", "翻訳課"),
    },
    "情報通信局": {
        "情報基盤部": ("情報システム課", "情報セキュリティ課", "運用管理課"),
        "通信部": ("通信課", "電波課", "放送課"),
    },
    "地域振興局": {
        "地域部": ("地域課", "過疎対策課", "観光課"),
        "災害対策部": ("防災課", "復興課", "危機管理課"),
    },
    "行政管理局": {
        "管理部": ("管理課", "行政評価課", "文書課"),
        "監察部": ("監察課", "相談課", "公文書課"),
    },
}
_TEAMS: Final = ("庶務係", "企画係")

# Frequent names often, rare ones seldom; 髙 and 﨑 are outside JIS X 0208, 𠮷 outside CP932 as well.
_FAMILIES: Final = """
佐藤:サトウ:19 鈴木:スズキ:18 高橋:タカハシ:14 田中:タナカ:13 伊藤:イトウ:11 渡辺:ワタナベ:11
山本:ヤマモト:10 中村:ナカムラ:10 小林:コバヤシ:10 加藤:カトウ:9 吉田:ヨシダ:8 山田:ヤマダ:8
佐々木:ササキ:7 山口:ヤマグチ:6 松本:マツモト:6 井上:イノウエ:6 木村:キムラ:6 林:ハヤシ:5 斎藤:サイトウ:5
清水:シミズ:5 山崎:ヤマザキ:5 森:モリ:5 池田:イケダ:4 橋本:ハシモト:4 阿部:アベ:4 石川:イシカワ:4
山下:ヤマシタ:4 中島:ナカジマ:4 石井:イシイ:4 小川:オガワ:4 前田:マエダ:4 岡田:オカダ:4 長谷川:ハセガワ:4
藤田:フジタ:4 後藤:ゴトウ:4 近藤:コンドウ:4 村上:ムラカミ:3 遠藤:エンドウ:3 青木:アオキ:3 坂本:サカモト:3
斉藤:サイトウ:3 福田:フクダ:3 太田:オオタ:3 西村:ニシムラ:3 藤井:フジイ:3 金子:カネコ:3 岡本:オカモト:3
藤原:フジワラ:3 三浦:ミウラ:3 中野:ナカノ:3 中川:ナカガワ:3 原田:ハラダ:3 松田:マツダ:3 竹内:タケウチ:3
小野:オノ:3 田村:タムラ:3 中山:ナカヤマ:3 和田:ワダ:2 石田:イシダ:2 森田:モリタ:2 上田:ウエダ:2 原:ハラ:2
内田:ウチダ:2 柴田:シバタ:2 酒井:サカイ:2 宮崎:ミヤザキ:2 横山:ヨコヤマ:2 高木:タカギ:2 安藤:アンドウ:2
宮本:ミヤモト:2 大野:オオノ:2 小島:コジマ:2 谷口:タニグチ:2 工藤:クドウ:2 今井:イマイ:2 高田:タカダ:2
増田:マスダ:2 丸山:マルヤマ:2 杉山:スギヤマ:2 村田:ムラタ:2 大塚:オオツカ:2 新井:アライ:2 小山:コヤマ:2
平野:ヒラノ:2 河野:コウノ:2 藤本:フジモト:2 野口:ノグチ:2 松井:マツイ:2 武田:タケダ:2 千葉:チバ:2
菅原:スガワラ:2 岩崎:イワサキ:2 久保:クボ:2 松尾:マツオ:2 野村:ノムラ:2 木下:キノシタ:2 佐野:サノ:2
菊地:キクチ:2 大西:オオニシ:2 杉本:スギモト:2 新田:ニッタ:1 八田:ハッタ:1 服部:ハットリ:1 堀田:ホッタ:1
新野見:ニイノミ:1 本間:ホンマ:1 丹波:タンバ:1 難波:ナンバ:1 本多:ホンダ:1 神戸:カンベ:1 三瓶:サンペイ:1
飯塚:イイヅカ:1 手塚:テヅカ:1 葛城:カツラギ:1 新妻:ニイヅマ:1 東海林:ショウジ:1 薬師寺:ヤクシジ:1
勅使河原:テシガワラ:1 長宗我部:チョウソカベ:1 小鳥遊:タカナシ:1 五十嵐:イガラシ:1 一:ハジメ:1
髙橋:タカハシ:2 髙田:タカダ:1 山﨑:ヤマザキ:2 岡﨑:オカザキ:1 宮﨑:ミヤザキ:1 𠮷田:ヨシダ:1
𠮷川:ヨシカワ:1 渡邊:ワタナベ:2 渡邉:ワタナベ:1 齋藤:サイトウ:1 濵田:ハマダ:1 廣瀬:ヒロセ:1
德永:トクナガ:1 神吉:カンキ:1 純野:ジュンノ:1 信一:シンイチ:1 大井:オオイ:1 九里:クノリ:1
"""
_GIVENS: Final = """
翔太:ショウタ:5 大輔:ダイスケ:6 健太:ケンタ:6 拓也:タクヤ:6 直樹:ナオキ:6 達也:タツヤ:5 哲也:テツヤ:5
和也:カズヤ:5 誠:マコト:5 学:マナブ:3 隆:タカシ:4 浩二:コウジ:3 健一:ケンイチ:5 洋一:ヨウイチ:3
純一:ジュンイチ:4 真一:シンイチ:4 信一郎:シンイチロウ:2 健太郎:ケンタロウ:3 勇気:ユウキ:3 祐樹:ユウキ:4
裕太:ユウタ:3 悠斗:ユウト:2 蓮:レン:2 翼:ツバサ:2 智也:トモヤ:3 亮:リョウ:4 涼:リョウ:2
遼太郎:リョウタロウ:2 慎吾:シンゴ:2 新平:シンペイ:1 純平:ジュンペイ:2 一平:イッペイ:1 哲平:テッペイ:1
龍之介:リュウノスケ:1 隼人:ハヤト:2 圭:ケイ:2 慶一:ケイイチ:1 修:オサム:2 徹:トオル:3 通:トオル:1
豊:ユタカ:2 稔:ミノル:2 昇:ノボル:1 進:ススム:1 清:キヨシ:2 博:ヒロシ:4 弘:ヒロシ:2 宏之:ヒロユキ:3
雅之:マサユキ:3 秀明:ヒデアキ:2 文雄:フミオ:1 幸雄:ユキオ:1 淳:ジュン:3 潤:ジュン:2 優:ユウ:2
慎之助:シンノスケ:1 英二:エイジ:2 陽子:ヨウコ:4 裕子:ユウコ:4 優子:ユウコ:3 由美子:ユミコ:4
久美子:クミコ:3 恵子:ケイコ:3 智子:トモコ:4 直子:ナオコ:3 美穂:ミホ:3 麻衣:マイ:3 愛:アイ:3 彩:アヤ:3
綾香:アヤカ:3 さくら:サクラ:2 ひかり:ヒカリ:1 美咲:ミサキ:3 七海:ナナミ:2 結衣:ユイ:2 真由美:マユミ:3
明美:アケミ:2 香織:カオリ:4 典子:ノリコ:2 純子:ジュンコ:2 順子:ジュンコ:1 京子:キョウコ:2 涼子:リョウコ:2
洋子:ヨウコ:2 涼香:リョウカ:1 梓:アズサ:1 静香:シズカ:1 千鶴:チヅル:1 美津子:ミツコ:1 奈津子:ナツコ:1
萌:モエ:2 桃子:モモコ:1 詩織:シオリ:2 紗英:サエ:1 真央:マオ:1 莉緒:リオ:1 杏奈:アンナ:1 環奈:カンナ:1
絵里:エリ:2 理恵:リエ:2 律子:リツコ:1 千里:チサト:1 薫:カオル:2 純:ジュン:1 ヴィヴィアン:ヴィヴィアン:1
ジョー:ジョー:1 凜々子:リリコ:1
"""


def _sections() -> Iterator[Section]:
    for first, (bureau, departments) in enumerate(_TREE.items(), start=1):
        top = f"{first:02}0000"
        yield Section(top, bureau, None)
        for second, (department, divisions) in enumerate(departments.items(), start=1):
            middle = f"{first:02}{second}000"
            yield Section(middle, department, top)
            for third, division in enumerate(divisions, start=1):
                low = f"{first:02}{second}{third}00"
                yield Section(low, division, middle)
                for fourth, team in enumerate(_TEAMS, start=1):
                    yield Section(
                        f"{first:02}{second}{third}0{fourth}", division.removesuffix("課") + team, low
                    )


SECTIONS: Final = tuple(_sections())
"""All sections of the ministry, parents before children: 局, 部, 課, 係."""


def population(count: int, seed: int = 1) -> list[Citizen]:
    """So many people, always the same for a seed; a larger count begins with the same people.

    Names repeat as they do in Japan: among 15,000 some twenty are written, or sound, alike.
    """
    chance = random.Random(seed)  # noqa: S311 -- reproducible on purpose, no secret
    families, family_weights = _weighted(_FAMILIES)
    givens, given_weights = _weighted(_GIVENS)
    # Most people sit in a 係; heads of 課, 部 and 局 sit in those.
    places = [section.code for section in SECTIONS]
    crowded = [12 if section.name.endswith("係") else 1 for section in SECTIONS]
    people: list[Citizen] = []
    for place in range(count):
        family, family_kana = chance.choices(families, family_weights)[0]
        given, given_kana = chance.choices(givens, given_weights)[0]
        section = chance.choices(places, crowded)[0]
        number = f"{seed % 90 + 10}{place + 1:06}"
        people.append(Citizen(number, family, given, family_kana, given_kana, section))
    return people


def _weighted(table: str) -> tuple[list[tuple[str, str]], list[int]]:
    rows = [word.split(":") for word in table.split()]
    return [(name, kana) for name, kana, _weight in rows], [int(weight) for _name, _kana, weight in rows]
