"""The fewest things whose failure parts a source from a sink, and which of them cannot be told apart."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final

_ENDLESS: Final = 1 << 30


@dataclass
class Network[Thing]:
    """Arcs that are free of charge, and arcs that stand for one thing that may have failed."""

    room: dict[str, dict[str, int]] = field(default_factory=dict)
    """From → to → what may still flow there."""
    things: dict[tuple[str, str], Thing] = field(default_factory=dict)

    def free(self, tail: str, head: str) -> None:
        """An arc that cannot fail."""
        self._arc(tail, head, _ENDLESS)

    def fails(self, tail: str, head: str, thing: Thing) -> None:
        """An arc that is gone when this thing has failed."""
        self._arc(tail, head, 1)
        self.things[tail, head] = thing

    def _arc(self, tail: str, head: str, room: int) -> None:
        onward = self.room.setdefault(tail, {})
        onward[head] = onward.get(head, 0) + room
        self.room.setdefault(head, {}).setdefault(tail, 0)

    def least_cut(self, source: str, sink: str) -> list[list[Thing]]:
        """One list per failure that is needed: the things of which one has failed, source first.

        By max-flow min-cut (Ford, Fulkerson 1956) the number of lists is the smallest number of
        failures that part sink from source: augmenting ways carry one unit each, and every smallest
        cut takes exactly one thing of each way. A full arc is in some smallest cut exactly when the
        remaining network has no way from its tail to its head (Picard, Queyranne 1980).
        """
        full = {tail: dict(heads) for tail, heads in self.room.items()}
        while way := self._way(source, sink):
            for tail, head in way:
                self.room[tail][head] -= 1
                self.room[head][tail] += 1
        flow = {
            (tail, head): room - self.room[tail][head]
            for tail, heads in full.items()
            for head, room in heads.items()
            if room > self.room[tail][head]
        }
        return [self._suspects(way) for way in _ways(flow, source, sink)]

    def _suspects(self, way: list[tuple[str, str]]) -> list[Thing]:
        return [self.things[arc] for arc in way if arc in self.things and not self._way(*arc)]

    def _way(self, source: str, sink: str) -> list[tuple[str, str]]:
        came: dict[str, str] = {source: source}
        waiting = deque([source])
        while waiting and sink not in came:
            tail = waiting.popleft()
            for head, room in self.room.get(tail, {}).items():
                if room > 0 and head not in came:
                    came[head] = tail
                    waiting.append(head)
        if sink not in came:
            return []
        way = []
        while sink != source:
            way.append((came[sink], sink))
            sink = came[sink]
        return way[::-1]


def _ways(flow: dict[tuple[str, str], int], source: str, sink: str) -> list[list[tuple[str, str]]]:
    """The flow taken apart into ways of one unit each; circles in it are left behind."""
    onward: dict[str, dict[str, int]] = {}
    for (tail, head), units in flow.items():
        onward.setdefault(tail, {})[head] = units
    ways = []
    while any(onward.get(source, {}).values()):
        way: list[tuple[str, str]] = []
        at, visited = source, {source: 0}
        while at != sink:
            head = next(head for head, units in onward[at].items() if units)
            onward[at][head] -= 1
            if head in visited:
                del way[visited[head] :]
                visited = {source: 0} | {step[1]: place + 1 for place, step in enumerate(way)}
            else:
                way.append((at, head))
                visited[head] = len(way)
            at = head
        ways.append(way)
    return ways
