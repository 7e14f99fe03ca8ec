"""A craft at work inside an engine that is not ours: Ansible starts it, and the launcher's door answers it.

For sites that put their own tasks before and after: `playbooks/configure_network.yml`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from daicho.craft import Bench
from daicho.door import Verdict
from daicho.errors import DaichoError, Refused
from daicho.i18n import N_
from daicho.runners.craft import opened, targets_of, trouble_of, worked
from daicho.runners.wire import Door as Line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from daicho.door import Answer, Intention, TaskResult
    from daicho.plan import TargetState
    from daicho.runners.wire import Message
    from daicho.works.work import Work

KNOWN_HOSTS = "DAICHO_KNOWN_HOSTS"
FOLDER = "DAICHO_FOLDER"
"""Environment variables by which the launcher tells where the run has its things."""


class DoorStopped(Refused):
    """The door answered no, and nothing more may be touched."""

    sentence = N_("{why}")


@dataclass(frozen=True, kw_only=True)
class Task:
    """What a playbook's task says."""

    work: Work
    inputs: Mapping[str, object]
    undo: bool
    check: bool


class RemoteDoor:
    """The part of the door that a craft needs, over the launcher's socket; a line for each question."""

    def inventory(self) -> Answer:
        """The targets of this wave."""
        return _ask({"ask": "inventory"})

    def secret(self, name: str) -> str:
        """A secret of the site.

        Raises:
            DoorStopped: It was not given.
        """
        answer = _ask({"ask": "secret", "name": name})
        if "secret" not in answer:
            raise DoorStopped(why=str(answer.get("why", "")))
        return str(answer["secret"])

    def intend(self, intention: Intention) -> Verdict:
        """Say what a target is and what it becomes."""
        message = {
            "ask": "intend",
            "target": intention.target,
            "before": dict(intention.before),
            "after": dict(intention.after),
            "inverse": dict(intention.inverse) if intention.inverse is not None else None,
            "irreversible": intention.irreversible,
            "notes": list(intention.notes),
        }
        answer = _ask(cast("Message", message))
        verdict = answer.get("verdict")
        known = verdict if verdict in {"planned", "go", "drifted"} else "stop"
        return Verdict(verdict=known, why=str(answer.get("why", "")))  # type: ignore[arg-type]

    def confirm(self, target: str, now: TargetState, *, lost: str = "", said: str = "") -> Answer:
        """Say what a target has become."""
        told = {"ask": "confirm", "target": target, "now": dict(now), "lost": lost, "said": said}
        return _ask(cast("Message", told))


def work_here(task: Task, content: Path) -> list[TaskResult]:
    """Rehearse or carry out a craft's work on all targets of the wave; how each ended.

    Raises:
        DoorError: There is no door, or nobody answers behind it.
    """
    door = RemoteDoor()
    targets = targets_of(door.inventory())
    results: list[TaskResult] = []
    try:
        with opened(task.work, _bench(task, content, door)) as craft:
            results.extend(worked(craft, targets, door, check=task.check))
    except (DaichoError, OSError) as error:
        named = {result.target for result in results}
        results += [trouble_of(target.name, error) for target in targets if target.name not in named]
    return results


def failures(results: Iterable[TaskResult]) -> dict[str, str]:
    """Target → what went wrong with it."""
    return {each.target: each.message for each in results if each.status in {"failed", "unreachable"}}


def _bench(task: Task, content: Path, door: RemoteDoor) -> Bench:
    return Bench(
        inputs=task.inputs,
        undo=task.undo,
        secret=door.secret,
        content=content,
        folder=Path(os.environ[FOLDER]),
        key=Path(os.environ["ANSIBLE_PRIVATE_KEY_FILE"]),
        known_hosts=Path(os.environ[KNOWN_HOSTS]),
        language=os.environ.get("DAICHO_LANG", "en"),
    )


def _ask(message: Message) -> Answer:
    with Line.connect() as line:
        return cast("Answer", line.ask(message))
