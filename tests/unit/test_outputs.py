"""What people use at night: page, picture, walk list, board, CSV, JSON, sign-off sheet."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from daicho import paper
from daicho.canonical import canonical
from daicho.i18n import language
from daicho.items.item import Item
from daicho.reachability.board import Board, board, changes
from daicho.reachability.export import judgement_csv, judgement_json
from daicho.reachability.page import page
from daicho.reachability.picture import picture
from daicho.reachability.sheet import NoJapaneseFont, SheetFacts, sheet
from daicho.reachability.walk import walk
from daicho.reachability.words import place_words
from tests.nightshift import TOKYO, Night, four_things, office

if TYPE_CHECKING:
    from pathlib import Path

FACTS = SheetFacts(site="中央OAネットワーク", check="K7", operator="sato", zone=TOKYO, witness="#12 9f3c")
VOID = {"meta", "input", "br"}


class Checker(HTMLParser):
    """Every tag is closed, nothing is loaded from anywhere, no script runs."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in ("script", "link", "img", "iframe")
        assert not {name for name, _ in attrs} & {"src", "href", "onclick", "style"}
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def read(html: str) -> str:
    checker = Checker()
    checker.feed(html)
    assert checker.open == []
    return " ".join(" ".join(checker.texts).split())


def test_the_page_stands_alone_and_names_the_four_things() -> None:
    text = read(page(four_things().judgement(), TOKYO))
    for words in (
        "4 things to do",
        "Judged at 2026-11-21 22:40 JST, compared with the baseline of 2026-11-21 17:00 JST",
        "1 sw-2-dist 2号館 1階 EPS rack B-01 Look whether sw-2-dist has power",
        "3 the link sw-1-dist – sw-core-2 1号館 1階 EPS rack B-01 ⇔ 1号館 地下1階 サーバ室 rack A-02",
        "Items by verdict",
    ):
        assert words in text


def test_a_name_from_somebody_s_table_is_no_markup() -> None:
    items = [replace_name(item, "pc-1101", "<b onclick=x>&\"'") for item in office()]
    night = Night(items=items, down={"<b onclick=x>&\"'"})
    judgement = night.judgement()
    text = read(page(judgement, TOKYO))
    assert "<b onclick=x>&\"'" in text
    ET.fromstring(picture(judgement))  # noqa: S314 -- our own picture
    assert sheet(judgement, FACTS).startswith(b"%PDF")


def replace_name(item: Item, old: str, new: str) -> Item:
    return replace(item, name=new) if item.name == old else item


def test_the_page_shows_the_language_in_force_first() -> None:
    judgement = four_things().judgement()
    with language("ja"):
        html = page(judgement, TOKYO)
    assert '<html lang="ja">' in html
    assert html.index('id="lang-ja" checked') < html.index('id="lang-en"')
    assert '<meta http-equiv="refresh" content="15">' in page(judgement, TOKYO, refresh=15)


def test_the_picture_colours_each_device_and_the_cut_link() -> None:
    tree = ET.fromstring(picture(four_things().judgement()))  # noqa: S314 -- our own picture
    space = "{http://www.w3.org/2000/svg}"
    names = [text.text for text in tree.iter(f"{space}text") if text.get("class") == "name"]
    colours = [circle.get("class") for circle in tree.iter(f"{space}circle")]
    shown = dict(zip(names, colours, strict=True))
    assert shown["sw-2-dist"] == "dead"
    assert shown["sw-2-1f"] == "unreachable"
    assert shown["sw-1-2f"] == "different"
    assert shown["sw-core-1"] == "back"
    [cut] = [span.text for span in tree.iter(f"{space}tspan") if span.get("class") == "cut"]
    assert cut == "✕ sw-core-2"
    assert [path.get("class") for path in tree.iter(f"{space}path")].count("joint maybe") == 1


def test_a_large_network_is_folded() -> None:
    many = [Item(f"sw-x{n}", "network_device", "", {"uplink": "sw-1-1f"}) for n in range(60)]
    deep = [Item(f"sw-y{n}", "network_device", "", {"uplink": "sw-2-1f"}) for n in range(5)]
    svg = picture(Night(items=[*office(), *many, *deep], down={"sw-2-dist"}).judgement())
    folded = [text.text for text in ET.fromstring(svg).iter() if text.get("class") == "folded"]  # noqa: S314
    assert folded == ["1 more device: back", "64 more devices: all back", "8 devices behind it: dark"]


