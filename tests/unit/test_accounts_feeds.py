"""Feeds: rows come back as they were written, only what changed is planned, nothing is replaced silently."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daicho.accounts.consumers import Consumer, Consumers
from daicho.accounts.feed_file import OtherShape, Unwritable, line_of, read, row_of, unwritable, written
from daicho.accounts.feed_rows import Names, tell
from daicho.accounts.feeds import Feeds, _Directory
from daicho.accounts.rules import DirectoryFile
from daicho.craft import Bench, Target, Trouble
from daicho.directory.state import Account
from daicho.documents import judge
from daicho.door import Intention
from daicho.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from daicho.plan import Scalar

COLUMNS = [
    {"heading": "職員番号", "from": "number"},
    {"heading": "氏名", "from": "displayName"},
    {"heading": "所属", "from": "department"},
]
RULES = judge(
    DirectoryFile,
    {
        "directory": {
            "servers": ["dc1"],
            "base": "DC=x",
            "bind_name": "a",
            "people": "OU=p,DC=x",
            "groups": "OU=g,DC=x",
            "disabled": "OU=d,DC=x",
        },
        "people": {
            "sections": {
                "tree": [
                    {"code": "1", "name": "局"},
                    {"code": "11", "name": "課", "parent": "1"},
                    {"code": "111", "name": "係", "parent": "11"},
                    {"code": "2", "name": "部"},
                ]
            }
        },
    },
    "directory.yml",
)


def consumer(**more: Any) -> Consumer:
    """A consumer of three columns; `more` replaces its fields."""
    base = {"name": "hr", "file": "/srv/hr.csv", "key": "職員番号", "columns": COLUMNS}
    return judge(Consumer, base | more, "consumers.yml")


def person(number: str, name: str = "佐藤 花子", *, section: str = "11", enabled: bool = True) -> Account:
    state: dict[str, Scalar] = {
        "dn": f"CN={number},DC=x",
        "enabled": enabled,
        "attribute:sAMAccountName": f"u{number}",
        "attribute:employeeID": number,
        "attribute:displayName": name,
        "attribute:department": "総務課",
        f"value:departmentNumber={section}": "present",
    }
    return Account(dn=f"CN={number},DC=x", state={key: value for key, value in state.items() if value != ""})


FORMATS = [
    *({"format": kind, "newline": newline} for kind in ("csv", "tsv") for newline in ("lf", "crlf")),
    {"format": "csv", "heading": False},
    {"format": "json"},
    {"format": "csv", "encoding": "utf-8-sig"},
]
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12)


@pytest.mark.parametrize("how", FORMATS)
@given(rows=st.dictionaries(TEXT.filter(bool), st.tuples(TEXT, TEXT), max_size=6))
def test_rows_come_back_as_they_were_written(how: dict[str, Any], rows: dict[str, tuple[str, str]]) -> None:
    whole = {key: (key, *row) for key, row in rows.items()}
    its = consumer(**how)
    assert read(written(whole, its), its) == whole
    assert {key: row_of(line_of(row)) for key, row in whole.items()} == whole


@given(rows=st.dictionaries(TEXT.filter(bool), TEXT, max_size=6))
def test_ldif_comes_back_as_it_was_written(rows: dict[str, str]) -> None:
    columns = [{"heading": "dn", "from": "dn"}, {"heading": "cn", "from": "cn"}]
    its = consumer(format="ldif", columns=columns, key="dn")
    whole = {key: (key, value) for key, value in rows.items()}
    assert read(written(whole, its), its) == whole


def test_other_programs_read_what_is_written() -> None:
    rows = {"1": ("1", '髙橋 "太郎"', "総務課, 庶務"), "10": ("10", "﨑", ""), "9": ("9", "", "")}
    its = consumer(encoding="cp932", newline="crlf")
    data = written(rows, its)
    shown = subprocess.run(
        ["iconv", "-f", "CP932", "-t", "UTF-8"], input=data, capture_output=True, check=True
    )
    listed = list(csv.reader(io.StringIO(shown.stdout.decode(), newline="")))
    assert listed == [["職員番号", "氏名", "所属"], list(rows["1"]), list(rows["9"]), list(rows["10"])]
    assert data.count(b"\r\n") == data.count(b"\n") == 4
    assert json.loads(written(rows, consumer(format="json")))[2]["氏名"] == "﨑"


@pytest.mark.parametrize(
    ("character", "remedy"),
    [
        ("𠮷", "add a substitute for 𠮷 to its substitutes"),
        ("〜", "add `〜: ～` to its substitutes"),
        ("−", "add `−: －` to its substitutes"),
        ("é", "add a substitute for é to its substitutes"),
    ],
)
def test_what_cp932_cannot_hold_is_told_with_person_and_remedy(character: str, remedy: str) -> None:
    its = consumer(encoding="cp932")
    [found] = unwritable({"7": ("7", f"{character}田", "")}, its)
    assert found == Unwritable("7", "氏名", f"{character}田", character)
    assert found.sentence() == f"7, 氏名 '{character}田': {character} (U+{ord(character):04X}); {remedy}"


@pytest.mark.parametrize("character", list("﨑髙①Ⅲ㈱纊"))
def test_what_cp932_can_hold_is_written(character: str) -> None:
    assert list(unwritable({"7": ("7", character, "")}, consumer(encoding="cp932"))) == []


@given(TEXT)
def test_whatever_is_not_told_can_be_written(text: str) -> None:
    its = consumer(encoding="cp932")
    rows = {"7": ("7", text, "")}
    if not list(unwritable(rows, its)):
        assert read(written(rows, its), its) == rows


@pytest.mark.parametrize(
    "data",
    [
        b"a,b,c\n1,2,3\n",
        "職員番号,氏名,所属\n1,2\n".encode(),
        b"\xff",
        b"",
        "職員番号,氏名,所属\n1,,\n1,,\n".encode(),
    ],
)
def test_a_file_of_another_shape_is_not_taken_for_ours(data: bytes) -> None:
    with pytest.raises(OtherShape):
        read(data, consumer())


def names_of(found: Mapping[str, object]) -> list[str]:
    return sorted(found)


def test_who_is_told_of() -> None:
    people = [
        *(person("1"), person("2", section="111"), person("3", section="2"), person("4", enabled=False)),
        *(person(""), person("1")),
    ]
    names = Names(login="sAMAccountName", number="employeeID")
    told = tell(people, consumer(), names, RULES.people.sections)
    assert (names_of(told.rows), told.nameless, told.doubles) == (["1", "2", "3"], ["u"], ["1"])
    below = tell(people, consumer(sections=["1"], closed=True), names, RULES.people.sections)
    assert names_of(below.rows) == ["1", "2", "4"]


def test_a_substitute_is_used_only_where_it_is_needed() -> None:
    people = [person("1", "𠮷田 﨑子")]
    names = Names(login="sAMAccountName", number="employeeID")
    its = consumer(encoding="cp932", substitutes={"𠮷": "吉", "﨑": "崎"})
    told = tell(people, its, names, RULES.people.sections)
    assert (told.rows["1"][1], told.substituted) == ("吉田 﨑子", ["1"])


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"file": "srv/x"}, "At file: write the whole path, beginning with /."),
        ({"file": "/srv/../etc/passwd"}, "At file: write the whole path, beginning with /."),
        ({"key": "番号"}, "At the top: no column has the heading '番号' that `key` names."),
        ({"format": "ldif"}, "At the top: ldif needs a column with the heading dn."),
        ({"columns": [COLUMNS[0], COLUMNS[0]]}, "At the top: a heading is there twice."),
        ({"format": "json", "encoding": "cp932"}, "At the top: ldif and json are always utf-8."),
        ({"substitutes": {"ab": "c"}}, "At substitutes: 'ab' is not one character."),
        ({"mode": "0777x"}, "At mode: it must look like ^0[0-7]{3}$."),
    ],
)
def test_a_definition_that_cannot_work_is_told(more: dict[str, Any], why: str) -> None:
    with pytest.raises(DocumentError) as found:
        consumer(**more)
    assert str(found.value) == f"consumers.yml cannot be used:\n{why}"


class Way:
    """The distribution to one file, without a ledger: what is approved is what is planned."""

    def __init__(self, folder: Path, **more: Any) -> None:
        self.folder = folder
        self.place = folder / "hr.csv"
        self.consumer = consumer(file=str(self.place), **more)
        self.runs = 0

    def feeds(self, people: list[Account], *, undo: bool = False, **inputs: Any) -> Feeds:
        self.runs += 1
        run = self.folder / "runs" / f"R{self.runs}"
        run.mkdir(parents=True)
        bench = Bench(
            inputs=inputs,
            undo=undo,
            secret=str,
            content=self.folder,
            folder=run,
            key=self.folder,
            known_hosts=self.folder,
            language="en",
        )
        made = Feeds(bench=bench, consumers=Consumers(consumers=(self.consumer,)))
        names = Names(login="sAMAccountName", number="employeeID")
        made.__dict__["_directory"] = _Directory(people, names, RULES)
        return made

    def planned(self, people: list[Account], **inputs: Any) -> Intention:
        [(name, found)] = self.feeds(people, **inputs).rehearse([Target(name="hr", facts={})])
        assert name == "hr"
        if isinstance(found, Trouble):
            raise found
        return found

    def ran(self, meant: Intention, *, undo: bool = False, begins: bool = True) -> list[Any]:
        seen: list[Any] = []

        def begin(_name: str, present: Mapping[str, object]) -> bool:
            seen.append(dict(present))
            return begins

        target = Target(name="hr", facts={}, wanted=meant.after)
        told = list(self.feeds([], undo=undo).carry_out([target], begin))
        return [*seen, *(state for _name, state in told)]

    def back(self, meant: Intention) -> Intention:
        target = Target(name="hr", facts={}, wanted=meant.inverse)  # type: ignore[arg-type]
        [(_name, found)] = self.feeds([], undo=True).rehearse([target])
        assert isinstance(found, Intention)
        return found


def test_only_what_changed_is_planned_and_written(tmp_path: Path) -> None:
    way = Way(tmp_path)
    first = way.planned([person("1"), person("2"), person("3")])
    way.ran(first)
    plan = way.planned([person("1"), person("2", "佐藤 華子"), person("4")])
    assert {key: value for key, value in plan.after.items() if key.startswith("row:")} == {
        "row:2": "2,佐藤 華子,総務課",
        "row:3": None,
        "row:4": "4,佐藤 花子,総務課",
    }
    assert plan.notes == (f"hr: 1 rows are added, 1 changed, 1 taken away; {way.place} has 3 then.",)
    before, now = way.ran(plan)
    assert (before, now) == (plan.before, plan.after)
    assert way.place.read_text() == (
        "職員番号,氏名,所属\n1,佐藤 花子,総務課\n2,佐藤 華子,総務課\n4,佐藤 花子,総務課\n"
    )
    assert way.place.stat().st_mode & 0o777 == 0o640
    same = way.planned([person("1"), person("2", "佐藤 華子"), person("4")])
    assert same.before == same.after
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".")] == []


def test_the_directory_of_the_day_of_the_run_does_not_count(tmp_path: Path) -> None:
    way = Way(tmp_path)
    way.ran(way.planned([person("1")]))
    assert way.place.read_text().splitlines()[1:] == ["1,佐藤 花子,総務課"]


def test_the_way_back_is_exact_even_for_a_file_of_another_shape(tmp_path: Path) -> None:
    way = Way(tmp_path)
    way.place.write_bytes(b"some;other\xff")
    plan = way.planned([person("1")])
    assert plan.notes[1].startswith("The file that is there has another shape (")
    way.ran(plan)
    way.ran(way.back(plan), undo=True)
    assert way.place.read_bytes() == b"some;other\xff"


def test_back_to_no_file_at_all(tmp_path: Path) -> None:
    way = Way(tmp_path)
    plan = way.planned([person("1")])
    way.ran(plan)
    way.ran(way.back(plan), undo=True)
    assert not way.place.exists()


def test_the_way_back_leaves_rows_that_came_since(tmp_path: Path) -> None:
    way = Way(tmp_path)
    way.ran(way.planned([person("1"), person("2")]))
    taken_back = way.planned([person("1", "別名"), person("2")])
    way.ran(taken_back)
    way.ran(way.planned([person("1", "別名"), person("2"), person("3")]))
    back = way.back(taken_back)
    before, now = way.ran(back, undo=True)
    assert (before, now) == (back.before, back.after)
    assert way.place.read_text().splitlines()[1:] == [
        "1,佐藤 花子,総務課",
        "2,佐藤 花子,総務課",
        "3,佐藤 花子,総務課",
    ]


def test_a_run_that_was_told_not_to_writes_nothing(tmp_path: Path) -> None:
    way = Way(tmp_path)
    assert len(way.ran(way.planned([person("1")]), begins=False)) == 1
    assert not way.place.exists()


def test_most_of_a_file_is_not_taken_away_unasked(tmp_path: Path) -> None:
    way = Way(tmp_path)
    everybody = [person(str(number)) for number in range(40)]
    way.ran(way.planned(everybody))
    with pytest.raises(Trouble) as found:
        way.planned(everybody[:31])
    assert str(found.value) == (
        "9 of 40 rows would be taken away. Ask with `many_removals: true` if it is meant"
    )
    assert way.planned(everybody[:31], many_removals=True).after["rows"] == 31
    assert way.planned(everybody[:32]).after["rows"] == 32


def test_people_who_cannot_be_written_are_all_named(tmp_path: Path) -> None:
    way = Way(tmp_path, encoding="cp932")
    with pytest.raises(Trouble) as found:
        way.planned([person("1", "𠮷田"), person("2"), person("3", "A〜B")])
    assert str(found.value) == (
        "cp932 cannot hold 2 characters, and nothing is written for them silently:\n"
        "1, 氏名 '𠮷田': 𠮷 (U+20BB7); add a substitute for 𠮷 to its substitutes\n"
        "3, 氏名 'A〜B': 〜 (U+301C); add `〜: ～` to its substitutes"
    )


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    way = Way(tmp_path)
    way.consumer = consumer(file=str(tmp_path / "not/there.csv"))
    with pytest.raises(Trouble) as found:
        way.planned([person("1")])
    assert str(found.value) == f"there is no folder {tmp_path}/not. Make it, or mount it"
