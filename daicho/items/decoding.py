"""Text out of bytes: UTF-8 with or without BOM, CP932, UTF-16 with BOM; never a guess that loses data.

Excel in Japan writes "CSV" as CP932, "CSV UTF-8" with a BOM and "Unicode text" as UTF-16.
A file that reads differently as UTF-8 and as CP932 is decided only where one reading is out of
the question; otherwise it is refused and the reader is asked for `--encoding`.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

from daicho.i18n import N_
from daicho.items.problems import UnreadableFile

ENCODINGS: Final = ("utf-8", "cp932", "utf-16")
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Python's cp932 lets five undefined bytes through: 80, A0, FD, FE, FF.
_UNDEFINED: Final = re.compile("[\x80\xa0\uf8f0-\uf8f3]")


class Undecodable(UnreadableFile):
    """The bytes are not text in the encoding."""

    sentence = N_(
        "{document} is not {encoding} text: byte {offset} (0x{byte:02X}, line {line}) does not fit. "
        "Save the file again as UTF-8 or CP932, or name its encoding with --encoding."
    )


class AmbiguousText(UnreadableFile):
    """The bytes are text in both encodings, with different meaning."""

    sentence = N_(
        "{document} can be read in two ways: byte {offset} begins {utf8!r} as UTF-8 and {cp932!r} as CP932. "
        "Say which it is with --encoding utf-8 or --encoding cp932."
    )


def decode(data: bytes, document: str, encoding: str | None = None) -> str:
    """The text of a file.

    Args:
        data: The whole file.
        document: Its name, for messages.
        encoding: One of ENCODINGS if the caller knows it.

    Raises:
        Undecodable: Some byte does not fit; the offset counts from 0.
        AmbiguousText: Both readings are possible.
    """
    if encoding is not None:
        return _strict(data, document, "utf-8-sig" if encoding == "utf-8" else encoding)
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _strict(data, document, name)
    return _without_mark(data, document)


def _without_mark(data: bytes, document: str) -> str:
    try:
        text = _strict(data, document, "utf-8")
    except Undecodable as not_utf8:
        try:
            return _strict(data, document, "cp932")
        except Undecodable as not_cp932:
            # The reading that got further is the likelier one, so its offset is the useful one.
            raise max(not_cp932, not_utf8, key=lambda e: int(str(e.facts["offset"]))) from None
    _refuse_if_ambiguous(data, document, text)
    return text


def _refuse_if_ambiguous(data: bytes, document: str, text: str) -> None:
    """Valid UTF-8 may still be half-width kana of CP932 (C3 BD: `ý` or `ﾃｽ`).

    Three-byte sequences throughout are not: their CP932 reading is rows of 縺 and 繧.
    """
    found = re.search("[\x80-\u07ff]", text)
    if found is None:
        return
    try:
        other = _strict(data, document, "cp932")
    except Undecodable:
        return
    offset = len(text[: found.start()].encode())
    before = len(data[:offset].decode("cp932", errors="ignore"))
    raise AmbiguousText(document=document, offset=offset, utf8=found[0], cp932=other[before : before + 2])


def _strict(data: bytes, document: str, encoding: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        offset = error.start
    else:
        undefined = _UNDEFINED.search(text) if encoding == "cp932" else None
        if undefined is None:
            return text
        offset = len(text[: undefined.start()].encode("cp932"))
    raise Undecodable(
        document=document,
        encoding=encoding.removesuffix("-sig").upper(),
        offset=offset,
        byte=data[min(offset, len(data) - 1)],
        line=data.count(b"\n", 0, offset) + 1,
    )
