"""Days as personnel writes them: 2027/4/1, 令和9年4月1日, R9.4.1, 20270401, an Excel serial.

A day is read strictly: an era must have been in force on it, and a weekday beside it must be
right. What can be read in two ways (07.4.1) is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from daicho.i18n import gettext as _
from daicho.items.cells import fold
from daicho.items.problems import Unfit


@dataclass(frozen=True, slots=True)
class Era:
    """A Japanese era, with its first and last day."""

    name: str
    letter: str
    begin: date
    end: date

    @property
    def last_year(self) -> int:
        """The number of its last year."""
        return self.end.year - self.begin.year + 1


ERAS: Final = (
    Era("令和", "R", date(2019, 5, 1), date.max),
    Era("平成", "H", date(1989, 1, 8), date(2019, 4, 30)),
    Era("昭和", "S", date(1926, 12, 25), date(1989, 1, 7)),
    Era("大正", "T", date(1912, 7, 30), date(1926, 12, 24)),
    Era("明治", "M", date(1868, 1, 25), date(1912, 7, 29)),
)
"""The eras whose calendar days are unambiguous, the latest first."""

_BY_WORD: Final = {word: era for era in ERAS for word in (era.name, era.name[0], era.letter)}
_TIME: Final = r"(?:[T ]+0?0:00(?::00(?:\.0+)?)?)?"
_WEEKDAY: Final = r"(?: ?\(?(?P<weekday>[月火水木金土日])(?:曜日?)?\)?)?"
_TAIL: Final = _WEEKDAY + _TIME
_MARK: Final = r" ?[-/.] ?"
_WESTERN: Final = re.compile(
    rf"(?P<year>\d{{4}})(?:年 ?|{_MARK})(?P<month>\d{{1,2}})(?:月 ?|{_MARK})(?P<day>\d{{1,2}})日?{_TAIL}"
)
_COMPACT: Final = re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})")
_JAPANESE: Final = re.compile(
    rf"(?P<era>令和|平成|昭和|大正|明治|[令平昭大明RHSTM])[. ]?(?P<year>\d{{1,2}}|元)(?:年 ?|{_MARK})"
    rf"(?P<month>\d{{1,2}})(?:月 ?|{_MARK})(?P<day>\d{{1,2}})日?{_TAIL}"
)
_SERIAL: Final = re.compile(r"\d{5}(?:\.0+)?")
# Excel counts from 1900-01-01 and believes in a 29th of February of that year.
_SERIAL_ZERO: Final = date(1899, 12, 30)


def read_date(text: str) -> date:
    """The day that a text means.

    Raises:
        Unfit: It is none, or not surely one; the sentence says what to write.
    """
    word = fold(text).upper()
    if found := _WESTERN.fullmatch(word) or _COMPACT.fullmatch(word):
        return _day(text, int(found["year"]), found)
    if found := _JAPANESE.fullmatch(word):
        return _in_era(text, _BY_WORD[found["era"]], found)
    if _SERIAL.fullmatch(word):
        return _SERIAL_ZERO + timedelta(days=int(word[:5]))
    raise _unfit(text)


def in_era(day: date, *, letters: bool = False) -> str:
    """`令和9年4月1日`, or `R9.4.1`; the first year is 元年.

    Raises:
        Unfit: The day is before the first era.
    """
    for era in ERAS:
        if day >= era.begin:
            year = day.year - era.begin.year + 1
            if letters:
                return f"{era.letter}{year}.{day.month}.{day.day}"
            return f"{era.name}{'元' if year == 1 else year}年{day.month}月{day.day}日"
    raise _unfit(day.isoformat())


def _in_era(text: str, era: Era, found: re.Match[str]) -> date:
    number = 1 if found["year"] == "元" else int(found["year"])
    if number == 0:
        raise _unfit(text)
    day = _day(text, era.begin.year + number - 1, found)
    if era.begin <= day <= era.end:
        return day
    raise Unfit(
        why=_("{text!r} is not a day of {era}, which lasted from {begin} to {end}. Write {right}.").format(
            text=text, era=era.name, begin=era.begin, end=era.end, right=in_era(day)
        )
    )


def _day(text: str, year: int, found: re.Match[str]) -> date:
    try:
        day = date(year, int(found["month"]), int(found["day"]))
    except ValueError:
        raise Unfit(
            why=_("{text!r} is a day that the calendar does not have. Correct it.").format(text=text)
        ) from None
    weekday = found.groupdict().get("weekday")
    if weekday and "月火水木金土日"[day.weekday()] != weekday:
        why = _("{text!r}: {day} is a {right}, not a {wrong}. Correct the day or the weekday.")
        right = "月火水木金土日"[day.weekday()] + "曜日"
        raise Unfit(why=why.format(text=text, day=day, right=right, wrong=weekday + "曜日"))
    return day


def _unfit(text: str) -> Unfit:
    why = _("{text!r} is not a day. Write it like 2027/4/1, 令和9年4月1日 or R9.4.1.")
    return Unfit(why=why.format(text=text[:60]))
