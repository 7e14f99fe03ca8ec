"""Faults: ways in which machines and the repository break, each with the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from lab import machine_faults, repository_faults
from lab.errors import LabError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from lab.lab import Lab

REPOSITORY = "repository"


class Breakable(Protocol):
    """A machine or the repository: something with a folder that records its faults."""

    @property
    def folder(self) -> Path: ...

    def faults(self) -> list[str]: ...


def apply(lab: Lab, name: str, kind: str, after: float = 0) -> None:
    """Break the machine `name`, or the repository; `after` is the delay that some faults know."""
    if name == REPOSITORY:
        repository_faults.KINDS[_known(repository_faults.KINDS, kind)].apply(lab.repository)
        _note(lab.repository, kind)
        return
    machine = lab.machine(name)
    machine_faults.KINDS[_known(machine_faults.KINDS, kind)].apply(machine, after)
    _note(machine, kind)


def clear(lab: Lab, name: str, kind: str | None = None) -> list[str]:
    """Put one fault right, or all of them; returns those that were there."""
    if name == REPOSITORY:
        cleared = [_known(repository_faults.KINDS, kind)] if kind else lab.repository.faults()
        for each in cleared:
            repository_faults.KINDS[each].clear(lab.repository)
            _forget(lab.repository, each)
        return cleared
    machine = lab.machine(name)
    cleared = [_known(machine_faults.KINDS, kind)] if kind else machine.faults()
    # The latest first: what was broken without power is repaired after power is back.
    for each in reversed(cleared):
        machine_faults.KINDS[each].clear(machine)
        _forget(machine, each)
    return cleared


def listing() -> str:
    """All faults, one a line, for the help."""
    lines = [f"  {kind:<20} {fault.summary}" for kind, fault in machine_faults.KINDS.items()]
    lines += ["of the repository:"]
    lines += [f"  {kind:<20} {fault.summary}" for kind, fault in repository_faults.KINDS.items()]
    return "of a machine:\n" + "\n".join(lines)


def _known(kinds: Mapping[str, object], kind: str) -> str:
    if kind not in kinds:
        raise LabError(f"There is no fault {kind!r} there. There are: {', '.join(kinds)}.")
    return kind


def _note(broken: Breakable, kind: str) -> None:
    _write(broken, [*(k for k in broken.faults() if k != kind), kind])


def _forget(broken: Breakable, kind: str) -> None:
    _write(broken, [k for k in broken.faults() if k != kind])


def _write(broken: Breakable, kinds: list[str]) -> None:
    (broken.folder / "faults").write_text("".join(f"{kind}\n" for kind in kinds), encoding="utf-8")
