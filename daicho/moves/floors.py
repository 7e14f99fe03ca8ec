"""Floors as sites write them: `本館3F`, `３階東`, `本館 三階`, `B1F` and `地下1階`. Pure."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from daicho.items.cells import fold

_KANJI: Final = {character: number for number, character in enumerate("〇一二三四五六七八九")}
_WRITTEN: Final = re.compile(r"[〇一二三四五六七八九十]+(?=階)")
_FLOOR: Final = re.compile(
    r"(?P<before>.*?)(?:(?P<below>地下|(?<![A-Z])B)\s*(?P<depth>\d+)\s*(?:階|F)?"
    r"|(?P<level>\d+)\s*(?:階|F(?![A-Z]))|(?P<roof>屋上|塔屋|(?<![A-Z])(?:RF|PH)))(?P<after>.*)",
    re.IGNORECASE,
)
_BARE: Final = re.compile(r"-?\d+")
ROOF: Final = 1000


class Floor(NamedTuple):
    """A floor, however it was written."""

    building: str
    """Empty: not said."""
    level: int | None
    """3 for the third, -1 for the first below ground; None: not said."""
    part: str
    """`東`, `A` and the like; empty: the whole floor, or not said."""

    def agrees(self, other: Floor) -> bool:
        """Whether both can be one place: what one of them does not say is no difference."""
        pairs = (
            (self.building.casefold(), other.building.casefold()),
            (self.part.casefold(), other.part.casefold()),
        )
        levels = self.level is None or other.level is None or self.level == other.level
        return levels and all(not mine or not theirs or mine == theirs for mine, theirs in pairs)


def read_floor(text: str, building: str = "") -> Floor:
    """The floor that a text means.

    Args:
        text: What stands in a column for floors.
        building: What stands in one for buildings.
    """
    said = _WRITTEN.sub(lambda found: str(_number(found[0])), fold(text))
    own = _trimmed(fold(building))
    if _BARE.fullmatch(said):
        return Floor(own, int(said), "")
    found = _FLOOR.fullmatch(said)
    if not found:
        return Floor(own or _trimmed(said), None, "")
    level = ROOF if found["roof"] else -int(found["depth"]) if found["depth"] else int(found["level"])
    return Floor(own or _trimmed(found["before"]), level, _trimmed(found["after"]))


def _trimmed(text: str) -> str:
    return text.strip(" -_/・")


def _number(kanji: str) -> int:
    tens, ten, ones = kanji.partition("十")
    if not ten:
        return int("".join(str(_KANJI[each]) for each in kanji))
    return (_KANJI[tens] if tens else 1) * 10 + (_KANJI[ones] if ones else 0)
