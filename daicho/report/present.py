"""Write an object as the reader asked for it: a screen, JSON or CSV."""

from __future__ import annotations

import csv
import io
import json
import sys
from typing import TYPE_CHECKING, Final, Literal, Protocol

from rich.console import Console

if TYPE_CHECKING:
    from typing import TextIO

    from rich.console import RenderableType

    from daicho.report.listing import Listing

type Form = Literal["table", "json", "csv"]
FORMS: Final = ("table", "json", "csv")
_UNBOUNDED: Final = 100_000
"""The width of what is no terminal: programs and files want whole lines."""


class Readable(Protocol):
    """What can be presented."""

    def as_json(self) -> object:
        """The whole of it as plain values; keys are stable."""

    def listing(self) -> Listing:
        """The rows that a table of it (CSV) has."""

    def screen(self) -> RenderableType:
        """What people see."""


def present(what: Readable, form: Form, out: TextIO | None = None) -> None:
    """Write it in this form, to standard output unless told otherwise."""
    stream = out or sys.stdout
    match form:
        case "json":
            stream.write(json.dumps(what.as_json(), ensure_ascii=False, indent=2) + "\n")
        case "csv":
            stream.write(_csv(what.listing()))
        case "table":
            show(what.screen(), stream)
    stream.flush()


def show(screen: RenderableType, stream: TextIO) -> None:
    """Write something for people: in colour and wrapped on a terminal, in whole plain lines elsewhere."""
    if stream.isatty():
        Console(file=stream, highlight=False, markup=False, emoji=False).print(screen)
        return
    console = Console(
        file=io.StringIO(), highlight=False, markup=False, emoji=False, width=_UNBOUNDED, no_color=True
    )
    with console.capture() as captured:
        console.print(screen)
    # Cells are padded to their column; at the end of a line that is only noise in a diff.
    stream.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))


def _csv(listing: Listing) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    keys = [column.key for column in listing.columns]
    writer.writerow(keys)
    for row in listing.rows:
        writer.writerow([_plain(row.get(key)) for key in keys])
    return text.getvalue()


def _plain(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return " ".join(str(each) for each in value)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return value
