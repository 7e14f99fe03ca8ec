"""Take a craft through the door: the engine for the works that Ansible does not serve.

It works in the launching process, so a launcher that is killed takes it along.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final, Protocol, cast

from daicho.craft import Bench, Target, Told, Trouble
from daicho.door import Intention, TaskResult
from daicho.errors import DaichoError, LedgerError
from daicho.runners.job import EngineEnd

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from contextlib import AbstractContextManager

    from daicho.craft import Craft, OpenCraft
    from daicho.door import Answer, Door, Verdict
    from daicho.plan import TargetState
    from daicho.runners.job import Job
    from daicho.works.work import Work


_BAD: Final = frozenset({"failed", "unreachable"})


def run_craft(job: Job, door: Door) -> EngineEnd:
    """Rehearse or carry out a work on the targets that the door gives.

    Raises:
        LedgerUnwritable: The record failed; no further target was begun.
    """
    if why := door.may_start(check=job.check):
        return EngineEnd(code=1, recorded=True, said=why)
    targets = targets_of(door.inventory())
    task = job.work.name
    door.alive()
    door.task_starts(task, job.work.craft)
    results: list[TaskResult] = []
    try:
        with opened(job.work, _bench(job, door)) as craft:
            results.extend(worked(craft, targets, door, check=job.check))
    except LedgerError:
        raise
    except (DaichoError, OSError) as error:
        named = {result.target for result in results}
        results += [trouble_of(target.name, error) for target in targets if target.name not in named]
    door.task_ended(task, results)
    failed = [result for result in results if result.status in _BAD]
    return EngineEnd(code=2 if failed else 0, recorded=True, said=failed[-1].message if failed else "")


class Teller(Protocol):
    """As much of a door as a craft's targets need."""

    def intend(self, intention: Intention) -> Verdict:
        """Record that a target is about to be changed, or say why it must not be."""

    def confirm(self, target: str, now: TargetState, *, lost: str = "", said: str = "") -> Answer:
        """Record the outcome on a target."""


def worked(craft: Craft, targets: list[Target], door: Teller, *, check: bool) -> Iterable[TaskResult]:
    """Rehearse a craft's work, or carry it out, telling the door; how it went with each target."""
    return _rehearsed(craft, targets, door) if check else _carried_out(craft, targets, door)


def _rehearsed(craft: Craft, targets: list[Target], door: Teller) -> Iterable[TaskResult]:
    for name, found in craft.rehearse(targets):
        if isinstance(found, Trouble):
            yield trouble_of(name, found)
        else:
            door.intend(found)
            yield TaskResult(target=name, status="ok")


def _carried_out(craft: Craft, targets: list[Target], door: Teller) -> Iterable[TaskResult]:
    begun = dict[str, bool]()

    def begin(name: str, present: TargetState) -> bool:
        begun[name] = door.intend(_as_found(name, present)).verdict == "go"
        return begun[name]

    for name, now in craft.carry_out(targets, begin):
        if isinstance(now, Trouble):
            # What the door has settled already needs no second account.
            if begun.get(name, True):
                yield trouble_of(name, now)
        elif begun.get(name):
            told = now if isinstance(now, Told) else Told(state=now, said="")
            outcome = door.confirm(name, told.state, said=told.said)["outcome"]
            yield TaskResult(target=name, status="changed" if outcome == "changed" else "ok")


def _as_found(name: str, present: TargetState) -> Intention:
    # A run's door compares with the approved plan; what is wanted stands there, not here.
    return Intention(target=name, before=present, after={})


def trouble_of(name: str, error: DaichoError | OSError) -> TaskResult:
    """That a target cannot go on, and why."""
    nobody = isinstance(error, OSError) or (isinstance(error, Trouble) and error.unreachable)
    return TaskResult(target=name, status="unreachable" if nobody else "failed", message=str(error))


def targets_of(served: Answer) -> list[Target]:
    """The targets as a door's inventory names them."""
    hosts = cast("Mapping[str, Mapping[str, object]]", served["hosts"])
    return [_target(name, dict(known)) for name, known in hosts.items()]


def _target(name: str, facts: dict[str, object]) -> Target:
    wanted = facts.pop("daicho_wanted", None)
    facts.pop("daicho_run", None)
    return Target(name=name, facts=facts, wanted=cast("TargetState | None", wanted))


def opened(work: Work, bench: Bench) -> AbstractContextManager[Craft]:
    """The craft of a work."""
    module, _colon, name = work.craft.partition(":")
    open_craft: OpenCraft = getattr(import_module(module), name)
    return open_craft(bench)


def _bench(job: Job, door: Door) -> Bench:
    return Bench(
        inputs=job.inputs,
        undo=job.undo,
        secret=door.secret,
        content=job.code,
        folder=job.folder,
        key=job.room / "id",
        known_hosts=job.known_hosts,
        language=job.language,
    )
