"""Who stands in a consumer's file, and with what: from accounts to rows. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from daicho.accounts.feed_file import substituted
from daicho.directory import state as keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from daicho.accounts.consumers import Consumer
    from daicho.accounts.feed_file import Row
    from daicho.directory.state import Account
    from daicho.people.sections import Sections

_BREAKS: Final = {ord(each): " " for each in "\r\n\t"}
"""What would begin another row in some consumer's reader."""


@dataclass(frozen=True, kw_only=True)
class Names:
    """Which attributes hold what every directory has."""

    login: str
    number: str


@dataclass(kw_only=True)
class Told:
    """The rows for one consumer, and who could not be told of."""

    rows: dict[str, Row] = field(default_factory=dict)
    nameless: list[str] = field(default_factory=list)
    """Logon names of those who have no value for the key."""
    doubles: list[str] = field(default_factory=list)
    """Keys that two people share."""
    substituted: list[str] = field(default_factory=list)
    """Keys of those who have a substitute for one of their characters."""


def tell(accounts: Iterable[Account], consumer: Consumer, names: Names, sections: Sections) -> Told:
    """The rows that a consumer is to have."""
    told = Told()
    wanted = _with_below(consumer.sections, sections)
    at = consumer.headings.index(consumer.key)
    for account in accounts:
        values = keys.attributes(account.state)
        if not _belongs(account, values, consumer, wanted):
            continue
        plain = tuple(_value(column.source, account, values, names) for column in consumer.columns)
        row = tuple(substituted(value, consumer) for value in plain)
        if not row[at]:
            told.nameless.append(account.attribute(names.login))
        elif row[at] in told.rows:
            told.doubles.append(row[at])
        else:
            told.rows[row[at]] = row
            if row != plain:
                told.substituted.append(row[at])
    return told


def _belongs(
    account: Account, values: Mapping[str, tuple[str, ...]], consumer: Consumer, wanted: frozenset[str] | None
) -> bool:
    if not consumer.closed and not account.state.get(keys.ENABLED):
        return False
    return wanted is None or not wanted.isdisjoint(values.get(consumer.section_attribute, ()))


def _with_below(codes: tuple[str, ...], sections: Sections) -> frozenset[str] | None:
    if not codes:
        return None
    found = set(codes)
    # A tree has no circles, so this ends; each round goes one level down.
    while more := {each.code for each in sections.tree if each.parent in found} - found:
        found |= more
    return frozenset(found)


def _value(source: str, account: Account, values: Mapping[str, tuple[str, ...]], names: Names) -> str:
    match source:
        case "login":
            return account.attribute(names.login)
        case "number":
            return account.attribute(names.number)
        case "dn":
            return account.dn
        case "open":
            return "1" if account.state.get(keys.ENABLED) else "0"
        case "expires":
            return str(account.state.get(keys.EXPIRES) or "")
    return _in_one_line(" ".join(values.get(source, ())))


def _in_one_line(value: str) -> str:
    return value.translate(_BREAKS)
