"""The result as data: JSON with everything, CSV with one row per item."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from daicho.clock import stamp
from daicho.i18n import gettext as _
from daicho.items.item import natural_key
from daicho.reachability.matters import matters
from daicho.reachability.words import state_words, title

if TYPE_CHECKING:
    from daicho.canonical import Json
    from daicho.reachability.verdict import Judgement


def judgement_json(judgement: Judgement) -> dict[str, Json]:
    """Everything that the result says, with the names of the program (never translated)."""
    findings: list[Json] = [
        {
            **finding.cause.as_json(),
            "standing": finding.standing.value,
            "expected_by": stamp(finding.expected_by) if finding.expected_by else None,
        }
        for finding in judgement.findings
    ]
    return {
        "at": stamp(judgement.at),
        "baseline_at": stamp(judgement.baseline_at),
        "topology": judgement.topology.digest,
        "all_back": judgement.all_back,
        "nothing_answers": judgement.blind,
        "least_proven": judgement.least,
        "baseline_of_another_network": judgement.foreign,
        "counts": {state.value: count for state, count in sorted(judgement.counts.items())},
        "causes": findings,
        "to_do": [matter.id for matter in matters(judgement)],
        "items": [judgement.verdicts[name].as_json() for name in _ordered(judgement)],
        "notes": list(judgement.notes),
    }


def judgement_csv(judgement: Judgement) -> str:
    """One row per item, for a spreadsheet: with a byte order mark, so that Excel reads the Japanese."""
    text = io.StringIO()
    writer = csv.writer(text)
    headings = ("name", "kind", "address", "site", "building", "floor", "room", "rack")
    writer.writerow([*headings, "verdict", "verdict in words", "cause", "differences", "expected by", "why"])
    causes = {matter.id: title(matter) for matter in matters(judgement)}
    for name in _ordered(judgement):
        node, verdict = judgement.topology.nodes[name], judgement.verdicts[name]
        writer.writerow(
            _harmless(cell)
            for cell in (
                *(node.name, node.kind, node.address, *node.place),
                verdict.state.value,
                state_words(verdict.state),
                "; ".join(causes.get(cause, cause) for cause in verdict.behind),
                "; ".join(str(each) for each in verdict.differences),
                stamp(verdict.expected_by) if verdict.expected_by else "",
                _(verdict.why) if verdict.why else "",
            )
        )
    return "\ufeff" + text.getvalue()


def _harmless(cell: str) -> str:
    # A spreadsheet takes a cell that begins like this for a formula.
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _ordered(judgement: Judgement) -> list[str]:
    return sorted(judgement.verdicts, key=natural_key)
