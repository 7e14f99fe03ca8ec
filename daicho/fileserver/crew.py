"""Several connections to one share that look at pieces of it at once, the deepest first."""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from daicho.concurrent import carried

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from daicho.fileserver.share import Share


class Crew[Piece]:
    """One thread per connection; whoever looks at a piece may put more of them."""

    def __init__(self, shares: Sequence[Share], look: Callable[[Share, Piece], None]) -> None:
        """Nothing is looked at yet.

        Args:
            shares: Connections, logged on; each is used by one thread.
            look: What is done with a piece; what it raises ends the work.
        """
        self.turn = threading.Condition()
        """Held by whoever counts what was found."""
        self.ended = False
        self._shares = shares
        self._look = look
        self._waiting: deque[Piece] = deque()
        self._busy = 0

    def work(self, begin: Piece) -> None:
        """Look at a piece, and at all that is put meanwhile.

        Raises:
            Exception: What `look` raised first.
        """
        self._waiting, self.ended = deque([begin]), False
        with ThreadPoolExecutor(len(self._shares)) as pool:
            working = [pool.submit(carried(self._work), share) for share in self._shares]
            try:
                for each in working:
                    each.result()
            finally:
                self.end()  # whoever is interrupted leaves no thread behind that goes on writing

    def put(self, piece: Piece) -> None:
        """One more piece."""
        with self.turn:
            self._waiting.append(piece)
            self.turn.notify()

    def end(self) -> None:
        """Look at nothing more."""
        with self.turn:
            self.ended = True
            self.turn.notify_all()

    def _work(self, share: Share) -> None:
        while (piece := self._next()) is not None:
            try:
                self._look(share, piece)
            except BaseException:
                self.end()
                raise
            finally:
                with self.turn:
                    self._busy -= 1
                    self.turn.notify_all()

    def _next(self) -> Piece | None:
        with self.turn:
            while not self._waiting and self._busy and not self.ended:
                self.turn.wait()
            if self.ended or not self._waiting:
                return None
            self._busy += 1
            return self._waiting.pop()  # the deepest first, so that few are waiting
