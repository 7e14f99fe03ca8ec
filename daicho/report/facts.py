"""Small readable things: a block of labelled facts, and the one-line answer of a command."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from daicho.report.listing import Column, Listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rich.console import RenderableType


def facts_block(pairs: Iterable[tuple[str, RenderableType]]) -> Table:
    """Labels and values in two columns."""
    block = Table.grid(padding=(0, 2))
    block.add_column(style="dim", no_wrap=True)
    block.add_column(overflow="fold")
    for label, value in pairs:
        block.add_row(label, value)
    return block


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a changing command did."""

    facts: Mapping[str, object]
    sentence: str
    extra: tuple[str, ...] = field(default=())
    """Further lines for people."""

    def as_json(self) -> object:
        """The facts."""
        return dict(self.facts)

    def listing(self) -> Listing:
        """The facts as one row."""
        return Listing(columns=[Column(key=key, heading=key) for key in self.facts], rows=[self.facts])

    def screen(self) -> RenderableType:
        """The sentence."""
        return Text("\n".join((self.sentence, *self.extra)))
