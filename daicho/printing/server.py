"""What a print server does for printers that come, move and go, whichever kind it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from daicho.printing.queue import Job, Queue


class Server(Protocol):
    """One print server. All methods raise PrintingError or Trouble if it refuses or does not answer."""

    @property
    def host(self) -> str:
        """Its name in the DNS."""

    def queues(self) -> dict[str, Queue]:
        """All queues by name."""

    def suited(self, queue: Queue) -> Queue:
        """A queue as this server would have it: its own kind of address, its own name of a driver.

        Raises:
            Trouble: It cannot have such a queue.
        """

    def put(self, queue: Queue) -> None:
        """Make a queue, or make one whole; its waiting jobs stay in it."""

    def describe(self, name: str, *, uri: str | None = None, location: str | None = None) -> None:
        """Change a queue's address or place only: driver, state and jobs stay as they are."""

    def set_default(self, name: str) -> None:
        """Make a queue the server's default: whoever has chosen no other prints there.

        Raises:
            Trouble: This kind of server has none.
        """

    def resume(self, name: str) -> None:
        """Print what waits, where the server itself had stopped for want of a printer."""

    def take_away(self, queue: Queue, jobs_to: str) -> int:
        """Remove a queue; what waits in it goes to another one, if one is named.

        Returns:
            How many jobs wait: it was not removed then, and is as it was.
        """

    def test_page(self, name: str, title: str, document: bytes, patience_s: float) -> Job:
        """Print a page and wait for it: this document, unless the server prints a page of its own.

        Returns:
            The job, over or not.
        """
