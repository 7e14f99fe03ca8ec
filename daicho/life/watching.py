"""The check after an outage: once, or again and again until everything is back or the time is over."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol

from daicho import clock
from daicho.errors import ExitCode
from daicho.i18n import ngettext
from daicho.ledger.entry import Draft
from daicho.life.baselines import NoBaseline, boot_times, newest_baseline, recorded
from daicho.life.checking import alone, close_check, close_orphans, grant, open_check, to_continue
from daicho.life.looking import Eyes, clock_behind, items_asked, look, neighbours_of, standpoint
from daicho.life.memory import Memory
from daicho.reachability.answers import Pace
from daicho.reachability.baseline import SETS, Baseline, Look, Seen, record
from daicho.reachability.matters import Kind, matters
from daicho.reachability.verdict import Situation, judge
from daicho.reachability.wiring import wire

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from daicho.items.item import Item
    from daicho.life.baselines import Recorded
    from daicho.life.checking import Grant, Order
    from daicho.life.memory import Changes
    from daicho.reachability.baseline import DeviceState
    from daicho.reachability.verdict import Judgement
    from daicho.records.checks import CheckRecord
    from daicho.site import Site

WORK: Final = "check_connectivity"
_FRESH: Final = 60.0
"""Seconds for which a device that is as it was before the outage is not asked again."""
_SHARE: Final = 20
"""Of those that are due, one in so many is asked at each look (50 at least): a thousand never at once."""


class Board(Protocol):
    """Whoever shows a check while it goes on."""

    def phase(self, name: str, targets: int) -> None:
        """A step of a look begins."""

    def task(self, name: str) -> None:
        """Not used by checks."""

    def target(self, name: str, word: str, why: str) -> None:
        """One device was asked."""

    def judged(self, check: str, judgement: Judgement, changes: Changes) -> None:
        """A look has been judged and recorded."""


class Herald(Protocol):
    """Whoever tells people that are not looking: mail, webhook, command."""

    def tell(self, judgement: Judgement) -> Sequence[Mapping[str, object]]:
        """Send what is due; the bodies of the `check.notified` entries for what went out."""

    def quiet(self) -> bool:
        """Whether nothing is left to be told."""

    def patience(self) -> float:
        """Seconds that a recovery still needs until it is told."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What one call wants beside its order."""

    baseline: str | None = None
    """Which baseline to compare with; None: the newest."""
    without_baseline: bool = False
    plugged_into: Sequence[str] = ()
    """What this machine is plugged into, where no item says so."""
    power_back: datetime | None = None
    """When the power came back: until an item's boot time is over it is late and not dead."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One check: what may be looked at, and what it is compared with."""

    name: str
    given: Grant
    wish: Wish
    base: Recorded | None
    behind: timedelta | None = None
    """How far the clock was behind the record when the check began."""


@dataclass(frozen=True, kw_only=True)
class CheckEnd:
    """How a check ended."""

    check: str
    baseline: str | None
    judgement: Judgement
    exit_code: ExitCode


def check_connectivity(site: Site, order: Order, wish: Wish, board: Board, herald: Herald | None) -> CheckEnd:
    """Look what is back, judge it, record every change, and tell who has to know.

    A watch that was killed goes on where it stopped, as the same check.

    Raises:
        GateRefused, NotAllowed, NothingMatched: See `daicho.life.checking.grant`.
        AlreadyChecking: Another process is at it.
        NoBaseline: There is nothing to compare with.
    """
    given = grant(site, order)
    with alone(site, WORK):
        close_orphans(site, WORK)
        earlier = to_continue(site, WORK, clock.now()) if given.inputs["watch"] else None
        base = _baseline(site, wish, earlier)
        behind = clock_behind(site)
        deadline = clock.now() + timedelta(minutes=given.inputs["until"]) if given.inputs["watch"] else None
        if earlier is None:
            name = open_check(site, given, deadline=deadline, baseline=base.check if base else None)
        else:
            name, deadline = earlier.id, _deadline(earlier)
            site.ledger.append(Draft(kind="check.resumed", of=name, by=given.operator))
        memory = Memory.of(site.ledger, name)
        if wish.power_back:
            memory.power_back.setdefault("", wish.power_back)
        watching = Watching(site, Case(name=name, given=given, wish=wish, base=base, behind=behind), board)
        judged: Judgement | None = None
        try:
            judged = watching.run(memory, deadline, herald)
        finally:
            code = ExitCode.INTERRUPTED if judged is None else watching.exit_code(judged)
            close_check(site, name, given.operator, code, watching.closing(memory))
    return CheckEnd(check=name, baseline=base.check if base else None, judgement=judged, exit_code=code)


