"""Days in every notation that personnel uses."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daicho.items.problems import Unfit
from daicho.people.dates import ERAS, in_era, read_date

_EXCEL_ZERO = date(1899, 12, 30)
_FULL_WIDTH = str.maketrans("0123456789./-", "０１２３４５６７８９．／－")


def refusal(text: str) -> str:
    with pytest.raises(Unfit) as refused:
        read_date(text)
    return str(refused.value)


def test_all_notations_agree_on_every_day_from_showa_on() -> None:
    day, last = date(1926, 12, 25), date(2032, 12, 31)
    while day <= last:
        for text in (in_era(day), in_era(day, letters=True)):
            assert read_date(text) == day, text
        # Serials have five digits from Shōwa 2 on; shorter numbers are no days.
        if (serial := (day - _EXCEL_ZERO).days) >= 10_000:
            assert read_date(str(serial)) == day
        day += timedelta(days=1)


@given(st.dates(date(1926, 12, 25), date(2099, 12, 31)))
def test_western_notations_agree(day: date) -> None:
    y, m, d = day.year, day.month, day.day
    weekday = "月火水木金土日"[day.weekday()]
    for text in (
        *(day.isoformat(), f"{y}/{m}/{d}", f"{y}.{m}.{d}", f"{y}年{m}月{d}日", f"{y}{m:02}{d:02}"),
        *(
            f"{y}/{m:02}/{d:02} 0:00",
            f"{day} 00:00:00",
            f" {y}年 {m}月 {d}日 ",
            f"{y}年{m}月{d}日（{weekday}）",
        ),
        *(
            f"{y}/{m}/{d}".translate(_FULL_WIDTH),
            f"{in_era(day)}({weekday}曜日)",
            f"{in_era(day)[0]}" + _after(day),
        ),
    ):
        assert read_date(text) == day, text


def _after(day: date) -> str:
    era = next(era for era in ERAS if day >= era.begin)
    return f"{day.year - era.begin.year + 1:02}/{day.month:02}/{day.day:02}"


def test_the_first_year_of_an_era() -> None:
    first = date(2019, 5, 1)
    for text in (
        "令和元年5月1日",
        "令和1年5月1日",
        "R元.5.1",
        "R1.5.1",
        "令元.5.1",
        "㋿元年五月".replace("五月", "5月1日"),
    ):
        assert read_date(text) == first
    assert in_era(first) == "令和元年5月1日"


def test_a_day_outside_its_era_is_refused_with_the_right_one() -> None:
    assert refusal("H31.5.1") == (
        "'H31.5.1' is not a day of 平成, which lasted from 1989-01-08 to 2019-04-30. Write 令和元年5月1日."
    )
    assert refusal("昭和64年1月8日").endswith("Write 平成元年1月8日.")
    assert read_date("昭和64年1月7日") == date(1989, 1, 7)


def test_a_wrong_weekday_is_refused() -> None:
    assert refusal("令和9年4月1日（金）") == (
        "'令和9年4月1日（金）': 2027-04-01 is a 木曜日, not a 金曜日. Correct the day or the weekday."
    )


@pytest.mark.parametrize("text", ["2027-02-29", "R9.2.30", "20271301", "2027/0/1", "R9.13.1"])
def test_days_that_the_calendar_does_not_have(text: str) -> None:
    assert refusal(text) == f"{text!r} is a day that the calendar does not have. Correct it."


@pytest.mark.parametrize(
    "text",
    ["9.4.1", "07/04/01", "4/1", "4月1日", "R0.4.1", "未定", "2027/4", "1234567", "X9.4.1", "２０２７年"],
)
def test_what_is_not_surely_a_day_is_refused(text: str) -> None:
    assert refusal(text) == f"{text!r} is not a day. Write it like 2027/4/1, 令和9年4月1日 or R9.4.1."


@given(st.text(max_size=20))
def test_any_text_is_a_day_or_refused_in_words(text: str) -> None:
    try:
        assert isinstance(read_date(text), date)
    except Unfit as unfit:
        assert str(unfit)  # noqa: PT017 -- any other exception is the failure
