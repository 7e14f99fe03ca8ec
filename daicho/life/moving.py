"""Layout plans become changes, and what was moved is verified by what the systems say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from daicho.change import ChangeDocument
from daicho.errors import Refused, UsageError
from daicho.i18n import N_, ngettext
from daicho.items.record import all_items
from daicho.life.checking import Order
from daicho.life.collecting import WORK as COLLECT
from daicho.life.collecting import collect
from daicho.life.requesting import request_change
from daicho.life.witnesses import ask
from daicho.moves.evidence import Witnesses, judge
from daicho.moves.office import Office, macs
from daicho.moves.rows import rows_of
from daicho.records.changes import change_record, recorded_plan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from daicho.door import Watch
    from daicho.life.collecting import CollectEnd
    from daicho.moves.evidence import Verdict
    from daicho.moves.rows import Row
    from daicho.moves.wish import Wish
    from daicho.site import Site

WORKS: Final = {"endpoint": "relocate_terminals", "printer": "relocate_printers"}


class NotThere(UsageError):
    """A layout plan names things that the ledger does not know."""

    sentence = N_(
        "The ledger has no terminal and no printer {names}; nothing was asked for. Import them, or take the "
        "rows out."
    )


class NoMoves(Refused):
    """The change has no plan that moves anything."""

    sentence = N_(
        "{change} moves nothing: it is of another kind, only prepares, or has no plan yet "
        "(`daicho plan {change}`)."
    )


@dataclass(frozen=True, kw_only=True)
class Reason:
    """What the changes of a layout plan say of themselves."""

    reason: str
    ticket: str = ""
    prepare: bool = False


@dataclass(frozen=True, kw_only=True)
class Verified:
    """How the moves of a change stand."""

    change: str
    check: str
    """The collection that asked the switches."""
    verdicts: tuple[Verdict, ...]
    unasked: Mapping[str, str] = field(default_factory=dict)
    """System → why it could not be asked."""


def request_moves(site: Site, wishes: Sequence[Wish], why: Reason) -> dict[str, str]:
    """Ask for the changes of a layout plan: work → change.

    Raises:
        NotThere: It names what is no terminal and no printer.
        NotAllowed: The policy does not let the acting person request this work.
    """
    office = Office(tuple(all_items(site.ledger)))
    by_kind: dict[str, list[Wish]] = {}
    missing = []
    for wish in wishes:
        item = office.item(wish.item)
        if item is None or item.kind not in WORKS:
            missing.append(wish.item)
        else:
            by_kind.setdefault(item.kind, []).append(wish.model_copy(update={"item": item.name}))
    if missing:
        raise NotThere(names=", ".join(missing))
    # The printers first: who moves to a place of theirs finds it free.
    order = sorted(by_kind, reverse=True)
    return {WORKS[kind]: request_change(site, _document(kind, by_kind[kind], why)) for kind in order}


def _document(kind: str, wishes: Sequence[Wish], why: Reason) -> ChangeDocument:
    count = len(wishes)
    if kind == "printer":
        title = ngettext("Move {count} printer", "Move {count} printers", count)
    else:
        title = ngettext("Move {count} terminal", "Move {count} terminals", count)
    return ChangeDocument(
        work=WORKS[kind],
        title=title.format(count=count),
        reason=why.reason,
        ticket=why.ticket,
        targets=tuple(wish.item for wish in wishes),
        inputs={
            "moves": [wish.model_dump(mode="json") for wish in wishes],
            "stage": "prepare" if why.prepare else "cut_over",
        },
        # Who waits for a place and who leaves it go together.
        waves=("100%",),
    )


def moves_of(site: Site, change: str) -> tuple[str, tuple[Row, ...]]:
    """The title of a change and the moves that its plan makes.

    Raises:
        NoMoves: There are none.
    """
    record = change_record(site.ledger, change)
    plan = recorded_plan(site.ledger, record) if record.document.work in WORKS.values() else None
    rows = rows_of(plan, _outlets(Office(tuple(all_items(site.ledger))))) if plan else ()
    if not rows:
        raise NoMoves(change=change)
    return record.document.title, rows


@dataclass(frozen=True, kw_only=True)
class Look:
    """What is looked at besides the network."""

    plugged: Mapping[str, str] | None = None
    """What the technicians say that they plugged where; None: they said nothing."""
    test_pages: bool = False
    """Whether printers print a page."""


def verify_moves(site: Site, change: str, look: Look, watch: Watch) -> Verified:
    """Ask all systems whether moves have come about; the ledger learns what hangs where.

    Args:
        site: The site.
        change: The change.
        look: What is looked at besides the network.
        watch: Sees the progress.

    Raises:
        NoMoves: The change moves nothing.
        AlreadyChecking: Another collection is going on.
    """
    _title, rows = moves_of(site, change)
    switches = dict.fromkeys(name for row in rows for name in (row.new.switch, row.old.switch) if name)
    end = collect(site, Order(work=COLLECT, selectors=list(switches)), watch)
    office = Office(tuple(all_items(site.ledger)))
    printers = change_record(site.ledger, change).document.work == WORKS["printer"]
    asked = ask(site, change, rows, test_pages=look.test_pages and printers)
    said = Witnesses(
        ports=_ports(end),
        silent=frozenset(end.unread),
        plugged=look.plugged,
        macs={row.item: macs(item) for row in rows if (item := office.item(row.item))},
        outlets=_outlets(office),
        leases=asked.leases,
        addresses=asked.addresses,
        backs=asked.backs,
        logons=asked.logons,
        pages=asked.pages,
    )
    unasked = {**end.unread, **asked.unasked}
    return Verified(change=change, check=end.check, verdicts=judge(rows, said), unasked=unasked)


def _outlets(office: Office) -> dict[tuple[str, str], str]:
    return {(port.switch, port.name): item.name for port, item in office.outlet_of.items() if port}


def _ports(end: CollectEnd) -> dict[str, set[tuple[str, str]]]:
    """Hardware address → the office ports on which it was learnt; cables to other switches prove nothing."""
    found: dict[str, set[tuple[str, str]]] = {}
    for switch, seen in end.seen.items():
        passing = {each.port for each in seen.heard or ()}
        for station in seen.stations:
            if station.port not in passing:
                found.setdefault(station.mac, set()).add((switch, station.port))
    return found
