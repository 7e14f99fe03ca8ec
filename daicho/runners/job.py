"""What an engine is started with, and how it ended; the same for every engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from daicho.works.work import Work


@dataclass(frozen=True, kw_only=True)
class Job:
    """One start of an engine."""

    work: Work
    inputs: Mapping[str, object]
    """The change's inputs. No secrets."""
    undo: bool
    code: Path
    """The private copy of the content."""
    folder: Path
    """The run's folder: its log and its inputs."""
    room: Path
    """The short-lived folder of the door: socket, key, the engine's own temporary files."""
    check: bool
    """Only rehearse."""
    forks: int
    known_hosts: Path
    lock: int
    """The open lock on the run's folder, which the engine holds with us."""
    language: str = "en"


@dataclass(frozen=True, kw_only=True)
class EngineEnd:
    """How an engine ended."""

    code: int
    recorded: bool
    """Everything that it says it sent has arrived."""
    said: str
    """Its last words, for a message."""
