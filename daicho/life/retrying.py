"""Who owes something and has been seen since it was last tried is tried again; the others are left in peace.

A terminal that is off owes. It has been seen when a check found it back, somebody logged on with it, it
got an address, or it answers now.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daicho.change import State
from daicho.errors import Refused
from daicho.items.record import all_items
from daicho.life.knocking import absent
from daicho.life.rings import held_targets
from daicho.life.running import run_change
from daicho.records.changes import change_record
from daicho.records.debts import debts
from daicho.records.endpoints import sightings
from daicho.works import WORKS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from daicho.door import Watch
    from daicho.life.running import RunEnd
    from daicho.records.debts import Debt
    from daicho.records.endpoints import Sighting
    from daicho.site import Site


@dataclass(frozen=True, kw_only=True)
class Due:
    """One change and those of its debtors that can be tried now."""

    change: str
    names: frozenset[str]
    away: int
    """Those that nobody has seen since."""
    waiting: int
    """Those whose ring waits for the one before it."""
    uncovered: int
    """Those that were off when it was planned: they need a new plan and its approval."""


@dataclass(frozen=True, kw_only=True)
class Retried:
    """What came of trying again."""

    due: Due
    end: RunEnd | None
    """None: nobody was there to be tried, or it was refused."""
    refused: str = ""


def owing_works() -> tuple[str, ...]:
    """The works that are owed by those who did not get them."""
    return tuple(work.name for work in WORKS.values() if work.owes)


def due(site: Site, change: str | None = None) -> tuple[Due, ...]:
    """The changes with debts, and who can be tried again now. Asks the network who is there; changes nothing.

    Args:
        site: Whose.
        change: Only this one.
    """
    owed: dict[str, list[Debt]] = {}
    for debt in debts(site.ledger, owing_works(), change=change):
        if debt.retried:
            owed.setdefault(debt.change, []).append(debt)
    seen = sightings(site.ledger)
    unseen = {debt.target for each in owed.values() for debt in each if not _seen(debt, seen)}
    items = [item for item in all_items(site.ledger) if item.name in unseen]
    away = frozenset(absent(site, items)) if items else frozenset[str]()
    found = (_due(site, name, owed[name], away) for name in sorted(owed, key=lambda name: int(name[1:])))
    return tuple(each for each in found if each is not None)


def retry(site: Site, which: Sequence[Due], watch: Watch) -> tuple[Retried, ...]:
    """Try the debtors again that are there, each change under its own approval and in its own window.

    The newest first: where it brings those before it along, they are paid by it.
    """
    return tuple(_retry(site, each, watch) for each in reversed(which))


def _retry(site: Site, each: Due, watch: Watch) -> Retried:
    open_now = {debt.target for debt in debts(site.ledger, owing_works(), change=each.change) if debt.retried}
    names = each.names & open_now
    if not names:
        return Retried(due=each, end=None)
    try:
        return Retried(due=each, end=run_change(site, each.change, watch, only=names))
    except Refused as error:
        # Outside its window, in a freeze: the next change may still go.
        return Retried(due=each, end=None, refused=str(error))


def _due(site: Site, change: str, owed: Sequence[Debt], away: frozenset[str]) -> Due | None:
    record = change_record(site.ledger, change)
    standard = record.document.kind == "standard"
    if not standard and record.state is not State.OWING:
        return None
    covered = [debt for debt in owed if debt.covered or standard]
    held = held_targets(site, record)
    waiting = {debt.target for debt in covered if debt.target in held}
    names = frozenset(debt.target for debt in covered if debt.target not in away) - waiting
    return Due(
        change=change,
        names=names,
        away=len(covered) - len(names) - len(waiting),
        waiting=len(waiting),
        uncovered=len(owed) - len(covered),
    )


def _seen(debt: Debt, seen: Mapping[str, Sighting]) -> bool:
    """Whether it was seen since it was last tried; one that was never tried waits for its turn only."""
    last = debt.tried_at or debt.first_at
    sighting = seen.get(debt.target)
    return last is None or (sighting is not None and sighting.at > last)
