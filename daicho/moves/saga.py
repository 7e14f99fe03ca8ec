"""One move over all systems: looked at, begun, carried out part by part, and taken back where it fails.

All targets of a wave go through a system together, so that a server is asked once and a switch has one
session; a target that fails on one system is taken back on those before it, and the others go on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from daicho.craft import Trouble, trouble_of
from daicho.errors import DaichoError, LedgerError
from daicho.i18n import gettext as _
from daicho.moves.ledgered import going_to
from daicho.moves.part import Goal, marked, mine, of_part

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from daicho.craft import Begin, Target
    from daicho.moves.journal import Journal
    from daicho.moves.part import Part
    from daicho.plan import Scalar, TargetState


@dataclass(frozen=True, kw_only=True)
class Saga:
    """Brings targets to their approved states on all systems."""

    parts: Sequence[Part]
    """In the order in which they are done; taken back the other way round."""
    journal: Journal
    hanging: Mapping[str, Collection[str]] = field(default_factory=dict)
    """Port → what hangs there, as the ledger says: nobody takes a place before it is left."""

    def states(self, targets: Iterable[Target]) -> dict[str, dict[str, Scalar] | Trouble]:
        """The state of each target now, in the keys of the wanted one."""
        targets = list(targets)
        found: dict[str, dict[str, Scalar] | Trouble] = {target.name: {} for target in targets}
        for part in self.parts:
            goals = {
                target.name: Goal(target=target, state=wanted)
                for target in targets
                if (wanted := mine(part, target.wanted or {}))
            }
            for name, state in _asked(part, goals).items():
                so_far = found[name]
                if isinstance(so_far, Trouble):
                    continue
                if isinstance(state, Trouble):
                    found[name] = of_part(part, state)
                else:
                    so_far |= marked(part, state)
        return found

    def carry_out(
        self, targets: Sequence[Target], begin: Begin
    ) -> Iterator[tuple[str, TargetState | Trouble]]:
        """Bring each target to its wanted state on every system."""
        going: dict[str, Target] = {}
        now: dict[str, TargetState] = {}
        found = self.states(targets)
        for target in targets:
            state = found[target.name]
            if isinstance(state, Trouble):
                yield target.name, state
            elif begin(target.name, state):
                going[target.name], now[target.name] = target, state
        for name, why in self.in_the_way(going).items():
            del going[name]
            yield name, why
        self.journal.begin({name: now[name] for name in going})
        for number, part in enumerate(self.parts):
            failed = self._brought(part, going, now)
            failed |= self.in_the_way({name: each for name, each in going.items() if name not in failed})
            if failed:
                left = {name: going.pop(name) for name in failed}
                yield from self._taken_back(left, failed, self.parts[: number + 1])
            self.journal.passed(part.prefix, going)
        self.journal.finished(going)
        yield from self.states(going.values()).items()

    def in_the_way(self, going: Mapping[str, Target]) -> dict[str, Trouble]:
        """Who cannot go because somebody stays where it wants to be; and then who wants its place."""
        left, found = dict(going), dict[str, Trouble]()
        said = _("{port} is taken by {others}, which stays there")
        while True:
            blocked = {name: others for name, each in left.items() if (others := self._others(each, left))}
            if not blocked:
                return found
            for name, others in blocked.items():
                port = going_to(left.pop(name))
                found[name] = Trouble(why=said.format(port=port, others=", ".join(others)))

    def _others(self, target: Target, going: Mapping[str, Target]) -> list[str]:
        there = self.hanging.get(going_to(target), ())
        return [each for each in there if each not in going and each not in self.journal.moved]

    def _brought(
        self, part: Part, going: Mapping[str, Target], now: Mapping[str, TargetState]
    ) -> dict[str, Trouble]:
        """Bring targets to their states on one system; why some are not there."""
        goals = {}
        for name, target in going.items():
            wanted, present = mine(part, target.wanted or {}), mine(part, now[name])
            if wanted != present:
                goals[name] = Goal(target=target, state=wanted, now=present)
        return {name: of_part(part, why) for name, why in _carried(part, goals).items()}

    def _taken_back(
        self, left: Mapping[str, Target], failed: Mapping[str, Trouble], parts: Sequence[Part]
    ) -> Iterator[tuple[str, Trouble]]:
        """Put back what was done for targets that cannot go on, the last first."""
        stuck: dict[str, list[str]] = {}
        for part in reversed(parts):
            goals = {}
            for name, target in left.items():
                wanted = mine(part, target.wanted or {})
                before = mine(part, self.journal.before(name) or {})
                if wanted != before:
                    goals[name] = Goal(target=target, state=before, now=wanted)
            for name in _still_wrong(part, goals, _carried(part, goals)):
                stuck.setdefault(name, []).append(_(part.title))
        self.journal.taken_back(left.keys() - stuck.keys())
        for name in left:
            yield name, _told(failed[name], stuck.get(name, ()))


def _told(why: Trouble, stuck: Collection[str]) -> Trouble:
    if not stuck:
        said = _("{why} Everything else was put back as it was.")
        return Trouble(why=said.format(why=_sentence(why)))
    said = _(
        "{why} It stands between: what was done on {systems} could not be taken back. When they answer, "
        "go on with `daicho run --resume`, which finishes it."
    )
    return Trouble(why=said.format(why=_sentence(why), systems=", ".join(stuck)))


def _sentence(why: Trouble) -> str:
    text = str(why).strip()
    return text if text.endswith((".", "。", "!", "?")) else f"{text}."


def _asked(part: Part, goals: Mapping[str, Goal]) -> Mapping[str, TargetState | Trouble]:
    try:
        return part.read(goals) if goals else {}
    except LedgerError:
        raise
    except (DaichoError, OSError) as error:
        return dict.fromkeys(goals, trouble_of(error))


def _carried(part: Part, goals: Mapping[str, Goal]) -> Mapping[str, Trouble]:
    """Why targets are not as wanted on a system; when it breaks off, they are looked at again."""
    if not goals:
        return {}
    try:
        return part.bring(goals)
    except LedgerError:
        raise
    except (DaichoError, OSError) as error:
        found = _asked(part, goals)
        there = {name for name, goal in goals.items() if _is(found.get(name), goal.state)}
        return dict.fromkeys(goals.keys() - there, trouble_of(error))


def _still_wrong(part: Part, goals: Mapping[str, Goal], refused: Collection[str]) -> list[str]:
    """Of those that a system would not put back, the ones that are not as they were anyway."""
    found = _asked(part, {name: goals[name] for name in refused})
    return [name for name in refused if not _is(found.get(name), goals[name].state)]


def _is(state: TargetState | Trouble | None, wanted: TargetState) -> bool:
    if state is None or isinstance(state, Trouble):
        return False
    return all(state.get(key) == value for key, value in wanted.items())
