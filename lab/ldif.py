"""LDIF (RFC 2849), as `ldapsearch` writes it and `slapadd` reads it."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

type Entry = tuple[str, dict[str, list[str]]]
"""A DN and its attributes; values that are not UTF-8 have surrogates in their place."""


def write(entries: Iterable[Entry]) -> str:
    return "".join(_lines(entries))


def _lines(entries: Iterable[Entry]) -> Iterator[str]:
    for name, attributes in entries:
        yield _line("dn", name)
        for key, values in attributes.items():
            for value in values:
                yield _line(key, value)
        yield "\n"


def _line(key: str, value: str) -> str:
    plain = value.isascii() and value.isprintable() and not value.startswith((" ", ":", "<"))
    if plain and not value.endswith(" "):
        return f"{key}: {value}\n"
    return f"{key}:: {base64.b64encode(value.encode('utf-8', 'surrogateescape')).decode('ascii')}\n"


def read(text: str) -> list[Entry]:
    """The entries of a listing, without comments, references to elsewhere and result lines."""
    found: list[Entry] = []
    unfolded = text.replace("\r\n", "\n").replace("\n ", "")
    for block in unfolded.split("\n\n"):
        pairs = [_pair(line) for line in block.splitlines() if line and not line.startswith("#")]
        if not pairs or pairs[0][0] != "dn":
            continue
        attributes: dict[str, list[str]] = {}
        for key, value in pairs[1:]:
            attributes.setdefault(key, []).append(value)
        found.append((pairs[0][1], attributes))
    return found


def _pair(line: str) -> tuple[str, str]:
    key, _colon, rest = line.partition(":")
    if rest.startswith(":"):
        return key, base64.b64decode(rest[1:].strip()).decode("utf-8", "surrogateescape")
    return key, rest.strip()


def first_value(name: str) -> str:
    """The value of a DN's first part, where nothing in it is escaped."""
    return name.partition(",")[0].partition("=")[2]
