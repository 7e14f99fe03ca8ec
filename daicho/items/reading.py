"""Items out of a file: CSV, TSV, YAML or Excel, all problems at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from daicho.i18n import gettext as _
from daicho.items.decoding import decode
from daicho.items.headings import Headings
from daicho.items.problems import UnreadableFile
from daicho.items.rows import items_of
from daicho.items.sheet import read_sheet
from daicho.items.table import Table, read_separated
from daicho.items.yaml_table import read_yaml

if TYPE_CHECKING:
    from pathlib import Path

    from daicho.items.item import Item

_LARGEST_FILE: Final = 64 * 2**20
_SEPARATED: Final = (".csv", ".tsv", ".txt")
_YAML: Final = (".yml", ".yaml")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How a file is to be read, where the file does not say it itself."""

    headings: Headings = field(default_factory=Headings)
    encoding: str | None = None
    sheet: str | None = None
    kind: str | None = None
    """The kind of every row that names none."""


def read_items(path: Path, how: Reading | None = None) -> list[Item]:
    """The items of a file in the file's order.

    Raises:
        UnreadableFile: The file is not a table (or not text: the byte is named).
        ItemsUnusable: Rows have problems; all of them are named with row, column and remedy.
    """
    how = how or Reading()
    return items_of(read_table(path, how), how.headings, how.kind)


def read_table(path: Path, how: Reading) -> Table:
    """The raw text of a file in rows, before anything is interpreted."""
    suffix = path.suffix.lower()
    data = bytes_of(path)
    if suffix == ".xlsx":
        return read_sheet(data, path.name, how.headings, how.sheet)
    if suffix in _SEPARATED:
        return read_separated(decode(data, path.name, how.encoding), path.name, how.headings)
    if suffix in _YAML:
        return read_yaml(decode(data, path.name, how.encoding), path.name)
    raise UnreadableFile(
        document=path.name,
        why=_("{suffix!r} files are not known. Save it as .csv, .tsv, .yml or .xlsx.").format(suffix=suffix),
    )


def bytes_of(path: Path) -> bytes:
    """The whole of a file of bearable size.

    Raises:
        UnreadableFile: It is absent, may not be read, or is too large.
    """
    try:
        if (size := path.stat().st_size) > _LARGEST_FILE:
            raise UnreadableFile(
                document=path.name,
                why=_("it has {size} MB; the most is {most} MB.").format(
                    size=size >> 20, most=_LARGEST_FILE >> 20
                ),
            )
        return path.read_bytes()
    except OSError as error:
        raise UnreadableFile(document=str(path), why=error.strerror or str(error)) from error
