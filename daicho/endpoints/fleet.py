"""Many endpoints at once: a session with each, each in a thread, as many as the site file allows."""

from __future__ import annotations

import socket
import threading
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Final

from daicho.concurrent import several
from daicho.endpoints.session import Access, Session
from daicho.endpoints.site import SECRET, WindowsFile
from daicho.endpoints.transport import trouble_of
from daicho.endpoints.wrong import LogonRefused, NotTried

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from daicho.craft import Bench, Trouble
    from daicho.endpoints.session import Endpoint


_REFUSALS: Final = 3
"""Refusals without one logon that was accepted, after which no more is tried."""


def access_of(bench: Bench) -> Access:
    """How the site's endpoints are logged on to, from what lies on a craft's bench.

    Raises:
        DocumentError: `windows.yml` is absent or cannot be used.
        NoSecret: The password was never set.
    """
    site = WindowsFile.read(bench.content / "site")
    return Access(site=site, password=bench.secret(SECRET))


def each[T](
    endpoints: Iterable[Endpoint], do: Callable[[Session], T], access: Access
) -> Iterator[tuple[str, T | Trouble]]:
    """What comes of each endpoint, as each is done. A machine that hangs holds up nobody but itself.

    Args:
        endpoints: Whom to log on to.
        do: What is done in each session, in a thread of its own.
        access: How.

    Raises:
        BaseException: What is no trouble with an endpoint ends it all: a record that failed.
    """
    logons = _Logons(access)

    def one(endpoint: Endpoint) -> T:
        with logons.session(endpoint) as session:
            return do(session)

    yield from several(list(endpoints), one, access.site.at_once, only_reads=True)


class _Logons:
    """Logs on one by one until the password has proved right: fifty wrong ones at once lock an account."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._one_by_one = threading.Lock()
        self._proved = False
        self._refused = 0

    @contextmanager
    def session(self, endpoint: Endpoint) -> Iterator[Session]:
        with ExitStack() as stack:
            session = Session(endpoint, self._access)
            if self._proved:
                stack.enter_context(session)
            else:
                self._knock(endpoint)
                with self._one_by_one:
                    stack.enter_context(self._first(session))
            yield session

    def _first(self, session: Session) -> Session:
        if self._refused >= _REFUSALS and not self._proved:
            raise NotTried(address=session.endpoint.address, user=self._access.site.user, count=_REFUSALS)
        try:
            session.open()
        except LogonRefused:
            self._refused += 1
            raise
        self._proved = True
        return session

    def _knock(self, endpoint: Endpoint) -> None:
        """A machine that is off must not keep the others waiting for their turn."""
        site = self._access.site
        where = (endpoint.address, endpoint.port or site.port)
        try:
            socket.create_connection(where, timeout=site.connect_timeout_s).close()
        except OSError as error:
            raise trouble_of(error, endpoint.address, site.user) from error
