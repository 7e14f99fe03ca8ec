"""What every endpoint has and misses, by the ledger: its newest readings, its debts, the directory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from daicho import clock
from daicho.endpoints.patch_state import DEFINITIONS, PATCHES
from daicho.endpoints.site import runs_windows
from daicho.items.record import all_items
from daicho.life.checking import NothingToCheck
from daicho.life.registers import compare_terminals
from daicho.life.retrying import owing_works
from daicho.outcome import Outcome
from daicho.records.debts import debts
from daicho.records.endpoints import states_of, unread_of
from daicho.selector import select

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from daicho.items.item import Item
    from daicho.life.registers import TerminalComparison
    from daicho.records.debts import Debt
    from daicho.records.endpoints import EndpointState
    from daicho.selector import Selector
    from daicho.site import Site


@dataclass(frozen=True, kw_only=True)
class Terminal:
    """One endpoint as the ledger knows it."""

    item: Item
    patches: EndpointState | None
    """None: it was never read."""
    definitions: EndpointState | None
    unread: str
    """Why its newest reading failed; empty: it did not."""
    owes: tuple[str, ...]
    """The changes that it has not got yet."""
    in_doubt: tuple[str, ...]
    """The changes that it has got by the record while nothing on it has changed."""

    @property
    def missing(self) -> tuple[str, ...]:
        """The updates that it misses; none as well where it was never read."""
        return tuple(self.patches.state["missing"]) if self.patches else ()

    @property
    def installed(self) -> tuple[str, ...]:
        """The updates that it has."""
        return tuple(self.patches.state["installed"]) if self.patches else ()

    @property
    def restart(self) -> bool:
        """Whether what it has waits for a restart."""
        return bool(self.patches and self.patches.state["reboot_pending"])

    @property
    def current(self) -> bool:
        """Whether it was read, misses nothing and waits for nothing."""
        return self.patches is not None and not self.missing and not self.restart

    def of(self, what: str) -> dict[str, Any]:
        """A reading's values; empty where there is none."""
        found = self.patches if what == PATCHES else self.definitions
        return found.state if found else {}


@dataclass(frozen=True, kw_only=True)
class Compliance:
    """All of them at one moment."""

    at: datetime
    terminals: Sequence[Terminal]
    compared: TerminalComparison | None
    """How the ledger and the directory differ; None: that was not asked."""


def compliance(site: Site, selectors: Sequence[Selector] = (), *, directory: bool = False) -> Compliance:
    """The board of the Windows endpoints.

    Args:
        site: Whose.
        selectors: Which of them; none: all.
        directory: Compare with the directory, too, which is recorded as a check.

    Raises:
        NothingMatched: There are none.
        DirectoryError: The directory cannot be asked.
    """
    everything = all_items(site.ledger)
    chosen = select(everything, selectors) if selectors else everything
    items = [
        item
        for item in chosen
        if item.kind in {"endpoint", "server"} and runs_windows(item.attributes.get("os"))
    ]
    if not items:
        raise NothingToCheck(kinds="endpoint (os: windows)")
    patches, definitions = states_of(site.ledger, PATCHES), states_of(site.ledger, DEFINITIONS)
    unread = unread_of(site.ledger, DEFINITIONS) | unread_of(site.ledger, PATCHES)
    owed: dict[str, list[Debt]] = {}
    for debt in debts(site.ledger, owing_works()):
        owed.setdefault(debt.target, []).append(debt)
    terminals = [
        Terminal(
            item=item,
            patches=patches.get(item.name),
            definitions=definitions.get(item.name),
            unread=unread.get(item.name, ""),
            owes=tuple(debt.change for debt in owed.get(item.name, ()) if debt.paid_at is None),
            in_doubt=_in_doubt(owed.get(item.name, ()), patches.get(item.name)),
        )
        for item in items
    ]
    compared = compare_terminals(site) if directory else None
    return Compliance(at=clock.now(), terminals=terminals, compared=compared)


def _in_doubt(debts: Sequence[Debt], state: EndpointState | None) -> tuple[str, ...]:
    """The changes of patches after which it was read again and everything was as it had been before."""
    if state is None or not state.state["missing"]:
        return ()
    return tuple(
        debt.change
        for debt in debts
        if debt.work == "patch_endpoints"
        and debt.outcome is Outcome.CHANGED
        and debt.paid_at is not None
        and state.since <= debt.paid_at <= state.read_at
    )
