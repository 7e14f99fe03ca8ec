"""What is wrong with a file of items: every problem at once, each with its place and its remedy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from daicho.errors import DocumentError, UsageError
from daicho.i18n import N_
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Sequence

_SHOWN: Final = 100


class Unfit(UsageError):
    """One value cannot be used; the sentence says what to write instead."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that has to be put right in a file."""

    place: str
    """`row 7`, `line 12` or empty for the whole file."""
    column: str
    """The heading as the file writes it, or empty."""
    why: str

    def sentence(self, document: str) -> str:
        """The problem in words: `items.csv, row 7, column アドレス: what is wrong. What to do.`."""
        column = _("column {column}").format(column=self.column) if self.column else ""
        return ", ".join(part for part in (document, self.place, column) if part) + ": " + self.why


class ItemsUnusable(DocumentError):
    """A file of items has problems; nothing of it was taken over."""

    sentence = N_("{document} cannot be imported; nothing was changed. Problems: {count}\n{problems}")

    def __init__(self, document: str, problems: Sequence[Problem]) -> None:
        """Keep all problems; the sentence shows the first hundred of them."""
        self.found = tuple(problems)
        lines = [problem.sentence(document) for problem in self.found[:_SHOWN]]
        if more := len(self.found) - len(lines):
            lines.append(_("... and {more} more").format(more=more))
        super().__init__(document=document, count=len(self.found), problems="\n".join(lines))


class UnreadableFile(DocumentError):
    """A file of items cannot even be read as a table."""

    sentence = N_("{document} cannot be read: {why}")
