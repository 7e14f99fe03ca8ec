"""Values as directories write them: moments, numbers, entries. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from daicho.clock import moment, stamp

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NEVER: Final = (1 << 63) - 1
"""How Active Directory writes that an account does not expire; it also writes 0."""
_FILETIME_BEGINS: Final = datetime(1601, 1, 1, tzinfo=UTC)
_DAYS_BEGIN: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Entry(NamedTuple):
    """What the directory answered about one object."""

    dn: str
    values: Mapping[str, Sequence[bytes]]
    """By the attribute's name in small letters."""

    def text(self, attribute: str) -> str:
        """The first value as text; empty: there is none."""
        found = self.values.get(attribute.lower())
        return found[0].decode("utf-8", "replace") if found else ""

    def texts(self, attribute: str) -> list[str]:
        """All values as text."""
        return [value.decode("utf-8", "replace") for value in self.values.get(attribute.lower(), ())]

    def number(self, attribute: str, otherwise: int = 0) -> int:
        """The first value as a number."""
        found = self.values.get(attribute.lower())
        return int(found[0]) if found else otherwise


def from_filetime(value: int) -> datetime | None:
    """The moment of a number of 100 ns since 1601; None: never, or a date that no calendar has."""
    if value in {0, NEVER}:
        return None
    try:
        return _FILETIME_BEGINS + timedelta(microseconds=value // 10)
    except OverflowError:
        return None


def to_filetime(when: datetime) -> int:
    """The number of 100 ns since 1601."""
    return (when - _FILETIME_BEGINS) // timedelta(microseconds=1) * 10


def from_days(value: int) -> datetime:
    """The moment that a number of days since 1970 begins."""
    return _DAYS_BEGIN + timedelta(days=value)


def to_days(when: datetime) -> int:
    """The number of days since 1970, rounded down."""
    return (when - _DAYS_BEGIN) // timedelta(days=1)


def from_generalized(text: str) -> datetime:
    """The moment of `20270401000000Z` or `20270401000000.0Z`.

    Raises:
        ValueError: It is not in UTC or no moment.
    """
    digits, _, _ = text.removesuffix("Z").partition(".")
    if not text.endswith("Z"):
        raise ValueError(text)
    return datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC)


def to_generalized(when: datetime) -> str:
    """`20270401000000Z`."""
    return when.astimezone(UTC).strftime("%Y%m%d%H%M%SZ")


def shown(when: datetime | None) -> str | None:
    """A moment as an account's state carries it."""
    return None if when is None else stamp(when)


def read(text: str) -> datetime:
    """The moment that a state carries."""
    return moment(text)
