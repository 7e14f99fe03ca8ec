"""Print queues and their jobs, as every kind of print server has them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

EVERYWHERE: Final = "everywhere"
"""The driver of printers that describe themselves (IPP Everywhere)."""
BEING_MADE: Final = "daicho: being made"
"""What a queue says of itself until it is whole: whoever made it may have died over it."""
RAW: Final = "raw"
"""No driver: documents go to the printer as they came."""


@dataclass(frozen=True, kw_only=True)
class Queue:
    """One print queue."""

    name: str
    uri: str
    """Where it sends its jobs: `ipp://10.1.20.11/ipp/print`."""
    location: str = ""
    info: str = ""
    driver: str = EVERYWHERE
    """`everywhere`, `raw`, or what the server calls a driver of its own."""
    accepting: bool = True
    stopped: bool = False
    waiting: int = 0
    """How many jobs are not printed yet."""
    default: bool = False
    """Whether it is the server's default queue."""
    share: str = ""
    """Windows: the name that it is shared by; empty: it is not, or the server knows no shares."""

    @property
    def whole(self) -> bool:
        """Whether it has been made to the end."""
        return self.info != BEING_MADE


@dataclass(frozen=True, kw_only=True)
class Job:
    """One job of a queue."""

    id: int
    name: str
    user: str
    state: str
    """pending, held, processing, stopped, canceled, aborted, completed."""
    why: str
    """The server's reasons, in its own words."""
    pages: int
    """How many sides it says to have printed; many printers do not tell."""

    @property
    def over(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state in {"canceled", "aborted", "completed"}
