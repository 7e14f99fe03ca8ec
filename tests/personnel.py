"""Personnel files as they come: people who join, move, leave and come back, from a fixed seed."""

from __future__ import annotations

import csv
import io
import random
import re
import zipfile
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Final

import openpyxl

from daicho.documents import judge
from daicho.people.policy import People
from lab.population import SECTIONS, Citizen, population

if TYPE_CHECKING:
    from collections.abc import Sequence

HEADINGS: Final = (
    *("発令日", "異動種別", "職員番号", "氏名", "フリガナ", "新所属コード", "新所属", "旧所属コード", "官職"),
    *("内線", "居室", "上司職員番号", "任期満了日", "備考"),
)
"""The columns of the files."""
_NAMES: Final = {section.code: section.name for section in SECTIONS}
_POSTS: Final = ("係員", "主任", "係長", "課長補佐", "専門官")


@dataclass(frozen=True, kw_only=True)
class Turnout:
    """How many people do what on the day."""

    joining: int = 0
    moving: int = 0
    leaving: int = 0
    rehired: int = 0
    """They are in the directory, disabled; see `retired`."""
    temporary: int = 0
    """Joining for a fixed term."""

    @property
    def total(self) -> int:
        """How many rows."""
        return self.joining + self.moving + self.leaving + self.rehired + self.temporary


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A personnel notice: rows of text under HEADINGS, and whom they concern."""

    effective: date
    rows: tuple[tuple[str, ...], ...]
    retired: tuple[Citizen, ...]
    """Of the staff those whose accounts are disabled."""

    def separated(self, encoding: str = "cp932", separator: str = ",") -> bytes:
        """The file as CSV or TSV; letters that CP932 lacks are written with their usual form in it."""
        text = io.StringIO(newline="")
        writer = csv.writer(text, delimiter=separator)
        writer.writerow(HEADINGS)
        writer.writerows(self.rows)
        if encoding == "cp932":
            return text.getvalue().replace("𠮷", "吉").encode(encoding)
        return text.getvalue().encode(encoding)

    def workbook(self) -> bytes:
        """The file as .xlsx as Excel writes it: real days, numbers as text, all texts in one table."""
        book = openpyxl.Workbook(write_only=True)
        page = book.create_sheet("異動者一覧")
        page.append(["人事異動者一覧", f"{self.effective:%Y年}"])
        page.append(list(HEADINGS))
        for _day, *cells in self.rows:
            page.append([self.effective, *cells])
        data = io.BytesIO()
        book.save(data)
        return _with_shared_texts(data.getvalue())


def notice(
    staff: Sequence[Citizen], turnout: Turnout, *, effective: date = date(2027, 4, 1), seed: int = 7
) -> Notice:
    """A notice about some of these people (who are in the directory) and some new ones.

    Raises:
        ValueError: There are fewer people than move, leave and come back.
    """
    chance = random.Random(seed)  # noqa: S311 -- reproducible on purpose, no secret
    chosen = chance.sample(list(staff), turnout.moving + turnout.leaving + turnout.rehired)
    moving = chosen[: turnout.moving]
    leaving = chosen[turnout.moving : turnout.moving + turnout.leaving]
    rehired = chosen[turnout.moving + turnout.leaving :]
    fresh = population(turnout.joining + turnout.temporary, seed=seed + 40)
    cases = [
        *(_Case("採用", each) for each in fresh[: turnout.joining]),
        *(_Case("採用", each, until="令和10年3月31日") for each in fresh[turnout.joining :]),
        *(_Case("異動", _elsewhere(chance, each), each.section) for each in moving),
        *(_Case("退職", replace(each, section=""), each.section) for each in leaving),
        *(_Case("再任用", _elsewhere(chance, each)) for each in rehired),
    ]
    rows = [_row(chance, effective, case) for case in cases]
    chance.shuffle(rows)
    return Notice(effective=effective, rows=tuple(rows), retired=tuple(rehired))


def policy() -> People:
    """The site's rules for the people and sections of `lab.population`."""
    return judge(People, RULES, "directory.yml", "people")


RULES: Final[dict[str, object]] = {
    "naming": {
        "principal": "{account}@office.example.jp",
        "mail": "{account}@office.example.jp",
        "display_name": "{family} {given}（{section}）",
        "number_digits": 8,
    },
    "days": {"prepare": 3, "handover": 14},
    "sections": {
        "code_digits": 6,
        "everyone": {
            "groups": ["所属-{code}", "全職員"],
            "container": "職員/{path}",
            "home": "\\\\fs1\\homes\\{account}",
            "drive": "H:",
            "quota_mb": 2048,
            "script": "logon.cmd",
            "title": "{post}",
        },
        "tree": [
            {"code": section.code, "name": section.name, "parent": section.parent or ""}
            for section in SECTIONS
        ],
    },
}


@dataclass(frozen=True)
class _Case:
    kind: str
    who: Citizen
    old: str = ""
    until: str = ""


def _row(chance: random.Random, effective: date, case: _Case) -> tuple[str, ...]:
    day = chance.choice((f"{effective:%Y/%-m/%-d}", _era(effective), f"{effective:%Y-%m-%d}"))
    who, stays = case.who, case.kind != "退職"
    return (
        *(day, case.kind, who.number, f"{who.family}　{who.given}", f"{who.family_kana} {who.given_kana}"),
        *(who.section, _NAMES.get(who.section, ""), case.old),
        *((chance.choice(_POSTS), str(chance.randrange(2000, 9999))) if stays else ("", "")),
        *("", "", case.until, ""),
    )


def _era(day: date) -> str:
    return f"R{day.year - 2018}.{day.month}.{day.day}"


def _elsewhere(chance: random.Random, who: Citizen) -> Citizen:
    places = [section.code for section in SECTIONS if section.code != who.section]
    return replace(who, section=chance.choice(places))


_SHEET: Final = "xl/worksheets/sheet1.xml"
_INLINE: Final = re.compile(r't="inlineStr"><is><t>([^<]*)</t></is>')
_SPREADSHEET: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PART: Final = (
    '<Override PartName="/xl/sharedStrings.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml" />'
)
_RELATION: Final = (
    '<Relationship Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" '
    'Target="sharedStrings.xml" Id="rId99" />'
)


def _with_shared_texts(data: bytes) -> bytes:
    """A workbook of openpyxl's, which writes every text into its cell, with the table that Excel writes."""
    texts: dict[str, int] = {}

    def share(found: re.Match[str]) -> str:
        return f't="s"><v>{texts.setdefault(found[1], len(texts))}</v>'

    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        parts = {name: old.read(name).decode() for name in old.namelist()}
        parts[_SHEET] = _INLINE.sub(share, parts[_SHEET])
        types, relations = "[Content_Types].xml", "xl/_rels/workbook.xml.rels"
        parts[types] = parts[types].replace("</Types>", _PART + "</Types>")
        parts[relations] = parts[relations].replace("</Relationships>", _RELATION + "</Relationships>")
        listed = "".join(f"<si><t>{text}</t></si>" for text in texts)
        parts["xl/sharedStrings.xml"] = f'<sst xmlns="{_SPREADSHEET}">{listed}</sst>'
        for name, text in parts.items():
            new.writestr(name, text)
    return written.getvalue()
