"""Which items must not change together: group after group, the outer ones first, never both of a pair."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from daicho.items.item import natural_key
from daicho.rings import ATTRIBUTE, ORDER, ring_of
from daicho.waves import Apart

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from daicho.items.item import Item

ROLES: Final = ("access", "", "router", "distribution", "core")
"""From what few hang on to what all hang on; an unknown role stands with the empty one."""


def apart(items: Iterable[Item], in_turn: Sequence[str], rings: Sequence[str] = ORDER) -> Apart:
    """What keeps these items out of each other's waves.

    Args:
        items: The targets, and whatever they may be paired with (attribute `pair`, said by one or both).
        in_turn: Attributes whose values go out one after the other: of a role by what hangs on it, else
            in the order of people's names.
        rings: The order of the values of `ring`; none: the site has no rings, and they go all together.
    """
    in_turn = [attribute for attribute in in_turn if attribute != ATTRIBUTE or rings]
    partner: dict[str, str] = {}
    turn: dict[str, tuple[object, ...]] = {}
    for item in items:
        if other := item.value("pair"):
            partner[item.name] = other
            partner.setdefault(other, item.name)
        turn[item.name] = tuple(_place(item, attribute, rings) for attribute in in_turn)
    return Apart(turn=turn if in_turn else {}, partner=partner)


def _place(item: Item, attribute: str, rings: Sequence[str]) -> object:
    value = item.value(attribute) or ""
    if attribute == ATTRIBUTE:
        return rings.index(ring_of(value, rings))
    if attribute == "role":
        return ROLES.index(value if value in ROLES else "")
    parts, text = natural_key(value)
    return tuple(parts), text
