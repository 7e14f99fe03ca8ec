"""Who is in which group through which other groups, and what a change of groups means. Pure.

Groups contain groups, and sometimes each other; what counts for a person is every group that can be
reached, not the list on the account.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping


@dataclass(frozen=True, kw_only=True)
class Access:
    """What a person can enter afterwards and could not before, and the other way round."""

    gained: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    """Left directly, but still reached through another group: leaving it takes nothing away."""


class Nesting:
    """Which groups are in which; circles are allowed, as directories allow them."""

    def __init__(self, parents: Mapping[str, Collection[str]]) -> None:
        """Take the groups that each group is directly in.

        Args:
            parents: By group; a group that is in no other may be missing.
        """
        self._parents = parents
        self._reached: dict[str, frozenset[str]] = {}

    def above(self, group: str) -> frozenset[str]:
        """The group itself and all that it is in, at any depth."""
        known = self._reached.get(group)
        if known is None:
            known = self._reached[group] = frozenset(_walk([group], self._parents))
        return known

    def effective(self, direct: Iterable[str]) -> frozenset[str]:
        """All groups of somebody who is directly in these."""
        return frozenset().union(*(self.above(group) for group in direct))

    def inside(self, group: str) -> frozenset[str]:
        """The group itself and all groups in it, at any depth."""
        children: dict[str, list[str]] = {}
        for child, above in self._parents.items():
            for each in above:
                children.setdefault(each, []).append(child)
        return frozenset(_walk([group], children))

    def way(self, direct: Collection[str], group: str) -> tuple[str, ...]:
        """The shortest way into a group for somebody who is directly in these; empty: there is none."""
        found: dict[str, tuple[str, ...]] = {each: (each,) for each in sorted(direct)}
        waiting = deque(found)
        while waiting:
            at = waiting.popleft()
            if at == group:
                return found[at]
            for each in sorted(self._parents.get(at, ())):
                if each not in found:
                    found[each] = (*found[at], each)
                    waiting.append(each)
        return ()


def net(
    before: Collection[str], after: Collection[str], nesting: Nesting, nesting_after: Nesting | None = None
) -> Access:
    """What a change of somebody's direct groups means for what they can enter.

    Args:
        before: The groups that the person is directly in now.
        after: The groups afterwards.
        nesting: Which groups are in which now.
        nesting_after: Afterwards, if that changes too.
    """
    could, can = nesting.effective(before), (nesting_after or nesting).effective(after)
    return Access(
        gained=tuple(sorted(can - could)),
        lost=tuple(sorted(could - can)),
        kept=tuple(sorted((set(before) - set(after)) & can)),
    )


def people_in(group: str, nesting: Nesting, direct: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    """Everybody who is in a group, directly or through others, sorted.

    Args:
        group: The group.
        nesting: Which groups are in which.
        direct: The groups that each person is directly in.
    """
    inside = nesting.inside(group)
    return tuple(sorted(person for person, groups in direct.items() if not inside.isdisjoint(groups)))


def circles(nesting: Nesting, groups: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """The sets of groups that contain each other, each sorted: nobody means that."""
    found = set[tuple[str, ...]]()
    for group in groups:
        others = [each for each in nesting.above(group) if each != group and group in nesting.above(each)]
        if others:
            found.add(tuple(sorted([group, *others])))
    return tuple(sorted(found))


def _walk(begin: list[str], links: Mapping[str, Collection[str]]) -> set[str]:
    found = set(begin)
    while begin:
        for each in links.get(begin.pop(), ()):
            if each not in found:
                found.add(each)
                begin.append(each)
    return found
