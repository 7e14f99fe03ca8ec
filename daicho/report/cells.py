"""The cells of a run's tables."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from daicho.i18n import gettext as _
from daicho.outcome import Outcome
from daicho.plan import Standing
from daicho.report.words import outcome_text, standing_text, value_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.text import Text

    from daicho.records.runs import TargetResult
    from daicho.report.listing import Row


_REPEATED: Final = ("key", "before", "after", "done")


def tells_of_change(result: TargetResult) -> bool:
    """Whether the planned values were reached, or may have been touched."""
    return result.outcome is Outcome.CHANGED or result.touched


def outcome_cell(row: Row) -> Text | str:
    """How a machine ended; what the rehearsal found of one that was left out; nothing on a further line."""
    if "standing" in row:
        return standing_text(Standing(str(row["standing"])))
    if "outcome" not in row:
        return ""
    return outcome_text(Outcome(str(row["outcome"])) if row["outcome"] else None)


def before_cell(row: Row) -> str:
    """The value before, on lines that are about one."""
    return value_words(row.get("before")) if row["key"] else ""


def after_cell(row: Row) -> str:
    """The value after, on lines that are about one; of a rule, whether anything was done for it."""
    said = value_words(row.get("after")) if row["key"] else ""
    if row.get("done") is None:
        return said
    return (_("{rule} (done)") if row["done"] else _("{rule} (was not needed)")).format(rule=said)


def grouped(rows: Sequence[Row]) -> list[Row]:
    """Name the machine only on its first line."""
    shown: list[Row] = []
    last = None
    for row in rows:
        again = row["target"] == last
        shown.append({key: row[key] for key in _REPEATED if key in row} if again else row)
        last = row["target"]
    return shown


def moment(text: str) -> datetime:
    """The moment that a table beside the chain holds."""
    return datetime.fromisoformat(text)
