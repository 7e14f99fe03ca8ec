"""Terminals that the ledger knows and the directory does not, and the other way round. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from daicho.directory import state as keys
from daicho.directory.names import is_under
from daicho.i18n import N_
from daicho.items.item import natural_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from daicho.directory.state import Account
    from daicho.items.item import Item

_CONTROLLERS: Final = "OU=Domain Controllers"


class Gap(StrEnum):
    """How the two differ about a terminal."""

    NOT_IN_LEDGER = "not_in_ledger"
    NOT_IN_DIRECTORY = "not_in_directory"
    CLOSED = "closed"
    """The ledger has it, and in the directory it is closed."""

    @property
    def label(self) -> str:
        """The words for people, as a message to translate."""
        return _LABELS[self]


_LABELS: Final = {
    Gap.NOT_IN_LEDGER: N_("not in the ledger"),
    Gap.NOT_IN_DIRECTORY: N_("not in the directory"),
    Gap.CLOSED: N_("closed in the directory"),
}


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A terminal about which the two differ."""

    name: str
    gap: Gap
    kind: str = ""
    """As which kind of item the ledger has it."""
    dn: str = ""
    description: str = ""
    system: str = ""


def compare(
    items: Iterable[Item], computers: Iterable[Account], login: str, aside: str
) -> tuple[Difference, ...]:
    """Every difference, sorted by name.

    Args:
        items: Everything that the ledger has: a server has an account, too.
        computers: The accounts of computers.
        login: The attribute that holds their names.
        aside: What retired terminals are kept under; those are no difference.
    """
    named = {item.name.casefold(): item for item in items}
    found: dict[str, Account] = {
        account.attribute(login).removesuffix("$").casefold(): account for account in computers
    }
    differences = [*_of_computers(named, found, aside), *_of_items(named, found)]
    return tuple(sorted(differences, key=lambda each: natural_key(each.name)))


def _of_computers(named: dict[str, Item], found: dict[str, Account], aside: str) -> Iterator[Difference]:
    for key, account in found.items():
        item, closed = named.get(key), not account.state.get(keys.ENABLED)
        ours = _CONTROLLERS.casefold() not in account.dn.casefold() and not is_under(account.dn, aside)
        if item is None and ours:
            yield _difference(account, Gap.NOT_IN_LEDGER, key.upper())
        elif item is not None and closed and item.kind == "endpoint":
            yield _difference(account, Gap.CLOSED, item.name, item.kind)


def _of_items(named: dict[str, Item], found: dict[str, Account]) -> Iterator[Difference]:
    for key, item in named.items():
        if item.kind == "endpoint" and key not in found:
            yield Difference(name=item.name, gap=Gap.NOT_IN_DIRECTORY, kind=item.kind)


def _difference(account: Account, gap: Gap, name: str, kind: str = "") -> Difference:
    return Difference(
        name=name,
        gap=gap,
        kind=kind,
        dn=account.dn,
        description=account.attribute("description"),
        system=account.attribute("operatingSystem"),
    )
