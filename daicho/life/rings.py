"""How the rings of a change stand, from the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daicho import clock
from daicho.clock import moment
from daicho.items.record import all_items
from daicho.records.debts import debts
from daicho.rings import ATTRIBUTE, Rings, Trial, ring_of, standing, wait_of
from daicho.works import work_named

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from daicho.items.item import Item
    from daicho.records.changes import ChangeRecord
    from daicho.rings import Ring, Wait
    from daicho.site import Site


def rules_of(site: Site, record: ChangeRecord) -> Rings | None:
    """The rules of rings that hold for a change: none in an emergency, nor where nobody owes anything."""
    work = work_named(record.document.work)
    aside = record.document.kind == "emergency" or record.document.undo_of or ATTRIBUTE not in work.in_turn
    return None if aside or not work.owes else site.policy.rings


def rings_of(site: Site, record: ChangeRecord, rules: Rings) -> tuple[Ring, ...]:
    """How each ring stands with a change; none before its first run."""
    rings = {item.name: ring_of(item.value(ATTRIBUTE), rules.order) for item in all_items(site.ledger)}
    owed = debts(site.ledger, [record.document.work], change=record.id)
    trials = (
        Trial(
            ring=rings[debt.target],
            outcome=debt.outcome,
            first_at=_moment(debt.first_at),
            bad_at=_moment(debt.bad_at),
        )
        for debt in owed
    )
    return standing(trials, rules)


def held(site: Site, record: ChangeRecord, wave: Iterable[str], items: Mapping[str, Item]) -> Wait | None:
    """What the terminals of a wave, which are of one ring, still wait for."""
    rules = rules_of(site, record)
    named = next((items[name] for name in wave if name in items), None)
    if rules is None or named is None:
        return None
    ring = ring_of(named.value(ATTRIBUTE), rules.order)
    return wait_of(ring, rings_of(site, record, rules), rules, clock.now())


def held_targets(site: Site, record: ChangeRecord) -> frozenset[str]:
    """The terminals whose ring must not go yet."""
    rules = rules_of(site, record)
    if rules is None:
        return frozenset()
    rings, now = rings_of(site, record, rules), clock.now()
    held = {ring.name for ring in rings if wait_of(ring.name, rings, rules, now)}
    items = all_items(site.ledger)
    return frozenset(item.name for item in items if ring_of(item.value(ATTRIBUTE), rules.order) in held)


def next_wait(site: Site, record: ChangeRecord) -> Wait | None:
    """The first ring with terminals that have their turn to come, and what it waits for."""
    rules = rules_of(site, record)
    if rules is None:
        return None
    rings = rings_of(site, record, rules)
    ring = next((each for each in rings if each.waiting), None)
    return wait_of(ring.name, rings, rules, clock.now()) if ring else None


def _moment(text: str | None) -> datetime | None:
    return moment(text) if text else None
