"""The page on personnel files is true: its words are known, its rules are valid, its messages are said."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from daicho.documents import judge, load
from daicho.items.problems import ItemsUnusable
from daicho.people.headings import Words
from daicho.people.known import Known
from daicho.people.movement import Kind, PersonName
from daicho.people.outlook import Office, outlook
from daicho.people.policy import People
from daicho.people.reading import movements_from
from daicho.people.romaji import Romaji, romanise

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCS = Path(__file__).parents[2] / "docs" / "reference"
PAGES = pytest.mark.parametrize("page", ["personnel-files.md", "personnel-files.ja.md"])


def text(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


def rules(page: str) -> People:
    (fence,) = re.findall(r"^```yaml\n(.*?)^```$", text(page), re.MULTILINE | re.DOTALL)
    value: Any = load(fence, page)
    return judge(People, value["people"], page, "people")


def table(page: str) -> Iterator[tuple[list[str], list[str]]]:
    """The names in the first cell of every row, and the words in the second."""
    for first, second in re.findall(r"^\| (`[^|]*) \| ([^|]*) \|", text(page), re.MULTILINE):
        yield re.findall("`(.*?)`", first), re.split("[,;、。] ?", second)


@PAGES
def test_every_heading_and_kind_on_the_page_is_known(page: str) -> None:
    words, seen = Words(), 0
    for names, listed in table(page):
        for word in listed:
            assert (words.kind(word) or words.attribute(word)) in names, word
            seen += 1
    assert seen == 65


@PAGES
def test_the_rules_on_the_page_are_valid(page: str) -> None:
    policy = rules(page)
    assert policy == rules("personnel-files.md")
    given = policy.sections.entitlement("011100")
    assert given.groups == {"所属-011100", "全職員", "官房共有"}
    assert given.container == ("職員", "大臣官房", "総務部", "総務課")
    assert (given.quota_mb, given.home) == (4096, r"\\fs1\homes\{account}")


def test_the_messages_on_the_page_are_said() -> None:
    policy = rules("personnel-files.md")
    rows = [
        *("2027/4/1,再任用,1,森 一", "2027/4/1,再任用,2,森 一", "H31.5.1,再任用,3,森 一"),
        *("2027/4/1,再任用,4,森 一", "2027/4/1,再任用,5,森 一", "2027/4/1,再任用,6,?田 一郎"),
    ]
    data = ("発令日,種別,職員番号,氏名,所属\n" + "".join(f"{row},総務課\n" for row in rows)).encode()
    with pytest.raises(ItemsUnusable) as refused:
        movements_from(data, "人事異動.csv", policy)
    assert str(refused.value) in text("personnel-files.md")
    known = [
        Known(number=f"0000000{number}", account=f"a{number}", name=PersonName(family="森", given="一"))
        for number in range(1, 8)
    ]
    hanako = PersonName(family="佐藤", given="花子")
    known.append(Known(number="10000001", account="sato", name=hanako, section="011100"))
    rows = [
        *(row.replace("H31.5.1", "R9.4.1").replace("?田 一郎", "森 一") for row in rows),
        "2027/4/1,再任用,7,森 一",
    ]
    rows.append("2027/4/1,異動,10000001,鈴木 花子")
    data = ("発令日,種別,職員番号,氏名,所属\n" + "".join(f"{row},総務課\n" for row in rows)).encode()
    movements = movements_from(data, "人事異動.csv", policy)
    with pytest.raises(ItemsUnusable) as refused:
        outlook(movements, Office(policy=policy, known=known), date(2027, 3, 1), "人事異動.csv")
    assert str(refused.value) in text("personnel-files.md")


@PAGES
def test_the_spellings_on_the_page_are_ours(page: str) -> None:
    kana = {"佐藤": "サトウ", "大野": "オオノ", "本間": "ホンマ", "八丁": "ハッチョウ"}
    for kanji, letters in re.findall("([佐大本八][藤野間丁]) `([a-z]+)`", text(page)):
        assert romanise(kana.pop(kanji), Romaji(), kanji) == letters
    assert not kana
    assert romanise("イノウエ", Romaji(), "井上") == "inoue"


def test_every_kind_has_words_for_people() -> None:
    assert all(kind.label for kind in Kind)
