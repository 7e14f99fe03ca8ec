"""Connections to the shares of a site, several to each, opened when they are needed."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Final, Self

from daicho.fileserver.share import Share
from daicho.fileserver.wrong import NoFileServer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    from daicho.fileserver.share import Account
    from daicho.fileserver.wrong import FileServerError

AT_ONCE: Final = 4
"""So many connections keep a server busy; more of them only wait for each other."""


class Connections:
    """The shares that are open. Use it as a context manager."""

    def __init__(self, account: Account, addresses: Mapping[str, str]) -> None:
        """Nothing is opened yet.

        Args:
            account: Who logs on.
            addresses: Where servers are, for when the name service cannot be asked.
        """
        self._account = account
        self._addresses = addresses
        self._shares: dict[tuple[str, str], list[Share]] = {}
        self._down: dict[str, FileServerError] = {}
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Log off from all of them."""
        self._open.close()

    def one(self, server: str, share: str) -> Share:
        """A connection to a share.

        Raises:
            FileServerError: It refuses us.
            NoFileServer: It does not answer.
        """
        return self._opened(server, share, 1)[0]

    def several(self, server: str, share: str) -> Sequence[Share]:
        """As many connections to a share as make sense."""
        return self._opened(server, share, AT_ONCE)

    def _opened(self, server: str, share: str, count: int) -> list[Share]:
        if server.casefold() in self._down:
            raise self._down[server.casefold()]
        found = self._shares.setdefault((server.casefold(), share.casefold()), [])
        while len(found) < count:
            opened = Share(server, share, self._account, self._addresses.get(server, ""))
            try:
                found.append(self._open.enter_context(opened))
            except NoFileServer as error:
                self._down[server.casefold()] = error  # hundreds of folders must not wait for it one by one
                raise
        return found
