"""The door between a run and the engine that does the work.

The engine (Ansible with our plugins, a script) asks; the launching process answers and is the
only one that writes the ledger. A rehearsal and a run are the two kinds of door.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from daicho.plan import TargetState

type Answer = dict[str, object]


@dataclass(frozen=True, kw_only=True)
class Intention:
    """What the engine found on a target and is about to make of it."""

    target: str
    before: TargetState
    after: TargetState
    inverse: Mapping[str, object] | None = None
    irreversible: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the door answers to an intention."""

    verdict: Literal["planned", "go", "drifted", "stop"]
    why: str = ""
    approved: Mapping[str, object] = field(default_factory=dict)
    """The approved before and after: the engine does this, not what it sees now."""


@dataclass(frozen=True, kw_only=True)
class TaskResult:
    """How one task ended on one target."""

    target: str
    status: Literal["ok", "changed", "failed", "unreachable", "skipped"]
    message: str = ""


class Door(Protocol):
    """What an engine may ask, in the order of a run."""

    def may_start(self, *, check: bool) -> str | None:
        """Why the engine must not start, or None. `check`: it says that it only rehearses."""

    def inventory(self) -> Answer:
        """The targets of this wave with their variables, and nothing else."""

    def alive(self) -> None:
        """The recorder of the engine is loaded and talking: credentials may be released."""

    def secret(self, name: str) -> str:
        """A secret that the engine needs, while this run lasts."""

    def task_starts(self, task: str, path: str) -> None:
        """Record that a task is about to start; when this returns, the record is on disk."""

    def task_ended(self, task: str, results: Sequence[TaskResult]) -> None:
        """Record how a task ended."""

    def intend(self, intention: Intention) -> Verdict:
        """Record that a target is about to be changed, or say why it must not be."""

    def confirm(self, target: str, now: TargetState, *, lost: str = "", said: str = "") -> Answer:
        """Record the outcome on a target from its state after the work, or why nobody can read it.

        `said` is what people have to know where all went well.
        """


class Watch(Protocol):
    """Whoever wants to see the progress: a terminal, a log, nobody."""

    def phase(self, name: str, targets: int) -> None:
        """A rehearsal, a wave or a resume begins over so many targets."""

    def task(self, name: str) -> None:
        """The engine is at this task."""

    def target(self, name: str, word: str, why: str) -> None:
        """A target has been settled; the word is a message to translate."""


class Unwatched:
    """Shows nothing."""

    def phase(self, name: str, targets: int) -> None:
        """Nothing."""

    def task(self, name: str) -> None:
        """Nothing."""

    def target(self, name: str, word: str, why: str) -> None:
        """Nothing."""
