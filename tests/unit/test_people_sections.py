"""What sections give, and how files name them."""

from __future__ import annotations

from datetime import date

import pytest

from daicho.documents import judge
from daicho.errors import DocumentError
from daicho.items.problems import Unfit
from daicho.people.days import Days
from daicho.people.sections import Entitlement, Sections
from tests import personnel

TREE = {
    "everyone": {
        "groups": ["所属-{code}", "全職員"],
        "container": "職員/{path}",
        "home": r"\\fs1\homes\{account}",
    },
    "code_digits": 4,
    "tree": [
        {"code": "0100", "name": "総務部", "groups": ["総務部共有"], "script": "somu.cmd", "quota_mb": 500},
        {
            "code": "0110",
            "name": "総務課",
            "parent": "0100",
            "groups": ["文書-{code}"],
            "title": "{section}{post}",
        },
        {"code": "0111", "name": "庶務係", "parent": "0110", "drive": "H:", "quota_mb": 800},
        {"code": "0200", "name": "会計部", "aliases": ["経理部"]},
        {"code": "0210", "name": "庶務係", "parent": "0200", "container": "会計/{section}"},
    ],
}


@pytest.fixture
def sections() -> Sections:
    return judge(Sections, TREE, "directory.yml", "people.sections")


def refusal(sections: Sections, text: str) -> str:
    with pytest.raises(Unfit) as refused:
        sections.find(text)
    return str(refused.value)


def test_groups_add_up_and_the_nearest_word_counts(sections: Sections) -> None:
    assert sections.entitlement("0111") == Entitlement(
        code="0111",
        section="庶務係",
        groups=frozenset({"所属-0111", "全職員", "総務部共有", "文書-0110"}),
        container=("職員", "総務部", "総務課", "庶務係"),
        home=r"\\fs1\homes\{account}",
        drive="H:",
        quota_mb=800,
        script="somu.cmd",
        title="{section}{post}",
    )
    assert sections.entitlement("0110").quota_mb == 500
    assert sections.entitlement("0210").container == ("会計", "庶務係")


def test_sections_are_found_by_code_name_alias_and_path(sections: Sections) -> None:
    assert sections.find("0111") == "0111"
    assert sections.find("０１１１") == "0111"
    assert sections.find("111") == "0111"
    assert sections.find("総務課") == "0110"
    assert sections.find("経理部") == "0200"
    for text in ("会計部庶務係", "会計部 庶務係", "会計部　庶務係"):
        assert sections.find(text) == "0210"


def test_a_section_that_is_not_surely_one_is_refused(sections: Sections) -> None:
    assert refusal(sections, "庶務係") == (
        "'庶務係' is the name of several sections (0111, 0210). Write the code."
    )
    assert refusal(sections, "人事課") == (
        "there is no section '人事課'. Correct it, or add it to the sections in directory.yml."
    )


@pytest.mark.parametrize(
    ("tree", "why"),
    [
        ([("1", ""), ("1", "")], "section 1 is there twice"),
        ([("1", "9")], "section 1 is below 9, which is not there"),
        ([("1", "3"), ("2", "1"), ("3", "2")], "section 1 is above itself"),
    ],
)
def test_what_is_no_tree_is_refused(tree: list[tuple[str, str]], why: str) -> None:
    value = {"tree": [{"code": code, "name": code, "parent": parent} for code, parent in tree]}
    with pytest.raises(DocumentError) as refused:
        judge(Sections, value, "directory.yml", "people.sections")
    assert str(refused.value) == f"directory.yml cannot be used:\nAt people.sections: {why}."


def test_the_ministry_of_the_lab_is_a_tree() -> None:
    sections = personnel.policy().sections
    assert sections.path("011101") == ("大臣官房", "総務部", "総務課", "総務庶務係")
    assert all(sections.find(each.code) == each.code == sections.find(each.name) for each in sections.tree)


def test_days_are_counted_as_the_calendar_or_as_the_office_counts_them() -> None:
    first = date(2027, 4, 1)
    calendar = Days(prepare=3, handover=14)
    assert (calendar.before(first), calendar.handed_over(first)) == (date(2027, 3, 29), date(2027, 4, 15))
    # From 23 April: the weekend, Shōwa day, the weekend, 3 to 5 May, and a day of the site's own.
    work = Days(prepare=3, handover=7, count="work", closed=(date(2027, 4, 30),))
    assert work.handed_over(date(2027, 4, 23)) == date(2027, 5, 11)
    assert work.before(date(2027, 1, 4)) == date(2026, 12, 24)
    assert work.left(date(2027, 4, 28)) == date(2027, 4, 29)
    assert [work.is_open(date(2027, 3, day)) for day in (19, 20, 21, 22, 23)] == [
        True,
        False,
        False,
        False,
        True,
    ]
