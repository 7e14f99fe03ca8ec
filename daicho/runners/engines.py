"""Which engine does a work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daicho.runners.ansible import run_playbook
from daicho.runners.craft import run_craft

if TYPE_CHECKING:
    from daicho.door import Door
    from daicho.runners.job import EngineEnd, Job


def start_engine(job: Job, door: Door) -> EngineEnd:
    """Start the engine of a job's work behind a door, and wait for its end."""
    return run_playbook(job, door) if job.work.runner == "ansible" else run_craft(job, door)
