"""Take a craft through the door: the engine for the works that Ansible does not serve.

It works in the launching process, so a launcher that is killed takes it along.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final, cast

from daicho.craft import Bench, Target, Trouble
from daicho.door import Intention, TaskResult
from daicho.errors import DaichoError, LedgerError
from daicho.runners.job import EngineEnd

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from daicho.craft import Craft, OpenCraft
    from daicho.door import Door
    from daicho.plan import TargetState
    from daicho.runners.job import Job


_BAD: Final = frozenset({"failed", "unreachable"})


def run_craft(job: Job, door: Door) -> EngineEnd:
    """Rehearse or carry out a work on the targets that the door gives.

    Raises:
        LedgerUnwritable: The record failed; no further target was begun.
    """
    if why := door.may_start(check=job.check):
        return EngineEnd(code=1, recorded=True, said=why)
    targets = _targets(door)
    task = job.work.name
    door.alive()
    door.task_starts(task, job.work.craft)
    results: list[TaskResult] = []
    try:
        with _opener(job)(_bench(job, door)) as craft:
            told = _rehearsed(craft, targets, door) if job.check else _carried_out(craft, targets, door)
            results.extend(told)
    except LedgerError:
        raise
    except (DaichoError, OSError) as error:
        named = {result.target for result in results}
        results += [_trouble(target.name, error) for target in targets if target.name not in named]
    door.task_ended(task, results)
    failed = [result for result in results if result.status in _BAD]
    return EngineEnd(code=2 if failed else 0, recorded=True, said=failed[-1].message if failed else "")


def _rehearsed(craft: Craft, targets: list[Target], door: Door) -> Iterable[TaskResult]:
    for name, found in craft.rehearse(targets):
        if isinstance(found, Trouble):
            yield _trouble(name, found)
        else:
            door.intend(found)
            yield TaskResult(target=name, status="ok")


def _carried_out(craft: Craft, targets: list[Target], door: Door) -> Iterable[TaskResult]:
    begun = dict[str, bool]()

    def begin(name: str, present: TargetState) -> bool:
        begun[name] = door.intend(_as_found(name, present)).verdict == "go"
        return begun[name]

    for name, now in craft.carry_out(targets, begin):
        if isinstance(now, Trouble):
            # What the door has settled already needs no second account.
            if begun.get(name, True):
                yield _trouble(name, now)
        elif begun.get(name):
            outcome = door.confirm(name, now)["outcome"]
            yield TaskResult(target=name, status="changed" if outcome == "changed" else "ok")


def _as_found(name: str, present: TargetState) -> Intention:
    # A run's door compares with the approved plan; what is wanted stands there, not here.
    return Intention(target=name, before=present, after={})


def _trouble(name: str, error: DaichoError | OSError) -> TaskResult:
    nobody = isinstance(error, OSError) or (isinstance(error, Trouble) and error.unreachable)
    return TaskResult(target=name, status="unreachable" if nobody else "failed", message=str(error))


def _targets(door: Door) -> list[Target]:
    hosts = cast("Mapping[str, Mapping[str, object]]", door.inventory()["hosts"])
    return [_target(name, dict(known)) for name, known in hosts.items()]


def _target(name: str, facts: dict[str, object]) -> Target:
    wanted = facts.pop("daicho_wanted", None)
    facts.pop("daicho_run", None)
    return Target(name=name, facts=facts, wanted=cast("TargetState | None", wanted))


def _opener(job: Job) -> OpenCraft:
    module, _colon, name = job.work.craft.partition(":")
    return cast("OpenCraft", getattr(import_module(module), name))


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
