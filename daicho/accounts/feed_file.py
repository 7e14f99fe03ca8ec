"""A consumer's file: rows by key, to bytes and back. Pure.

What an encoding cannot hold is told with its person and a remedy, and never becomes a question mark.
"""

from __future__ import annotations

import base64
import csv
import io
import json
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from daicho.i18n import gettext as _
from daicho.items.item import natural_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from daicho.accounts.consumers import Consumer

type Row = tuple[str, ...]
type Rows = Mapping[str, Row]

# What people mean when Unicode has two of a character and CP932 only knows the other (JIS X 0208 as
# Microsoft maps it).
_TWINS: Final = {
    "〜": "～",
    "−": "－",
    "‖": "∥",
    "—": "―",
    "–": "―",
    "¢": "￠",
    "£": "￡",
    "¬": "￢",
    "¥": "￥",
    "\u00a0": " ",
    "’": "'",
}
_SEPARATORS: Final = {"csv": ",", "tsv": "\t"}
_SAFE: Final = frozenset(map(chr, range(0x20, 0x7F)))


class OtherShape(ValueError):
    """A file has not the shape that its consumer is defined with."""


@dataclass(frozen=True, slots=True)
class Unwritable:
    """A character that a consumer's encoding cannot hold."""

    key: str
    heading: str
    value: str
    character: str

    @property
    def remedy(self) -> str:
        """What the site can do about it."""
        instead = _instead(self.character)
        if instead:
            said = _("add `{character}: {instead}` to its substitutes")
            return said.format(character=self.character, instead=instead)
        return _("add a substitute for {character} to its substitutes").format(character=self.character)

    def sentence(self) -> str:
        """The trouble in words."""
        return _("{key}, {heading} {value!r}: {character} (U+{code:04X}); {remedy}").format(
            key=self.key,
            heading=self.heading,
            value=self.value,
            character=self.character,
            code=ord(self.character),
            remedy=self.remedy,
        )


def substituted(value: str, consumer: Consumer) -> str:
    """A value with the site's substitutes for characters that the encoding cannot hold, and no others."""
    return "".join(
        consumer.substitutes.get(each, each) if not _holds(consumer.encoding, each) else each
        for each in value
    )


def unwritable(rows: Rows, consumer: Consumer) -> Iterator[Unwritable]:
    """Every character of the rows that cannot be written, sorted by key."""
    for key in sorted(rows, key=natural_key):
        row = rows[key]
        for heading, value in zip(consumer.headings, row, strict=True):
            if _holds(consumer.encoding, value):
                continue
            for each in dict.fromkeys(value):
                if not _holds(consumer.encoding, each):
                    yield Unwritable(key, heading, value, each)


def written(rows: Rows, consumer: Consumer) -> bytes:
    """The file with these rows, sorted by key."""
    ordered = [rows[key] for key in sorted(rows, key=natural_key)]
    text = _WRITERS[consumer.format](ordered, consumer)
    if consumer.newline == "crlf":
        text = text.replace("\n", "\r\n")
    return text.encode(consumer.encoding)


def read(data: bytes, consumer: Consumer) -> dict[str, Row]:
    """The rows of a file.

    Raises:
        OtherShape: It was not written as the consumer is defined now.
    """
    try:
        text = data.decode(consumer.encoding).replace("\r\n", "\n")
        rows = list(_READERS[consumer.format](text, consumer))
    except (ValueError, csv.Error, KeyError, TypeError, AttributeError) as error:
        raise OtherShape(str(error)) from error
    at = consumer.headings.index(consumer.key)
    found = {row[at]: row for row in rows}
    if len(found) < len(rows):
        raise OtherShape(_("a key is there twice"))
    return found


def line_of(row: Row) -> str:
    """A row as one line of text, the same for every format: what a plan shows and a run goes by."""
    target = io.StringIO()
    csv.writer(target, lineterminator="").writerow(row)
    return target.getvalue()


def row_of(line: str) -> Row:
    """The row of such a line."""
    return tuple(next(csv.reader([line] if "\n" not in line else io.StringIO(line, newline=""))))


def _separated(rows: Iterable[Row], consumer: Consumer) -> str:
    target = io.StringIO()
    writer = csv.writer(target, delimiter=_SEPARATORS[consumer.format], lineterminator="\n")
    if consumer.heading:
        writer.writerow(consumer.headings)
    writer.writerows(rows)
    return target.getvalue()


def _from_separated(text: str, consumer: Consumer) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_SEPARATORS[consumer.format], strict=True)
    if consumer.heading and tuple(next(reader, ())) != consumer.headings:
        raise OtherShape(_("its headings are others"))
    for row in reader:
        if len(row) != len(consumer.columns):
            raise OtherShape(_("its rows have another number of columns"))
        yield tuple(row)


def _json(rows: Iterable[Row], consumer: Consumer) -> str:
    listed = [dict(zip(consumer.headings, row, strict=True)) for row in rows]
    return json.dumps(listed, ensure_ascii=False, indent=1) + "\n"


def _from_json(text: str, consumer: Consumer) -> Iterator[Row]:
    for each in json.loads(text):
        if tuple(each) != consumer.headings:
            raise OtherShape(_("its headings are others"))
        yield tuple(str(value) for value in each.values())


def _ldif(rows: Iterable[Row], consumer: Consumer) -> str:
    """RFC 2849, without folding: every reader takes long lines."""
    records = ("".join(_ldif_record(row, consumer)) for row in rows)
    return "version: 1\n\n" + "\n".join(records)


def _ldif_record(row: Row, consumer: Consumer) -> Iterator[str]:
    pairs = list(zip(consumer.headings, row, strict=True))
    for name, value in sorted(pairs, key=lambda pair: pair[0] != "dn"):
        if value or name == "dn":
            yield _ldif_line(name, value)


def _ldif_line(name: str, value: str) -> str:
    if _SAFE.issuperset(value) and not value.startswith((" ", ":", "<")) and not value.endswith(" "):
        return f"{name}: {value}\n"
    return f"{name}:: {base64.b64encode(value.encode('utf-8')).decode('ascii')}\n"


def _from_ldif(text: str, consumer: Consumer) -> Iterator[Row]:
    for block in text.removeprefix("version: 1\n").split("\n\n"):
        if not block.strip():
            continue
        values = dict(_ldif_value(line) for line in block.strip("\n").split("\n"))
        if not values.keys() <= {*consumer.headings} or "dn" not in values:
            raise OtherShape(_("its headings are others"))
        yield tuple(values.get(heading, "") for heading in consumer.headings)


def _ldif_value(line: str) -> tuple[str, str]:
    name, _colon, value = line.partition(":")
    if value.startswith(":"):
        return name, base64.b64decode(value[1:].strip(), validate=True).decode("utf-8")
    return name, value.removeprefix(" ")


def _holds(encoding: str, text: str) -> bool:
    try:
        return text.encode(encoding).decode(encoding) == text
    except UnicodeEncodeError:
        return False


def _instead(character: str) -> str:
    candidates: Sequence[str] = (
        _TWINS.get(character, ""),
        unicodedata.normalize("NFC", character),
        unicodedata.normalize("NFKC", character),
    )
    return next((each for each in candidates if each and each != character and _holds("cp932", each)), "")


_WRITERS: Final = {"csv": _separated, "tsv": _separated, "json": _json, "ldif": _ldif}
_READERS: Final = {
    "csv": _from_separated,
    "tsv": _from_separated,
    "json": _from_json,
    "ldif": _from_ldif,
}
