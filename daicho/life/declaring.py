"""The checks that a document declares are carried out and recorded."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from daicho.documents import read_file
from daicho.errors import ExitCode, NothingMatched
from daicho.i18n import N_
from daicho.ledger.entry import Draft
from daicho.life.checking import begin, close_check
from daicho.reachability.checking import Result, State, carry_out
from daicho.reachability.checks import parse_checks

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from daicho.site import Site

WORK: Final = "declared_checks"
_RIGHT: Final = "check_connectivity"
"""Whoever may operate this work may carry out declared checks."""


class NothingDeclared(NothingMatched):
    """An empty list of checks is never a success."""

    sentence = N_("{file} declares no check. Write at least one.")


@dataclass(frozen=True, kw_only=True)
class Declared:
    """What came of all checks of one document."""

    check: str
    results: Sequence[Result]

    @property
    def exit_code(self) -> ExitCode:
        """Failed before could-not-tell, because it is certain."""
        states = {result.state for result in self.results}
        if State.FAILURE in states:
            return ExitCode.FAILED
        return ExitCode.DONE if states == {State.SUCCESS} else ExitCode.INCOMPLETE


def carry_out_declared(site: Site, file: Path) -> Declared:
    """Carry out what a document declares, as one recorded check.

    Raises:
        DocumentError: Every problem with its field.
        NothingDeclared: There is no check in it.
        NotAllowed: The acting person may not operate checks.
    """
    text = read_file(file)
    checks = parse_checks(text, str(file))
    if not checks:
        raise NothingDeclared(file=str(file))
    by = site.actor_who_may("operate", _RIGHT)
    digest = f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
    body: dict[str, object] = {"work": WORK, "change": None, "deadline": None, "baseline": None}
    name = begin(site, by, body | {"file": file.name, "digest": digest, "checks": len(checks)})
    code = ExitCode.INTERRUPTED
    try:
        done = Declared(check=name, results=carry_out(checks))
        rows = [
            {"title": each.title, "kind": each.kind, "state": each.state.value, "seen": each.seen}
            for each in done.results
        ]
        site.ledger.append(Draft(kind="check.declared", of=name, by=by, body={"results": rows}))
        code = done.exit_code
    finally:
        close_check(site, name, by, code)
    return done
