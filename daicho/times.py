"""Moments as people write them in a document, in the site's time zone."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, tzinfo
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, PlainSerializer

from daicho.clock import stamp
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Iterator

_zone: ContextVar[tzinfo] = ContextVar("daicho_zone", default=UTC)


@contextmanager
def site_zone(name: str) -> Iterator[None]:
    """Read moments without a zone as this zone's within the block."""
    token = _zone.set(ZoneInfo(name))
    try:
        yield
    finally:
        _zone.reset(token)


def aware(moment: datetime, zone: tzinfo | None = None) -> datetime:
    """The moment with a zone: its own, else the given one, else the site's."""
    return moment if moment.tzinfo else moment.replace(tzinfo=zone or _zone.get())


def shown(moment: datetime, zone: tzinfo) -> str:
    """`2026-11-21 20:00 JST`: how people read a moment."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M %Z}"


def _read(value: object) -> datetime:
    try:
        match value:
            case datetime():
                return aware(value).astimezone(UTC)
            case date():
                return aware(datetime.combine(value, time.min)).astimezone(UTC)
            case str():
                return aware(datetime.fromisoformat(value)).astimezone(UTC)
    except (ValueError, OverflowError):  # midnight of the year 1 in Tokyo has no UTC
        pass
    raise ValueError(_("{value!r:.60} is no moment; write it like 2026-11-21 20:00").format(value=value))


type SiteMoment = Annotated[datetime, BeforeValidator(_read), PlainSerializer(stamp, return_type=str)]
"""A moment in a document: read in the site's zone, kept in UTC, written as a stamp."""
