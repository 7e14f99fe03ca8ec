"""Log-on names as the office in the lab has given them over the years: `t.yamada`, `t.yamada2`."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lab.population import Citizen

_LONGEST: Final = 20
_ROWS: Final = {
    "アイウエオ": "a i u e o",
    "カキクケコ": "ka ki ku ke ko",
    "ガギグゲゴ": "ga gi gu ge go",
    "サシスセソ": "sa shi su se so",
    "ザジズゼゾ": "za ji zu ze zo",
    "タチツテト": "ta chi tsu te to",
    "ダヂヅデド": "da ji zu de do",
    "ナニヌネノ": "na ni nu ne no",
    "ハヒフヘホ": "ha hi fu he ho",
    "バビブベボ": "ba bi bu be bo",
    "パピプペポ": "pa pi pu pe po",
    "マミムメモ": "ma mi mu me mo",
    "ラリルレロ": "ra ri ru re ro",
    "ヤユヨワヲンヴ": "ya yu yo wa o n vu",
}
_SOUNDS: Final = {
    kana: sound for row, sounds in _ROWS.items() for kana, sound in zip(row, sounds.split(), strict=True)
}
_SMALL: Final = {
    **dict(zip("ャュョ", ("ya", "yu", "yo"), strict=True)),
    **dict(zip("ァィゥェォ", "aiueo", strict=True)),
}


def logins(people: Sequence[Citizen]) -> list[str]:
    """A log-on name for each person, in order of employment; the second of a name gets a 2."""
    taken: Counter[str] = Counter()
    found = []
    for citizen in people:
        plain = f"{romaji(citizen.given_kana)[0]}.{romaji(citizen.family_kana)}"[: _LONGEST - 4]
        taken[plain] += 1
        found.append(plain if taken[plain] == 1 else f"{plain}{taken[plain]}")
    return found


def romaji(kana: str) -> str:
    """Katakana in Latin letters, long vowels short; enough for the names of the population."""
    text = ""
    double = False
    for sign in kana:
        if sign == "ッ":
            double = True
        elif sign in _SMALL:
            # シャ is sha, キャ is kya, ヴィ is vi.
            stem = text[:-1]
            vowel = _SMALL[sign][-1] if stem.endswith(("sh", "ch", "j", "v", "f")) else _SMALL[sign]
            text = stem + vowel
        elif sign != "ー":
            sound = _SOUNDS[sign]
            text += ("t" if sound.startswith("ch") else sound[0]) + sound if double else sound
            double = False
    return text.replace("ou", "o").replace("oo", "o").replace("uu", "u")
