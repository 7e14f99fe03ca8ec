"""The checks that a document declares are carried out and recorded."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from daicho.credentials import Keys
from daicho.documents import read_file
from daicho.errors import ExitCode, NothingMatched
from daicho.i18n import N_
from daicho.ledger.entry import Draft
from daicho.life.checking import begin, close_check
from daicho.reachability.checking import Result, State, carry_out
from daicho.reachability.checks import Check, WithAccount, parse_checks
from daicho.reachability.passwords import Logon, Passwords, logon_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from daicho.site import Site

WORK: Final = "declared_checks"
_RIGHT: Final = "check_connectivity"
"""Whoever may operate this work may carry out declared checks."""
_MEMORY: Final = 1000
"""So many earlier checks are asked what they were told of a password."""


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
        passwords = Passwords(Keys.of(site.settings).secret, _known(site, checks))
        done = Declared(check=name, results=carry_out(checks, passwords))
        rows = [
            {"title": each.title, "kind": each.kind, "state": each.state.value, "seen": each.seen}
            for each in done.results
        ]
        site.ledger.append(
            Draft(kind="check.declared", of=name, by=by, body={"results": rows} | _told(passwords))
        )
        code = done.exit_code
    finally:
        close_check(site, name, by, code)
    return done


def _told(passwords: Passwords) -> dict[str, object]:
    """Which logons were accepted and which not, for the next check."""
    rows = [
        {"account": logon.account, "secret": logon.secret, "accepted": accepted}
        for logon, accepted in sorted(passwords.known.items())
    ]
    return {"logons": rows} if rows else {}


def _known(site: Site, checks: Sequence[Check]) -> dict[Logon, bool]:
    """What earlier checks were told of the logons of these checks, since their secrets were set."""
    wanted = {logon_of(check) for check in checks if isinstance(check, WithAccount)}
    known: dict[Logon, bool] = {}
    for secret in {logon.secret for logon in wanted}:
        kept = list(site.ledger.entries(of=secret, kind="secret.kept", reverse=True, limit=1))
        after = kept[0].seq if kept else 0
        owing = {logon for logon in wanted if logon.secret == secret}
        entries = site.ledger.entries(kind="check.declared", after=after, reverse=True, limit=_MEMORY)
        while owing and (entry := next(entries, None)):
            for row in entry.body.get("logons", []):
                logon = Logon(row["account"], row["secret"])
                if logon in owing:
                    known[logon] = row["accepted"]
                    owing.discard(logon)
    return known