def test_the_walk_goes_building_by_building_from_the_cellar_up() -> None:
    stops = walk(Night(**vars(four_things()) | {"down": {"sw-1-3f", "sw-2-dist", "pc-1204"}}).judgement())
    assert [(place_words(stop.place), [task.item for task in stop.tasks]) for stop in stops] == [
        ("1号館 地下1階 サーバ室 rack A-02", ["sw-core-2"]),
        ("1号館 1階 EPS rack B-01", ["sw-1-dist"]),
        ("1号館 2階 201", ["pc-1204"]),
        ("1号館 2階 EPS rack B-01", ["sw-1-2f"]),
        ("1号館 3階 EPS rack B-01", ["sw-1-3f"]),
        ("2号館 1階 EPS rack B-01", ["sw-2-dist"]),
    ]


def test_csv_has_a_row_per_item_and_no_formula() -> None:
    items = [replace_name(item, "pc-1102", "=cmd|x") for item in office()]
    text = judgement_csv(Night(**vars(four_things()) | {"items": items}).judgement())
    assert text.startswith("\ufeff")
    rows = {row["name"]: row for row in csv.DictReader(io.StringIO(text[1:]))}
    assert len(rows) == 35
    assert rows["'=cmd|x"]["verdict"] == "back"
    assert rows["pc-2101"]["verdict in words"] == "unreachable"
    assert rows["pc-2101"]["cause"] == "sw-2-dist"
    assert rows["sw-1-2f"]["differences"] == "It runs another configuration than before the outage"


def test_json_fits_the_ledger_and_names_the_causes() -> None:
    value = json.loads(canonical(judgement_json(four_things().judgement())))
    assert value["counts"] == {"already_dead": 1, "back": 12, "dead": 2, "different": 1, "unreachable": 19}
    assert value["to_do"] == [
        "node:sw-2-dist",
        "node:sw-1-3f",
        "link:sw-1-dist -- sw-core-2",
        "different:sw-1-2f",
    ]
    assert value["causes"][0]["candidates"] == [[{"name": "sw-2-dist", "sort": "node"}]]


def test_the_board_fits_a_terminal() -> None:
    console = Console(width=100, record=True, file=io.StringIO())
    console.print(board(four_things().judgement(), TOKYO))
    text = console.export_text()
    assert text.splitlines()[0].strip() == "22:40:00  4 things to do"
    assert max(map(len, text.splitlines())) <= 100
    assert "✓ 12 back   ≠ 1 back, but different   ✕ 2 dead   † 1 was already dead   – 19 unreachable" in text


def test_without_a_terminal_one_line_per_change() -> None:
    out = io.StringIO()
    with Board(Console(file=out, width=80), TOKYO) as shown:
        shown.show(Night(down={"sw-2-3f"}).judgement())
        shown.show(Night(down={"sw-2-3f"}).judgement())
        shown.show(Night().judgement())
    assert out.getvalue().splitlines() == [
        "22:40:00 ✕ sw-2-3f: dead",
        "22:40:00 – 4 unreachable: pc-2301, pc-2302, pc-2303, pc-2304",
        (
            "22:40:00 ! sw-2-3f or the link sw-2-3f – sw-2-dist. Look whether sw-2-3f has power and its "
            "lamps are lit. If so, look at the cable and plugs of its uplink, and log in at its console."
        ),
        "22:40:00 ✓ sw-2-3f: back",
        "22:40:00 ✓ 4 back: pc-2301, pc-2302, pc-2303, pc-2304",
        "22:40:00 ✓ Everything is back",
    ]


def test_nothing_to_say_where_everything_was_back_from_the_start() -> None:
    assert changes(None, Night().judgement(), TOKYO) == []


def test_the_sheet_prints_with_its_own_font(tmp_path: Path) -> None:
    path = tmp_path / "sheet.pdf"
    path.write_bytes(sheet(four_things().judgement(), FACTS))
    told = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True)
    for words in ("中央OAネットワーク", "sw-2-dist", "1号館 3階 EPS", "Confirmed by", "#12 9f3c"):
        assert words in told.stdout
    fonts = subprocess.run(["pdffonts", path], capture_output=True, text=True, check=True).stdout
    [face] = {line.split()[0].partition("+")[2] for line in fonts.splitlines() if "TrueType" in line}
    assert "Gothic" in face


def test_without_a_font_there_is_no_empty_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paper, "FONT_FILES", ())
    with pytest.raises(NoJapaneseFont, match="Install fonts-ipaexfont-gothic"):
        sheet(four_things().judgement(), FACTS)
