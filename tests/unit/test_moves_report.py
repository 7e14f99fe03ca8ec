"""What people see of moves: floors as table and picture, scan sheets whose codes can be read, verdicts."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from rich.console import Console

from daicho.life.moving import Verified
from daicho.moves.evidence import Witnesses, judge
from daicho.moves.rows import Row, Where
from daicho.moves.sheet import scan_sheet
from daicho.report.move_picture import floors_page
from daicho.report.moving import MovesReport, VerifiedReport
from daicho.report.present import present

if TYPE_CHECKING:
    from rich.console import RenderableType

THIRD = Where(building="本館", floor="3階", room="301", outlet="3F-1", switch="sw-1", port="Gi0/1", vlan="10")
FOURTH = Where(
    building="本館", floor="4階", room="401", outlet="4F-1", switch="sw-2", port="Gi0/1", vlan="20"
)
ROWS = (Row(item="pc-<1>", old=THIRD, new=FOURTH), Row(item="pc-2", old=FOURTH, new=FOURTH))


def text(screen: RenderableType) -> str:
    console = Console(file=io.StringIO(), width=200)
    with console.capture() as captured:
        console.print(screen)
    return captured.get()


def test_floors_are_listed_from_the_lowest_up_with_who_comes_and_leaves() -> None:
    shown = text(MovesReport("C1", ROWS).screen())
    assert re.findall(r"本館/\S+: \d come, \d leave", shown) == [
        "本館/3階: 0 come, 1 leave",
        "本館/4階: 2 come, 0 leave",
    ]
    out = io.StringIO()
    present(MovesReport("C1", ROWS), "csv", out)
    assert next(csv.DictReader(out.getvalue().splitlines())) == {
        "item": "pc-<1>",
        "from": "本館/3階/301",
        "from_outlet": "3F-1",
        "to": "本館/4階/401",
        "to_outlet": "4F-1",
        "port": "sw-2 Gi0/1",
        "vlan": "20",
        "address": "",
    }


def test_the_picture_of_a_floor_shows_both_sides() -> None:
    page = floors_page("C1", "移設 & more", ROWS, "ja")
    pictures = [ET.fromstring(found) for found in re.findall(r"<svg.*?</svg>", page)]  # noqa: S314 -- our own
    kinds = [sorted(box.get("class", "") for box in picture.iter("rect")) for picture in pictures]
    assert kinds == [["left"], ["kept", "kept", "taken"]]
    assert "pc-&lt;1&gt;" in page
    assert "<title>C1 移設 &amp; more</title>" in page


def test_a_scan_sheet_has_a_page_for_each_floor_that_something_comes_to() -> None:
    sheet = scan_sheet("C1", "移設", ROWS)
    assert sheet.startswith(b"%PDF")
    assert len(re.findall(rb"/Type /Page\b", sheet)) == 1
    assert scan_sheet("C1", "移設", ROWS) == sheet


def test_questions_stand_before_what_is_not_proven() -> None:
    verdicts = judge(ROWS, Witnesses(plugged={"pc-2": "4F-1"}, macs={"pc-2": []}))
    end = Verified(change="C1", check="K1", verdicts=verdicts, unasked={"DNS": "it does not answer"})
    shown = text(VerifiedReport(end).screen())
    assert "C1  0 of 2 moves are proven" in shown
    assert shown.index("pc-<1>: Nobody has scanned it. Where is it?") < shown.index("Not proven")
    assert "DNS: it does not answer" in shown
