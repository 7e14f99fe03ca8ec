"""Which devices change together: site by site, the outer ones first, never both of a redundant pair."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from daicho.items.item import natural_key
from daicho.waves import split

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from daicho.items.item import Item

ROLES: Final = ("access", "", "router", "distribution", "core")
"""From what few hang on to what all hang on; an unknown role stands with the empty one."""


def network_waves(items: Sequence[Item], sizes: Sequence[int | str]) -> list[list[str]]:
    """The devices in waves: no wave spans two sites or two roles, none holds both of a pair.

    Args:
        items: The targets.
        sizes: As of a change (`1`, `10%`); they begin anew with each site and role, so that each has
            its canary.
    """
    groups: dict[tuple[str, int], list[Item]] = {}
    for item in sorted(items, key=lambda item: natural_key(item.name)):
        groups.setdefault((item.value("site") or "", _rank(item)), []).append(item)
    waves = [
        wave
        for _place, members in sorted(groups.items(), key=lambda each: (each[0][1], each[0][0]))
        for wave in split([item.name for item in members], sizes)
    ]
    return apart(waves, partners(items))


def partners(items: Iterable[Item]) -> dict[str, str]:
    """Device → the other of its redundant pair, whichever of the two says so in its attribute `pair`."""
    found: dict[str, str] = {}
    for item in items:
        if other := item.value("pair"):
            found[item.name] = other
            found.setdefault(other, item.name)
    return found


def apart(waves: Iterable[Sequence[str]], partner: Mapping[str, str]) -> list[list[str]]:
    """The same waves, with the second of each pair in a wave of its own right after."""
    result: list[list[str]] = []
    for wave in waves:
        first: list[str] = []
        second: list[str] = []
        for name in wave:
            (second if partner.get(name) in first else first).append(name)
        result += [each for each in (first, second) if each]
    return result


def _rank(item: Item) -> int:
    role = item.value("role") or ""
    return ROLES.index(role if role in ROLES else "")
