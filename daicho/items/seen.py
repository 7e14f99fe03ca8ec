"""Numbers and dates of a spreadsheet as the people who look at it see them.

A sheet stores 2026-11-21 as 46347 and room 0301 as 301; what is meant is in the number format.
Formats that this page does not know fall back to the full number or the ISO date: nothing is rounded.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

_LITERAL: Final = r'(?:"[^"]*"|\\.|_.|[-+()/¥￥$: ])*'
_NUMBER: Final = re.compile(
    rf"(?P<before>{_LITERAL})(?P<whole>[#0,?]+)(?P<places>\.0+)?(?P<percent>%)?(?P<after>{_LITERAL})"
)
_TOKEN: Final = re.compile(r'("[^"]*"|\\.|\[[^\]]*\]|([A-Za-z])\2*|.)', re.DOTALL)
_LENGTHS: Final = {"y": (2, 4), "m": (1, 2), "d": (1, 2), "h": (1, 2), "n": (1, 2), "s": (1, 2)}
_NAMES: Final = {"y": "year", "m": "month", "d": "day", "h": "hour", "n": "minute", "s": "second"}
# Excel shows its built-in formats 14 and 22 by the reader's region; these are Japan's.
_REGIONAL: Final = {"mm-dd-yy": "yyyy/m/d", "m/d/yy": "yyyy/m/d", "m/d/yy h:mm": "yyyy/m/d h:mm"}
_ERAS: Final = (
    (date(2019, 5, 1), "R", "令", "令和"),
    (date(1989, 1, 8), "H", "平", "平成"),
    (date(1926, 12, 25), "S", "昭", "昭和"),
    (date(1912, 7, 30), "T", "大", "大正"),
    (date(1868, 1, 25), "M", "明", "明治"),
)

type CellValue = str | int | float | bool | Decimal | datetime | date | time | timedelta | None


def as_seen(value: CellValue, number_format: str) -> str:
    """The text of a cell under its number format."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "TRUE" if value else "FALSE"
        case datetime() | date() | time():
            return _moment(value, number_format)
        case timedelta():
            return _duration(value, number_format)
    return _number(Decimal(repr(value)), number_format.split(";", maxsplit=1)[0])


def _number(value: Decimal, number_format: str) -> str:
    plain = re.sub(r"\[[^\]]*\]", "", number_format)
    found = _NUMBER.fullmatch(plain)
    if found is None or found["whole"].endswith(","):
        return _in_full(value)
    places = len(found["places"] or ".") - 1
    shown = value * 100 if found["percent"] else value
    if not found["places"] and not found["percent"] and shown != shown.to_integral_value():
        return _in_full(value)
    width = found["whole"].count("0")
    text = f"{shown:{',' if ',' in found['whole'] else ''}.{places}f}"
    whole, point, rest = text.lstrip("-").partition(".")
    sign = "-" if shown < 0 else ""
    body = sign + whole.zfill(width) + point + rest + (found["percent"] or "")
    return _literal(found["before"]) + body + _literal(found["after"])


def _in_full(value: Decimal) -> str:
    return f"{value.to_integral_value():f}" if value == value.to_integral_value() else f"{value:f}"


def _literal(text: str) -> str:
    return re.sub(r'"([^"]*)"|\\(.)|_.', lambda m: m[1] or m[2] or "", text)


def _moment(value: datetime | date | time, number_format: str) -> str:
    shown = _REGIONAL.get(number_format, number_format.split(";", maxsplit=1)[0])
    tokens = [token.lower() if token[0] not in '"\\' else token for token, _letter in _TOKEN.findall(shown)]
    pieces: list[str] = []
    for place, token in enumerate(tokens):
        if token in {"m", "mm"} and _is_minute(tokens, place):
            token = token.replace("m", "n")  # noqa: PLW2901 -- months and minutes share a letter
        piece = _piece(value, token)
        if piece is None:
            return _iso(value)
        pieces.append(piece)
    return "".join(pieces)


def _is_minute(tokens: list[str], place: int) -> bool:
    def letter(token: str) -> bool:
        return token[0] in "ymdhsge"

    before = next((token for token in reversed(tokens[:place]) if letter(token)), "")
    after = next((token for token in tokens[place + 1 :] if letter(token)), "")
    return before.startswith("h") or after.startswith("s")


def _piece(value: datetime | date | time, token: str) -> str | None:
    if token[0] in '"\\' or not token[0].isalpha():
        return "" if token[0] in "[@" else _literal(token)
    if token[0] in "gea":
        return _era(value, token)
    if token[0] not in _NAMES:
        return None if token.isascii() else token
    number = getattr(value, _NAMES[token[0]], None)
    if number is None or len(token) not in _LENGTHS[token[0]]:
        return None
    if token == "yy":  # noqa: S105 -- a token of a format, not of a login
        return f"{number % 100:02d}"
    return str(number).zfill(len(token))


def _duration(value: timedelta, number_format: str) -> str:
    minutes, seconds = divmod(int(value.total_seconds()), 60)
    text = f"{minutes // 60}:{minutes % 60:02d}"
    return f"{text}:{seconds:02d}" if "s" in number_format.lower() else text


def _era(value: datetime | date | time, token: str) -> str | None:
    if not isinstance(value, date) or token not in {"g", "gg", "ggg", "e", "ee"}:
        return None
    day = value.date() if isinstance(value, datetime) else value
    for begin, *names in _ERAS:
        if day >= begin:
            return (
                names[len(token) - 1] if token[0] == "g" else str(day.year - begin.year + 1).zfill(len(token))
            )
    return None


def _iso(value: datetime | date | time) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time(0) else value.isoformat(" ", "seconds")
    return value.isoformat()
