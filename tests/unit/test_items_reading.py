"""Files of items: what is read, and every problem of a file at once."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from daicho.items.headings import Headings, MappingUnusable
from daicho.items.item import Item
from daicho.items.problems import ItemsUnusable, UnreadableFile
from daicho.items.reading import Reading, read_items

_EXAMPLE = Path(__file__).parents[2] / "inventory" / "example"


def file(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def workbook(folder: Path, rows: list[list[object]], formats: dict[str, str] | None = None) -> Path:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for row in rows:
        page.append(row)
    for cell, number_format in (formats or {}).items():
        page[cell].number_format = number_format
    book.save(folder / "items.xlsx")
    return folder / "items.xlsx"


def refusal(path: Path, how: Reading | None = None) -> str:
    with pytest.raises(UnreadableFile) as refused:
        read_items(path, how)
    return str(refused.value)


def problems(path: Path, how: Reading | None = None) -> list[str]:
    with pytest.raises(ItemsUnusable) as refused:
        read_items(path, how)
    first, *rest = str(refused.value).splitlines()
    assert first == (
        f"{path.name} cannot be imported; nothing was changed. Problems: {len(refused.value.found)}"
    )
    return [line.removeprefix(f"{path.name}, ") for line in rest]


def test_the_example_is_the_same_in_its_three_forms() -> None:
    items = read_items(_EXAMPLE / "items.yml")
    assert read_items(_EXAMPLE / "items_cp932.csv") == items
    assert read_items(_EXAMPLE / "items_utf8.csv") == items
    assert items[0] == Item(
        "pc-0001",
        "endpoint",
        "192.0.2.11",
        {
            "mac": "00:16:3e:00:00:01",
            "os": "windows 11",
            "site": "本省",
            "building": "1号館",
            "floor": "3階",
            "room": "0301",
            "ring": "canary",
            "serial": "JPN0A0001",
            "section": "総務課",
        },
    )
    assert (_EXAMPLE / "items_cp932.csv").read_bytes().decode("cp932").startswith("名称,種別,")


def test_titles_and_empty_rows_are_passed_over(tmp_path: Path) -> None:
    path = file(tmp_path, "items.csv", "機器台帳,令和8年11月,\n,,\n名称,種別,階\n,,\npc-1,端末,3階\n")
    assert read_items(path) == [Item("pc-1", "endpoint", "", {"floor": "3階"})]


def test_tabs_are_seen_in_a_csv_and_in_excels_unicode_text(tmp_path: Path) -> None:
    text = "名称\t種別\t階\r\npc-1\t端末\t3階\r\n"
    expected = [Item("pc-1", "endpoint", "", {"floor": "3階"})]
    assert read_items(file(tmp_path, "items.tsv", text)) == expected
    assert read_items(file(tmp_path, "items.txt", text.encode("utf-16"))) == expected


def test_headings_of_a_site(tmp_path: Path) -> None:
    path = file(tmp_path, "items.csv", "機番,系統,Rack Unit,内線\npc-1,基幹,12,0301\n")
    how = Reading(headings=Headings.parse(["機番=name", "系 統=line", "内線=-"]), kind="端末")
    assert read_items(path, how) == [Item("pc-1", "endpoint", "", {"line": "基幹", "rack_unit": "12"})]


@pytest.mark.parametrize("option", ["機番", "=name", "機番=", "機番=ansible_user", "機番=Name", "a=b c"])
def test_a_mapping_that_cannot_be_used(option: str) -> None:
    with pytest.raises(MappingUnusable) as refused:
        Headings.parse([option])
    assert str(refused.value) == (
        f"--map {option!r} cannot be used. Write HEADING=attribute (small letters, digits and _; "
        "not ansible_... or daicho_...), or HEADING=- to leave a column out."
    )


def test_all_problems_of_a_list_at_once(tmp_path: Path) -> None:
    text = (
        "名称,種別,アドレス,MACアドレス,階\n"
        "pc-1,端末,192.0.2.1,00163e000001,3階\n"
        "pc-2,机,192.0.2.300,,\n"
        ",端末,,,\n"
        "pc-3,,,,\n"
        "pc-1,端末,192.0.2.1,00163e000001,4階\n"
        "PC-1,端末,,,\n"
        "pc-4,端末,192.0.2.1,00-16-3e-00-00-01,\n"
        "pc-5,端末,,,3階,東\n"
    )
    assert problems(file(tmp_path, "items.csv", text)) == [
        (
            "row 3, column 種別: '机' is not a kind of item. "
            "Write one of endpoint, network_device, printer, server, share, user, location."
        ),
        (
            "row 3, column アドレス: '192.0.2.300' is not the address of one machine. Write an IPv4 or IPv6 "
            "address without leading zeros, prefix length or port, or a host name."
        ),
        "row 4, column 名称: the item has no name. Write one, or delete the row.",
        "row 5, column 種別: the item has no kind. Write one, or say it for all with --kind.",
        "row 6, column 名称: pc-1 stands in row 2 too, and contradicts it in 階. Keep the row that is right.",
        "row 7, column 名称: PC-1 differs from pc-1 in row 2 only by the case of its letters. Delete one.",
        "row 8, column アドレス: 192.0.2.1 already belongs to pc-1 (row 2). Correct one of the two.",
        (
            "row 8, column MACアドレス: 00:16:3e:00:00:01 already belongs to pc-1 (row 2). "
            "Correct one of the two."
        ),
        "row 9: there are 6 cells under 5 headings. Look for a comma without quotes.",
    ]


def test_the_same_row_twice(tmp_path: Path) -> None:
    path = file(tmp_path, "items.csv", "name,kind\npc-1,endpoint\npc-1,endpoint\n")
    assert problems(path) == ["row 3, column name: pc-1 stands in row 2 too. Delete one of the two."]


def test_one_address_with_two_ports_or_for_a_share_is_no_contradiction(tmp_path: Path) -> None:
    text = (
        "name,kind,address,port\n"
        "con-1,network_device,192.0.2.9,7001\ncon-2,network_device,192.0.2.9,7002\n"
        "fs1,server,192.0.2.10,\nsoumu,share,192.0.2.10,\n"
    )
    assert len(read_items(file(tmp_path, "items.csv", text))) == 4


def test_problems_of_headings(tmp_path: Path) -> None:
    path = file(tmp_path, "items.csv", "名称,ホスト名,謎,,\npc-1,x,y,,z\n")
    assert problems(path) == [
        "column ホスト名: it means name as '名称' does. Leave one of them out with --map 'ホスト名=-'.",
        "column 謎: no attribute is known for this heading. Add --map '謎=ATTRIBUTE' or '謎=-'.",
        "row 2: 'z' stands in column 5, which has no heading. Give it one or delete it.",
        "items.csv: no column holds the kinds. Add one, or say it with --kind.",
    ]


def test_the_first_hundred_problems_are_shown_and_all_are_kept(tmp_path: Path) -> None:
    path = file(tmp_path, "items.csv", "name,kind\n" + "a b,endpoint\n" * 250)
    assert problems(path)[-1] == "... and 150 more"


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("items.doc", "", "'.doc' files are not known. Save it as .csv, .tsv, .yml or .xlsx."),
        (
            "items.csv",
            'name,kind\npc-1,"endpoint\n',
            "line 2 is not CSV (unexpected end of data). Look for a quotation mark that is not closed.",
        ),
        (
            "items.xlsx",
            "PK no",
            "it is not an .xlsx workbook. An old .xls or a protected file must be saved as .xlsx first.",
        ),
    ],
)
def test_files_that_are_no_table(tmp_path: Path, name: str, text: str, sentence: str) -> None:
    assert refusal(file(tmp_path, name, text)) == f"{name} cannot be read: {sentence}"


def test_no_heading(tmp_path: Path) -> None:
    assert refusal(file(tmp_path, "items.csv", "番号,場所\n1,本省\n")) == (
        "items.csv has no heading for the name of an item (such as name, 名称, ホスト名) in its first "
        "20 rows; it begins with: '番号 | 場所'. Name the heading with --map HEADING=name."
    )


def test_no_file(tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    assert refusal(path) == f"{path} cannot be read: No such file or directory"


def test_a_workbook_is_read_as_people_see_it(tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        [
            ["機器台帳"],
            ["名称", "種別", "部屋", "階", "導入日", "ポート"],
            ["pc-1", "端末", 301, 3, datetime(2026, 4, 1), 22.0],  # noqa: DTZ001
            [None, None, None, None, None, None],
            ["pc-2", "端末", "0302", None, None, None],
        ],
        {"C3": "0000", "D3": '0"階"', "E3": "mm-dd-yy"},
    )
    assert read_items(path) == [
        Item(
            "pc-1",
            "endpoint",
            "",
            {"room": "0301", "floor": "3階", "installed": "2026/4/1", "port": "22"},
        ),
        Item("pc-2", "endpoint", "", {"room": "0302"}),
    ]


def test_problems_of_a_workbook_name_the_row_of_the_sheet(tmp_path: Path) -> None:
    path = workbook(tmp_path, [["台帳"], [], ["name", "kind"], ["pc 1", "endpoint"]])
    assert problems(path) == [
        (
            "row 4, column name: 'pc 1' cannot be a name. "
            "Use letters, digits and . _ - @ $ + (no spaces), at most 200."
        )
    ]


def test_sheets_are_chosen_by_name_and_hidden_ones_are_left(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    hidden = book.active
    assert hidden is not None
    hidden.title, hidden.sheet_state = "古い", "hidden"
    for title, name in (("端末", "pc-1"), ("予備", "pc-9")):
        page = book.create_sheet(title)
        page.append(["name", "kind"])
        page.append([name, "endpoint"])
    path = tmp_path / "items.xlsx"
    book.save(path)
    assert [item.name for item in read_items(path)] == ["pc-1"]
    assert [item.name for item in read_items(path, Reading(sheet="予備"))] == ["pc-9"]
    assert (
        refusal(path, Reading(sheet="古い")) == "items.xlsx has no visible sheet '古い'. It has: 端末, 予備."
    )


def test_a_sheet_that_names_a_wrong_extent_is_read_to_its_end(tmp_path: Path) -> None:
    path = workbook(tmp_path, [["name", "kind"], ["pc-1", "endpoint"], ["pc-2", "endpoint"]])
    cut = tmp_path / "cut.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(cut, "w") as new:
        for member in old.namelist():
            data = old.read(member)
            new.writestr(member, data.replace(b'<dimension ref="A1:B3" />', b'<dimension ref="A1:B2" />'))
            assert member != "xl/worksheets/sheet1.xml" or b"A1:B3" in data
    assert [item.name for item in read_items(cut)] == ["pc-1", "pc-2"]


def test_a_workbook_that_unpacks_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(9):
            with archive.open(f"xl/{number}.xml", "w") as member:
                for _ in range(64):
                    member.write(bytes(2**20))
    assert path.stat().st_size < 2**20
    assert refusal(path) == "bomb.xlsx cannot be read: it unpacks to 576 MB; the most is 512 MB."


def test_a_damaged_workbook(tmp_path: Path) -> None:
    whole = workbook(tmp_path, [["name", "kind"], ["pc-1", "endpoint"]])
    broken = io.BytesIO()
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(broken, "w") as new:
        for member in old.namelist():
            data = old.read(member)
            new.writestr(member, data[: len(data) // 2] if member.endswith("sheet1.xml") else data)
    message = refusal(file(tmp_path, "broken.xlsx", broken.getvalue()))
    assert message.startswith("broken.xlsx cannot be read: the workbook is damaged (")
    assert message.endswith("). Open it in Excel and save it again as .xlsx.")
