"""Terminals to lend: chosen from the ledger, asked for as a change, and taken back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from daicho import clock
from daicho.change import ChangeDocument
from daicho.errors import Refused
from daicho.i18n import N_, ngettext
from daicho.items.record import all_items
from daicho.life.requesting import request_change
from daicho.loans.choosing import Candidate, Need, candidates

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from daicho.site import Site

WORK: Final = "select_loan_terminals"
# What is "unchanged" had all its patches already.
_PATCHED: Final = (
    "SELECT target, MAX(ended_at) FROM run_target JOIN run ON run.id = run_target.run "
    "WHERE run.work = 'patch_endpoints' AND outcome IN ('changed', 'unchanged') GROUP BY target"
)


class NotEnough(Refused):
    """The pool has fewer terminals that can be lent than are wanted."""

    sentence = N_(
        "Of the loan terminals {free} can be lent and {wanted} are wanted; nothing was asked for. "
        "`daicho loan list` says what stands against the others."
    )


@dataclass(frozen=True, kw_only=True)
class Loan:
    """What somebody borrows."""

    to: str
    until: date
    on: date | None = None
    count: int = 1
    attributes: Mapping[str, str] = field(default_factory=dict)
    patched_within: int = 31
    reason: str = ""
    ticket: str = ""


@dataclass(frozen=True, kw_only=True)
class Lent:
    """The change by which terminals are lent."""

    change: str
    chosen: tuple[Candidate, ...]


def today(site: Site) -> date:
    """The day at the site."""
    return clock.now().astimezone(site.policy.zone).date()


def pool(site: Site, attributes: Mapping[str, str], patched_within: int) -> tuple[Candidate, ...]:
    """Every loan terminal with what stands against lending it; those that can be lent first."""
    need = Need(today=today(site), attributes=attributes, patched_within=patched_within)
    return candidates(all_items(site.ledger), _patched(site), need)


def request_loan(site: Site, loan: Loan) -> Lent:
    """Choose terminals and ask for the change by which they are lent.

    Raises:
        NotEnough: There are not so many.
        NotAllowed: The policy does not let the acting person request this work.
    """
    free = [each for each in pool(site, loan.attributes, loan.patched_within) if not each.reasons]
    if len(free) < loan.count:
        raise NotEnough(free=len(free), wanted=loan.count)
    chosen = tuple(free[: loan.count])
    title = ngettext("Lend {count} terminal to {who}", "Lend {count} terminals to {who}", loan.count)
    inputs = {
        "act": "lend",
        "to": loan.to,
        "on": (loan.on or today(site)).isoformat(),
        "until": loan.until.isoformat(),
    }
    title = title.format(count=loan.count, who=loan.to)
    names = [each.item.name for each in chosen]
    document = _document(title, names, inputs, loan.reason or title, loan.ticket)
    return Lent(change=request_change(site, document), chosen=chosen)


def request_return(site: Site, names: Sequence[str], reason: str = "", ticket: str = "") -> str:
    """Ask for the change by which terminals come back; its name."""
    count = len(names)
    title = ngettext("Take back {count} lent terminal", "Take back {count} lent terminals", count)
    title = title.format(count=count)
    return request_change(site, _document(title, names, {"act": "return"}, reason or title, ticket))


def _document(
    title: str, names: Sequence[str], inputs: Mapping[str, object], reason: str, ticket: str
) -> ChangeDocument:
    return ChangeDocument(
        work=WORK, title=title, reason=reason, ticket=ticket, targets=tuple(names), inputs=dict(inputs)
    )


def _patched(site: Site) -> dict[str, date]:
    zone = site.policy.zone
    return {
        str(name): datetime.fromisoformat(str(moment)).astimezone(zone).date()
        for name, moment in site.ledger.query(_PATCHED, ())
        if moment
    }