def _baseline(site: Site, wish: Wish, earlier: CheckRecord | None) -> Recorded | None:
    if wish.without_baseline:
        return None
    if earlier and earlier.baseline:
        return recorded(site, earlier.baseline)
    found = recorded(site, wish.baseline) if wish.baseline else newest_baseline(site)
    if found is None:
        raise NoBaseline
    return found


def _deadline(earlier: CheckRecord) -> datetime | None:
    return clock.moment(earlier.deadline) if earlier.deadline else None


class Watching:
    """The looks of one check."""

    def __init__(self, site: Site, case: Case, board: Board) -> None:
        """Make the topology; nothing is sent yet."""
        given, base = case.given, case.base
        self._site, self._given, self._name, self._board = site, given, case.name, board
        self._last: Look | None = None
        self._last_judgement: Judgement | None = None
        self._asked_at: dict[str, float] = {}
        devices = [item for item in given.everything if item.kind == "network_device"]
        wanted = {item.name: item for item in [*given.items, *devices]}
        items, mute = items_asked(wanted.values(), given.work.kinds)
        place = standpoint(given.everything, case.wish.plugged_into)
        seen = neighbours_of(base.baseline.look) if base else []
        self.topology, gaps = wire(items, place, seen)
        self._items = [item for item in items if item.name != place.name]
        self._baseline = base.baseline if base else self._nothing()
        if len(given.items) < sum(item.kind in given.work.kinds for item in given.everything):
            self._baseline = replace(self._baseline, topology=self.topology)
        self._notes = (*map(str, gaps), *_about(mute), *_about_clock(case.behind))

    def run(self, memory: Memory, deadline: datetime | None, herald: Herald | None) -> Judgement:
        """Look until everything is back or the time is over; once if there is no deadline.

        What recovers just before the end is waited for once: nobody would ever tell it otherwise.
        """
        ends = time.monotonic() + (deadline - clock.now()).total_seconds() if deadline else 0.0
        waited = False
        while True:
            began = time.monotonic()
            judgement = self._look(memory)
            if herald:
                self._tell(herald, judgement)
            over = self.exit_code(judgement) is ExitCode.DONE and (herald is None or herald.quiet())
            if over:
                return judgement
            if time.monotonic() >= ends:
                more = 0.0 if waited or herald is None else herald.patience()
                if not more:
                    return judgement
                ends, waited = time.monotonic() + more + self._given.inputs["every"], True
            time.sleep(max(0.0, min(began + self._given.inputs["every"], ends) - time.monotonic()))

    def exit_code(self, judgement: Judgement) -> ExitCode:
        """What a scheduler is told."""
        open_ = matters(judgement)
        if judgement.blind or judgement.foreign:
            return ExitCode.INCOMPLETE
        if any(not matter.waits and matter.kind is not Kind.UNTOLD for matter in open_):
            return ExitCode.FAILED
        untold = [name for matter in open_ if matter.kind is Kind.UNTOLD for name in matter.items]
        waits = any(matter.waits for matter in open_)
        return ExitCode.INCOMPLETE if waits or any(map(self._told_before, untold)) else ExitCode.DONE

    def closing(self, memory: Memory) -> dict[str, object]:
        """What the closing entry says."""
        judgement = self._last_judgement
        if judgement is None:
            return {}
        return {
            "counts": {state.value: count for state, count in judgement.counts.items()},
            "causes": sorted(memory.causes),
            "returns": list(memory.returns(self.topology)),
        }

    def _look(self, memory: Memory) -> Judgement:
        step = memory.set_clock()
        eyes = Eyes(
            site=self._site,
            name=self._name,
            items=self._items,
            pace=Pace(packets_per_second=self._given.inputs["pace"]),
            devices=self._given.inputs["devices"],
            watch=self._board,
        )
        glance = look(eyes, self._baseline.look, self._still_good())
        self._remember(glance.look)
        memory.see(glance.look, self.topology)
        situation = Situation(
            power_back=dict(memory.power_back),
            came_back=dict(memory.came_back),
            notes=(*self._notes, *glance.notes),
        )
        judgement = judge(self._baseline, self.topology, glance.look, situation)
        changes = memory.take(judgement, step)
        if changes:
            body = changes.as_json(judgement) | {"power_back": memory.power_json()}
            self._site.ledger.append(
                Draft(kind="check.verdict", of=self._name, by=self._given.operator, body=body)
            )
        self._last_judgement = judgement
        self._board.judged(self._name, judgement, changes)
        return judgement

    def _tell(self, herald: Herald, judgement: Judgement) -> None:
        told = [
            Draft(kind="check.notified", of=self._name, by=self._given.operator, body=body)
            for body in herald.tell(judgement)
        ]
        self._site.ledger.append(*told)

    def _remember(self, seen: Look) -> None:
        now = time.monotonic()
        before = self._last.devices if self._last else {}
        for name, state in seen.devices.items():
            if before.get(name) is not state:
                self._asked_at[name] = now
        self._last = seen

    def _still_good(self) -> Look | None:
        """The last look without the devices that are asked again: those that differ, and the oldest."""
        if self._last is None:
            return None
        before, now = self._baseline.look.devices, time.monotonic()
        same = {
            name: state for name, state in self._last.devices.items() if _as_before(state, before.get(name))
        }
        due = sorted(
            (name for name in same if now - self._asked_at[name] > _FRESH),
            key=lambda name: self._asked_at[name],
        )
        again = set(due[: max(50, len(same) // _SHARE)])
        return replace(self._last, devices={name: each for name, each in same.items() if name not in again})

    def _told_before(self, name: str) -> bool:
        """Whether the baseline could tell about an item; what nobody ever could is no news."""
        reply = self._baseline.look.answers.get(name)
        return reply is None or reply.seen is not Seen.COULD_NOT_TELL

    def _nothing(self) -> Baseline:
        """A baseline that knows nothing: then only what answers and what does not can be told."""
        return record(Look(at=clock.now(), answers={}), self.topology, boot_times(self._site))


def _about(mute: Sequence[Item]) -> list[str]:
    said = ngettext(
        "{count} item has no address, so nobody can ask it.",
        "{count} items have no address, so nobody can ask them.",
        len(mute),
    )
    return [said.format(count=len(mute))] if mute else []


def _about_clock(behind: timedelta | None) -> list[str]:
    if not behind:
        return []
    seconds = round(behind.total_seconds())
    said = ngettext(
        "The clock was {seconds} second behind the newest entry when this began: it is not set yet, "
        "so times are wrong.",
        "The clock was {seconds} seconds behind the newest entry when this began: it is not set yet, "
        "so times are wrong.",
        seconds,
    )
    return [said.format(seconds=seconds)]


def _as_before(now: DeviceState, before: DeviceState | None) -> bool:
    """Whether nothing is gone or other than before. What was lost when something else was dark comes back."""
    if before is None:
        return True
    plain = (now.saved, now.config, now.version) == (before.saved, before.config, before.version)
    return plain and all(
        (getattr(before, name) or frozenset()) <= (getattr(now, name) or frozenset()) for name in SETS
    )
