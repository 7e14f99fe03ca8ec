"""What came of declared checks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.console import Group
from rich.text import Text

from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.reachability.checking import State
from daicho.report.listing import Column, Listing, table
from daicho.report.words import CAREFUL, GOOD, RED

if TYPE_CHECKING:
    from rich.console import RenderableType

    from daicho.life.declaring import Declared
    from daicho.report.listing import Row

_WORDS: Final = {
    State.SUCCESS: N_("success"),
    State.FAILURE: N_("failure"),
    State.ERROR: N_("could not tell"),
    State.SKIPPED: N_("skipped"),
}
_STYLES: Final = {State.SUCCESS: GOOD, State.FAILURE: RED, State.ERROR: CAREFUL, State.SKIPPED: "dim"}


@dataclass(frozen=True)
class DeclaredReport:
    """All results of one document, in its order."""

    declared: Declared

    def as_json(self) -> object:
        """The check's name and every result."""
        return {
            "check": self.declared.check,
            "exit": int(self.declared.exit_code),
            "results": self.listing().as_json(),
        }

    def listing(self) -> Listing:
        """One row per check."""
        columns = [
            Column(key="state", heading=N_("result"), show=lambda row: _word(State(str(row["state"])))),
            Column(key="title", heading=N_("check")),
            Column(key="seen", heading=N_("seen")),
            Column(key="took_ms", heading=N_("ms"), right=True),
        ]
        rows: list[Row] = [
            {
                "title": each.title,
                "kind": each.kind,
                "state": each.state.value,
                "seen": each.seen,
                "took_ms": each.took_ms,
            }
            for each in self.declared.results
        ]
        return Listing(columns=columns, rows=rows)

    def screen(self) -> RenderableType:
        """The table, then the count of each result."""
        found = [each.state for each in self.declared.results]
        counts = ", ".join(
            f"{found.count(state)} {_(word)}" for state, word in _WORDS.items() if state in found
        )
        return Group(table(self.listing()), Text(f"\n{self.declared.check}: {counts}", "bold"))


def _word(state: State) -> Text:
    return Text(_(_WORDS[state]), _STYLES[state])
