"""The debt queue: who has not got what a change was to bring, why, since when, and when it is late."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from daicho.clock import moment, stamp
from daicho.endpoints.patch_state import PATCHES
from daicho.i18n import N_
from daicho.items.record import all_items
from daicho.life.retrying import owing_works
from daicho.outcome import Outcome
from daicho.records.changes import change_record
from daicho.records.debts import debts
from daicho.records.endpoints import sightings, states_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daicho.items.item import Item
    from daicho.records.debts import Debt
    from daicho.records.endpoints import Sighting
    from daicho.site import Site

OFF: Final = "off"
NO_SPACE: Final = "no_space"
TO_COME: Final = "to_come"
UNKNOWN: Final = "unknown"
UNCOVERED: Final = "uncovered"
FAILED: Final = "failed"
WORDS: Final = {
    OFF: N_("off"),
    UNCOVERED: N_("off when it was planned: they need a new plan"),
    NO_SPACE: N_("no space"),
    TO_COME: N_("still to come"),
    UNKNOWN: N_("not known how it ended"),
    FAILED: N_("failed"),
}
"""Why somebody owes, as a message to translate; what is not here is the number of an error."""

_CODE: Final = re.compile(r"0x[0-9a-fA-F]{8}")
_NO_SPACE: Final = re.compile(r"0x80070070|no_space|disk is full|No space left", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Owed:
    """One debt with what the rest of the ledger says of its debtor."""

    debt: Debt
    title: str
    """The change's."""
    standard: bool
    """Whether each run of the change plans anew, so that who was off needs nothing from anybody."""
    item: Item
    due_at: str | None
    """A stamp; None: the policy sets no date."""
    seen: Sighting | None
    missing: tuple[str, ...]
    """The updates that it said it misses when it was last read."""

    @property
    def open(self) -> bool:
        """Whether it still owes."""
        return self.debt.paid_at is None

    @property
    def in_time(self) -> bool:
        """Whether it has got it, and not after its date."""
        paid = self.debt.paid_at
        return paid is not None and (self.due_at is None or paid <= self.due_at)

    @property
    def reason(self) -> str:
        """Why it owes: a key of WORDS, or an error's number."""
        reason = reason_of(self.debt)
        return OFF if reason == UNCOVERED and self.standard else reason


def owed(site: Site, change: str | None = None) -> tuple[Owed, ...]:
    """Every debt, paid ones too: of one change, or of all that somebody still owes.

    Args:
        site: Whose.
        change: Only this one, whether or not anybody owes it.
    """
    found = debts(site.ledger, owing_works(), change=change)
    still = {debt.change for debt in found if debt.paid_at is None or change}
    items = {item.name: item for item in all_items(site.ledger)}
    documents = {name: change_record(site.ledger, name).document for name in still}
    seen, missing = sightings(site.ledger), _missing(site)
    return tuple(
        Owed(
            debt=debt,
            title=documents[debt.change].title,
            standard=documents[debt.change].kind == "standard",
            item=items[debt.target],
            due_at=_due(debt, site.policy.due_days or {}),
            seen=seen.get(debt.target),
            missing=missing.get(debt.target, ()),
        )
        for debt in found
        if debt.change in still
    )


def reason_of(debt: Debt) -> str:
    """Why a debt is open."""
    match debt.outcome:
        case None:
            return TO_COME
        case Outcome.UNREACHABLE:
            return OFF if debt.covered else UNCOVERED
        case Outcome.UNKNOWN:
            return UNKNOWN
    if _NO_SPACE.search(debt.why):
        return NO_SPACE
    code = _CODE.search(debt.why)
    return f"0x{code[0][2:].upper()}" if code else FAILED


def _due(debt: Debt, days: Mapping[str, int]) -> str | None:
    bound = days.get(debt.work)
    return stamp(moment(debt.since) + timedelta(days=bound)) if bound else None


def _missing(site: Site) -> dict[str, tuple[str, ...]]:
    return {name: tuple(each.state["missing"]) for name, each in states_of(site.ledger, PATCHES).items()}
