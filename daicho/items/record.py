"""Items in the ledger: what an import changes, what there is, and how it came about."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from daicho.errors import LedgerError, UnknownObject, UsageError
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.items.item import Item
from daicho.items.projection import CHANGED, RETIRED
from daicho.ledger.entry import Draft
from daicho.selector import select

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from daicho.ledger import Entry, Ledger
    from daicho.selector import Selector

_ALL = "SELECT name, kind, address, attributes FROM item WHERE retired <= ? ORDER BY name"


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """How many items an import touched."""

    added: int
    changed: int
    unchanged: int
    retired: int


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """The entries that an import would append, and what they amount to."""

    drafts: tuple[Draft, ...]
    summary: ImportSummary


class CaseDiffers(UsageError):
    """An imported name differs from a recorded one only by the case of its letters."""

    sentence = N_(
        "{source} names {name!r}, which is recorded as {recorded!r}. For a network both are one machine: "
        "write it as it is recorded."
    )


def import_items(
    ledger: Ledger, items: Iterable[Item], by: str, source: str, *, retire_missing: bool = False
) -> ImportSummary:
    """Record what the items say otherwise than the ledger, in one transaction; nothing if nothing.

    Args:
        ledger: Opened with ItemsProjection.
        items: What read_items gave.
        by: Who imports.
        source: The file's name; it stands in every entry.
        retire_missing: Retire the items that are not among them. They keep their history.

    Raises:
        CaseDiffers: A name is recorded in other letters.
        LedgerUnwritable: Nothing was recorded.
    """
    plan = plan_import(ledger, items, by, source, retire_missing=retire_missing)
    ledger.append(*plan.drafts)
    return plan.summary


def plan_import(
    ledger: Ledger, items: Iterable[Item], by: str, source: str, *, retire_missing: bool = False
) -> ImportPlan:
    """What import_items would record; nothing is written."""
    recorded = {item.name: item for item in all_items(ledger)}
    _refuse_case(ledger, items := tuple(items), source)
    drafts = []
    added = 0
    for item in items:
        before = recorded.get(item.name)
        if before != item:
            drafts.append(_changed(before, item, by, source))
            added += before is None
    changed = len(drafts) - added
    named = {item.name for item in items}
    gone = [item for name, item in recorded.items() if name not in named] if retire_missing else []
    drafts += [_retired(item, by, source) for item in gone]
    summary = ImportSummary(added, changed, len(items) - added - changed, len(gone))
    return ImportPlan(tuple(drafts), summary)


def entering(ledger: Ledger, items: Iterable[Item], by: str, source: str) -> list[Draft]:
    """The entries that enter items; none of what is recorded just so."""
    there = {item.name: item for item in all_items(ledger)}
    return [
        _changed(there.get(item.name), item, by, source) for item in items if there.get(item.name) != item
    ]


def retiring(ledger: Ledger, names: Iterable[str], by: str, source: str) -> list[Draft]:
    """The entries that retire the items of these names that there are."""
    there = {item.name: item for item in all_items(ledger)}
    return [_retired(there[name], by, source) for name in names if name in there]


def all_items(ledger: Ledger, *, include_retired: bool = False) -> list[Item]:
    """The items that the ledger holds, by name."""
    return [_item(*row) for row in _rows(ledger, _ALL, (int(include_retired),))]


def find(ledger: Ledger, selector: Selector | Sequence[Selector]) -> list[Item]:
    """The items that a selector or a list of selectors means, in natural order.

    Raises:
        NothingMatched: See daicho.selector.select, and its other errors.
    """
    several = not isinstance(selector, str) and not hasattr(selector, "items")
    return select(all_items(ledger), list(selector) if several else [selector])  # type: ignore[list-item]


def one_item(ledger: Ledger, name: str) -> Item:
    """The item of this very name, retired or not.

    Raises:
        UnknownObject: There never was one.
    """
    rows = _rows(ledger, "SELECT name, kind, address, attributes FROM item WHERE name = ?", (name,))
    if not rows:
        raise UnknownObject(kind=_("item"), name=name, listing="daicho item list")
    return _item(*rows[0])


def history(ledger: Ledger, name: str) -> list[Entry]:
    """Every entry about an item, oldest first.

    Raises:
        UnknownObject: There never was one.
    """
    entries = list(ledger.entries(of=name, kind="item."))
    if not entries:
        raise UnknownObject(kind=_("item"), name=name, listing="daicho item list")
    return entries


def _changed(before: Item | None, after: Item, by: str, source: str) -> Draft:
    body = {
        "name": after.name,
        "kind": after.kind,
        "before": before.state() if before else None,
        "after": after.state(),
        "source": source,
    }
    return Draft(kind=CHANGED, of=after.name, by=by, body=body)


def _retired(item: Item, by: str, source: str) -> Draft:
    body = {"name": item.name, "kind": item.kind, "before": item.state(), "after": None, "source": source}
    return Draft(kind=RETIRED, of=item.name, by=by, body=body)


def _refuse_case(ledger: Ledger, items: Sequence[Item], source: str) -> None:
    recorded = {item.name.casefold(): item.name for item in all_items(ledger, include_retired=True)}
    for item in items:
        name = recorded.get(item.name.casefold(), item.name)
        if name != item.name:
            raise CaseDiffers(source=source, name=item.name, recorded=name)


def _item(name: str, kind: str, address: str, attributes: str) -> Item:
    return Item(name, kind, address, json.loads(attributes))


def _rows(ledger: Ledger, sql: str, parameters: tuple[object, ...]) -> Sequence[Sequence[str]]:
    try:
        return [tuple(row) for row in ledger.query(sql, parameters)]
    except LedgerError as error:
        if "no such table" not in str(error):
            raise
        raise LedgerError(
            why=_("{path} has no table of items yet. `daicho ledger rebuild` makes it.").format(
                path=ledger.path
            )
        ) from error
