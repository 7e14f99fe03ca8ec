"""One byte sequence per value: what digests, signatures and the chain are computed over.

Bodies that this program makes hold only strings, integers, booleans, null, lists and
mappings with string keys. For those the sorted compact form of the standard library gives the
bytes of RFC 8785, fourteen times faster than the reference implementation
(tests/unit/test_canonical.py keeps the two equal). Documents from elsewhere go through `rfc8785`.
"""

from __future__ import annotations

import hashlib
import json
from typing import Final

import rfc8785

type Json = bool | int | str | list[Json] | dict[str, Json] | None

_MAX_SAFE_INTEGER: Final = 2**53 - 1


def canonical(value: object) -> str:
    """The canonical text of a value made by this program.

    Raises:
        ValueError: The value holds something that has no single canonical form (a float, bytes,
            an integer beyond 2^53, a lone surrogate, a key that is not a string).
    """
    _check(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def foreign_canonical(value: object) -> str:
    """The RFC 8785 text of a value from a document that somebody else wrote (floats allowed)."""
    return rfc8785.dumps(value).decode()  # type: ignore[arg-type]


def digest(value: object) -> str:
    """`sha256:<hex>` over the canonical text of a value."""
    return text_digest(canonical(value))


def text_digest(text: str | bytes) -> str:
    """`sha256:<hex>` over a text as it stands."""
    data = text.encode() if isinstance(text, str) else text
    return "sha256:" + hashlib.sha256(data).hexdigest()


def _check(value: object) -> None:
    match value:
        case None | bool():
            return
        case str():
            value.encode()  # a lone surrogate raises UnicodeEncodeError, a ValueError
        case int():
            if abs(value) > _MAX_SAFE_INTEGER:
                raise ValueError(f"integer {value} has no exact JSON form")
        case list() | tuple():
            for item in value:
                _check(item)
        case dict():
            for key, item in value.items():
                if not isinstance(key, str) or not key.isascii():
                    _check_key(key)
                _check(item)
        case _:
            raise ValueError(f"{type(value).__name__} has no canonical JSON form")


def _check_key(key: object) -> None:
    # RFC 8785 sorts by UTF-16 code units, Python by code points: they part only above U+FFFF.
    if not isinstance(key, str):
        raise ValueError(f"key {key!r} is not a string")  # noqa: TRY004 -- one error class for callers
    key.encode()  # as above
    if any(ord(character) > 0xFFFF for character in key):
        raise ValueError(f"key {key!r} has characters whose order is ambiguous")
