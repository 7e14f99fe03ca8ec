"""Ways through the topology: what can be reached, and what every way has to use."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from daicho.reachability.topology import Link, Topology

type Onward = Callable[[str], Iterable[str]]
"""Node → the nodes that its traffic can go to next."""


def onward(topology: Topology, allowed: Collection[str], cut: Collection[Link] = ()) -> Onward:
    """The steps within `allowed` over links that are not cut; only nodes that pass traffic lead on."""
    nodes, around, start = topology.nodes, topology.around, topology.controller

    def steps(near: str) -> list[str]:
        if not nodes[near].passes and near != start:
            return []
        return [
            far
            for link in around[near]
            if (far := link.b if link.a == near else link.a) in allowed and link not in cut
        ]

    return steps


def reached(starts: Iterable[str], steps: Onward) -> set[str]:
    """Everything that these starts lead to, themselves included."""
    found = set(starts)
    waiting = list(found)
    while waiting:
        for far in steps(waiting.pop()):
            if far not in found:
                found.add(far)
                waiting.append(far)
    return found


def unavoidable(start: str, steps: Onward, wanted: Iterable[str]) -> set[str]:
    """The nodes that every way from `start` to one of the `wanted` uses, those themselves included.

    These are the dominators of the wanted nodes in the flow graph that begins at `start` (Cooper, Harvey,
    Kennedy: A Simple, Fast Dominance Algorithm, 2001). What cannot be reached at all asks for nothing.
    """
    above = dominators(start, steps)
    used: set[str] = set()
    for name in wanted:
        step: str | None = name if name in above else None
        while step is not None and step not in used:
            used.add(step)
            step = above[step] if step != start else None
    return used


def dominators(start: str, steps: Onward) -> Mapping[str, str]:
    """Node → the last node before it that every way from `start` to it uses."""
    order = _postorder(start, steps)
    number = {name: place for place, name in enumerate(order)}
    before: dict[str, list[str]] = {name: [] for name in order}
    for name in order:
        for far in steps(name):
            before[far].append(name)
    above = {start: start}
    changed = True
    while changed:
        changed = False
        for name in reversed(order[:-1]):
            best: str | None = None
            for near in before[name]:
                if near in above:
                    best = near if best is None else _common(near, best, above, number)
            if best is not None and above.get(name) != best:
                above[name] = best
                changed = True
    return above


def _common(one: str, other: str, above: Mapping[str, str], number: Mapping[str, int]) -> str:
    while one != other:
        while number[one] < number[other]:
            one = above[one]
        while number[other] < number[one]:
            other = above[other]
    return one


def _postorder(start: str, steps: Onward) -> list[str]:
    order: list[str] = []
    seen = {start}
    stack = [(start, iter(steps(start)))]
    while stack:
        name, rest = stack[-1]
        for far in rest:
            if far not in seen:
                seen.add(far)
                stack.append((far, iter(steps(far))))
                break
        else:
            order.append(name)
            stack.pop()
    return order
