"""A checkpoint short enough to be printed and typed in again: eleven groups of five characters.

    00000-… : origin (40 bits of the first hash), size (40 bits), hash (120 bits), check sum (20 bits)

The fifth character of each group checks the group and its place, so a slip is named by its group.
The alphabet is Crockford's base32: I and L read as 1, O as 0, and case does not matter.
120 bits of the hash leave no room for a second history made to fit.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from daicho.errors import DocumentError
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from daicho.ledger.checkpoint import Checkpoint

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD: Final = str.maketrans("ILO", "110")
_ORIGIN: Final = 10
_SIZE: Final = 5
_HASH: Final = 30
_GROUPS: Final = 11
_PER_LINE: Final = 4


@dataclass(frozen=True, kw_only=True)
class PaperCheckpoint:
    """What a printed checkpoint fixes."""

    origin: str
    """The first ten hex digits of the origin."""
    size: int
    hash: str
    """The first thirty hex digits of the hash."""

    def fixes(self, found: str) -> bool:
        """Whether a hash begins as the paper says."""
        return found.startswith(self.hash)

    def is_of(self, origin: str) -> bool:
        """Whether the paper was printed from this ledger."""
        return origin.removeprefix("daicho/").startswith(self.origin)


def paper(checkpoint: Checkpoint) -> str:
    """The checkpoint as three lines of groups, for print.

    Raises:
        ValueError: The ledger has more than 2^40 entries.
    """
    digits = checkpoint.origin.removeprefix("daicho/")[:_ORIGIN]
    data = bytes.fromhex(digits) + checkpoint.size.to_bytes(_SIZE) + bytes.fromhex(checkpoint.hash[:_HASH])
    symbols = _symbols(int.from_bytes(data), len(data) * 8 // 5)
    symbols += _sum(symbols, 4)
    groups = [symbols[place : place + 4] for place in range(0, len(symbols), 4)]
    words = [group + _sum(f"{place}{group}", 1) for place, group in enumerate(groups)]
    return "\n".join("-".join(words[start : start + _PER_LINE]) for start in range(0, _GROUPS, _PER_LINE))


def from_paper(typed: str) -> PaperCheckpoint:
    """The checkpoint that somebody typed in from paper; spaces, hyphens and lines do not matter.

    Raises:
        DocumentError: A group is mistyped or missing; the message says which.
    """
    symbols = "".join(typed.upper().translate(_MISREAD).replace("-", " ").split())
    if len(symbols) != _GROUPS * 5:
        problem = _("It has {count} characters instead of {wanted}: groups are missing or doubled.")
        raise _mistyped(problem.format(count=len(symbols), wanted=_GROUPS * 5))
    data = ""
    for place in range(_GROUPS):
        group, given = symbols[place * 5 : place * 5 + 4], symbols[place * 5 + 4]
        if _sum(f"{place}{group}", 1) != given:
            problem = _("Group {number} ({group}) is mistyped.")
            raise _mistyped(problem.format(number=place + 1, group=group + given))
        data += group
    if _sum(data[:-4], 4) != data[-4:]:
        raise _mistyped(_("The groups do not belong together."))
    return _decode(data[:-4])


def _decode(symbols: str) -> PaperCheckpoint:
    value = 0
    for symbol in symbols:
        value = value * 32 + _ALPHABET.index(symbol)
    data = value.to_bytes(len(symbols) * 5 // 8)
    start = _ORIGIN // 2
    return PaperCheckpoint(
        origin=data[:start].hex(),
        size=int.from_bytes(data[start : start + _SIZE]),
        hash=data[start + _SIZE :].hex(),
    )


def _symbols(value: int, count: int) -> str:
    return "".join(_ALPHABET[(value >> shift) & 31] for shift in range((count - 1) * 5, -1, -5))


def _sum(text: str, count: int) -> str:
    return _symbols(int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]), count)


def _mistyped(problem: str) -> DocumentError:
    return DocumentError(document=_("The checkpoint from paper"), problems=problem)
