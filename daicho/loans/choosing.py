"""Which terminals can be lent: free, patched, suitable; and why the others cannot. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from daicho.i18n import gettext as _
from daicho.items.cells import fold
from daicho.items.item import natural_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from daicho.items.item import Item

POOL: Final = "pool"
LOAN: Final = "loan"
"""`pool=loan` in the ledger: the terminal is there to be lent."""
TO: Final = "lent_to"
ON: Final = "lent_on"
UNTIL: Final = "lent_until"


@dataclass(frozen=True, kw_only=True)
class Need:
    """What somebody wants to borrow, and what every terminal that leaves has to be."""

    today: date
    attributes: Mapping[str, str] = field(default_factory=dict)
    """Attributes that it has to have: `os` → `windows11`."""
    patched_within: int = 31
    """Days since its last patches; 0: it is not asked."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One terminal of the pool."""

    item: Item
    patched: date | None
    """When its patches were last known to be complete; None: never."""
    reasons: tuple[str, ...]
    """Why it cannot be lent, in words; none: it can."""

    @property
    def lent_to(self) -> str:
        """Who has it; empty: nobody."""
        return self.item.attributes.get(TO, "")

    @property
    def until(self) -> str:
        """The day on which it is due."""
        return self.item.attributes.get(UNTIL, "")


def candidates(items: Iterable[Item], patched: Mapping[str, date], need: Need) -> tuple[Candidate, ...]:
    """Every terminal of the pool; those that can be lent first, the most recently patched before others.

    Args:
        items: All recorded items.
        patched: When the patches of a terminal were last known to be complete.
        need: What is wanted.
    """
    pool = [item for item in items if item.kind == "endpoint" and item.attributes.get(POOL) == LOAN]
    found = [
        Candidate(
            item=item,
            patched=patched.get(item.name),
            reasons=tuple(_reasons(item, patched.get(item.name), need)),
        )
        for item in pool
    ]
    return tuple(sorted(found, key=_rank))


def overdue(candidate: Candidate, today: date) -> bool:
    """Whether it should be back."""
    return bool(candidate.lent_to and candidate.until) and date.fromisoformat(candidate.until) < today


def _rank(each: Candidate) -> tuple[object, ...]:
    since = -each.patched.toordinal() if each.patched else 0
    return bool(each.reasons), since, natural_key(each.item.name)


def _reasons(item: Item, patched: date | None, need: Need) -> Iterator[str]:
    if who := item.attributes.get(TO):
        until = item.attributes.get(UNTIL, "")
        yield _("it is lent to {who} until {until}").format(who=who, until=until or "?")
    if need.patched_within:
        if patched is None:
            yield _("nobody knows when it was patched; run `patch_endpoints` on it")
        elif patched < need.today - timedelta(days=need.patched_within):
            yield _("its patches are of {day}; run `patch_endpoints` on it").format(day=patched)
    for name, wanted in need.attributes.items():
        has = item.attributes.get(name, "")
        if fold(has).casefold() != fold(wanted).casefold():
            yield _("its {name} is {has} and not {wanted}").format(
                name=name, has=has or _("unknown"), wanted=wanted
            )
