"""The order in which people walk through places: building by building, from the lowest floor up."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from daicho.items.item import natural_key

if TYPE_CHECKING:
    from daicho.reachability.topology import Place

_NUMBER: Final = re.compile(r"\d+")
_BELOW: Final = re.compile(r"\A(?:B\s*\d|地下)", re.IGNORECASE)
_ROOF: Final = re.compile(r"\A(?:R|RF|PH\d*F?|屋上|塔屋\d*階?)\Z", re.IGNORECASE)
_KANJI: Final = str.maketrans("一二三四五六七八九", "123456789")


def floor_level(floor: str) -> int:
    """Where a floor lies: `地下1階` and `B1F` are -1, `3階` and `3F` 3, the roof above all, unknown 0."""
    text = unicodedata.normalize("NFKC", floor).strip().translate(_KANJI)
    if _ROOF.match(text):
        return 1000
    found = _NUMBER.search(text)
    if not found:
        return 0
    return -int(found[0]) if _BELOW.match(text) else int(found[0])


def walking_order(place: Place) -> tuple[object, ...]:
    """Sort key of a place on the walk; what is not known comes last."""
    return (
        _key(place.site),
        _key(place.building),
        not place.floor,
        floor_level(place.floor),
        _key(place.room),
        _key(place.rack),
    )


def _key(text: str) -> tuple[bool, tuple[list[str | int], str]]:
    return not text, natural_key(text)
