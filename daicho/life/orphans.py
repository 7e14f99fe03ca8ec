"""Runs whose launcher died are found and closed as interrupted, never left running.

A launcher holds a lock on its run's folder; the kernel lets it go with the process, however it died.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from daicho.change import State
from daicho.errors import Refused
from daicho.i18n import N_
from daicho.ledger.entry import Draft
from daicho.outcome import Outcome
from daicho.records.changes import IllegalMove
from daicho.records.runs import open_runs, run_record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from daicho.records.runs import RunRecord
    from daicho.settings import Settings
    from daicho.site import Site

KEEPER: Final = "daicho"
"""Who closes what nobody closed."""


class Occupied(Refused):
    """Another process is at this run."""

    sentence = N_("{run} is being run by another process. Wait for it: `daicho status`.")


@contextmanager
def occupied(folder: Path) -> Iterator[int]:
    """Hold a run's folder for the length of a block; the lock's descriptor.

    Whoever inherits the descriptor holds the folder too: an engine that outlives us.

    Raises:
        Occupied: Another process holds it.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Occupied(run=folder.name) from error
        yield handle
    finally:
        os.close(handle)


def free_run(settings: Settings, name: str) -> str:
    """The next run's name that no process holds: a long rehearsal holds its own before it opens it."""
    number = int(name[1:])
    while True:
        with contextlib.suppress(Occupied), occupied(settings.runs / f"R{number}"):
            return f"R{number}"
        number += 1


def close_orphans(site: Site) -> tuple[str, ...]:
    """Close every run whose launcher is gone; their names."""
    closed = []
    for run in open_runs(site.ledger):
        folder = site.settings.runs / run.id
        # Busy: its launcher lives. IllegalMove: another command closed it a moment ago.
        with contextlib.suppress(Occupied, IllegalMove), occupied(folder):
            site.ledger.append(*_closing(run_record(site.ledger, run.id)))
            closed.append(run.id)
    return tuple(closed)


def _closing(run: RunRecord) -> list[Draft]:
    """Effects without an outcome become unknown: a resume looks at those targets first."""
    why = "the launcher ended before it was confirmed"
    unknown = [target.target for target in run.targets if target.intended and target.outcome is None]
    drafts = [
        Draft(
            kind="target.outcome",
            of=run.id,
            by=KEEPER,
            body={"target": target, "outcome": Outcome.UNKNOWN.value, "why": why},
        )
        for target in unknown
    ]
    counts = Counter({outcome.value: count for outcome, count in run.counts().items()})
    counts.update({Outcome.UNKNOWN.value: len(unknown)} if unknown else {})
    body: dict[str, object] = {
        "change": run.change,
        "state": State.INTERRUPTED.value,
        "complete": False,
        "counts": dict(counts),
        "left_out": 0,
        "stopped": "the launcher ended",
    }
    return [*drafts, Draft(kind="run.closed", of=run.id, by=KEEPER, body=body)]
