"""Values of a personnel file as they are kept. Names stay as personnel writes them; numbers are folded."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from daicho.i18n import gettext as _
from daicho.items.cells import fold
from daicho.items.problems import Unfit
from daicho.people.kana import reading

_LONGEST_NAME: Final = 64
"""Bound of sn and givenName in Active Directory."""
_LONGEST_TEXT: Final = 128
_UNSEEN: Final = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
# NFC would exchange these for other letters: 塚 (U+FA10) is not how the family writes itself.
_COMPATIBLE: Final = re.compile("([\uf900-\ufaff\U0002f800-\U0002fa1f])")
_HALF_KANA: Final = re.compile("[\uff61-\uff9f]+")
# What is left of a letter that CP932 does not have.
_LOST: Final = re.compile("[?？〓\ufffd■□●○◆◇]")
_NUMBER: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,15}")  # employeeID holds 16
_SCIENTIFIC: Final = re.compile(r"\d(?:\.\d+)?E\+\d+", re.IGNORECASE)
_MAIL: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]+\.)+[A-Za-z0-9-]+")
_A_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def written(text: str) -> str:
    """A text as it is written: composed, single spaces, half-width kana widened, nothing unseen.

    Raises:
        Unfit: It holds characters that nobody can see, or is too long.
    """
    plain = " ".join(_HALF_KANA.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text).split())
    if not plain.isascii():
        parts = _COMPATIBLE.split(plain)
        plain = "".join(
            part if place % 2 else unicodedata.normalize("NFC", part) for place, part in enumerate(parts)
        )
    if unseen := _UNSEEN.search(plain):
        why = _("it holds the invisible character U+{code:04X}. Type it again.")
        raise Unfit(why=why.format(code=ord(unseen[0])))
    if len(plain) > _LONGEST_TEXT:
        raise Unfit(
            why=_("it has {length} letters; the most is {most}.").format(
                length=len(plain), most=_LONGEST_TEXT
            )
        )
    return plain


def name(text: str) -> str:
    """A name in kanji (or as a foreigner writes it).

    Raises:
        Unfit: A letter was lost on the way, it is too long, or it holds digits.
    """
    plain = written(text)
    if _LOST.search(plain):
        why = _(
            "{text!r} has lost a letter that CP932 does not have. "
            "Save the file as CSV UTF-8 or .xlsx, and look the name up."
        )
        raise Unfit(why=why.format(text=plain[:60]))
    if any(letter.isdecimal() for letter in plain):
        raise Unfit(why=_("{text!r} holds a digit, which no name does. Correct it.").format(text=plain[:60]))
    return _bounded(plain)


def kana(text: str) -> str:
    """A reading in full-width katakana.

    Raises:
        Unfit: It is not one, or too long.
    """
    return _bounded(reading(text))


def parted(text: str, example: str) -> tuple[str, str]:
    """Family and given name of a whole name; the first space parts them.

    Raises:
        Unfit: There is no space.
    """
    family, _space, given = " ".join(text.split()).partition(" ")
    if not given:
        why = _("{text!r} does not show where the family name ends. Write a space, as in {example}.")
        raise Unfit(why=why.format(text=text[:60], example=example))
    return family, given


def number(text: str, digits: int | None) -> str:
    """An employee number; leading zeros that a spreadsheet dropped are put back.

    Raises:
        Unfit: It is none, or the spreadsheet has rounded it.
    """
    plain = fold(text)
    if _SCIENTIFIC.fullmatch(plain):
        why = _(
            "{text!r} was rounded by the spreadsheet. Format the column as text and type the number again."
        )
        raise Unfit(why=why.format(text=text))
    if digits and plain.isascii() and plain.isdigit():
        plain = plain.zfill(digits)
        if len(plain) > digits:
            why = _("{text!r} has more than {digits} digits. Correct it.")
            raise Unfit(why=why.format(text=text[:60], digits=digits))
    if not _NUMBER.fullmatch(plain):
        why = _("{text!r} is not a number of a person. Write digits, letters and '-' only.")
        raise Unfit(why=why.format(text=text[:60]))
    return plain


def mail(text: str) -> str:
    """A mail address.

    Raises:
        Unfit: It is none.
    """
    plain = fold(text)
    if not _MAIL.fullmatch(plain) or len(plain) > 254 or ".." in plain:
        raise Unfit(why=_("{text!r} is not a mail address. Correct it.").format(text=text[:60]))
    return plain


def code(text: str) -> str:
    """A phone, room or card number.

    Raises:
        Unfit: A spreadsheet has made a day of it, or it is too long.
    """
    plain = fold(written(text))
    if _A_DAY.fullmatch(plain):
        why = _("the spreadsheet has made the day {text} of it. Format the column as text and type it again.")
        raise Unfit(why=why.format(text=plain))
    return _bounded(plain)


def _bounded(plain: str) -> str:
    if len(plain) > _LONGEST_NAME:
        raise Unfit(
            why=_("it has {length} letters; the most is {most}.").format(
                length=len(plain), most=_LONGEST_NAME
            )
        )
    return plain
