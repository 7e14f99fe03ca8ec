"""Which engine does a work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from daicho.runners.ansible import run_playbook
from daicho.runners.craft import run_craft

if TYPE_CHECKING:
    from daicho.door import Door
    from daicho.runners.job import EngineEnd, Job

THROUGH: Final = "through"
"""The input by which a change of a craft's work asks for its playbook: `through: ansible`."""


def start_engine(job: Job, door: Door) -> EngineEnd:
    """Start the engine of a job's work behind a door, and wait for its end."""
    played = job.work.runner == "ansible" or job.inputs.get(THROUGH) == "ansible"
    return run_playbook(job, door) if played else run_craft(job, door)
