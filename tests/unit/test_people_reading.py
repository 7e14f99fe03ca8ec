"""Personnel's files: what is read, and every problem of a file at once."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daicho.documents import judge
from daicho.errors import DocumentError
from daicho.items.problems import ItemsUnusable, UnreadableFile
from daicho.people.dates import in_era
from daicho.people.movement import Kind, Movement, PersonName
from daicho.people.policy import People
from daicho.people.reading import Reading, movements_from, read_movements
from lab.population import population
from tests import personnel

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

POLICY = personnel.policy()
HEAD = "発令日,異動種別,職員番号,氏名,フリガナ,所属コード,官職\n"
ROW = "2027/4/1,採用,10000001,佐藤 花子,サトウ ハナコ,011101,係員\n"
HANAKO = PersonName(family="佐藤", given="花子", family_kana="サトウ", given_kana="ハナコ")
FIRST = date(2027, 4, 1)
JOINS = Movement(
    place="row 2",
    number="10000001",
    kind=Kind.JOIN,
    effective=FIRST,
    name=HANAKO,
    section="011101",
    post="係員",
)


def read(text: str, policy: People = POLICY, how: Reading | None = None) -> list[Movement]:
    return movements_from(text.encode(), "異動.csv", policy, how)


def problems(text: str, policy: People = POLICY, how: Reading | None = None) -> list[str]:
    with pytest.raises(ItemsUnusable) as refused:
        read(text, policy, how)
    first, *rest = str(refused.value).splitlines()
    assert first == f"異動.csv cannot be imported; nothing was changed. Problems: {len(rest)}"
    return [line.removeprefix("異動.csv, ") for line in rest]


def problem(row: str, head: str = HEAD) -> str:
    (only,) = problems(head + row)
    return only.removeprefix("row 2, ")


def workbook(rows: Sequence[Sequence[object]]) -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for row in rows:
        page.append(list(row))
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


_KANA = st.text(
    st.sampled_from("アイウカキクサシスタナハマヤラワンガザダバパッャュョー"), min_size=1, max_size=8
)
_NUMBERS = st.from_regex(r"[0-9]{8}", fullmatch=True)


def movements(letters: str) -> st.SearchStrategy[Movement]:
    kanji = st.text(st.sampled_from(letters), min_size=1, max_size=6)
    return st.builds(
        Movement,
        place=st.just(""),
        number=_NUMBERS,
        kind=st.sampled_from([Kind.JOIN, Kind.REHIRE, Kind.MOVE, Kind.ASSIGN]),
        effective=st.dates(date(2019, 5, 1), date(2040, 12, 31)),
        name=st.builds(PersonName, family=kanji, given=kanji, family_kana=_KANA, given_kana=_KANA),
        section=st.sampled_from([section.code for section in POLICY.sections.tree]),
        post=st.sampled_from(["", "課長", "ｼｽﾃﾑ係長"]),
        room=st.sampled_from(["", "１２０３", "B-1"]),
        phone=st.sampled_from(["", "03-1234-5678", "内線 ２３"]),
    )


def as_row(movement: Movement, notation: int) -> list[str]:
    day, name = movement.effective, movement.name
    words = {Kind.JOIN: "採用", Kind.REHIRE: "再任用", Kind.MOVE: "異動", Kind.ASSIGN: "併任"}
    return [
        (f"{day:%Y/%m/%d}", in_era(day), in_era(day, letters=True), day.isoformat())[notation],
        *(words[movement.kind], movement.number.lstrip("0") or "0"),
        *(f"{name.family}　{name.given}", f"{name.family_kana} {name.given_kana}"),
        *(movement.section, movement.post, movement.room, movement.phone),
    ]


HEADINGS = ["発令年月日", "異動区分", "職員番号", "氏 名", "ﾌﾘｶﾞﾅ", "新所属コード", "役職", "居室", "内線"]
CP932 = "佐藤鈴木高橋田中一郎花子山﨑髙塚隆々ヶ崎斎邊"
ALL = CP932 + "𠮷葛\ufa10\ufa19\uf9dc"  # compatibility ideographs, which NFC would exchange
_AS_READ = {"ｼｽﾃﾑ係長": "システム係長", "１２０３": "1203", "内線 ２３": "内線 23"}


def expected(movement: Movement, place: str) -> Movement:
    return replace(
        movement,
        place=place,
        post=_AS_READ.get(movement.post, movement.post),
        room=_AS_READ.get(movement.room, movement.room),
        phone=_AS_READ.get(movement.phone, movement.phone),
    )


def people(letters: str) -> st.SearchStrategy[list[Movement]]:
    return st.lists(movements(letters), min_size=1, max_size=6, unique_by=lambda each: each.number)


@settings(max_examples=60)
@given(people(CP932), st.integers(0, 3), st.sampled_from(["cp932", "utf-8", "utf-8-sig", "utf-16"]))
def test_what_is_written_is_read_in_every_encoding(
    listed: list[Movement], notation: int, encoding: str
) -> None:
    for separator, name in ((",", "a.csv"), ("\t", "a.tsv")):
        text = io.StringIO(newline="")
        writer = csv.writer(text, delimiter=separator)
        writer.writerows([HEADINGS, *(as_row(each, notation) for each in listed)])
        found = movements_from(text.getvalue().encode(encoding), name, POLICY)
        assert found == [expected(each, f"row {row}") for row, each in enumerate(listed, start=2)]


@settings(max_examples=25)
@given(people(ALL))
def test_what_is_written_is_read_from_a_workbook(listed: list[Movement]) -> None:
    rows: list[list[object]] = [
        ["人事異動"],
        [*HEADINGS],
        *([each.effective, *as_row(each, 0)[1:]] for each in listed),
    ]
    found = movements_from(workbook(rows), "a.xlsx", POLICY)
    assert found == [expected(each, f"row {row}") for row, each in enumerate(listed, start=3)]


def test_a_notice_is_the_same_in_all_its_forms() -> None:
    notice = personnel.notice(
        population(400), personnel.Turnout(joining=20, moving=60, leaving=15, rehired=5, temporary=5)
    )
    utf8 = movements_from(notice.separated("utf-8-sig"), "a.csv", POLICY)
    assert len(utf8) == 105
    assert movements_from(notice.separated("utf-16", "\t"), "a.tsv", POLICY) == utf8
    in_book = movements_from(notice.workbook(), "a.xlsx", POLICY)
    assert [replace(each, place="") for each in in_book] == [replace(each, place="") for each in utf8]
    assert {each.kind for each in utf8} == {Kind.JOIN, Kind.MOVE, Kind.LEAVE, Kind.REHIRE}
    assert {each.until for each in utf8} == {None, date(2028, 3, 31)}
    cp932 = movements_from(notice.separated(), "a.csv", POLICY)
    assert [each.number for each in cp932] == [each.number for each in utf8]


def test_rows_as_they_come(tmp_path: Path) -> None:
    path = tmp_path / "異動.csv"
    path.write_bytes((HEAD + ROW).encode("cp932"))
    assert read_movements(path, POLICY) == [JOINS]
    same = (
        "Date,Type,Employee number,Family name,Given name,Family name kana,Given name kana,Department,Title\n"
        "R9.4.1,join,１００００００１,佐藤,花子,ｻﾄｳ,はなこ,総務部 総務課 総務庶務係,係員\n"
    )
    assert read(same) == [JOINS]


def test_names_stay_as_personnel_writes_them() -> None:
    head = "発令日,異動種別,職員番号,姓,名,所属コード\n"
    rows = [
        *("2027/4/1,再任用,1,山﨑,か\u3099く,011101", "2027/4/1,再任用,2,大\ufa10,\uf9dc,011101"),
        *("2027/4/1,再任用,3,ｽﾐｽ,ジョン ポール,011101", "2027/4/1,再任用,4,𠮷田,A\u030angström,011101"),
    ]
    names = [(each.name.family, each.name.given) for each in read(head + "\n".join(rows))]
    assert names == [
        ("山﨑", "がく"),
        ("大\ufa10", "\uf9dc"),
        ("スミス", "ジョン ポール"),
        ("𠮷田", "Ångström"),
    ]


def test_the_kind_is_inferred_from_the_sections() -> None:
    head = "発令日,職員番号,姓,姓カナ,旧所属コード,新所属コード\n"
    rows = ["2027/4/1,1,森,モリ,,011101", "2027/4/1,2,森,モリ,011101,011102", "2027/4/1,3,森,モリ,011101,"]
    found = read(head + "\n".join(rows))
    assert [each.kind for each in found] == [Kind.JOIN, Kind.MOVE, Kind.LEAVE]
    assert all(each.inferred for each in found)


def test_a_site_adds_headings_and_kinds() -> None:
    rules = {
        **personnel.RULES,
        "headings": {"社員ＩＤ": "number", "氏名ローマ字": "-"},
        "kinds": {"転籍": "leave"},
    }
    policy = judge(People, rules, "directory.yml", "people")
    found = read("社員ID,氏名ローマ字,区分,発令日\n1,SATO,転籍,2027/3/31\n", policy)
    assert found == [Movement(place="row 2", number="00000001", kind=Kind.LEAVE, effective=date(2027, 3, 31))]


def test_a_heading_that_means_nothing_is_refused_with_the_policy() -> None:
    policy = judge(People, {"headings": {"給与": "salary"}}, "directory.yml", "people")
    with pytest.raises(DocumentError) as refused:
        read(HEAD + ROW, policy)
    assert (
        str(refused.value)
        .splitlines()[1]
        .startswith(
            "At people.headings.給与: there is no fact 'salary'; there are number, kind, effective, name, "
        )
    )


def test_one_day_for_a_whole_file() -> None:
    text = "種別,職員番号\n退職,1\n"
    assert read(text, how=Reading(effective=FIRST))[0].effective == FIRST
    assert problems(text) == [
        "異動.csv: no column holds the effective dates (発令日). Add one, or say it with --effective."
    ]


def test_all_problems_are_told_at_once() -> None:
    text = HEAD + (
        "2027/2/29,採用,10000001,佐藤花子,サトウ ハナコ,011101,係員\n"
        "2027/4/1,採用,1.1E+07,山?,ヤマダ 太郎,999999,係員\n"
        "2027/4/1,出張,10000003,森 一,モリ ハジメ,011101,係員\n"
        "2027/4/1,採用,,森 一,モリ ハジメ,011101,係員\n"
        "2027/4/1,採用,10000004,,,,係員\n"
        "2027/4/1,異動,10000005,森 一,モリ ハジメ,,\n"
        ",退職,10000006,森 一,モリ ハジメ,,\n"
    )
    assert problems(text) == [
        "row 2, column 発令日: '2027/2/29' is a day that the calendar does not have. Correct it.",
        (
            "row 2, column 氏名: '佐藤花子' does not show where the family name ends. "
            "Write a space, as in 佐藤 花子."
        ),
        (
            "row 3, column 職員番号: '1.1E+07' was rounded by the spreadsheet. "
            "Format the column as text and type the number again."
        ),
        (
            "row 3, column 氏名: '山?' has lost a letter that CP932 does not have. "
            "Save the file as CSV UTF-8 or .xlsx, and look the name up."
        ),
        (
            "row 3, column フリガナ: 'ヤマダ 太郎' is not a reading in kana. "
            "Write it in kana only, such as サトウ ハナコ."
        ),
        (
            "row 3, column 所属コード: there is no section '999999'. "
            "Correct it, or add it to the sections in directory.yml."
        ),
        (
            "row 4, column 異動種別: '出張' is no kind of movement. "
            "Write 採用, 再任用, 異動, 退職, 併任, 併任解除, 任期更新, 改姓, "
            "or add it under people.kinds in directory.yml."
        ),
        "row 5, column 職員番号: the person has no employee number. Write it, or delete the row.",
        "row 6, column 氏名: somebody new has no name. Write it.",
        "row 6, column 所属コード: there is no section. Write which one.",
        "row 7, column 所属コード: neither a new section nor a new post is given. Write one of them.",
        "row 8, column 発令日: there is no effective date (発令日). Write the day.",
    ]


def test_people_who_stand_there_twice() -> None:
    other = ROW.replace("011101", "011102")
    assert problem(ROW + ROW).replace("row 3, ", "") == (
        "column 職員番号: employee 10000001 stands in row 2 too. Delete one of the two."
    )
    assert problem(ROW + other).replace("row 3, ", "") == (
        "column 職員番号: employee 10000001 stands in row 2 too, with another movement on the same day. "
        "Keep one of the two."
    )
    assert problem(ROW + ROW.replace("花子", "一郎")).replace("row 3, ", "") == (
        "column 職員番号: employee 10000001 is 佐藤 一郎 here and 佐藤 花子 in row 2. "
        "Correct the number or the name."
    )


def test_movements_that_one_person_may_have_together() -> None:
    text = HEAD + (
        "2027/3/31,退職,1,佐藤 花子,サトウ ハナコ,,\n"
        "2027/4/1,再任用,1,佐藤 花子,サトウ ハナコ,011101,専門官\n"
        "2027/4/1,併任,1,佐藤 花子,サトウ ハナコ,011102,\n"
        "2027/4/1,改姓,1,鈴木 花子,スズキ ハナコ,,\n"
    )
    assert [each.kind for each in read(text)] == [Kind.LEAVE, Kind.REHIRE, Kind.ASSIGN, Kind.RENAME]


def test_one_assignment_told_in_two_ways() -> None:
    row = "2027/4/1,併任,1,佐藤 花子,サトウ ハナコ,011102,"
    assert problem(f"{row}\n{row}専門官\n").replace("row 3, ", "") == (
        "column 職員番号: employee 00000001 stands in row 2 too, with another movement on the same day. "
        "Keep one of the two."
    )
    assert len(read(f"{HEAD}{row}\n{row.replace('011102', '011201')}\n")) == 2


def test_columns_that_contradict_each_other() -> None:
    head = "発令日,種別,職員番号,氏名,姓,所属コード,所属,任期満了日,上司,メール,カード番号\n"
    assert problems(head + "2027/4/1,再任用,1,森 一,林,011101,総務企画係,,,,\n") == [
        "row 2, column 氏名: '森' contradicts '林' in column 姓. Correct one of the two.",
        (
            "row 2, column 所属: 総務企画係 is section 011102, but column 所属コード says 011101. "
            "Correct one of the two."
        ),
    ]
    rows = (
        "2027/4/1,再任用,1,,森,011101,,2027/3/31,1,a@example.jp,7\n"
        "2027/4/1,再任用,2,,林,011101,,,,A@example.jp,７\n"
    )
    assert problems(head + rows) == [
        (
            "row 2, column 任期満了日: the end 2027-03-31 is before the effective date 2027-04-01. "
            "Correct one of the two."
        ),
        "row 2, column 上司: somebody cannot be their own superior. Correct the number.",
    ]
    assert problems(head + rows.replace("2027/3/31,1,", "2028/3/31,,")) == [
        (
            "row 3, column メール: A@example.jp already belongs to employee 00000001 (row 2). "
            "Correct one of the two."
        ),
        "row 3, column カード番号: 7 already belongs to employee 00000001 (row 2). Correct one of the two.",
    ]


def test_headings_that_cannot_be_used() -> None:
    assert problems("職員番号,社員番号,発令日,備考,座右の銘\n1,1,2027/4/1,x,x\n") == [
        (
            "column 社員番号: it means number as '職員番号' does. "
            "Leave one of them out under people.headings ('社員番号': '-')."
        ),
        (
            "column 座右の銘: nothing is known for this heading. "
            "Say what it means under people.headings in directory.yml."
        ),
    ]
    with pytest.raises(UnreadableFile) as refused:
        read("名前,所属\n佐藤,総務課\n")
    assert str(refused.value) == (
        "異動.csv has no heading for the employee number (such as 職員番号, number) in its first 20 rows; "
        "it begins with: '名前 | 所属'. Name the heading under people.headings in directory.yml."
    )
    assert problems("職員番号,発令日\n") == [
        "異動.csv: it holds no people: there is no row below its headings. Have it sent again."
    ]


def test_a_cell_too_many_is_told() -> None:
    assert problem(ROW.replace("\n", ",余り\n")) == (
        "row 2: there are 8 cells under 7 headings. Look for a comma without quotes."
    )


def test_what_excel_makes_of_cells() -> None:
    head = ["発令日", "種別", "職員番号", "所属コード", "居室", "任期満了日"]
    good = [datetime(2027, 4, 1), "再任用", 10000001, 11101, "1-2", 46843]  # noqa: DTZ001 -- a cell has no zone
    assert movements_from(workbook([head, good]), "a.xlsx", POLICY) == [
        Movement(
            place="row 2",
            number="10000001",
            kind=Kind.REHIRE,
            effective=FIRST,
            section="011101",
            room="1-2",
            until=date(2028, 3, 31),
        )
    ]
    with pytest.raises(ItemsUnusable) as refused:
        movements_from(workbook([head, [*good[:4], date(2026, 1, 2), None]]), "a.xlsx", POLICY)
    assert str(refused.value).splitlines()[1] == (
        "a.xlsx, row 2, column 居室: the spreadsheet has made the day 2026-01-02 of it. "
        "Format the column as text and type it again."
    )


def test_a_day_keeps_its_year_however_the_sheet_shows_it() -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(["発令日", "種別", "職員番号"])
    page.append([FIRST, "退職", "1"])
    page["A2"].number_format = 'm"月"d"日"'
    data = io.BytesIO()
    book.save(data)
    assert movements_from(data.getvalue(), "a.xlsx", POLICY)[0].effective == FIRST


def test_long_names_and_unseen_letters_are_refused() -> None:
    assert problem(ROW.replace("佐藤 花子", "佐" * 300 + " 花子")) == (
        "column 氏名: it has 303 letters; the most is 128."
    )
    head = "発令日,種別,職員番号,姓\n"
    assert problem(f"2027/3/31,退職,1,{'佐' * 65}\n", head) == "column 姓: it has 65 letters; the most is 64."
    assert problem("2027/3/31,退職,1,佐\u200b藤\n", head) == (
        "column 姓: it holds the invisible character U+200B. Type it again."
    )
    assert problem("2027/3/31,退職,1,佐藤２\n", head) == (
        "column 姓: '佐藤２' holds a digit, which no name does. Correct it."
    )


def test_files_that_are_none() -> None:
    with pytest.raises(UnreadableFile) as refused:
        movements_from(b"", "異動.xls", POLICY)
    assert str(refused.value) == (
        "異動.xls cannot be read: '.xls' files are not known. Save it as .csv, .tsv or .xlsx."
    )


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_in_words(data: bytes) -> None:
    for name in ("a.csv", "a.xlsx"):
        try:
            movements_from(data, name, POLICY)
        except DocumentError as error:
            assert str(error)  # noqa: PT017 -- any other exception is the failure


@given(st.lists(st.lists(st.text(max_size=8), min_size=7, max_size=7), max_size=3))
def test_any_cells_are_read_or_refused_in_words(rows: list[list[str]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([HEAD.strip().split(","), *rows])
    try:
        data = text.getvalue().encode("utf-8-sig")
    except UnicodeEncodeError:
        return
    try:
        movements_from(data, "a.csv", POLICY)
    except DocumentError as error:
        assert str(error)  # noqa: PT017 -- any other exception is the failure
