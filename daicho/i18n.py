"""Words in the reader's language: gettext with our own catalogue, chosen at call time.

The language in force is held by a context variable so that two readers in one process
(an English log and a Japanese report) do not disturb each other.
"""

from __future__ import annotations

import gettext as _gettext
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LANGUAGES = ("en", "ja")
_language: ContextVar[str] = ContextVar("daicho_language", default="en")


@cache
def _catalogue(language: str) -> _gettext.NullTranslations:
    folder = Path(__file__).parent / "locale"
    return _gettext.translation("daicho", folder, languages=[language], fallback=True)


def use_language(language: str) -> None:
    """Speak this language (`en` or `ja`) from here on in this context."""
    _language.set(language if language in LANGUAGES else "en")


@contextmanager
def language(name: str) -> Iterator[None]:
    """Speak another language for the length of a block (a Japanese report in an English session)."""
    token = _language.set(name if name in LANGUAGES else "en")
    try:
        yield
    finally:
        _language.reset(token)


def current_language() -> str:
    """The language in force, `en` or `ja`."""
    return _language.get()


def gettext(message: str) -> str:
    """The message in the language in force."""
    return _catalogue(_language.get()).gettext(message)


def ngettext(singular: str, plural: str, count: int) -> str:
    """The message in the form that suits a count."""
    return _catalogue(_language.get()).ngettext(singular, plural, count)


def N_(message: str) -> str:  # noqa: N802 -- gettext's own name for a deferred message
    """Mark a message for translation where it is defined, to be translated where it is shown."""
    return message


def few(names: Sequence[str], most: int = 5) -> str:
    """`a, b, c and 12 more`."""
    if len(names) <= most:
        return ", ".join(names)
    said = gettext("{names} and {count} more")
    return said.format(names=", ".join(names[:most]), count=len(names) - most)
